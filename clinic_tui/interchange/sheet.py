"""Day sheets on A4: what a desk works from when the program cannot be reached."""

from __future__ import annotations

import logging
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from ..domain.clinic.writing import writing
from ..domain.overview.day_sheet import DaySheet, DoctorSheet, SheetLine
from ..domain.times.walltime import say_date, say_day, say_moment, say_time
from .sheet_words import name_on_sheet
from .whole import write_whole

_PACKAGE = Path(__file__).parent.parent
_PLACES = (_PACKAGE / "data" / "fonts", _PACKAGE.parent / "data" / "fonts")
"""In an installed package, and in a checkout."""
_FONTS = {"sheet": "DejaVuSans.ttf", "sheet-cjk": "NotoSansCJK-names.otf"}
_MARGIN, _ROW = 12, 7.2
_PATIENT_AND_TIME = 78


def _columns() -> dict[str, int]:
    """Millimetres, together as wide as the paper between its margins."""
    time = 25 if writing().clock_hours == 24 else 33
    patient = _PATIENT_AND_TIME - time
    return {"Time": time, "Patient": patient, "Born": 26, "Phone": 34, "Visit": 30, "Room": 18}


def write_sheets(sheet: DaySheet, path: Path) -> int:
    """Write the sheets as PDF, each doctor's on pages of their own; returns how many pages.

    The file is there whole or as it was before. Refused with ``OSError`` where it cannot be.
    """
    paper = _Paper(sheet)
    try:
        printed = paper.printed()
    finally:
        paper.close_fonts()
    write_whole(path, printed)
    return paper.page


class _Paper(FPDF):
    """A sheet of paper with whose day it is at its head and as of when at its foot."""

    def __init__(self, sheet: DaySheet) -> None:
        super().__init__(format="A4")
        # It tells of every character that no font has; on paper that shows as a box.
        logging.getLogger("fpdf").setLevel(logging.ERROR)
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        self._sheet = sheet
        self._of = ""
        folder = next(place for place in _PLACES if place.is_dir())
        for family, name in _FONTS.items():
            self.add_font(family, fname=folder / name)
        self.set_fallback_fonts(["sheet-cjk"], exact_match=False)
        self.set_text_shaping(True)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN + _ROW)
        self.set_title(f"{sheet.clinic} · {say_day(sheet.day)}")

    def printed(self) -> bytes:
        """The whole file."""
        for doctor in self._sheet.doctors:
            self.doctor(doctor)
        if not self._sheet.doctors:
            self.nobody()
        return bytes(self.output())

    def close_fonts(self) -> None:
        """The library leaves them open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def header(self) -> None:
        """The clinic, the doctor and the date."""
        sheet, half = self._sheet, self.epw / 2
        week = sheet.day.isocalendar().week
        self.set_font("sheet", size=9)
        self.cell(half, 5, self._cut(sheet.clinic, half))
        self.cell(
            half, 5, f"{say_day(sheet.day)} · week {week}", align="R",
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip
        self.set_font("sheet", size=15)
        self.cell(0, 9, self._cut(self._of, self.epw), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font("sheet", size=8)
        self._row(list(_columns()))

    def footer(self) -> None:
        """As of when, and which page of how many."""
        self.set_y(-_MARGIN)
        self.set_font("sheet", size=8)
        made = say_moment(self._sheet.made_at, self._sheet.zone)
        self.cell(self.epw / 2, 5, f"As of {made}. Empty lines are free time.")
        self.cell(self.epw / 2, 5, f"{self.page_no()} / {{nb}}", align="R")

    def doctor(self, doctor: DoctorSheet) -> None:
        """That doctor's day, from the top of a page."""
        self._of = " · ".join(filter(None, (doctor.doctor, doctor.specialty)))
        self.add_page()
        self.set_font("sheet", size=10)
        if doctor.closed_because:
            self._say(doctor.closed_because)
        for line in doctor.lines:
            self._row(self._words(line))

    def nobody(self) -> None:
        """A day on which nobody works."""
        self.add_page()
        self.set_font("sheet", size=10)
        self._say("Nobody works on that day.")

    def _words(self, line: SheetLine) -> list[str]:
        zone, visit = self._sheet.zone, line.visit
        times = f"{say_time(line.starts_at, zone)}–{say_time(line.ends_at, zone)}"
        if visit is None:
            return [times]
        born = say_date(line.birth_date) if line.birth_date else ""
        return [times, name_on_sheet(visit), born, line.phone, visit.visit_type, visit.room]

    def _row(self, words: list[str]) -> None:
        """One line of the table; what is too long is cut, what is missing is left to write in."""
        for (_, width), text in zip(_columns().items(), _filled(words), strict=True):
            self.cell(width, _ROW, self._cut(text, width), border="B")
        self.ln()

    def _say(self, sentence: str) -> None:
        self.multi_cell(0, _ROW, sentence, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _cut(self, text: str, width: float) -> str:
        """The text, or as much of it as fits into so many millimetres with an ellipsis."""
        room = width - 2 * self.c_margin
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(f"{text}…") > room:
            text = text[:-1]
        return f"{text}…"


def _filled(words: list[str]) -> list[str]:
    return words + [""] * (len(_columns()) - len(words))
