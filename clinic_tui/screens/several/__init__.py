"""Several visits in one go: a series, or two or three on one day."""
