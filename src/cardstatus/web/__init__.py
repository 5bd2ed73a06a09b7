"""The answers in a browser and as JSON."""
