"""Tests: the domain on real databases, the screens by their keys, the program in a terminal."""
