"""A series as one story: who, what and how often; its dates looked at; booked, all or none."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from ...domain.errors import Refusal
from ...domain.series.details import SeriesDetails
from ...domain.series.rule_words import say_rule
from ...domain.series.series import SeriesRequest, book_series, preview_series
from ...domain.visits.appointments import BookedAppointment
from ...domain.visits.requests import new_key
from ..base import ClinicScreen
from ..booking.draft import BookingDraft
from ..filling_in import fill_in
from ..form import Typed
from ..place.typed_places import type_name
from ..saving import saved
from ..visits.refusals import outcome_unknown
from ..widgets.cells import cut
from ..wording import done_words
from .beginning import begin_with
from .series_dialog import SeriesAnswer, SeriesDialog, Then
from .series_draft import Decided, SeriesDraft, draft_of
from .series_form import SeriesForm, SeriesStart, series_from, start_for_series

_LONGEST_NAME = 24
_left: WeakKeyDictionary[ClinicScreen, dict[tuple[str, int], Typed]] = WeakKeyDictionary()
_decided: WeakKeyDictionary[ClinicScreen, dict[int, Decided]] = WeakKeyDictionary()
"""What was decided by hand in series that were left, by patient."""


async def book_visits_that_repeat(
    screen: ClinicScreen, draft: BookingDraft
) -> BookedAppointment | None:
    """Book a series, starting from what is known already; its first visit where it was booked."""
    begun = await begin_with(screen, "A series: for whom?", draft)
    if begun is None:
        return None
    start = start_for_series(screen.desk, draft, begun)
    return await _ask(screen, begun.name, start)


async def _ask(screen: ClinicScreen, name: str, start: SeriesStart) -> BookedAppointment | None:
    """Show the form until the series is booked or it is left; one request, however often."""
    desk, key = screen.desk, new_key()

    async def save(typed: Typed) -> BookedAppointment | None:
        request = replace(series_from(desk, typed, start), key=key)
        doctor, kind = start.known.doctor(request.doctor_id), type_name(start.known, typed["type"])
        parts = (cut(name, _LONGEST_NAME), kind, doctor, say_rule(request.rule))
        return await _look_and_book(screen, " · ".join(parts), request)

    return await fill_in(
        screen,
        _left.setdefault(screen, {}),
        ("series", start.patient_id),
        start.typed,
        lambda _, typed, refusal: SeriesForm(
            desk, f"A series for {name}", start, draft=typed, refusal=refusal
        ),
        save,
    )


async def _look_and_book(
    screen: ClinicScreen, title: str, request: SeriesRequest
) -> BookedAppointment | None:
    """Show the dates until they are booked; None leads back to the form."""
    desk, left = screen.desk, _decided.setdefault(screen, {})
    draft = await _looked_at(screen, request, left.get(request.patient_id, {}))
    while True:
        dialog = SeriesDialog(desk, title, draft)
        answer: SeriesAnswer = await screen.app.push_screen_wait(dialog)
        draft = answer.draft
        left[request.patient_id] = draft.decided
        if answer.then is Then.LEAVE:
            return None
        if answer.then is Then.ANEW:
            draft = await _looked_at_anew(screen, draft)
            continue
        wanted = replace(draft.request, chosen=draft.chosen)
        try:
            booked = await saved(screen, book_series, wanted, desk.now())
        except Refusal as refusal:
            draft = await _refused(screen, draft, wanted, refusal)
        else:
            break
    left.pop(request.patient_id, None)
    title = done_words("Booked", booked.visits[0].visit.status, desk.actor)
    screen.tell(_told(booked, desk.zone), title=title)
    return booked.visits[0].visit


async def _looked_at(screen: ClinicScreen, request: SeriesRequest, decided: Decided) -> SeriesDraft:
    """The dates, with what had been decided by hand of them."""
    desk = screen.desk
    dates = await desk.read(preview_series, request, desk.now())
    return draft_of(request, dates, decided)


async def _looked_at_anew(screen: ClinicScreen, draft: SeriesDraft) -> SeriesDraft:
    """The same dates with holidays taken the other way; where that is refused, with why."""
    try:
        anew = await _looked_at(screen, draft.request, draft.decided)
    except Refusal as refusal:
        return replace(draft, refusal=refusal)
    return replace(anew, at=min(draft.at, len(anew.rows) - 1))


async def _refused(
    screen: ClinicScreen, draft: SeriesDraft, wanted: SeriesRequest, refusal: Refusal
) -> SeriesDraft:
    """As it is to come back: the dates that are taken meanwhile marked.

    Where nobody knows whether it was saved, the very same is asked again.
    """
    if outcome_unknown(refusal):
        return replace(draft, refusal=refusal)
    desk = screen.desk
    try:
        looked = await desk.read(preview_series, wanted, desk.now())
    except Refusal:
        looked = ()
    return draft.refused(refusal, looked)


def _told(booked: SeriesDetails, zone: str) -> str:
    messages = "1 message waits" if booked.notices == 1 else f"{booked.notices} messages wait"
    return f"{booked.read_back(zone)} {messages} to be sent. u takes it back."
