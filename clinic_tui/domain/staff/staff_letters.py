"""What is said to staff, in the clinic's language: its own words before the program's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from ..codes import Channel, NoticeKind
from ..messages.delivery import Letter
from ..messages.wording import LANGUAGES, Templates, check_template, filled, say_date, shipped_words
from ..times.walltime import instant, say_time
from .agendas import AgendaVisit


def word_agenda(
    clinic: Row[Any], day: date, visits: Sequence[AgendaVisit], own: Templates
) -> tuple[str, Letter]:
    """The language and a doctor's day: when and where, and nothing about whom.

    Refused with ``BadInput``: words of the clinic's ``own`` that cannot be filled in.
    """
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
    return language, _letter(clinic, NoticeKind.AGENDA, values, own)


def word_reset(
    clinic: Row[Any], username: str, code: str, until: datetime, own: Templates
) -> tuple[str, Letter]:
    """The language and the letter that leads to a new password; refused as an agenda is."""
    values = {
        "clinic": clinic.name,
        "phone": clinic.phone,
        "user": username,
        "code": code,
        "until": say_time(until, clinic.zone),
    }
    return _language(clinic), _letter(clinic, NoticeKind.RESET, values, own)


def _language(clinic: Row[Any]) -> str:
    base: str = clinic.language.partition("-")[0]
    return base if base in LANGUAGES else "en"


def _letter(clinic: Row[Any], kind: NoticeKind, values: dict[str, str], own: Templates) -> Letter:
    language = _language(clinic)
    words = shipped_words(language)[kind]["staff"]
    subject, body = words["subject"], words["body"].strip()
    for tag in (clinic.language, language):
        if found := own.get((kind, Channel.EMAIL, tag)):
            check_template(kind, Channel.EMAIL, *found)
            subject, body = found
            break
    return Letter(filled(subject, [values]), filled(body, [values]))
