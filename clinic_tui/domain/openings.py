"""Openings: the first starts at which a visit fits. Found, not stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from .access import Actor, Permission, require_some
from .dates import check_day
from .errors import BadInput, NotFound, Opening
from .settings import load_settings
from .sweeping import Wanted, first_openings
from .terms import fit_of
from .who_does import doctors_for

_DEFAULT_DAYS = 60
_MAX_DAYS = 400
_MAX_OPENINGS = 200


@dataclass(frozen=True, slots=True)
class OpeningSearch:
    """What is sought: a visit type, by whom, and when.

    ``doctor_ids`` empty means any doctor who does that visit type, of ``specialty_id`` if that
    is given. ``from_at`` and ``until`` are aware instants; ``until`` is at most 400 days on and
    defaults to 60. ``minutes`` overrides the type's length. ``spaced`` gives openings of one
    doctor at least one visit apart, as one reads them aloud; otherwise every start counts.
    """

    visit_type_id: int
    from_at: datetime
    doctor_ids: tuple[int, ...] = ()
    specialty_id: int | None = None
    until: datetime | None = None
    minutes: int | None = None
    limit: int = 10
    spaced: bool = True


def find_openings(
    session: Session, actor: Actor, search: OpeningSearch, now: datetime
) -> tuple[Opening, ...]:
    """The first openings in order of time, then of the doctor's name; none before ``now``.

    Refused: an unknown or retired visit type or doctor, a length outside 5 minutes to 12 hours,
    a time without its zone, a search of more than 400 days or of more than 200 openings.
    """
    require_some(actor, Permission.SEE_OPENINGS)
    earliest, latest = _window(search, now)
    settings = load_settings(session)
    fit = fit_of(session, search.visit_type_id, search.minutes)
    doctors = doctors_for(session, search.visit_type_id, search.specialty_id, search.doctor_ids)
    if search.doctor_ids and not doctors:
        raise NotFound("None of those doctors does that visit type.")
    stride = fit.minutes if search.spaced else settings.grid_minutes
    wanted = Wanted(doctors, fit, earliest, latest, now, stride, search.limit)
    return tuple(first_openings(session, settings, wanted))


def _window(search: OpeningSearch, now: datetime) -> tuple[datetime, datetime]:
    for at, field in ((search.from_at, "From"), (search.until, "Until")):
        if at is not None:
            if at.tzinfo is None:
                raise BadInput(field, "A time without its zone cannot be placed.")
            check_day(at, field)
    until = search.until or max(search.from_at, now) + timedelta(days=_DEFAULT_DAYS)
    if until <= search.from_at:
        raise BadInput("Until", "The search must end after it starts.")
    if until - max(search.from_at, now) > timedelta(days=_MAX_DAYS):
        raise BadInput("Until", f"Openings are sought for at most {_MAX_DAYS} days.")
    if not 1 <= search.limit <= _MAX_OPENINGS:
        raise BadInput("Limit", f"1 to {_MAX_OPENINGS} openings can be asked for.")
    return max(search.from_at, now), until
