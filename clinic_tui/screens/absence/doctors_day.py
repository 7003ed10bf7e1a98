"""A doctor's day (D): away for all of it or a part, for longer, or from now on at other hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ...domain.absence.calls import visits_to_call
from ...domain.absence.causes import DoctorAway
from ...domain.absence.stranded import StrandedVisit
from ...domain.access import Permission, may, may_plan_for_all
from ...domain.clinic.rooms import list_rooms
from ...domain.errors import Refusal
from ...domain.hours.hours import doctor_hours
from ...domain.hours.time_off import visits_in_the_way
from ...domain.overview.calendar import calendar_day
from ...domain.staff.doctors import doctor_details
from ...domain.times.walltime import day_bounds, instant
from ..base import ClinicScreen
from ..doctors.card import ShownDoctor
from ..doctors.changes import Drafts, edit_hours, say_away, take_time_off
from .away_dialog import Absence, AwayDialog, DoctorDay, Stretch
from .closed_days import close_days, closed_already
from .planning import plan_and_accept, work_off_calls
from .rooms_out import take_room_out

if TYPE_CHECKING:
    from ...desk import Desk
    from ...domain.overview.calendar import DayColumn

_drafts: WeakKeyDictionary[ClinicScreen, Drafts] = WeakKeyDictionary()
_NOON = 12 * 60


async def plan_doctors_day(
    screen: ClinicScreen, doctor_id: int, day: date, drafts: Drafts | None = None
) -> bool:
    """Ask what it is, plan it and bring it about; whether anything may have changed.

    Esc in the plan leads back to what was asked. What is typed and left is kept in ``drafts``.
    """
    kept = _drafts.setdefault(screen, {}) if drafts is None else drafts
    called = False
    while True:
        try:
            about = await _doctors_day(screen, doctor_id, day)
            dialog = AwayDialog(screen.desk, about)
            absence: Absence | None = await screen.app.push_screen_wait(dialog)
            if absence is None:
                return called
            if absence is Absence.CALLS:
                await work_off_calls(screen, doctor_id)
                called = True
            elif await _bring_about(screen, about, absence, kept):
                return True
        except Refusal as refusal:
            screen.refuse(refusal)
            return called


async def _bring_about(
    screen: ClinicScreen, about: DoctorDay, absence: Absence, drafts: Drafts
) -> bool:
    stretch = about.stretches.get(absence)
    if stretch is not None:
        times = stretch.starts_at, stretch.ends_at
        title = say_away(about.doctor, *times, screen.desk.zone)
        return await plan_and_accept(screen, DoctorAway(about.doctor_id, *times), title)
    if absence is Absence.CLOSED:
        return await close_days(screen, about.day, drafts)
    if absence is Absence.ROOM:
        return await take_room_out(screen, drafts)
    desk, number = screen.desk, about.doctor_id
    details, hours = await desk.read(doctor_details, number), await desk.read(doctor_hours, number)
    shown = ShownDoctor(number, details, hours)
    change = take_time_off if absence is Absence.RANGE else edit_hours
    return await change(screen, shown, drafts)


async def _doctors_day(screen: ClinicScreen, doctor_id: int, day: date) -> DoctorDay:
    desk, now = screen.desk, screen.desk.now()
    midnight, next_midnight = day_bounds(day, desk.zone)
    view = await desk.read(calendar_day, day, now, doctor_ids=(doctor_id,))
    column = view.columns[0]
    visits: tuple[StrandedVisit, ...] = ()
    since = max(midnight, now)
    if since < next_midnight:
        visits = await desk.read(visits_in_the_way, doctor_id, since, next_midnight)
    to_call = await desk.read(visits_to_call, (doctor_id,), now)
    stretches = {
        absence: Stretch(start, end, sum(v.starts_at < end and v.ends_at > start for v in visits))
        for absence, start, end in _stretches(column, since, next_midnight, desk.zone)
    }
    for_all = await _for_all(desk, day)
    begun = midnight < now
    return DoctorDay(doctor_id, column.doctor, day, stretches, begun, len(to_call), for_all)


async def _for_all(desk: Desk, day: date) -> frozenset[Absence]:
    """What may be planned here for everybody: all of it, or what is so already."""
    if may(desk.actor, Permission.MANAGE_CLINIC):
        return frozenset({Absence.CLOSED, Absence.ROOM})
    if not may_plan_for_all(desk.actor):
        return frozenset()
    found = set()
    if await closed_already(desk, day) is not None:
        found.add(Absence.CLOSED)
    if not all(room.active for room in await desk.read(list_rooms, retired=True)):
        found.add(Absence.ROOM)
    return frozenset(found)


def _stretches(
    column: DayColumn, since: datetime, until: datetime, zone: str
) -> list[tuple[Absence, datetime, datetime]]:
    """What is left of the day, and of it the halves before and after the break, or noon."""
    if since >= until:
        return []
    middle = column.open[0][1] if len(column.open) > 1 else instant(column.day, _NOON, zone)
    found = [(Absence.DAY, since, until)]
    if since < middle < until:
        found += [(Absence.MORNING, since, middle), (Absence.AFTERNOON, middle, until)]
    return found
