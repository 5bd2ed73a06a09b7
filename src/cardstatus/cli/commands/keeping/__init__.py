"""Commands that look after the database as a whole, and what it holds of persons."""
