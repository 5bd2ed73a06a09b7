"""A courier's file: found, identified, cut into rows, read into events."""
