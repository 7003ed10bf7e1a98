"""From rows to schedules: everybody's hours between two instants, read in one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from ..clinic.clinic_days import ClinicDays, Closed
from ..clinic.settings import ClinicSettings
from ..models import (
    Closure,
    ExtraHours,
    ReservedHours,
    TimeOff,
    UtcDateTime,
    WeeklyHours,
    epoch_seconds,
    table,
)
from ..models.many import ids, one_of
from ..times.walltime import local_day
from .reserved import Reserved
from .schedule import Away, DoctorSchedule, Extra, Hours

_WEEKLY, _EXTRA, _OFF = table(WeeklyHours), table(ExtraHours), table(TimeOff)
_CLOSURES, _RESERVED = table(Closure), table(ReservedHours)
_DAY = timedelta(days=1)


def _in_those_days(weekday: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether one of the days asked for is that weekday; for one day that is half of a week."""
    since_first = (weekday + 7 - bindparam("first_weekday", type_=Integer)) % 7
    return since_first <= bindparam("days_later", type_=Integer)


_WEEKLY_ROW, _EXTRA_ROW, _OFF_ROW, _CLOSED_ROW, _RESERVED_ROW = range(5)
_NOTHING, _NO_DAY, _NO_WORD = null(), cast(null(), Date), cast(null(), Text)
_NEVER = (_NOTHING, _NOTHING, _NOTHING)
_FIRST, _LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)
# The first of them names the columns and says their types.
_HOURS = (
    *(_WEEKLY.c.weekday, _WEEKLY.c.every_weeks, _WEEKLY.c.starts, _WEEKLY.c.ends),
    *(_WEEKLY.c.valid_from, _WEEKLY.c.valid_until),
)
_WEEKLY_ROWS = (
    select(
        literal(_WEEKLY_ROW).label("kind"),
        cast(null(), Integer).label("doctor"),
        cast(_WEEKLY.c.weekday, Integer).label("weekday"),
        cast(_WEEKLY.c.every_weeks, Integer).label("every_weeks"),
        cast(_WEEKLY.c.starts, BigInteger).label("starts"),
        cast(_WEEKLY.c.ends, BigInteger).label("ends"),
        _WEEKLY.c.valid_from.label("first_day"),
        _WEEKLY.c.valid_until.label("last_day"),
        # Whoever has these hours: most doctors have those of others, and a row costs more.
        func.aggregate_strings(cast(_WEEKLY.c.doctor_id, Text), ",").label("word"),
        cast(null(), Integer).label("visit_type"),
        cast(null(), Integer).label("release_minute"),
        cast(null(), Integer).label("release_hours"),
    )
    .where(
        or_(_WEEKLY.c.valid_from.is_(None), _WEEKLY.c.valid_from <= _LAST),
        or_(_WEEKLY.c.valid_until.is_(None), _WEEKLY.c.valid_until >= _FIRST),
        _in_those_days(_WEEKLY.c.weekday),
    )
    .group_by(*_HOURS)
)
_EXTRA_ROWS = select(
    literal(_EXTRA_ROW),
    _EXTRA.c.doctor_id,
    _NOTHING,
    _NOTHING,
    _EXTRA.c.starts,
    _EXTRA.c.ends,
    _EXTRA.c.day,
    _NO_DAY,
    _NO_WORD,
    *_NEVER,
).where(_EXTRA.c.day.between(_FIRST, _LAST))
_OFF_ROWS = select(
    literal(_OFF_ROW),
    _OFF.c.doctor_id,
    _NOTHING,
    _NOTHING,
    epoch_seconds(_OFF.c.starts_at),
    epoch_seconds(_OFF.c.ends_at),
    _NO_DAY,
    _NO_DAY,
    _OFF.c.reason,
    *_NEVER,
).where(
    _OFF.c.ends_at > bindparam("from", type_=UtcDateTime),
    _OFF.c.starts_at < bindparam("until", type_=UtcDateTime),
)
_CLOSED_ROWS = select(
    literal(_CLOSED_ROW),
    _NOTHING,
    _NOTHING,
    _NOTHING,
    _NOTHING,
    _NOTHING,
    _CLOSURES.c.first_day,
    _CLOSURES.c.last_day,
    _CLOSURES.c.name,
    *_NEVER,
).where(_CLOSURES.c.last_day >= _FIRST, _CLOSURES.c.first_day <= _LAST)
_RESERVED_ROWS = select(
    literal(_RESERVED_ROW),
    _RESERVED.c.doctor_id,
    _RESERVED.c.weekday,
    _NOTHING,
    _RESERVED.c.starts,
    _RESERVED.c.ends,
    _RESERVED.c.valid_from,
    _RESERVED.c.valid_until,
    _NO_WORD,
    _RESERVED.c.visit_type_id,
    _RESERVED.c.release_minute,
    _RESERVED.c.release_hours,
).where(
    or_(_RESERVED.c.valid_from.is_(None), _RESERVED.c.valid_from <= _LAST),
    or_(_RESERVED.c.valid_until.is_(None), _RESERVED.c.valid_until >= _FIRST),
    _in_those_days(_RESERVED.c.weekday),
)


def _schedule_query(
    whose: Callable[[ColumnElement[int]], ColumnElement[bool]],
) -> CompoundSelect[Any]:
    """All that decides when doctors work, as one list of rows: one round trip."""
    return union_all(
        _WEEKLY_ROWS.where(whose(_WEEKLY.c.doctor_id)),
        _EXTRA_ROWS.where(whose(_EXTRA.c.doctor_id)),
        _OFF_ROWS.where(whose(_OFF.c.doctor_id)),
        _CLOSED_ROWS,
        _RESERVED_ROWS.where(whose(_RESERVED.c.doctor_id)),
    )


_SOME = ids("doctors")
_SCHEDULES_OF_ALL = _schedule_query(lambda _: true())
_SCHEDULES_OF_SOME = _schedule_query(lambda doctor: one_of(doctor, _SOME))


def load_schedules(
    session: Session,
    settings: ClinicSettings,
    doctor_ids: Iterable[int] | None,
    starts_at: datetime,
    ends_at: datetime,
) -> dict[int, DoctorSchedule]:
    """Schedules that hold between two instants, by doctor, in one query.

    Of the weekly hours those are left out that are on none of the days between. ``doctor_ids``
    None means every doctor that has any hours then; a doctor named is always in the answer,
    without hours if there are none (no hours means closed).
    """
    named = None if doctor_ids is None else sorted(set(doctor_ids))
    first = local_day(starts_at, settings.zone) - _DAY
    last = local_day(ends_at, settings.zone) + _DAY
    around = {
        "first": first,
        "last": last,
        "first_weekday": first.weekday(),
        "days_later": (last - first).days,
        "from": starts_at - _DAY,
        "until": ends_at + _DAY,
    }
    if named is None:
        rows = session.execute(_SCHEDULES_OF_ALL, around)
    else:
        rows = session.execute(_SCHEDULES_OF_SOME, {**around, "doctors": named})
    return _schedules(rows.all(), named or (), settings)


def _schedules(
    rows: Sequence[Any], named: Sequence[int], settings: ClinicSettings
) -> dict[int, DoctorSchedule]:
    """The rows put together, by doctor: who is named, and who works at all.

    Whose weekly hours are the same and nothing besides shares one schedule, and so what is worked
    out of it day by day.
    """
    hours: list[Hours] = []
    weekly: dict[int, list[int]] = {one: [] for one in named}
    extra: dict[int, list[Extra]] = {}
    away: dict[int, list[Away]] = {}
    closed: list[Closed] = []
    reserved: dict[int, list[Reserved]] = {}
    for row in rows:
        kind, doctor, weekday, every_weeks, starts, ends, first_day, last_day, word, *rest = row
        if kind == _WEEKLY_ROW:
            for one in map(int, word.split(",")):
                weekly.setdefault(one, []).append(len(hours))
            hours.append(Hours(weekday, starts, ends, first_day, last_day, every_weeks))
        elif kind == _EXTRA_ROW:
            extra.setdefault(doctor, []).append(Extra(first_day, starts, ends))
        elif kind == _OFF_ROW:
            away.setdefault(doctor, []).append(Away(starts, ends, word))
        elif kind == _RESERVED_ROW:
            kept_for, minute, before = rest
            kept = Reserved(weekday, starts, ends, kept_for, minute, before, first_day, last_day)
            reserved.setdefault(doctor, []).append(kept)
        else:
            closed.append(Closed(first_day, last_day, word))
    days = clinic_days(settings, closed)
    schedules: dict[int, DoctorSchedule] = {}
    alike: dict[tuple[int, ...], DoctorSchedule] = {}
    for doctor in weekly.keys() | extra.keys():
        which = tuple(weekly.get(doctor, ()))
        if doctor in extra or doctor in away or doctor in reserved:
            schedules[doctor] = DoctorSchedule(
                days,
                tuple(hours[one] for one in which),
                tuple(extra.get(doctor, ())),
                tuple(away.get(doctor, ())),
                tuple(reserved.get(doctor, ())),
            )
        else:
            if which not in alike:
                alike[which] = DoctorSchedule(days, tuple(hours[one] for one in which))
            schedules[doctor] = alike[which]
    return schedules


def clinic_days(settings: ClinicSettings, closed: Iterable[Closed] = ()) -> ClinicDays:
    """What the settings and the closed days say of the clinic as a whole."""
    return ClinicDays(
        settings.zone, settings.holiday_country, settings.holiday_subdivision, tuple(closed)
    )
