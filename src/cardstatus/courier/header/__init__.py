"""The header: what columns may be called, and which of them a file has."""
