"""Who is calling: the patients of a phone number, and what the desk wants to know of them first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from ..access import Actor, Permission
from ..clinic.settings import load_settings
from ..codes import Status
from ..errors import BadInput
from ..models import Patient, PatientPhone, table
from .contact import clean_phone, reversed_digits
from .history import PastVisit
from .reach import restrict_to_reach
from .search import FoundPatient, found_by_id

FEWEST_DIGITS = 3
"""Fewer belong to too many."""
_MOST_DIGITS = 20
_PATIENTS, _PHONES = table(Patient), table(PatientPhone)
_PAST_EVERY_DIGIT = ":"
_RUN = re.compile(r"\+?[0-9][0-9 ()./-]*")
_LAST_VISITS = 10
_MISSED = (Status.NOSHOW, Status.CANCELLED)


def dialled_digits(text: str) -> str:
    """The number in a text: the longest run of digits and of what stands between them.

    Digits alone, a + before them, twenty in all at most; empty where there are none. For what
    another system hands in, whatever else it holds.
    """
    runs = (re.sub(r"[^+0-9]", "", run) for run in _RUN.findall(text))
    return max(runs, key=len, default="")[:_MOST_DIGITS]


def callers(
    session: Session, actor: Actor, number: str, limit: int = 9
) -> tuple[FoundPatient, ...]:
    """The patients within the actor's reach whose number is that one, or ends so, by name.

    Nobody for fewer than three digits; of a shared number all who have it.
    """
    within = restrict_to_reach(actor, Permission.SEE_CONTACT, _PATIENTS.c.id)
    dialled = dialled_digits(number)
    digits = reversed_digits(dialled)
    if len(digits) < FEWEST_DIGITS:
        return ()
    stored = _PHONES.c.reversed_digits
    ending = select(_PHONES.c.patient_id).where(
        stored >= digits, stored < digits + _PAST_EVERY_DIGIT
    )
    whole = _whole(dialled, load_settings(session).region)
    exactly = select(_PHONES.c.patient_id).where(stored == reversed_digits(whole))
    query = (
        select(_PATIENTS.c.id)
        .where(_PATIENTS.c.merged_into.is_(None))
        .where(_PATIENTS.c.id.in_(union_all(ending, exactly)))
        .order_by(_PATIENTS.c.family_name, _PATIENTS.c.given_name, _PATIENTS.c.id)
        .limit(limit)
    )
    ids = session.scalars(query if within is None else query.where(within)).all()
    found = found_by_id(session, actor, ids)
    return tuple(found[patient_id] for patient_id in ids)


def usual_doctor(history: Sequence[PastVisit], now: datetime) -> tuple[str, int, int] | None:
    """With whom most of the last ten visits were, how many of them, and of how many.

    ``history`` is newest first. None where there was none; of two as frequent the later one.
    """
    came = [one.doctor for one in history if one.starts_at <= now and one.status not in _MISSED]
    last = came[:_LAST_VISITS]
    if not last:
        return None
    ((doctor, times),) = Counter(last).most_common(1)
    return doctor, times, len(last)


def _whole(dialled: str, region: str) -> str:
    """The number in E.164 where it is a whole one; else itself."""
    try:
        return clean_phone(dialled, region)
    except BadInput:
        return dialled
