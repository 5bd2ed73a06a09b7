"""Files that are in: met again, replaced, or taken out."""
