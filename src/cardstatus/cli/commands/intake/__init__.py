"""Commands that take files in or out, and say what came of each."""
