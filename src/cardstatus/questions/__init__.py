"""Questions to a database, and the records that answer."""
