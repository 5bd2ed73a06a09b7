"""What a card's events mean together; pure: no files, no database, no clock."""
