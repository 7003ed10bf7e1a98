"""Intake: the rows of other systems' files, and of day sheets that were written by hand."""
