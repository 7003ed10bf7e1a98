"""Openings: where a visit would fit, and why it would not."""
