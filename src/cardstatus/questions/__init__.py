"""What can be asked of a database, and the records that answer."""
