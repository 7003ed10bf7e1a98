"""Absence: what becomes of visits that cannot be where they stand."""
