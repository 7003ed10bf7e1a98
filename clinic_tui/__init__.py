"""A clinic's appointment book in the terminal."""

__version__ = "0.1.0"
