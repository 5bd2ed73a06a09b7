"""Files that arrive in folders: when to look, which are quiet, which are being written."""
