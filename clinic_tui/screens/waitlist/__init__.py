"""The waitlist (F6): who waits for what, what would fit, and offers."""
