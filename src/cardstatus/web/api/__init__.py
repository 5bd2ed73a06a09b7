"""The JSON endpoints, and their description."""
