"""Several visits on one day as one story: who, which; the ways in which they fit; all or none."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from ...domain.errors import NotFound, Refusal
from ...domain.times.walltime import local_day, say_day, say_time
from ...domain.visits.appointments import BookedAppointment
from ...domain.visits.requests import new_key
from ...domain.visits.together import TogetherRequest, book_together
from ...domain.visits.together_search import TogetherSearch, find_together
from ..absence.plan_draft import count_visits
from ..base import ClinicScreen
from ..booking.draft import BookingDraft
from ..filling_in import fill_in
from ..form import Typed
from ..saving import saved
from ..visits.refusals import outcome_unknown
from ..wording import done_words
from .beginning import begin_with
from .together_form import TogetherForm, TogetherStart, search_from, start_for_together
from .ways_dialog import Names, Then, WaysAnswer, WaysDialog, WaysDraft

_left: WeakKeyDictionary[ClinicScreen, dict[tuple[str, int], Typed]] = WeakKeyDictionary()


async def book_visits_together(
    screen: ClinicScreen, draft: BookingDraft
) -> BookedAppointment | None:
    """Book two or three visits on one day; the first of them where they were booked."""
    begun = await begin_with(screen, "Several visits: for whom?", draft)
    if begun is None:
        return None
    start = start_for_together(screen.desk, draft, begun)
    return await _ask(screen, begun.name, start)


async def _ask(screen: ClinicScreen, name: str, start: TogetherStart) -> BookedAppointment | None:
    """Show the form until they are booked or it is left; one request, however often."""
    desk, key = screen.desk, new_key()
    names = Names(
        {one.visit_type_id: one.details.name for one in start.known.types},
        {one.room_id: one.name for one in start.rooms},
    )

    async def save(typed: Typed) -> BookedAppointment | None:
        search = search_from(desk, typed, start)
        request = TogetherRequest(start.patient_id, (), typed["note"], key)
        return await _choose_and_book(screen, name, names, search, request)

    return await fill_in(
        screen,
        _left.setdefault(screen, {}),
        ("together", start.patient_id),
        start.typed,
        lambda _, typed, refusal: TogetherForm(
            desk, f"Several visits on one day: {name}", start, draft=typed, refusal=refusal
        ),
        save,
    )


async def _choose_and_book(
    screen: ClinicScreen,
    name: str,
    names: Names,
    search: TogetherSearch,
    request: TogetherRequest,
) -> BookedAppointment | None:
    """Show the ways until one is booked; None leads back to the form."""
    desk = screen.desk
    title = f"{count_visits(len(search.parts))} on one day: {name}"
    draft = await _found(screen, search)
    while True:
        dialog = WaysDialog(desk, title, draft, names)
        answer: WaysAnswer = await screen.app.push_screen_wait(dialog)
        draft = answer.draft
        if answer.then is Then.LEAVE:
            return None
        wanted = replace(request, visits=draft.chosen.visits)
        try:
            booked = await saved(screen, book_together, wanted, desk.now())
        except Refusal as refusal:
            if not outcome_unknown(refusal):
                draft = await _found(screen, search)
            draft = replace(draft, refusal=refusal)
        else:
            break
    title = done_words("Booked", booked[0].status, desk.actor)
    screen.tell(_told(booked, desk.zone), title=title)
    return booked[0]


async def _found(screen: ClinicScreen, search: TogetherSearch) -> WaysDraft:
    """The ways in which they fit; ``NotFound`` where they do in none."""
    desk = screen.desk
    ways = await desk.read(find_together, search, desk.now())
    if not ways:
        until = f" until {say_day(search.last_day)}" if search.last_day else " within sixty days"
        raise NotFound(
            f"There is no day{until} on which all of them fit: a gap, another order or another"
            " doctor may help."
        )
    return WaysDraft(ways)


def _told(booked: tuple[BookedAppointment, ...], zone: str) -> str:
    """ "Maria Garcia, Tue 24 Nov 2026: 09:00 Dr Lee, 09:20 Dr Park. 4 messages wait …"."""
    in_order = sorted(booked, key=lambda one: one.starts_at)
    stops = ", ".join(
        f"{say_time(one.starts_at, zone)} {one.doctor}{f' ({one.room})' if one.room else ''}"
        for one in in_order
    )
    notices = sum(one.notices for one in booked)
    messages = "1 message waits" if notices == 1 else f"{notices} messages wait"
    day = say_day(local_day(in_order[0].starts_at, zone))
    return f"{booked[0].patient}, {day}: {stops}. {messages} to be sent. u takes it back."
