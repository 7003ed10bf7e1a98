"""Cancelling a series: one of its visits, it and those that follow, or all that are still ahead."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from ..access import Actor
from ..codes import CancelledBy, Status
from ..messages.notice_rows import Announced
from ..messages.outbox import queue_cancelled
from ..text import clean_text
from ..visits.cancelling import cancelled_values
from ..visits.facts import Facts, Purpose, facts_by_parties
from ..visits.parties import parties_of
from ..visits.rearranging import VisitChange, rearrange
from ..visits.requests import new_key
from ..waitlist.earlier import stand_otherwise
from ..waitlist.filling import freed_time, slot_of
from .details import SeriesDetails, seen_by
from .scope import (
    answer_series,
    done_before,
    locked_visits,
    record_series,
    series_of,
    those_ahead,
)
from .words import Scope


@dataclass(frozen=True, slots=True)
class SeriesCancel:
    """Which visits of a series are cancelled, whose wish it is, and why in a few words."""

    appointment_id: int
    scope: Scope
    cancelled_by: CancelledBy
    reason: str = ""
    key: str = field(default_factory=new_key)


def cancel_series(
    session: Session, actor: Actor, request: SeriesCancel, now: datetime
) -> SeriesDetails:
    """Cancel the visit, it and the following ones, or all that are ahead; answers with the series.

    Their time is free at once; the answer says of each who on the waitlist fits it. Each is told
    as of a cancellation of its own. Refused with
    ``WrongStatus`` where no visit meant is ahead any more.
    """
    visit, series = series_of(session, actor, request.appointment_id)
    before = locked_visits(session, actor, series, visit, request.scope, now)
    if done_before(session, actor, "cancel_series", request.key, visit.id):
        return seen_by(actor, series)
    reason = clean_text(request.reason, "Reason")
    ahead = those_ahead(before, visit, request.scope, now, "cancelled")
    known = facts_by_parties(session, (parties_of(one) for one in ahead), request.key, Purpose.END)
    changes = [
        VisitChange(one, cancelled_values(actor, one, request.cancelled_by, reason))
        for one in ahead
    ]
    left = (*rearrange(session, changes), *stand_otherwise(session, changes, now))
    told = {
        change.before.id: _announce_cancelled(
            session, actor, change, known[parties_of(change.before)], now
        )
        for change in changes
    }
    record_series(session, actor, "cancel_series", request.key, now, visit, series, changes, left)
    freed = {
        one.id: freed_time(
            session, slot_of(one), known[parties_of(one)].settings, actor, now, one.patient_id
        )
        for one in ahead
    }
    return answer_series(session, actor, visit, told, freed)


def _announce_cancelled(
    session: Session, actor: Actor, change: VisitChange, facts: Facts, now: datetime
) -> int:
    before = change.before
    return queue_cancelled(
        session,
        Announced(before.id, change.values["sequence"], before.starts_at, actor),
        facts.who,
        now,
        grace=facts.grace,
        asked=before.status is Status.PENDING,
    )
