"""Several new visits at once: a series, or a few on one day. All of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import Status
from ..errors import CannotBook
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_all_booked
from ..messages.reachable import NOBODY
from ..undo.ways_back import RowsBefore, VisitBefore, WayBack
from .appointments import BookedAppointment
from .conflicts import Place
from .facts import Facts
from .obstacles import refuse_taken, taken
from .occupied import let_go_of_expired
from .parties import parties_at
from .placing import insert_visit
from .requests import status_by


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit to be made: where it is to stand, and the facts about it."""

    place: Place
    facts: Facts


def book_all(
    session: Session,
    actor: Actor,
    visits: Sequence[NewVisit],
    note: str,
    now: datetime,
    unless: str,
) -> tuple[BookedAppointment, ...]:
    """Insert the visits, whose parties are locked, and queue what is to be said of each.

    What a patient asks for is ``pending`` and nobody is told before it is confirmed. Refused with
    ``SlotTaken`` where a guard refuses one of them: it names what stands there, and ends in the
    words of ``unless`` ("nothing of the series was booked").
    """
    # Before the first of them stands: who waits for that may hold what the next one waits for.
    let_go_of_expired(session, *(visit.place for visit in visits))
    made: list[tuple[int, Status]] = []
    for visit in visits:
        status = status_by(actor, parties_at(visit.place))
        appointment_id = insert_visit(session, visit.place, status, note, now)
        if appointment_id is None:
            facts = visit.facts
            refusal = taken(session, facts.settings, visit.place, facts.doctor)
            raise as_a_whole(refusal, unless)
        made.append((appointment_id, status))
    facts = visits[0].facts
    told = queue_all_booked(
        session,
        (
            (
                Announced(appointment_id, 0, visit.place.starts_at, actor),
                visit.facts.who if status is Status.BOOKED else NOBODY,
            )
            for visit, (appointment_id, status) in zip(visits, made, strict=True)
        ),
        now,
        grace=facts.grace,
        reminders=facts.reminders,
    )
    return tuple(
        visit.facts.answer(visit.place, appointment_id, status, 0, notices)
        for visit, (appointment_id, status), notices in zip(visits, made, told, strict=True)
    )


def not_free(session: Session, visits: Iterable[NewVisit], unless: str) -> CannotBook | None:
    """The friendly look, before their parties are locked: the refusal of the first whose place is
    taken, if there is one. Most refusals then keep nobody waiting.
    """
    for visit in visits:
        facts = visit.facts
        try:
            refuse_taken(session, facts.settings, visit.place, facts.doctor)
        except CannotBook as refusal:
            return as_a_whole(refusal, unless)
    return None


def as_a_whole(refusal: CannotBook, so: str) -> CannotBook:
    """The refusal of one visit as the refusal of all, of the same kind, saying what that means."""
    sentence = f"{str(refusal).removesuffix('.')}: {so}."
    return type(refusal)(sentence, refusal.obstacles, refusal.alternatives)


def way_back_from(booked: Iterable[BookedAppointment], *rows: RowsBefore) -> WayBack:
    """What leads back from all of them at once, and from ``rows`` made with them."""
    return WayBack(
        tuple(VisitBefore(one.appointment_id, one.status, one.sequence, None) for one in booked),
        rows,
    )
