"""What is said to staff, in the clinic's language: always in the program's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from .agendas import AgendaVisit
from .codes import NoticeKind
from .delivery import Letter
from .walltime import instant, say_time
from .wording import LANGUAGES, filled, say_date, shipped_words


def word_agenda(clinic: Row[Any], day: date, visits: Sequence[AgendaVisit]) -> tuple[str, Letter]:
    """The language and a doctor's day: when and where, and nothing about whom."""
    language = _language(clinic)
    lines = [
        f"{say_time(visit.starts_at, clinic.zone)}–{say_time(visit.ends_at, clinic.zone)}"
        f"  {visit.room}".rstrip()
        for visit in visits
    ]
    noon = instant(day, 720, clinic.zone)
    values = {
        "clinic": clinic.name,
        "date": say_date(noon, clinic.zone, language),
        "count": str(len(visits)),
        "visits": "\n".join(lines),
    }
    return language, _letter(language, NoticeKind.AGENDA, values)


def word_reset(clinic: Row[Any], username: str, code: str, until: datetime) -> tuple[str, Letter]:
    """The language and the letter that leads to a new password."""
    language = _language(clinic)
    values = {
        "clinic": clinic.name,
        "phone": clinic.phone,
        "user": username,
        "code": code,
        "until": say_time(until, clinic.zone),
    }
    return language, _letter(language, NoticeKind.RESET, values)


def _language(clinic: Row[Any]) -> str:
    base: str = clinic.language.partition("-")[0]
    return base if base in LANGUAGES else "en"


def _letter(language: str, kind: NoticeKind, values: dict[str, str]) -> Letter:
    words = shipped_words(language)[kind]["staff"]
    return Letter(filled(words["subject"], [values]), filled(words["body"].strip(), [values]))
