"""Moving and cancelling visits of a series: which of them is asked, and all are done in one go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

from ...domain.clinic.rooms import list_rooms
from ...domain.codes import Status
from ...domain.errors import Refusal
from ...domain.series.cancelling import SeriesCancel, cancel_series
from ...domain.series.details import SeriesDetails, series_details
from ...domain.series.moving import move_series
from ...domain.series.rule_words import say_rule
from ...domain.series.words import Scope
from ...domain.times.walltime import local_day, say_day
from ...domain.visits.appointments import BookedAppointment, appointment_details
from ...domain.visits.requests import new_key
from ..absence.plan_draft import count_visits
from ..base import ClinicScreen
from ..filling_in import fill_in
from ..form import Typed
from ..saving import saved
from ..visits.cancelling import CancelAnswer, CancelDialog, CancelDraft
from ..waitlist.offering import tell_and_fill_each
from ..waitlist.wishing import read_known
from .scope_dialog import ScopeDialog, SeriesAhead
from .series_move_form import SeriesMoveForm, move_from, start_for_move

Story = Callable[[ClinicScreen, int], Awaitable[BookedAppointment | None]]
SeriesStory = Callable[[ClinicScreen, SeriesAhead, Scope], Awaitable[BookedAppointment | None]]
_AHEAD = (Status.PENDING, Status.BOOKED)
_left_moves: WeakKeyDictionary[ClinicScreen, dict[tuple[str, int], Typed]] = WeakKeyDictionary()
_left_cancels: WeakKeyDictionary[ClinicScreen, dict[tuple[Scope, int], CancelDraft]] = (
    WeakKeyDictionary()
)


async def this_or_more(
    screen: ClinicScreen, appointment_id: int, doing: str, one: Story, several: SeriesStory
) -> BookedAppointment | None:
    """Ask which visits of its series are meant and tell that story; Esc leads back to the question.

    A visit in no series, or the only one of it that is still ahead, is meant alone.
    """
    while True:
        series = await _ahead(screen, appointment_id)
        if series is None:
            return await one(screen, appointment_id)
        dialog = ScopeDialog(doing, series, screen.desk.zone)
        scope: Scope | None = await screen.app.push_screen_wait(dialog)
        if scope is None:
            return None
        if scope is Scope.THIS:
            done = await one(screen, appointment_id)
        else:
            done = await several(screen, series, scope)
        if done is not None:
            return done


async def series_words(screen: ClinicScreen, appointment_id: int) -> str:
    """ "2 of 10, every 2 weeks, 10 times"; nothing for a visit that is in no series."""
    try:
        series = await screen.desk.read(series_details, appointment_id)
    except Refusal:
        return ""
    numbers = [one.visit.appointment_id for one in series.visits]
    return f"{numbers.index(appointment_id) + 1} of {len(numbers)}, {say_rule(series.rule)}"


async def cancel_several(
    screen: ClinicScreen, series: SeriesAhead, scope: Scope
) -> BookedAppointment | None:
    """Cancel them: whose wish, and why."""
    desk, drafts = screen.desk, _left_cancels.setdefault(screen, {})
    number, meant = series.visit.appointment_id, series.meant(scope)
    draft = drafts.pop((scope, number), CancelDraft())
    first, last = (say_day(local_day(one.starts_at, desk.zone)) for one in (meant[0], meant[-1]))
    days = f"{count_visits(len(meant))}, {first} to {last}" if len(meant) > 1 else ""
    while True:
        try:
            visit = await desk.read(appointment_details, number)
        except Refusal as gone:
            screen.refuse(gone)
            return None
        dialog = CancelDialog(desk, visit, draft, several=len(meant), days=days)
        answer: CancelAnswer = await screen.app.push_screen_wait(dialog)
        draft, asked = answer.draft, answer.request
        if asked is None:
            drafts[scope, number] = draft
            return None
        request = SeriesCancel(number, scope, asked.cancelled_by, asked.reason, asked.key)
        try:
            done = await saved(screen, cancel_series, request, desk.now())
        except Refusal as refusal:
            draft = replace(draft, refusal=refusal)
        else:
            said = _said(done, f"{count_visits(len(meant))} cancelled.")
            await tell_and_fill_each(screen, said, done.freed, visit.patient_id, title="Cancelled")
            return _of(done, number)


async def move_several(
    screen: ClinicScreen, series: SeriesAhead, scope: Scope
) -> BookedAppointment | None:
    """Move them: what is to be another."""
    desk, number, key = screen.desk, series.visit.appointment_id, new_key()
    many = count_visits(len(series.meant(scope)))
    try:
        visit = await desk.read(appointment_details, number)
        known = await read_known(screen)
        start = start_for_move(visit, scope, known, await desk.read(list_rooms), desk.zone)
    except Refusal as refusal:
        screen.refuse(refusal)
        return None

    async def save(typed: Typed) -> BookedAppointment:
        request = replace(move_from(typed, start), key=key)
        done = await saved(screen, move_series, request, desk.now())
        moved = _of(done, number)
        words = _said(done, f"{many} moved. {moved.read_back(desk.zone)}")
        await tell_and_fill_each(screen, words, done.freed, visit.patient_id, title="Moved")
        return moved

    return await fill_in(
        screen,
        _left_moves.setdefault(screen, {}),
        (scope, number),
        start.typed,
        lambda _, typed, refusal: SeriesMoveForm(
            desk, f"Move {many} of {visit.patient}", start, draft=typed, refusal=refusal
        ),
        save,
    )


async def _ahead(screen: ClinicScreen, appointment_id: int) -> SeriesAhead | None:
    """The series and its visits ahead; None where there is nothing to ask.

    What keeps it from being read keeps the visit from being changed, too, and is said there.
    """
    try:
        series = await screen.desk.read(series_details, appointment_id)
    except Refusal:
        return None
    now = screen.desk.now()
    ahead = [
        one.visit
        for one in series.visits
        if one.visit.status in _AHEAD and one.visit.starts_at > now
    ]
    visit = next((one for one in ahead if one.appointment_id == appointment_id), None)
    if visit is None or len(ahead) == 1:
        return None
    return SeriesAhead(visit, series.rule, ahead)


def _of(series: SeriesDetails, appointment_id: int) -> BookedAppointment:
    return next(one.visit for one in series.visits if one.visit.appointment_id == appointment_id)


def _said(done: SeriesDetails, said: str) -> str:
    messages = "1 message waits" if done.notices == 1 else f"{done.notices} messages wait"
    return f"{said} {messages} to be sent. u takes it back."
