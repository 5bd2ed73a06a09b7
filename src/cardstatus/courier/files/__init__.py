"""A courier's file on disk: searched for, known by its name, opened."""
