"""Make the README's pictures: the program itself, on the demo clinic of one fixed morning.

Run by ``make pictures``. Look at each before committing it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from textual.widgets import Input

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.demo.file import demo_file
from clinic_tui.desk import Desk
from clinic_tui.domain.staff.sign_ins import signed_in, stored_password

FOLDER = Path(__file__).parent.parent / "data" / "pictures"
ZONE = "America/New_York"
NOW = datetime(2026, 11, 24, 14, 12, tzinfo=UTC)
"""Tuesday, 09:12 on the clinic's clock."""
_FONT_FROM_ELSEWHERE = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
SCENES: dict[str, tuple[str, tuple[int, int], list[str]]] = {
    # name: who, how large, which keys
    "calendar": ("ana", (100, 30), ["down", "down"]),
    "today": ("ana", (100, 30), ["f2"]),
    "waitlist": ("ana", (100, 30), ["f6", "down"]),
    "week": ("ana", (100, 30), ["w"]),
    "month": ("ana", (80, 24), ["M"]),
    "booking": ("ana", (80, 24), ["b", *"gar"]),
    "held": ("ana", (80, 24), ["b", *"gar", "enter", "1", "2"]),
    "refused": (
        "ana",
        (80, 24),
        ["b", *"szab", "enter", "1", "g", "tab", "ctrl+u", *"1015", "enter", "ctrl+s"],
    ),
    "absence": ("ana", (100, 30), ["D", "s", "down", "5"]),
    "patients": ("ana", (80, 24), ["f4", *"gar"]),
    "hours": ("ada", (80, 24), ["f5", "h"]),
    "doctor": ("lee", (80, 24), []),
}


async def take(database: Database, username: str, size: tuple[int, int], keys: list[str]) -> str:
    """The picture of what is on the screen after those keys."""
    desk = Desk(database, now=lambda: NOW)
    stored = database.read(stored_password, username)
    assert stored is not None
    desk.sign_in_as(database.transact(signed_in, stored, NOW))
    app = ClinicApp(lambda: desk)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        await pilot.pause(0.6)
        # A picture must not fetch anything from anywhere when somebody looks at it.
        return _FONT_FROM_ELSEWHERE.sub("", app.export_screenshot(title="clinic"))


def main() -> None:
    """All scenes, one after another, into the folder."""
    Input.cursor_blink = False  # type: ignore[assignment]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = demo_file(Path(folder), ZONE, NOW)
        for name, (username, size, keys) in SCENES.items():
            database = Database(f"sqlite:///{path}")
            picture = asyncio.run(take(database, username, size, keys))
            database.close()
            (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
