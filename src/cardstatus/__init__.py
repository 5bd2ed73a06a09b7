"""Where is this card now, and why do we say so? Courier CSV files in, one answer per card out."""

__version__ = "0.1.0"
