"""Putting somebody on the waitlist, and changing what they wait for, each as one story."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from ...domain.access import Permission
from ...domain.bar.bar import Meaning
from ...domain.clinic.visit_types import list_visit_types
from ...domain.errors import NotFound, Refusal, WrongStatus
from ...domain.patients.history import patient_record
from ...domain.staff.doctors import find_doctors
from ...domain.staff.specialties import list_specialties
from ...domain.times.walltime import say_moment
from ...domain.visits.appointments import appointment_details
from ...domain.visits.requests import MOVABLE, new_key
from ...domain.waitlist.waitlist import Wish, add_to_waitlist, change_waitlist_entry
from ...domain.waitlist.who_waits import Waiting, list_waitlist
from ..base import ClinicScreen
from ..filling_in import fill_in
from ..form import Typed
from ..saving import saved
from ..who.who_it_is import ask_who
from .whom import Known
from .wish_form import WishForm, wish_of
from .wish_start import WishStart, start_for_earlier, start_for_new, start_from

_EVERY_DOCTOR = 10_000
_MOST = 500
_Drafts = dict[tuple[str, int], Typed]
_left: WeakKeyDictionary[ClinicScreen, _Drafts] = WeakKeyDictionary()


async def add_somebody(screen: ClinicScreen) -> int | None:
    """Ask who waits, and for what; the number of their place."""
    who = await ask_who(screen, "Who waits?", Permission.WAIT)
    return None if who is None else await add_patient(screen, *who)


async def add_patient(
    screen: ClinicScreen, patient_id: int, meaning: Meaning | None = None
) -> int | None:
    """Ask what that patient waits for; the number of their place. ``meaning`` is known already."""
    desk = screen.desk
    try:
        name = (await desk.read(patient_record, patient_id, desk.now())).name
        known = await read_known(screen)
    except Refusal as refusal:
        screen.refuse(refusal)
        return None
    start = start_for_new(desk, known, meaning or Meaning())
    return await _ask(
        screen, ("new", patient_id), f"On the waitlist: {name}", start, known,
        Wish(patient_id), f"{name} is on the waitlist.",
    )  # fmt: skip


async def want_earlier(screen: ClinicScreen, appointment_id: int) -> int | None:
    """Ask when a visit could be earlier; where that is waited for already, what to change."""
    desk = screen.desk
    try:
        visit = await desk.read(appointment_details, appointment_id)
        if visit.status not in MOVABLE or visit.starts_at <= desk.now():
            raise WrongStatus("Only a visit that is ahead can be had earlier.")
        waiting = await desk.read(list_waitlist, desk.now(), next_for=0, limit=_MOST)
        known = await read_known(screen)
    except Refusal as refusal:
        screen.refuse(refusal)
        return None
    place = next((one for one in waiting if one.appointment_id == appointment_id), None)
    if place is not None:
        return place.entry_id if await change_place(screen, place) else None
    stands = say_moment(visit.starts_at, desk.zone)
    return await _ask(
        screen, ("earlier", appointment_id), f"{visit.patient}: earlier than {stands}",
        start_for_earlier(desk, known, visit.doctor_id), known,
        Wish(appointment_id=appointment_id),
        f"{visit.patient} waits for an earlier time than {stands}.",
    )  # fmt: skip


async def change_place(screen: ClinicScreen, place: Waiting) -> bool:
    """Change what somebody waits for; whether anything was changed."""
    desk = screen.desk
    try:
        known = await read_known(screen)
    except Refusal as refusal:
        screen.refuse(refusal)
        return False
    start = start_from(desk, known, place)

    async def save(typed: Typed) -> bool:
        wish = wish_of(desk, typed, start, known)
        await saved(screen, change_waitlist_entry, place.entry_id, wish, desk.now())
        screen.tell(f"What {place.patient} waits for is changed.")
        return True

    title = f"On the waitlist: {place.patient}"
    done = await fill_in(
        screen, _drafts(screen), ("place", place.entry_id), start.typed,
        lambda _, draft, refusal: WishForm(
            desk, title, start, known, draft=draft, refusal=refusal
        ),
        save,
    )  # fmt: skip
    return bool(done)


async def _ask(
    screen: ClinicScreen,
    key: tuple[str, int],
    title: str,
    start: WishStart,
    known: Known,
    whose: Wish,
    done: str,
) -> int | None:
    """Show the form until somebody is on the list or it is left; one request, however often."""
    desk, request_key = screen.desk, new_key()

    async def save(typed: Typed) -> int:
        wish = replace(
            wish_of(desk, typed, start, known),
            patient_id=whose.patient_id, appointment_id=whose.appointment_id, key=request_key,
        )  # fmt: skip
        place = await saved(screen, add_to_waitlist, wish, desk.now())
        screen.tell(done)
        return place

    return await fill_in(
        screen, _drafts(screen), key, start.typed,
        lambda _, draft, refusal: WishForm(
            desk, title, start, known, draft=draft, refusal=refusal
        ),
        save,
    )  # fmt: skip


async def read_known(screen: ClinicScreen) -> Known:
    """What the clinic has to wait for; ``NotFound`` where that is nothing yet."""
    desk = screen.desk
    types = await desk.read(list_visit_types)
    if not types:
        raise NotFound("There is no visit type yet: “clinic visit-type add” adds the first.")
    doctors = await desk.read(find_doctors, limit=_EVERY_DOCTOR)
    return Known(doctors, await desk.read(list_specialties), types)


def _drafts(screen: ClinicScreen) -> _Drafts:
    return _left.setdefault(screen, {})
