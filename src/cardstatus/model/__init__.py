"""The words of the program as types, without behaviour."""
