"""The booking bar's line and its words. Pure."""
