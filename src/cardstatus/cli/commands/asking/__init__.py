"""Commands that answer, and change nothing: about cards, one or all."""
