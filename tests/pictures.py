"""Make the README's pictures: the program itself, on the demo clinic of one fixed morning.

Run by ``make pictures``. Look at each before committing it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.demo.file import demo_file
from clinic_tui.desk import Desk
from clinic_tui.domain.staff.sign_ins import signed_in, stored_password

from .screens.conftest import be_steady, settle

FOLDER = Path(__file__).parent.parent / "data" / "pictures"
ZONE = "America/New_York"
NOW = datetime(2026, 11, 24, 14, 12, tzinfo=UTC)
"""Tuesday, 09:12 on the clinic's clock."""
_FONT_FROM_ELSEWHERE = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_SMALL, _LARGER = (80, 24), (100, 30)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who sits at which terminal, what they press, and words that then stand on the screen."""

    username: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    shows: str


SCENES = {
    "calendar": Scene("ana", _LARGER, ("down", "down"), "Ostrowski, Check-up"),
    "today": Scene("ana", _LARGER, ("f2",), "Expected"),
    "waitlist": Scene("ana", _LARGER, ("f6", "down"), "next that fits"),
    "booking": Scene("ana", _SMALL, ("b", *"gar"), "✓ free"),
    "held": Scene("ana", _SMALL, ("b", *"gar", "enter", "1", "2"), "held for you"),
    "refused": Scene(
        "ana",
        _SMALL,
        ("b", *"szab", "enter", "1", "g", "tab", "ctrl+u", *"1015", "enter", "ctrl+s"),
        "✗ not free: a digit takes another time",
    ),
    "absence": Scene("ana", _LARGER, ("D", "s", "down", "5"), "Nothing is written yet"),
    "patients": Scene("ana", _SMALL, ("f4", *"gar"), "History"),
    "hours": Scene("ada", _SMALL, ("f5", "h"), "a week"),
    "doctor": Scene("lee", _SMALL, (), "Dr Lee 09:00"),
}


async def take(database: Database, scene: Scene) -> str:
    """The picture of what is on the screen once the keys have had their effect."""
    desk = Desk(database, now=lambda: NOW)
    stored = database.read(stored_password, scene.username)
    assert stored is not None
    desk.sign_in_as(database.transact(signed_in, stored, NOW))
    app = ClinicApp(lambda: desk)
    async with app.run_test(size=scene.size) as pilot:
        await settle(pilot)
        for key in scene.keys:
            await pilot.press(key)
            await pilot.pause()
        picture = app.export_screenshot(title="clinic")
    assert scene.shows in picture.replace("&#160;", " "), f"“{scene.shows}” is not to be seen"
    # A picture must not fetch anything from anywhere when somebody looks at it.
    return _FONT_FROM_ELSEWHERE.sub("", picture)


def main() -> None:
    """All scenes, one after another, into the folder."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        be_steady(patch)
        path = demo_file(Path(folder), ZONE, NOW)
        for name, scene in SCENES.items():
            database = Database(f"sqlite:///{path}")
            picture = asyncio.run(take(database, scene))
            database.close()
            (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
