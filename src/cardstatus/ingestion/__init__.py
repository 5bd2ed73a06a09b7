"""Many files into one database: in one run, or as they arrive."""
