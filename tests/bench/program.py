"""The program on a book of the shelf, its receptionist signed in and its clock standing at NOW.

``python -m tests.bench.program URL``; everything else is as ``clinic`` starts it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from clinic_tui.config import DEFAULT_THEME
from clinic_tui.terminal import run_terminal

if TYPE_CHECKING:
    from clinic_tui.desk import Desk

if __name__ == "__main__":

    def open_desk() -> Desk:
        """Imported late, as the program does: the first frame comes before."""
        from clinic_tui.database import Database  # noqa: PLC0415
        from clinic_tui.desk import Desk  # noqa: PLC0415
        from tests.bench.books import receptionist  # noqa: PLC0415
        from tests.small_clinic import NOW  # noqa: PLC0415

        database = Database(sys.argv[1])
        database.check_revision()
        desk = Desk(database, lambda: NOW)
        desk.sign_in_as(database.read(receptionist))
        return desk

    sys.exit(run_terminal(open_desk, theme=DEFAULT_THEME, keymap={}))
