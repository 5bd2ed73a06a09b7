"""What each partner has declared of its files: read from TOML, and told by a file's path."""
