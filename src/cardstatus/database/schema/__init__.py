"""The tables, the views, and how they came to be."""
