"""Answers as text, for people and for programs, and where it goes."""
