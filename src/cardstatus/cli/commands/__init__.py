"""One module a command, in folders by purpose: asking, taking files in, keeping the database."""
