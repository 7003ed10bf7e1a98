"""The clinic itself: its settings, closed days, rooms and visit types."""
