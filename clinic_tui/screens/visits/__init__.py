"""A visit: shown in full, moved, cancelled, answered, and what was done to it undone."""
