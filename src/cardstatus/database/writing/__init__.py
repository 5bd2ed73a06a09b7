"""The way in: what a run knows, holds and merges."""
