"""The database as a file: copied, and put in the place of another."""
