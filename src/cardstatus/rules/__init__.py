"""The meaning of a card's events together: pure, without files, database or clock."""
