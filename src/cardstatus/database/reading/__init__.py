"""The way out: answers by card, by mobile and in full."""
