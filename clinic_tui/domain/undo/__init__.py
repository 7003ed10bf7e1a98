"""Undo: what leads back from each operation, and the way there."""
