"""Lines cut into rows, and rows read into events."""
