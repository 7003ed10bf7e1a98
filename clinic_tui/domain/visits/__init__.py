"""Visits: held, booked, moved, swapped, cancelled, and what becomes of them on their day."""
