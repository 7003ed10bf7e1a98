"""What one of sixteen terminals does for a while: anything, to a book that all of them change."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic_tui.domain.access import Actor
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.hours import time_off
from clinic_tui.domain.patients import merging
from clinic_tui.domain.series import series
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.moving import SeriesMove, move_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.undo import undo
from clinic_tui.domain.visits import booking, cancelling, flow, holds, moving
from clinic_tui.domain.visits.requests import new_key
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from clinic_tui.domain.visits.tray import lift, put_down
from clinic_tui.domain.waitlist.accepting import accept_offer
from clinic_tui.domain.waitlist.declining import decline_offer
from clinic_tui.domain.waitlist.offering import OfferRequest, offer_opening
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.races.racing import Lane
from tests.small_clinic import NOW, ZONE, SmallClinic

_STEPS = (flow.arrive, flow.check_in, flow.finish, flow.mark_noshow, flow.step_back)


@dataclass(frozen=True, slots=True)
class Part:
    """Of a history: how many turns everybody has, with which doctors, how many days from now."""

    name: str
    doctors: tuple[int, ...]
    days: range
    turns: int


class Terminal:
    """One of them. It knows the visits that it has seen, and guesses at others' numbers."""

    def __init__(self, lane: Lane, clinic: SmallClinic, patients: list[int], seed: int) -> None:
        self.lane, self.clinic, self.patients = lane, clinic, patients
        self.dice = random.Random(f"{seed} {lane.number}")
        self.newest = self.newest_waiting = 1
        self.held: int | None = None
        self.in_series: list[int] = []
        self.minutes = 0

    @property
    def now(self) -> datetime:
        """Holds run out while it goes on."""
        return NOW + timedelta(minutes=self.minutes)

    def turn(self, part: Part) -> None:
        """Do one thing."""
        self.part, self.doctors = part, part.doctors
        self.minutes += self.dice.random() < 0.3
        weighted = (
            (self.book, 30), (self.move, 12), (self.swap, 6), (self.cancel, 10),
            (self.reinstate, 5), (self.step, 8), (self.hold, 10), (self.undo, 8),
            (self.carry, 4), (self.book_series, 3), (self.change_series, 2), (self.together, 3),
            (self.merge, 1), (self.hours, 1), (self.overbook, 2), (self.wait, 2), (self.offer, 3),
        )  # fmt: skip
        [do] = self.dice.choices(*zip(*weighted, strict=True))
        do()

    def _run(self, operation: Any, *args: Any) -> Any:
        return self.lane.run(operation, *args, key=f"{self.part.name}: {operation.__name__}")

    def _start(self) -> datetime:
        day = NOW.date() + timedelta(days=self.dice.choice(self.part.days))
        return instant(day, 9 * 60 + 5 * self.dice.randrange(36), ZONE)

    def _visit(self) -> int:
        return max(1, self.newest - self.dice.randrange(60))

    def _room(self) -> int | None:
        return self.dice.choice((None, self.clinic.room_one, self.clinic.room_two))

    def _kind(self) -> int:
        return self.dice.choice((self.clinic.follow_up, self.clinic.vaccination))

    def book(self) -> None:
        hold, self.held = self.held, None
        request = booking.BookingRequest(
            self.dice.choice(self.doctors), self._kind(), self._start(),
            patient_id=self.dice.choice(self.patients), room_id=self._room(), hold_id=hold,
        )  # fmt: skip
        made = self._run(booking.book_appointment, request, self.now)
        if made:
            self.newest = made.appointment_id

    def hold(self) -> None:
        request = holds.HoldRequest(
            self.dice.choice(self.doctors), self._kind(), self._start(), str(self.lane.number),
            replaces=self.held,
        )  # fmt: skip
        made = self._run(holds.hold_opening, request, self.now)
        if made:
            self.held = made.hold_id

    def _wish(self) -> moving.MoveRequest:
        doctor = self.dice.choice(self.doctors)
        return moving.MoveRequest(self._visit(), doctor, self._start(), 20, self._room())

    def move(self) -> None:
        self._run(moving.move_appointment, self._wish(), self.now)

    def carry(self) -> None:
        wish = self._wish()
        if self._run(lift, wish.appointment_id, self.now):
            self._run(put_down, wish, self.now)

    def swap(self) -> None:
        self._run(swap_appointments, SwapRequest(self._visit(), self._visit()), self.now)

    def cancel(self) -> None:
        wish = cancelling.CancelRequest(self._visit(), CancelledBy.PATIENT)
        self._run(cancelling.cancel_appointment, wish, self.now)

    def reinstate(self) -> None:
        self._run(cancelling.reinstate_appointment, self._visit(), self.now, new_key())

    def step(self) -> None:
        """On the morning of some day, or when everything has begun."""
        day = NOW.date() + timedelta(days=self.dice.choice(self.part.days))
        when = self.dice.choice((instant(day, 8 * 60, ZONE), NOW + timedelta(days=30)))
        self._run(self.dice.choice(_STEPS), self._visit(), when, new_key())

    def undo(self) -> None:
        self._run(undo.undo_last, self.now, new_key())

    def book_series(self) -> None:
        start = self._start()
        request = series.SeriesRequest(
            self.dice.choice(self.patients), self.dice.choice(self.doctors), self._kind(),
            start.date(), start.hour * 60 + 60 + start.minute, "FREQ=DAILY;COUNT=2",
        )  # fmt: skip
        made = self._run(series.book_series, request, self.now)
        if made:
            self.in_series += [one.visit.appointment_id for one in made.visits]

    def change_series(self) -> None:
        if not self.in_series:
            return
        visit = self.dice.choice(self.in_series)
        if self.dice.random() < 0.5:
            wish = SeriesMove(visit, Scope.ALL, minute=9 * 60 + 5 * self.dice.randrange(36))
            self._run(move_series, wish, self.now)
        else:
            self._run(cancel_series, SeriesCancel(visit, Scope.ALL, CancelledBy.CLINIC), self.now)

    def together(self) -> None:
        start = self._start()
        visits = tuple(
            VisitTogether(doctor, self._kind(), start + timedelta(minutes=20 * number))
            for number, doctor in enumerate((self.dice.choice(self.doctors), self.doctors[-1]))
        )
        request = TogetherRequest(self.dice.choice(self.patients), visits)
        self._run(book_together, request, self.now)

    def overbook(self) -> None:
        request = booking.BookingRequest(
            self.dice.choice(self.doctors), self._kind(), self._start(),
            patient_id=self.dice.choice(self.patients),
        )  # fmt: skip
        self._run(booking.overbook_appointment, request, "in pain", self.now)

    def wait(self) -> None:
        wish = Wish(self.dice.choice(self.patients), self._kind(), self.doctors)
        self.newest_waiting = self._run(add_to_waitlist, wish, self.now) or self.newest_waiting

    def offer(self) -> None:
        entry = max(1, self.newest_waiting - self.dice.randrange(4))
        request = OfferRequest(entry, self.dice.choice(self.doctors), self._start())
        if made := self._run(offer_opening, request, self.now):
            answer = self.dice.choice((accept_offer, accept_offer, decline_offer))
            self._run(answer, made.offer_id, self.now, new_key())

    def merge(self) -> None:
        pair = self.dice.sample(self.patients[-4:], 2)
        made = self._run(merging.merge_patients, *pair, self.now)
        if made:
            self._run(merging.part_patients, made.merge_id, self.now)

    def hours(self) -> None:
        doctor, start = self.dice.choice(self.doctors), self._start()
        self._run(time_off.add_time_off, doctor, start, start + timedelta(minutes=20), self.now)
        self._run(undo.undo_last, self.now, new_key())


def live(
    lane: Lane, clinic: SmallClinic, desks: list[Actor], patients: list[int], parts: list[Part],
    seed: int,
) -> None:  # fmt: skip
    """Do so many things, one after another."""
    lane.desk.sign_in_as(desks[lane.number])
    terminal = Terminal(lane, clinic, patients, seed)
    for part in parts:
        for _ in range(part.turns):
            terminal.turn(part)
