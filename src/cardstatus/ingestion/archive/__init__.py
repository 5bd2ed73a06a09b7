"""The archive: files that are in, moved so that none is lost."""
