"""What leaves as one: messages of one kind to one person, in one letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..codes import NoticeKind, NoticeStatus
from ..models import Template, table
from ..staff.agendas import agenda_visits
from ..staff.resets import CODE_LIFE, new_code
from ..staff.staff_letters import word_agenda, word_reset
from .delivery import Letter
from .wording import Templates, VisitFacts, word

_TEMPLATES = table(Template)
_MOST_AT_ONCE = 20
"""Visits said in one message."""

Leaving = list[tuple[Row[Any], str]]
"""What may leave, each with the address it goes to."""


@dataclass(frozen=True, slots=True)
class Worded:
    """Messages that leave as one: the first lends its number and its Message-ID."""

    notices: Sequence[Row[Any]]
    address: str
    language: str
    letter: Letter


def gathered(leaving: Leaving) -> list[Leaving]:
    """By person, kind and address, in the order of the first of each.

    An offer stands alone, and so does whatever is about a day or an account.
    """
    groups: dict[tuple[Any, ...], Leaving] = {}
    for notice, address in leaving:
        whom = ("doctor", notice.doctor_id) if notice.doctor_id else ("patient", notice.patient_id)
        alone = None if notice.appointment_id is not None else notice.id
        before: tuple[Any, ...] = ()
        if notice.status is NoticeStatus.UNKNOWN:
            before = (notice.claimed_by, notice.lease_until)
        groups.setdefault((whom, notice.kind, alone, address, before), []).append((notice, address))
    found = []
    for group in groups.values():
        group.sort(key=lambda one: one[0].id)
        found += [group[at : at + _MOST_AT_ONCE] for at in range(0, len(group), _MOST_AT_ONCE)]
    return found


def letter_of(session: Session, clinic: Row[Any], group: Leaving, own: Templates) -> Worded:
    """How they read by what is true now; ``BadInput`` for what cannot be worded."""
    notices, address = [notice for notice, _ in group], group[0][1]
    first = min(notices, key=lambda notice: notice.id)
    if first.kind is NoticeKind.AGENDA:
        visits = agenda_visits(session, first.doctor_id, first.about_day)
        language, letter = word_agenda(clinic, first.about_day, visits, own)
    else:
        in_time = sorted(notices, key=lambda notice: (notice.starts_at, notice.id))
        facts = [visit_facts(notice, clinic) for notice in in_time]
        language, letter = word(facts, first.kind, first.channel, own)
    return Worded(notices, address, language, letter)


def code_letter(
    session: Session, clinic: Row[Any], one: Leaving, own: Templates, now: datetime
) -> Worded:
    """The letter with a code for a new password, which is made only here."""
    ((notice, address),) = one
    code = new_code(session, notice.account_id, now)
    language, letter = word_reset(clinic, notice.username, code, now + CODE_LIFE, own)
    return Worded([notice], address, language, letter)


def own_templates(session: Session) -> Templates:
    """The clinic's own wording."""
    rows = session.execute(select(_TEMPLATES))
    return {(row.kind, row.channel, row.language): (row.subject, row.body) for row in rows}


def visit_facts(notice: Row[Any], clinic: Row[Any]) -> VisitFacts:
    """What may be said of the visit or the opening of a message, a row of ``facts_of_notices``."""
    length = notice.visit_ends_at - notice.visit_starts_at
    return VisitFacts(
        clinic=clinic.name,
        phone=clinic.phone,
        address=clinic.address,
        zone=clinic.zone,
        language="" if notice.doctor_id is not None else notice.language or "",
        clinic_language=clinic.language,
        starts_at=notice.starts_at,
        ends_at=notice.starts_at + length,
        uid=f"visit-{notice.appointment_id}-{notice.visit_created_at:%Y%m%dT%H%M%S%f}@clinic",
        sequence=max(notice.sequence, notice.visit_sequence),
        to_doctor=notice.doctor_id is not None,
        until=notice.offer_expires_at,
    )
