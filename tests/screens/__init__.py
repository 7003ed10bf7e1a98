"""Tests of the screens, by their keys."""
