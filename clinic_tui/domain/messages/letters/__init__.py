"""The wording that comes with the program, one file a language."""
