"""The state machine: draws an operation, does it to the book and to the model, compares."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from inspect import signature
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import ClinicUnavailable, Refusal
from clinic_tui.domain.hours import hours, time_off
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.models import Appointment, table
from clinic_tui.domain.patients import merging
from clinic_tui.domain.series import series as series_of_visits
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.moving import SeriesMove, move_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.undo import undo
from clinic_tui.domain.visits import booking, cancelling, flow, holds, moving, together
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from clinic_tui.domain.visits.tray import lift, put_back, put_down
from tests.domain.given import at
from tests.races.racing import NO_OVERLAPS, overlaps
from tests.small_clinic import NOW, SmallClinic

from . import clinic_rules, visit_rules
from .book_model import DAY, Book, No, Visit, Who
from .told import story, untrue

_APPOINTMENTS = table(Appointment)
_MIDNIGHT = at("00:00")
_MINUTE = timedelta(minutes=1)
_STARTS = [*range(9 * 60, 12 * 60 + 30, 10), 8 * 60 + 50, 13 * 60, 16 * 60 + 50]
STEPS = {
    "arrive": flow.arrive,
    "check_in": flow.check_in,
    "finish": flow.finish,
    "noshow": flow.mark_noshow,
    "confirm": flow.confirm_request,
}
WEEKS = tuple(
    frozenset((day, start * 60, end * 60) for day in days for start, end in ranges)
    for days, ranges in (
        (range(5), ((9, 12), (13, 17))),
        (range(5), ((8, 11),)),
        (range(7), ((9, 17),)),
        ((1, 3), ((9, 12), (12, 17))),
    )
)

DRAWN: dict[str, Sequence[Any]] = {
    "who": (0, 0, 1, 1, 2),
    "staff": (0, 0, 1),
    "carrier": (3, 3, 4),
    "patient": range(4),
    "maybe_patient": (None, 0, 1, 2),
    "doctor": (0, 1),
    "kind": (0, 1, 2),
    "room": (None, None, 0, 1),
    "start": [day * DAY + minute for day in range(3) for minute in _STARTS],
    "minutes": (None, None, None, 5, 20, 35, 60, 721),
    "length": (5, 20, 40, 60),
    "choice": range(10**6),
    "other": range(10**6),
    "later": (0, 0, 10),
    "gap": (0, 20, 40, 60, DAY),
    "desk": ("a", "b"),
    "yes": (False, True),
    "sometimes": (False, False, False, True),
    "name": sorted(STEPS),
    "count": (1, 2, 3, 4),
    "scope": ("this", "following", "all"),
    "days": (-1, 0, 1, 2),
    "minute": (None, *_STARTS[:6]),
    "lasting": (-60, 60, 200),
    "week": (0, 1, 2, 3),
    "kept": (1, 2, 3),
    "gone": (2, 3),
    "goes_by": (1, 2, 4, 20, 40, 120),
}
"""Out of what each argument of an operation is drawn, by its name."""
_OPERATIONS: list[tuple[Callable[..., None], tuple[str, ...]]] = []
_FIRST = 15
_SELDOM = 8
"""Steps between two looks at what costs more to see than the step does."""


def drawn(weight: int = 1) -> Callable[[Callable[..., None]], Any]:
    """Make a rule of a method whose arguments are drawn; the weight is that among a walk's."""

    def of(method: Callable[..., None]) -> Any:
        names = tuple(signature(method).parameters)[1:]
        _OPERATIONS.extend([(method, names)] * weight)
        strategies: dict[str, Any] = {name: st.sampled_from(DRAWN[name]) for name in names}
        return rule(**strategies)(method)  # type: ignore[no-untyped-call]

    return of


@dataclass(frozen=True, slots=True)
class Given:
    """What all machines of a run start from: a way to a fresh clinic, and who there is in it."""

    open: Callable[[], Database]
    close: Callable[[Database], None]
    clinic: SmallClinic
    staff: tuple[Actor, ...]
    """Four. The first was granted to overbook and to step back; the last two never undo."""
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often which operation came to what."""


def instant_of(minute: int) -> datetime:
    """The instant of a minute of the model. No clocks change in its weeks."""
    return _MIDNIGHT + minute * _MINUTE


def minute_of(at: datetime) -> int:
    """The other way round."""
    return (at - _MIDNIGHT) // _MINUTE


def book_as_it_is(session: Session) -> dict[int, Visit]:
    """Every appointment, in the words of the model."""
    return {
        row.id: Visit(
            row.patient_id,
            row.doctor_id,
            row.visit_type_id,
            row.room_id,
            minute_of(row.starts_at),
            minute_of(row.ends_at),
            minute_of(row.starts_at) - minute_of(row.blocked_from),
            minute_of(row.blocked_until) - minute_of(row.ends_at),
            row.status.value,
            row.sequence,
            row.overbooked,
            row.held_by,
            row.held_desk,
            None if row.held_until is None else minute_of(row.held_until),
        )
        for row in session.execute(select(_APPOINTMENTS))
    }


def machine_of(given: Given) -> type[BookMachine]:
    """The machine for one kind of database."""

    class OfThisRun(BookMachine):
        world = given

    return OfThisRun


class BookMachine(RuleBasedStateMachine):
    """Two doctors, two rooms, four patients, five accounts, three days: everybody meets."""

    world: Given

    def __init__(self) -> None:
        super().__init__()
        self.database = self.world.open()
        clinic = self.world.clinic
        self.doctors = (clinic.lee, clinic.okafor)
        self.patients = (clinic.maria, clinic.jonas, clinic.sam, clinic.ozlem)
        self.kinds = (clinic.follow_up, clinic.new_patient, clinic.vaccination)
        self.rooms = (clinic.room_one, clinic.room_two)
        self.actors = (*self.world.staff[:2], clinic.patient, *self.world.staff[2:])
        self.who = (
            Who(self.actors[0].account_id, granted=True),
            Who(self.actors[1].account_id),
            Who(self.actors[2].account_id, patient=clinic.maria),
            *(Who(one.account_id) for one in self.actors[3:]),
        )
        self.book = Book(
            {
                clinic.follow_up: (20, 0, 0),
                clinic.new_patient: (40, 5, 10),
                clinic.vaccination: (10, 0, 0),
            },
            dict.fromkeys(self.doctors, WEEKS[0]),
            minute_of(NOW),
        )
        self.held: list[int] = []
        self.merges: list[int] = []
        self.last: tuple[Any, ...] | None = None
        self.steps = 0

    def teardown(self) -> None:
        self.world.close(self.database)

    @property
    def now(self) -> datetime:
        """The clinic's clock."""
        return instant_of(self.book.now)

    # What every rule does

    def _do(self, name: str, actor: int, operation: Any, *args: Any, **more: Any) -> Any:
        """Run it; what it answers, or the kind of refusal as a string."""
        self.name = name
        try:
            value = self.database.transact(operation, self.actors[actor], *args, **more)
        except ClinicUnavailable as failure:
            raise AssertionError(f"{name}: {failure}") from failure
        except Refusal as refusal:
            self.outcome, value = type(refusal).__name__, None
        else:
            self.outcome = "done"
        self.world.tally[name, self.outcome] += 1
        self.there = self.database.read(book_as_it_is)
        return value

    def _agrees(self, rule_of_model: Callable[..., None], *args: Any, **more: Any) -> None:
        """The model comes to the same, and the book stands as the model says."""
        try:
            rule_of_model(self.book, *args, **more)
        except No as no:
            expected = str(no)
        else:
            expected = "done"
        assert self.outcome == expected, (self.name, self.outcome, expected, args, more)
        self._same_book()

    def _same_book(self) -> None:
        self.book.drop_expired(set(self.there))
        differ = {*self.there.items()} ^ {*self.book.visits.items()}
        assert not differ, (self.name, differ)
        self.steps += 1
        if self.steps % _SELDOM == 0:
            self._nothing_wrong()

    def _nothing_wrong(self) -> None:
        """What no single step shows: nobody overlaps, and everybody has been told."""
        met = self.database.read(overlaps)
        assert met == NO_OVERLAPS, met
        # By a merge a patient comes to have further numbers, at which nobody was told before.
        merged = {one for pair in self.book.merges.values() for one in pair[:2]}
        wrong = [
            one
            for one in self.database.read(untrue, self.now)
            if one[0] != "untold" or self.book.visits[one[1]].patient not in merged
        ]
        assert wrong == [], self.database.read(story, wrong)

    def _visit(self, choice: int) -> int:
        """The number of some visit, mostly one that stands, seldom of none."""
        live = sorted(n for n, one in self.book.visits.items() if self.book.occupies(one))
        known = live if live and choice % 4 else sorted(self.book.visits)
        return known[choice // 4 % len(known)] if known and choice % 50 != 49 else 999_999

    def _carried(self, choice: int) -> int:
        """The number of a visit on some tray, or of any where there is none."""
        carried = sorted(self.book.tray)
        return carried[choice % len(carried)] if carried else self._visit(choice)

    def _room(self, room: int | None) -> int | None:
        return None if room is None else self.rooms[room]

    def _wanted(
        self, patient: int | None, doctor: int, kind: int, room: int | None, start: int,
        minutes: int | None,
    ) -> visit_rules.Wanted:  # fmt: skip
        who = None if patient is None else self.patients[patient]
        return who, self.doctors[doctor], self.kinds[kind], self._room(room), start, minutes

    # Booking

    @initialize(seed=st.integers(0, 2**64))
    def begin(self, seed: int) -> None:
        """Some visits to start from."""
        self.walk(random.Random(seed), _FIRST)

    def walk(self, dice: random.Random, steps: int) -> None:
        """So many operations drawn evenly, which Hypothesis does not do: it likes to repeat."""
        for _ in range(steps):
            operation, names = dice.choice(_OPERATIONS)
            operation(self, **{name: dice.choice(DRAWN[name]) for name in names})
        self._nothing_wrong()

    @drawn(5)
    def book_visit(
        self, who: int, patient: int, doctor: int, kind: int, room: int | None, start: int,
        minutes: int | None, sometimes: bool, choice: int,
    ) -> None:  # fmt: skip
        hold = self.held[choice % len(self.held)] if sometimes and self.held else None
        wanted = self._wanted(patient, doctor, kind, room, start, minutes)
        self._book(who, wanted, hold)

    @drawn(2)
    def book_what_is_held(self, staff: int, patient: int, choice: int, later: int) -> None:
        held = sorted(n for n, one in self.book.visits.items() if one.status == "held")
        if not held:
            return
        number = held[choice % len(held)]
        hold = self.book.visits[number]
        wanted = (
            hold.patient or self.patients[patient], hold.doctor, hold.kind, hold.room,
            hold.start + later, hold.end - hold.start,
        )  # fmt: skip
        self._book(staff, wanted, number)

    def _book(self, who: int, wanted: visit_rules.Wanted, hold: int | None) -> None:
        request = self._request(wanted, hold)
        made = self._do("book", who, booking.book_appointment, request, self.now)
        number = made.appointment_id if made else 0
        self._agrees(visit_rules.book_visit, self.who[who], wanted, hold, number)
        self.last = (who, booking.book_appointment, request, number) if made else None

    def _request(self, wanted: visit_rules.Wanted, hold: int | None) -> booking.BookingRequest:
        patient, doctor, kind, room, start, minutes = wanted
        return booking.BookingRequest(
            doctor, kind, instant_of(start), patient_id=patient, minutes=minutes, room_id=room,
            hold_id=hold,
        )  # fmt: skip

    @drawn()
    def overbook(
        self, who: int, patient: int, doctor: int, kind: int, room: int | None, start: int,
        minutes: int | None,
    ) -> None:  # fmt: skip
        wanted = self._wanted(patient, doctor, kind, room, start, minutes)
        made = self._do(
            "overbook", who, booking.overbook_appointment, self._request(wanted, None), "ill",
            self.now,
        )  # fmt: skip
        number = made.appointment_id if made else 0
        self._agrees(visit_rules.book_visit, self.who[who], wanted, None, number, overbook=True)

    @drawn()
    def same_request_again(self) -> None:
        if self.last is None:
            return
        who, operation, request, number = self.last
        again = self._do("again", who, operation, request, self.now)
        assert self.outcome == "done"
        assert again.appointment_id == number
        self._same_book()

    @drawn(3)
    def hold(
        self, who: int, maybe_patient: int | None, doctor: int, kind: int, room: int | None,
        start: int, desk: str, yes: bool, choice: int,
    ) -> None:  # fmt: skip
        given_up = self.held[choice % len(self.held)] if yes and self.held else None
        wanted = self._wanted(maybe_patient, doctor, kind, room, start, None)
        request = holds.HoldRequest(
            wanted[1], wanted[2], instant_of(start), desk, wanted[0], None, wanted[3], given_up
        )
        made = self._do("hold", who, holds.hold_opening, request, self.now)
        number = made.hold_id if made else 0
        self._agrees(visit_rules.hold, self.who[who], wanted, desk, given_up, number)
        if made:
            self.held.append(number)

    @drawn()
    def renew_or_release(self, staff: int, choice: int, yes: bool) -> None:
        if not self.held:
            return
        number = self.held[choice % len(self.held)]
        if yes:
            self._do("renew", staff, holds.renew_hold, number, self.now)
            self._agrees(visit_rules.renew, self.who[staff], number)
        else:
            self._do("release", staff, holds.release_hold, number, self.now)
            self._agrees(visit_rules.release, self.who[staff], number)

    # Elsewhere

    @drawn(4)
    def move(
        self, who: int, carrier: int, choice: int, doctor: int, room: int | None, start: int,
        length: int, sometimes: bool, yes: bool,
    ) -> None:  # fmt: skip
        on_tray = yes and bool(self.book.tray)
        number = self._carried(choice) if on_tray else self._visit(choice)
        to = (self.doctors[doctor], self._room(room), start, length)
        saw = choice % 3 if sometimes and not on_tray else None
        request = moving.MoveRequest(number, to[0], instant_of(start), length, to[1], saw)
        if on_tray:
            self._do("put_down", carrier, put_down, request, self.now)
            self._agrees(visit_rules.put_down, self.who[carrier], number, *to)
        else:
            self._do("move", who, moving.move_appointment, request, self.now)
            self._agrees(visit_rules.move, self.who[who], number, *to, saw)

    @drawn(2)
    def swap(self, who: int, choice: int, other: int) -> None:
        numbers = self._visit(choice), self._visit(other)
        self._do("swap", who, swap_appointments, SwapRequest(*numbers), self.now)
        self._agrees(visit_rules.swap, self.who[who], *numbers)

    @drawn(3)
    def tray(self, carrier: int, choice: int, sometimes: bool, other: int) -> None:
        if other % 4:
            number = self._visit(choice)
            self._do("lift", carrier, lift, number, self.now, take_over=sometimes)
            self._agrees(visit_rules.lift, self.who[carrier], number, take_over=sometimes)
        else:
            number = self._carried(choice)
            self._do("put_back", carrier, put_back, number, self.now)
            self._agrees(visit_rules.put_back, self.who[carrier], number)

    # A visit's life

    @drawn()
    def cancel(self, who: int, choice: int) -> None:
        number = self._visit(choice)
        request = cancelling.CancelRequest(number, CancelledBy.PATIENT)
        self._do("cancel", who, cancelling.cancel_appointment, request, self.now)
        self._agrees(visit_rules.cancel, self.who[who], number)

    @drawn()
    def reinstate(self, who: int, choice: int) -> None:
        gone = sorted(n for n, one in self.book.visits.items() if one.status == "cancelled")
        number = gone[choice % len(gone)] if gone and choice % 5 else self._visit(choice)
        self._do("reinstate", who, cancelling.reinstate_appointment, number, self.now, new_key())
        self._agrees(visit_rules.reinstate, self.who[who], number)

    @drawn(4)
    def step(self, staff: int, choice: int, name: str) -> None:
        number = self._visit(choice)
        self._do(name, staff, STEPS[name], number, self.now, new_key())
        self._agrees(visit_rules.step, self.who[staff], number, name)

    @drawn(2)
    def step_back(self, staff: int, choice: int) -> None:
        number = self._visit(choice)
        self._do("step_back", staff, flow.step_back, number, self.now, new_key())
        stands = self.there.get(number)
        sequence = stands.sequence if stands else 0
        self._agrees(visit_rules.step_back, self.who[staff], number, sequence)

    # Several

    @drawn()
    def book_series(
        self, who: int, patient: int, doctor: int, kind: int, room: int | None, start: int,
        count: int,
    ) -> None:  # fmt: skip
        wanted = self._wanted(patient, doctor, kind, room, start, None)
        request = series_of_visits.SeriesRequest(
            wanted[0] or 0, wanted[1], wanted[2], day_of(start), start % DAY,
            f"FREQ=DAILY;COUNT={count}", room_id=wanted[3],
        )  # fmt: skip
        made = self._do("book_series", who, series_of_visits.book_series, request, self.now)
        numbers = [one.visit.appointment_id for one in made.visits] if made else [0] * count
        self._agrees(visit_rules.book_series, self.who[who], wanted, range(count), numbers)

    @drawn()
    def move_series(
        self, who: int, choice: int, scope: str, days: int, minute: int | None
    ) -> None:  # fmt: skip
        number = self._of_series(choice)
        request = SeriesMove(number, Scope(scope), minute, days)
        self._do("move_series", who, move_series, request, self.now)
        self._agrees(visit_rules.move_series, self.who[who], number, scope, days, minute)

    @drawn()
    def cancel_series(self, who: int, choice: int, scope: str) -> None:
        number = self._of_series(choice)
        request = SeriesCancel(number, Scope(scope), CancelledBy.CLINIC)
        self._do("cancel_series", who, cancel_series, request, self.now)
        self._agrees(visit_rules.cancel_series, self.who[who], number, scope)

    def _of_series(self, choice: int) -> int:
        known = [number for one in self.book.series for number in one]
        return known[choice % len(known)] if known and choice % 7 else self._visit(choice)

    @drawn()
    def book_together(
        self, who: int, patient: int, doctor: int, kind: int, room: int | None, start: int,
        count: int, gap: int,
    ) -> None:  # fmt: skip
        wanted = [
            self._wanted(patient, (doctor + number) % 2, kind, room, start + number * gap, None)
            for number in range(count)
        ]
        visits = [
            together.VisitTogether(one[1], one[2], instant_of(one[4]), one[5], one[3])
            for one in wanted
        ]
        request = together.TogetherRequest(self.patients[patient], tuple(visits))
        made = self._do("book_together", who, together.book_together, request, self.now)
        numbers = [one.appointment_id for one in made] if made else [0] * len(wanted)
        self._agrees(visit_rules.book_together, self.who[who], wanted, numbers)

    # Hours

    @drawn()
    def add_off(self, staff: int, doctor: int, start: int, lasting: int) -> None:
        whose = self.doctors[doctor]
        between = instant_of(start), instant_of(start + lasting)
        known = self._hours(whose)
        self._do("add_off", staff, time_off.add_time_off, whose, *between, self.now)
        new = self._hours(whose) - known
        number = min((one for what, one in new if what == "off"), default=0)
        self._agrees(
            clinic_rules.add_off, self.who[staff], whose, start, start + lasting, number
        )  # fmt: skip

    @drawn()
    def add_extra(self, staff: int, doctor: int, start: int, lasting: int) -> None:
        whose = self.doctors[doctor]
        clock = start % DAY
        made = self._do(
            "add_extra", staff, hours.add_extra_hours, whose, day_of(start), clock, clock + lasting,
            self.now,
        )  # fmt: skip
        self._agrees(
            clinic_rules.add_extra, self.who[staff], whose, start, start + lasting, made or 0
        )  # fmt: skip

    def _hours(self, *doctors: int) -> set[tuple[str, int]]:
        """The numbers of their time off and extra hours."""
        found = [self.database.read(hours.doctor_hours, self.actors[0], one) for one in doctors]
        off = {("off", one.time_off_id) for each in found for one in each.time_off}
        return off | {("extra", one.extra_hours_id) for each in found for one in each.extra}

    @drawn()
    def remove_hours(self, staff: int, choice: int) -> None:
        rows = [("off", number, one[0]) for number, one in sorted(self.book.off.items())]
        rows += [("extra", number, one[0]) for number, one in sorted(self.book.extra.items())]
        if not rows:
            return
        what, number, doctor = rows[choice % len(rows)]
        remove = time_off.remove_time_off if what == "off" else hours.remove_extra_hours
        self._do(f"remove_{what}", staff, remove, doctor, number, self.now)
        rule_of_model = clinic_rules.remove_off if what == "off" else clinic_rules.remove_extra
        self._agrees(rule_of_model, self.who[staff], doctor, number)

    @drawn()
    def set_weekly(self, doctor: int, week: int) -> None:
        # By one account alone: the same hours set again by another are other rows.
        whose = self.doctors[doctor]
        weekly = tuple(Hours(*one) for one in sorted(WEEKS[week]))
        if self.book.weekly[whose] == WEEKS[week]:
            return
        self._do("set_weekly", 1, hours.set_weekly_hours, whose, weekly, self.now)
        self._agrees(clinic_rules.set_weekly, self.who[1], whose, WEEKS[week])

    # Patients, undo, time

    @drawn()
    def merge(self, kept: int, gone: int) -> None:
        ids = self.patients[kept], self.patients[gone]
        made = self._do("merge", 3, merging.merge_patients, *ids, self.now)
        number = made.merge_id if made else 0
        self._agrees(clinic_rules.merge, self.who[3], *ids, number)
        if made:
            self.merges.append(number)

    @drawn()
    def part(self, choice: int) -> None:
        if not self.merges:
            return
        number = self.merges[-1 - choice % min(2, len(self.merges))]
        self._do("part", 3, merging.part_patients, number, self.now)
        self._agrees(clinic_rules.part, self.who[3], number)

    @drawn(4)
    def undo(self, who: int) -> None:
        known = self._hours(*self.doctors)
        self._do("undo", who, undo.undo_last, self.now, new_key())
        sequences = {number: one.sequence for number, one in self.there.items()}
        number = max((one for _, one in self._hours(*self.doctors) - known), default=0)
        self._agrees(clinic_rules.undo, self.who[who], sequences, number)

    @drawn(3)
    def time_goes_by(self, goes_by: int) -> None:
        self.book.now += goes_by


def day_of(minute: int) -> date:
    """The date of a minute of the model."""
    return NOW.date() + timedelta(days=minute // DAY)
