"""What is done to a doctor and to a doctor's hours, each as one story: ask, look, run, tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TypeVar

from ..domain.doctors import DoctorDetails, add_doctor, change_doctor
from ..domain.errors import Refusal
from ..domain.hours import (
    StrandedVisit,
    add_extra_hours,
    add_time_off,
    remove_extra_hours,
    remove_time_off,
    set_weekly_hours,
    stranded_by_hours,
    visits_in_the_way,
)
from ..domain.hours_text import weeks_of
from ..domain.walltime import local_day, say_day
from .base import ClinicScreen
from .doctor_card import ShownDoctor
from .doctor_form import DoctorForm, details_of, typed_of
from .form import Form, Typed
from .hours_editor import HoursEditor, typed_of_weeks, weeks_from
from .time_off import (
    ExtraHoursForm,
    RemoveDialog,
    StrandedDialog,
    TimeOffForm,
    away_from,
    one_day_from,
    say_stranded,
)
from .wording import say_time_off

T = TypeVar("T")
Drafts = MutableMapping[tuple[str, int], Typed]
"""What was typed and not saved, by form and doctor; 0 is the new one."""


async def _fill_in(
    screen: ClinicScreen,
    drafts: Drafts,
    key: tuple[str, int],
    original: Typed,
    form: Callable[[Typed, Typed | None, Refusal | None], Form],
    save: Callable[[Typed], Awaitable[T | None]],
) -> T | None:
    """Show a form until what it holds is saved or it is left; a refusal brings it back.

    ``save`` answers None when the person wants the form back. What is left is kept as a draft.
    """
    draft, refusal = drafts.pop(key, None), None
    while True:
        filled = await screen.app.push_screen_wait(form(original, draft, refusal))
        draft, refusal = filled.typed, None
        if not filled.save:
            if dict(draft) != dict(original):
                drafts[key] = draft
            return None
        try:
            done = await save(draft)
        except Refusal as refused:
            refusal = refused
        else:
            if done is not None:
                return done


async def new_doctor(screen: ClinicScreen, drafts: Drafts) -> int | None:
    """Add a doctor; returns the id."""
    desk = screen.desk
    original = typed_of(DoctorDetails(""), desk.settings.region)

    async def save(typed: Typed) -> int:
        return await desk.run(add_doctor, details_of(typed, None), desk.now())

    doctor_id = await _fill_in(
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

    done = await _fill_in(
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
        screen.tell(f"{doctor.name} is changed.")
    return bool(done)


async def edit_hours(screen: ClinicScreen, doctor: ShownDoctor, drafts: Drafts) -> bool:
    """Change a doctor's weekly hours, once the visits that would stand outside are seen."""
    desk = screen.desk

    async def save(typed: Typed) -> bool | None:
        today = local_day(desk.now(), desk.zone)
        weeks = weeks_from(typed, today, desk.settings.region)
        hours = tuple(one for week in weeks for one in week.hours())
        visits = await desk.read(stranded_by_hours, doctor.doctor_id, hours, desk.now())
        if not await _accepted(screen, visits, "outside these hours"):
            return None
        await desk.run(set_weekly_hours, doctor.doctor_id, hours, desk.now())
        return True

    done = await _fill_in(
        screen,
        drafts,
        ("hours", doctor.doctor_id),
        typed_of_weeks(weeks_of(doctor.hours.weekly)),
        lambda was, draft, refusal: HoursEditor(
            desk, f"Weekly hours of {doctor.name}", was, draft=draft, refusal=refusal
        ),
        save,
    )
    if done:
        screen.tell(f"The weekly hours of {doctor.name} are saved.")
    return bool(done)


async def take_time_off(screen: ClinicScreen, doctor: ShownDoctor, drafts: Drafts) -> bool:
    """Take a doctor away, once the visits in the way are seen."""
    desk = screen.desk

    async def save(typed: Typed) -> str | None:
        now = desk.now()
        away = away_from(typed, local_day(now, desk.zone), desk.zone, desk.settings.region)
        times = (away.starts_at, away.ends_at)
        visits = await desk.read(visits_in_the_way, doctor.doctor_id, *times)
        if not await _accepted(screen, visits, "in the time off"):
            return None
        await desk.run(add_time_off, doctor.doctor_id, *times, now, away.reason)
        return say_time_off(*times, desk.zone)

    done = await _fill_in(
        screen,
        drafts,
        ("off", doctor.doctor_id),
        dict.fromkeys(TimeOffForm.LABELS, ""),
        lambda was, draft, refusal: TimeOffForm(
            desk, f"Time off for {doctor.name}", was, draft=draft, refusal=refusal
        ),
        save,
    )
    if done:
        screen.tell(f"{doctor.name} is away {done}.")
    return done is not None


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

    done = await _fill_in(
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


async def _accepted(screen: ClinicScreen, visits: tuple[StrandedVisit, ...], where: str) -> bool:
    """Whether there is nothing to see, or what was seen is accepted."""
    if not visits:
        return True
    dialog = StrandedDialog(screen.desk, say_stranded(len(visits), where), visits)
    accepted = await screen.app.push_screen_wait(dialog)
    return bool(accepted)
