"""The rules of the appointment book once more, in plain Python: who stands where, and who may.

Written from PRODUCT.md and not from the program, and as simply as can be: time is a number of
minutes since the midnight before the first day, hours are asked minute by minute, everybody is
compared with everybody. Nothing of ``clinic_tui`` is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

DAY = 1440
GRID = 5
"""All times of the model lie on it, so that hours need asking no oftener."""
HOLD_FOR = 3
LIVE = frozenset({"held", "pending", "booked", "arrived", "checked-in", "fulfilled"})
MOVABLE = ("pending", "booked", "arrived")
AHEAD = ("pending", "booked")
UNFINISHED = ("pending", "booked", "arrived", "checked-in")
STEPS = {
    "arrive": (("booked",), "arrived"),
    "check_in": (("booked", "arrived"), "checked-in"),
    "finish": (("arrived", "checked-in"), "fulfilled"),
    "noshow": (("booked",), "noshow"),
    "confirm": (("pending",), "booked"),
}
BACK = {
    "arrived": "booked",
    "checked-in": "arrived",
    "fulfilled": "checked-in",
    "noshow": "booked",
}


class No(Exception):
    """The rules say no; ``str()`` is the kind of refusal."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit or a hold, as the book shows it."""

    patient: int | None
    doctor: int
    kind: int
    room: int | None
    start: int
    end: int
    before: int
    after: int
    status: str
    sequence: int = 0
    overbooked: bool = False
    holder: int | None = None
    desk: str | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """An account: staff may do everything here, a patient only what is their own."""

    account: int
    patient: int | None = None
    granted: bool = False
    """To overbook and to step back."""


@dataclass(slots=True)
class Step:
    """What somebody did and can take back.

    ``visits`` has, by number, how each was found (None: not at all) and was left: status,
    sequence, patient. ``rows`` are hours: whose, what was found and what was left.
    """

    at: int
    visits: dict[int, tuple[Visit | None, tuple[str, int, int | None]]]
    rows: tuple[str, int, object, object] | None = None
    stranded: frozenset[int] = frozenset()
    off: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Whose tray a visit was taken off with it."""
    undone: bool = False


@dataclass(slots=True)
class Book:
    """The clinic's book. ``lengths`` has by visit type the minutes and the two buffers."""

    lengths: dict[int, tuple[int, int, int]]
    weekly: dict[int, frozenset[tuple[int, int, int]]]
    now: int
    visits: dict[int, Visit] = field(default_factory=dict)
    off: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    extra: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    series: list[list[int]] = field(default_factory=list)
    tray: dict[int, tuple[int, int]] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    merges: dict[int, tuple[int, int, frozenset[int]]] = field(default_factory=dict)
    reversed: set[int] = field(default_factory=set)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Leave everything as it was where the rules say no on the way."""
        before = dict(self.visits)
        try:
            yield
        except No:
            self.visits = before
            raise

    def open(self, doctor: int, minute: int) -> bool:
        """Whether the doctor works in that minute."""
        weekday, clock = (minute // DAY) % 7, minute % DAY
        worked = any(
            day == weekday and start <= clock < end for day, start, end in self.weekly[doctor]
        ) or any(one == doctor and s <= minute < e for one, s, e in self.extra.values())
        away = any(one == doctor and s <= minute < e for one, s, e in self.off.values())
        return worked and not away

    def works(self, doctor: int, start: int, end: int) -> bool:
        """Whether the doctor works in every minute of it."""
        return all(self.open(doctor, minute) for minute in range(start, end, GRID))

    def occupies(self, visit: Visit) -> bool:
        """Whether it takes up time now: a hold only until it runs out."""
        return visit.status in LIVE and (visit.until is None or visit.until > self.now)

    def clashes(self, visit: Visit, besides: frozenset[int] = frozenset()) -> bool:
        """Whether somebody stands in the way of it."""
        return any(
            number not in besides and self.occupies(other) and meet(visit, other)
            for number, other in self.visits.items()
        )

    def stranded(self, doctor: int) -> frozenset[int]:
        """The coming visits outside the doctor's hours."""
        return frozenset(
            number
            for number, one in self.visits.items()
            if one.doctor == doctor
            and one.status in UNFINISHED
            and one.end > self.now
            and not self.works(doctor, one.start, one.end)
        )

    def find(self, number: int, who: Who) -> Visit:
        """The visit, if it is somebody's who may; else no."""
        found = self.visits.get(number)
        if found is None:
            raise No("NotPermitted" if who.patient else "NotFound")
        may_book(who, found.patient)
        return found

    def drop_expired(self, still_there: set[int]) -> None:
        """A hold that ran out may leave the book whenever anybody changes it."""
        for number, one in list(self.visits.items()):
            if one.status == "held" and number not in still_there and not self.occupies(one):
                del self.visits[number]

    def did(self, who: Who, before: dict[int, Visit | None]) -> None:
        """Remember how those visits were found, and are now; who cannot move is carried no more."""
        visits = {}
        for number, found in before.items():
            status, sequence, patient = left(self.visits[number])
            # Whoever it is for by now, a visit that was made can be taken back.
            visits[number] = (found, (status, sequence, patient if found else None))
        off = self.take_off(before)
        self.steps.setdefault(who.account, []).append(Step(self.now, visits, off=off))

    def take_off(self, numbers: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Of those visits, off their trays what cannot be moved any more; whose they were."""
        return {
            one: self.tray.pop(one)
            for one in numbers
            if one in self.tray and self.visits[one].status not in MOVABLE
        }


def meet(one: Visit, other: Visit) -> bool:
    """Whether two cannot both stand: same doctor (buffers too), patient or room, at one time."""
    visits_meet = one.start < other.end and other.start < one.end
    blocks_meet = (
        one.start - one.before < other.end + other.after
        and other.start - other.before < one.end + one.after
    )
    if one.doctor == other.doctor and blocks_meet and not (one.overbooked or other.overbooked):
        return True
    same_patient = one.patient is not None and one.patient == other.patient
    same_room = one.room is not None and one.room == other.room
    return visits_meet and (same_patient or same_room)


def left(visit: Visit) -> tuple[str, int, int | None]:
    """What tells whether somebody has changed a visit since."""
    return visit.status, visit.sequence, visit.patient


def may_book(who: Who, patient: int | None) -> None:
    """No, where a patient asks for somebody else's."""
    if who.patient is not None and who.patient != patient:
        raise No("NotPermitted")


def new_status(who: Who) -> str:
    """What a visit is that they book: a patient only asks for it."""
    return "pending" if who.patient is not None else "booked"


def place(
    book: Book, patient: int | None, doctor: int, kind: int, room: int | None, start: int,
    minutes: int | None,
) -> Visit:  # fmt: skip
    """Where such a visit would stand; no, where it would be over or be too short or long."""
    if patient in book.merged:
        raise No("NotFound")
    usual, before, after = book.lengths[kind]
    length = usual if minutes is None else minutes
    if not 5 <= length <= 720 or start + length <= book.now:
        raise No("BadInput")
    return Visit(patient, doctor, kind, room, start, start + length, before, after, "booked")


def refuse_closed(book: Book, visit: Visit) -> None:
    """No, outside the doctor's hours."""
    if not book.works(visit.doctor, visit.start, visit.end):
        raise No("OutsideHours")


def refuse_taken(book: Book, visit: Visit, *besides: int) -> None:
    """No, where somebody stands."""
    if book.clashes(visit, frozenset(besides)):
        raise No("SlotTaken")


def moved(who: Who, visit: Visit, **to: int | None) -> Visit:
    """The visit elsewhere: an ordinary one, a request if its patient moves it."""
    there = replace(visit, **to, sequence=visit.sequence + 1, overbooked=False)  # type: ignore[arg-type]
    if who.patient is not None:
        return replace(there, status="pending")
    if visit.status == "arrived" and there.start // DAY != visit.start // DAY:
        return replace(there, status="booked")
    return there
