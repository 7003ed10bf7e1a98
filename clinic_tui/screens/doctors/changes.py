"""What is done to a doctor and to a doctor's hours, each as one story: ask, look, run, tell."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime

from rich.cells import cell_len

from ...domain.absence.causes import DoctorAway, HoursChanged
from ...domain.hours.hours import add_extra_hours, remove_extra_hours
from ...domain.hours.text import weeks_of
from ...domain.hours.time_off import remove_time_off
from ...domain.staff.doctors import DoctorDetails, add_doctor, change_doctor
from ...domain.times.walltime import local_day, say_day
from ..absence.planning import plan_and_accept
from ..base import ClinicScreen
from ..filling_in import fill_in
from ..form import Typed
from ..widgets.cells import cut
from ..wording import say_time_off
from .card import ShownDoctor
from .form import DoctorForm, details_of, typed_of
from .hours_editor import HoursEditor, typed_of_weeks, weeks_from
from .time_off import ExtraHoursForm, RemoveDialog, TimeOffForm, away_from, one_day_from

Drafts = MutableMapping[tuple[str, int], Typed]
"""What was typed and not saved, by form and whom it is about; 0 is a new doctor."""
_TITLE, _SHORTEST_NAME = 64, 16
"""Cells of a title, and of the doctor's name in it: when it is, is seen however long that is."""


async def new_doctor(screen: ClinicScreen, drafts: Drafts) -> int | None:
    """Add a doctor; returns the id."""
    desk = screen.desk
    original = typed_of(DoctorDetails(""), desk.settings.region)

    async def save(typed: Typed) -> int:
        return await desk.run(add_doctor, details_of(typed, None), desk.now())

    doctor_id = await fill_in(
        screen,
        drafts,
        ("profile", 0),
        original,
        lambda was, draft, refusal: DoctorForm(
            desk, "New doctor", was, draft=draft, refusal=refusal
        ),
        save,
    )
    if doctor_id is not None:
        screen.tell("The doctor is on record; h sets the weekly hours.")
    return doctor_id


async def edit_doctor(screen: ClinicScreen, doctor: ShownDoctor, drafts: Drafts) -> bool:
    """Change a doctor's profile; whether anything was changed."""
    desk = screen.desk
    details = doctor.details

    async def save(typed: Typed) -> bool:
        changed = details_of(typed, details.outside_id)
        await desk.run(change_doctor, doctor.doctor_id, changed, desk.now())
        return True

    done = await fill_in(
        screen,
        drafts,
        ("profile", doctor.doctor_id),
        typed_of(details, desk.settings.region),
        lambda was, draft, refusal: DoctorForm(
            desk, doctor.name, was, draft=draft, refusal=refusal
        ),
        save,
    )
    if done:
        screen.tell(f"Saved: {doctor.name}.")
    return bool(done)


async def edit_hours(screen: ClinicScreen, doctor: ShownDoctor, drafts: Drafts) -> bool:
    """Change a doctor's weekly hours, and plan the visits that would stand outside them."""
    desk = screen.desk

    async def save(typed: Typed) -> bool | None:
        today = local_day(desk.now(), desk.zone)
        weeks = weeks_from(typed, today, desk.settings.region)
        hours = tuple(one for week in weeks for one in week.hours())
        cause = HoursChanged(doctor.doctor_id, hours, doctor.hours.weekly)
        title = f"Weekly hours of {doctor.name}"
        return await plan_and_accept(screen, cause, title, unasked=True) or None

    done = await fill_in(
        screen,
        drafts,
        ("hours", doctor.doctor_id),
        typed_of_weeks(weeks_of(doctor.hours.weekly)),
        lambda was, draft, refusal: HoursEditor(
            desk, f"Weekly hours of {doctor.name}", was, draft=draft, refusal=refusal
        ),
        save,
    )
    return bool(done)


async def take_time_off(screen: ClinicScreen, doctor: ShownDoctor, drafts: Drafts) -> bool:
    """Take a doctor away, and plan the visits in the way."""
    desk = screen.desk

    async def save(typed: Typed) -> bool | None:
        today = local_day(desk.now(), desk.zone)
        away = away_from(typed, today, desk.zone, desk.settings.region)
        cause = DoctorAway(doctor.doctor_id, away.starts_at, away.ends_at, away.reason)
        title = say_away(doctor.name, away.starts_at, away.ends_at, desk.zone)
        return await plan_and_accept(screen, cause, title, unasked=True) or None

    done = await fill_in(
        screen,
        drafts,
        ("off", doctor.doctor_id),
        dict.fromkeys(TimeOffForm.LABELS, ""),
        lambda was, draft, refusal: TimeOffForm(
            desk, f"Time off for {doctor.name}", was, draft=draft, refusal=refusal
        ),
        save,
    )
    return bool(done)


def say_away(doctor: str, starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """ "Dr Lee away: Mon 23 Nov 2026 09:00–24:00"."""
    when = say_time_off(starts_at, ends_at, zone)
    return f"{cut(doctor, max(_SHORTEST_NAME, _TITLE - cell_len(when)))} away: {when}"


async def give_extra_hours(screen: ClinicScreen, doctor: ShownDoctor, drafts: Drafts) -> bool:
    """Let a doctor work on one more stretch of one date."""
    desk = screen.desk

    async def save(typed: Typed) -> str:
        now = desk.now()
        extra = one_day_from(typed, local_day(now, desk.zone), desk.settings.region)
        await desk.run(
            add_extra_hours,
            doctor.doctor_id,
            extra.day,
            extra.starts,
            extra.ends,
            now,
            extra.note,
        )
        return say_day(extra.day)

    done = await fill_in(
        screen,
        drafts,
        ("extra", doctor.doctor_id),
        dict.fromkeys(ExtraHoursForm.LABELS, ""),
        lambda was, draft, refusal: ExtraHoursForm(
            desk, f"Extra hours for {doctor.name}", was, draft=draft, refusal=refusal
        ),
        save,
    )
    if done:
        screen.tell(f"{doctor.name} has extra hours on {done}.")
    return done is not None


async def remove_line(screen: ClinicScreen, doctor: ShownDoctor, line: str, shown: str) -> bool:
    """Take "extra-…" hours or time "off-…" away, once that is confirmed."""
    desk = screen.desk
    kind, _, number = line.partition("-")
    title = "Take back these extra hours?" if kind == "extra" else "Take back this time off?"
    if not await screen.app.push_screen_wait(RemoveDialog(title, shown)):
        return False
    remove = remove_extra_hours if kind == "extra" else remove_time_off
    with screen.refusals_shown():
        await desk.run(remove, doctor.doctor_id, int(number), desk.now())
        screen.tell(f"{shown.strip()}: taken back.")
    return True
