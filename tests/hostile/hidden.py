"""Whether anybody of the small clinic is named on the screen."""

from __future__ import annotations

import re

from textual.pilot import Pilot

_PERSONAL = (
    "Garcia", "Maria", "Lind", "Jonas", "Yılmaz", "Özlem", "Nguyễn", "Thùy", "Okoye", "Sam",
    "maria@", "oezlem@", "23456789", "9018210", "1984-03-09", "9 Mar 1984",
    "31 Dec 1951", "1 Jun 1990", "28 Feb 2019", "Penicillin", "allergy",
    # What ``tests.hostile.test_keys.usual`` and the tests of hiding note of them.
    "swollen", "ankle", "limping", "mornings", "sleeps", "Bremen", "squeezed", "wheezing",
    "Elmstraße", "Ludwigsfelde",
    *(f"00000{number}" for number in range(1, 7)),
)  # fmt: skip


def lines_of(pilot: Pilot[int]) -> list[str]:
    """The lines that go to the terminal."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


def personal_in(lines: list[str]) -> set[str]:
    """What of the small clinic's patients stands in these lines."""
    text = "\n".join(lines)
    return {one for one in _PERSONAL if re.search(rf"(?<!\w){re.escape(one)}", text)}
