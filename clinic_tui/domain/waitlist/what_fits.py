"""What would fit somebody on the waitlist: the openings that they want."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, may, require_some
from ..clinic.settings import ClinicSettings, load_settings
from ..codes import OfferStatus
from ..errors import BadInput, Opening
from ..models import Offer, WaitlistEntry, table
from ..openings.busy import busy_besides
from ..openings.sought import Wanted
from ..openings.sweeping import first_openings
from ..staff.who_does import doctors_for
from ..times.dates import check_day
from ..times.walltime import day_bounds
from .rows import doctors_named, fit_for, waiting_rows
from .waiting import not_there
from .wanting import weekdays_of

_WAITLIST, _OFFERS = table(WaitlistEntry), table(Offer)
_LOOK_AHEAD = timedelta(days=60)
_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
_FEW = 3


def openings_wanted(
    session: Session, actor: Actor, entry_id: int, now: datetime, after: datetime | None = None
) -> tuple[Opening, ...]:
    """The next three openings that suit whoever has that place, and that the actor may offer.

    ``after`` asks for later ones. What they said no to is not among them; while something is
    being offered to them there is none. Refused: ``NotPermitted`` to whoever may offer nothing
    and to whom the place is not their own, with the same words whether it exists or not;
    ``NotFound`` for a place that was left; ``BadInput`` for an instant without its zone, or that
    no calendar holds.
    """
    require_some(actor, Permission.OFFER)
    if after is not None:
        if after.tzinfo is None:
            raise BadInput("After", "A time without its zone cannot be placed.")
        check_day(after, "After")
    settings = load_settings(session)
    query = waiting_rows(actor, now, settings.zone).where(_WAITLIST.c.id == entry_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise not_there(actor, "There is no such place on the waitlist.")
    if row.offer_id is not None:
        return ()
    asked_for = tuple(doctors_named(session, [entry_id]).get(entry_id, ()))
    every = doctors_for(session, row.visit_type_id, row.specialty_id, asked_for)
    doctors = {
        number: name
        for number, name in every.items()
        if may(actor, Permission.OFFER, doctor_id=number)
    }
    declined = _declined(session, entry_id, now)
    wanted = replace(
        _wanted(session, settings, row, doctors, now, after),
        stride=fit_for(row).minutes,
        limit=_FEW + len(declined),
    )
    found = first_openings(session, settings, wanted) if doctors else []
    kept = (one for one in found if (one.doctor_id, one.starts_at) not in declined)
    return tuple(islice(kept, _FEW))


def first_wanted(
    session: Session,
    settings: ClinicSettings,
    row: Row[Any],
    named: dict[int, str],
    now: datetime,
) -> Opening | None:
    """The first opening that suits a place on the list, a row of ``waiting_rows``.

    ``named`` are the doctors waited for by name. None while something is being offered.
    """
    if row.offer_id is not None:
        return None
    doctors = doctors_for(session, row.visit_type_id, row.specialty_id, tuple(named))
    wanted = _wanted(session, settings, row, doctors, now)
    return next(iter(first_openings(session, settings, wanted)), None)


def _declined(session: Session, entry_id: int, now: datetime) -> set[tuple[int, datetime]]:
    """With whom and when it was that they did not want to come."""
    columns = _OFFERS.c
    query = select(columns.doctor_id, columns.starts_at).where(
        columns.entry_id == entry_id,
        columns.status == OfferStatus.DECLINED,
        columns.starts_at > now,
    )
    return {(doctor_id, starts_at) for doctor_id, starts_at in session.execute(query)}


def _wanted(
    session: Session,
    settings: ClinicSettings,
    row: Row[Any],
    doctors: dict[int, str],
    now: datetime,
    after: datetime | None = None,
) -> Wanted:
    """What to look for: the first opening of those doctors that they want, from ``after`` on.

    One that begins this very moment is none any more: it can be offered to nobody.
    """
    zone, fit = settings.zone, fit_for(row)
    earliest = max(now + _SECOND, after or now, day_bounds(row.first_day, zone)[0])
    latest = earliest + _LOOK_AHEAD
    if row.last_day is not None:
        latest = min(latest, day_bounds(row.last_day, zone)[1])
    if row.starts_at is not None:
        latest = min(latest, row.starts_at - (row.ends_at - row.starts_at) + _MINUTE)
    return Wanted(
        doctors,
        row.visit_type_id,
        fit,
        earliest,
        latest,
        now,
        settings.grid_minutes,
        1,
        busy_besides(session, row.patient_id, None, (earliest, latest), now),
        weekdays=weekdays_of(row.weekdays),
        day_from=row.from_minute,
        day_until=row.until_minute,
    )
