"""What people see. Screens know operations and frozen dataclasses, never a session or a table.

No database on the UI thread, no widget off it: every screen awaits ``desk.run`` or ``desk.read``.
"""
