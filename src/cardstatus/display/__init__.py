"""Answers as text, for people and for programs, and the streams and files it goes to."""
