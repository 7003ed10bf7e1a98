"""Booking: the bar's line and the fields below it, as one story."""
