"""Doctors (F5): found, changed, their hours and their time off."""
