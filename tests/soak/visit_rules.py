"""The model's operations on visits: each changes the book, or says no and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .book_model import (
    AHEAD,
    BACK,
    DAY,
    HOLD_FOR,
    MOVABLE,
    STEPS,
    Book,
    No,
    Visit,
    Who,
    may_book,
    moved,
    new_status,
    place,
    refuse_closed,
    refuse_taken,
)

Wanted = tuple[int | None, int, int, int | None, int, int | None]
"""Patient, doctor, visit type, room, start, minutes."""


def _new(book: Book, who: Who, wanted: Wanted, number: int, visit: Visit) -> None:
    book.visits[number] = replace(visit, status=new_status(who))
    book.did(who, {number: None})


def book_visit(
    book: Book, who: Who, wanted: Wanted, hold: int | None, number: int, *, overbook: bool = False
) -> None:
    """Book; the hold that is named, run out or not, becomes the visit and is nobody's obstacle."""
    if overbook and not who.granted:
        raise No("NotPermitted")
    may_book(who, wanted[0])
    visit = replace(place(book, *wanted), overbooked=overbook)
    if not overbook:
        refuse_closed(book, visit)
    held = book.visits.get(hold) if hold is not None else None
    mine = held is not None and held.status == "held" and held.holder == who.account
    refuse_taken(book, visit, *([hold] if mine and hold is not None else []))
    _new(book, who, wanted, number, visit)


def hold(
    book: Book, who: Who, wanted: Wanted, desk: str, replaces: int | None, number: int
) -> None:
    """Keep an opening; one for each desk, the same one again is renewed."""
    may_book(who, wanted[0])
    visit = place(book, *wanted)
    visit = replace(
        visit, status="held", holder=who.account, desk=desk, until=book.now + HOLD_FOR
    )  # fmt: skip
    refuse_closed(book, visit)
    mine = {
        one: there
        for one, there in book.visits.items()
        if there.status == "held" and (there.holder, there.desk) == (who.account, desk)
    }
    kind = wanted[2]
    for one, there in mine.items():
        if replace(there, until=visit.until, kind=kind) == visit:
            book.visits[one] = replace(there, until=visit.until)
            return
    if any(book.occupies(there) and one != replaces for one, there in mine.items()):
        raise No("HoldsAlready")
    refuse_taken(book, visit, *mine)
    for one in mine:
        del book.visits[one]
    book.visits[number] = visit


def renew(book: Book, who: Who, number: int) -> None:
    """Let a hold stand on, also one that has run out and is still there."""
    _own_hold(book, who, number)
    book.visits[number] = replace(book.visits[number], until=book.now + HOLD_FOR)


def release(book: Book, who: Who, number: int) -> None:
    """Give an opening back."""
    _own_hold(book, who, number)
    del book.visits[number]


def _own_hold(book: Book, who: Who, number: int) -> None:
    found = book.visits.get(number)
    if found is None or found.status != "held":
        raise No("NotFound")
    if found.holder != who.account:
        raise No("NotPermitted")


def _movable(book: Book, who: Who, number: int) -> Visit:
    visit = book.find(number, who)
    if visit.status not in MOVABLE:
        raise No("WrongStatus")
    return visit


def move(
    book: Book, who: Who, number: int, doctor: int, room: int | None, start: int, minutes: int,
    seen: int | None,
) -> None:  # fmt: skip
    """The same visit elsewhere."""
    visit = _movable(book, who, number)
    if seen not in (None, visit.sequence):
        raise No("ChangedMeanwhile")
    there = _elsewhere(book, who, visit, doctor, room, start, minutes)
    refuse_taken(book, there, number)
    book.visits[number] = there
    book.did(who, {number: visit})


def _elsewhere(
    book: Book, who: Who, visit: Visit, doctor: int, room: int | None, start: int, minutes: int
) -> Visit:
    if not 5 <= minutes <= 720 or start + minutes <= book.now:
        raise No("BadInput")
    there = moved(who, visit, doctor=doctor, room=room, start=start, end=start + minutes)
    stays = replace(there, status=visit.status, sequence=visit.sequence) == visit
    if stays:
        raise No("BadInput")
    refuse_closed(book, there)
    return there


def swap(book: Book, who: Who, one: int, other: int) -> None:
    """Two change doctor, start and room; each keeps its length and buffers."""
    if one == other:
        raise No("BadInput")
    found = {number: book.find(number, who) for number in sorted((one, other))}
    for number in (one, other):
        if found[number].status not in MOVABLE:
            raise No("WrongStatus")
    pairs = [(one, found[other]), (other, found[one])]
    there = {}
    for number, target in sorted(pairs, key=lambda pair: pair[1].doctor):
        mover = found[number]
        minutes = mover.end - mover.start
        there[number] = _elsewhere(
            book, who, mover, target.doctor, target.room, target.start, minutes
        )
    with book.all_or_nothing():
        for number in (one, other):
            refuse_taken(book, there[number], one, other)
        book.visits.update(there)
        refuse_taken(book, there[one], one)
    book.did(who, {one: found[one], other: found[other]})


def lift(book: Book, who: Who, number: int, *, take_over: bool) -> None:
    """Onto one's tray: nobody else's meanwhile."""
    visit = _movable(book, who, number)
    carrier = book.tray.get(number)
    if carrier is not None and carrier[0] != who.account and not take_over:
        raise No("CarriedAlready")
    book.tray[number] = (who.account, visit.sequence)


def put_down(
    book: Book, who: Who, number: int, doctor: int, room: int | None, start: int, minutes: int
) -> None:
    """Move a visit off one's tray; refused, it stays there."""
    visit = _movable(book, who, number)
    _carried(book, who, number)
    if book.tray[number][1] != visit.sequence:
        raise No("ChangedMeanwhile")
    move(book, who, number, doctor, room, start, minutes, None)
    del book.tray[number]


def put_back(book: Book, who: Who, number: int) -> None:
    """Off the tray; it stood where it stood all the time."""
    book.find(number, who)
    _carried(book, who, number)
    del book.tray[number]


def _carried(book: Book, who: Who, number: int) -> None:
    if book.tray.get(number, (None,))[0] != who.account:
        raise No("NotFound")


def cancel(book: Book, who: Who, number: int) -> None:
    """Its time is free at once."""
    visit = _movable(book, who, number)
    book.visits[number] = replace(visit, status="cancelled", sequence=visit.sequence + 1)
    book.did(who, {number: visit})


def reinstate(book: Book, who: Who, number: int) -> None:
    """A cancelled visit back where it stood, as an ordinary one."""
    visit = book.find(number, who)
    if visit.status != "cancelled":
        raise No("WrongStatus")
    if visit.end <= book.now:
        raise No("BadInput")
    back = replace(
        visit, status=new_status(who), sequence=visit.sequence + 1, overbooked=False
    )  # fmt: skip
    refuse_closed(book, back)
    refuse_taken(book, back, number)
    book.visits[number] = back
    book.did(who, {number: visit})


def step(book: Book, who: Who, number: int, name: str) -> None:
    """A step of a visit's day; none of those on an earlier day, no no-show before it began."""
    visit = book.find(number, who)
    allowed, to = STEPS[name]
    if visit.status not in allowed:
        raise No("WrongStatus")
    early = visit.start > book.now
    if name == "noshow" and early:
        raise No("WrongStatus")
    here = name in ("arrive", "check_in", "finish")
    if here and early and book.now // DAY < visit.start // DAY:
        raise No("WrongStatus")
    book.visits[number] = replace(visit, status=to)
    book.did(who, {number: visit})


def step_back(book: Book, who: Who, number: int, sequence: int) -> None:
    """The last step back; who had not shown up stands again only where that is free.

    ``sequence`` is what the visit's counter came to: it counts on where something had to be said.
    """
    if not who.granted:
        raise No("NotPermitted")
    visit = book.find(number, who)
    if visit.status not in BACK:
        raise No("WrongStatus")
    back = replace(visit, status=BACK[visit.status], sequence=sequence)
    if visit.status == "noshow":
        refuse_taken(book, back, number)
    book.visits[number] = back
    book.did(who, {number: visit})


def book_series(
    book: Book, who: Who, wanted: Wanted, days: Sequence[int], numbers: Sequence[int]
) -> None:
    """Each of the days or none; the first that does not fit says why."""
    may_book(who, wanted[0])
    place(book, *wanted[:4], book.now + 1, wanted[5])
    if wanted[4] // DAY < book.now // DAY:
        raise No("BadInput")
    new = []
    for day in days:
        visit = place(book, *wanted[:4], wanted[4] + day * DAY, wanted[5])
        refuse_closed(book, visit)
        refuse_taken(book, visit)
        new.append(visit)
    _add_all(book, who, new, numbers)
    book.series.append(list(numbers))


def book_together(book: Book, who: Who, wanted: Sequence[Wanted], numbers: Sequence[int]) -> None:
    """Two or three on one day: all of them fit, or none is booked."""
    for one in wanted:
        may_book(who, one[0])
    if not 2 <= len(wanted) <= 3:
        raise No("BadInput")
    new = []
    for one in wanted:
        visit = place(book, *one)
        refuse_closed(book, visit)
        new.append(visit)
    if len({visit.start // DAY for visit in new}) > 1:
        raise No("BadInput")
    _add_all(book, who, new, numbers)


def _add_all(book: Book, who: Who, new: Sequence[Visit], numbers: Sequence[int]) -> None:
    with book.all_or_nothing():
        for temporary, visit in enumerate(new):
            refuse_taken(book, visit)
            book.visits[-1 - temporary] = replace(visit, status=new_status(who))
    for temporary, number in enumerate(numbers):
        book.visits[number] = book.visits.pop(-1 - temporary)
    book.did(who, dict.fromkeys(numbers))


def _meant(book: Book, who: Who, number: int, scope: str) -> list[int]:
    """Those of the series that are still ahead, in its order."""
    book.find(number, who)
    series = next((one for one in book.series if number in one), None)
    if series is None:
        raise No("NotFound")
    those = {"this": [number], "following": series[series.index(number) :], "all": series}[scope]
    ahead = [
        one
        for one in those
        if book.visits[one].status in AHEAD and book.visits[one].start > book.now
    ]
    if not ahead:
        raise No("WrongStatus")
    return ahead


def move_series(
    book: Book, who: Who, number: int, scope: str, days: int, minute: int | None
) -> None:
    """Each of them some days on, or to another time of its day."""
    there: dict[int, Visit] = {}
    for one in _meant(book, who, number, scope):
        visit = book.visits[one]
        clock = visit.start % DAY if minute is None else minute
        start = visit.start // DAY * DAY + days * DAY + clock
        end = start + visit.end - visit.start
        if end <= book.now:
            raise No("BadInput")
        if start != visit.start:
            there[one] = moved(who, visit, start=start, end=end)
    if not there:
        raise No("BadInput")
    for visit in there.values():
        refuse_closed(book, visit)
        refuse_taken(book, visit, *there)
    before = {one: book.visits[one] for one in there}
    with book.all_or_nothing():
        book.visits.update(there)
        for one, visit in there.items():
            refuse_taken(book, visit, one)
    book.did(who, dict(before))


def cancel_series(book: Book, who: Who, number: int, scope: str) -> None:
    """All of them that are ahead."""
    before: dict[int, Visit | None] = {}
    for one in _meant(book, who, number, scope):
        visit = before[one] = book.visits[one]
        book.visits[one] = replace(visit, status="cancelled", sequence=visit.sequence + 1)
    book.did(who, before)
