"""The model's operations on hours and patients, and undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .book_model import DAY, LIVE, Book, No, Step, Visit, Who, left, refuse_closed, refuse_taken

_KEPT = 20


def add_off(book: Book, who: Who, doctor: int, start: int, end: int, number: int) -> None:
    """Away, whatever stands there."""
    if end <= start or end <= book.now:
        raise No("BadInput")
    _change(book, who, doctor, ("off", number, None, (doctor, start, end)))


def remove_off(book: Book, who: Who, doctor: int, number: int) -> None:
    """Back again."""
    if number not in book.off:
        raise No("NotFound")
    _change(book, who, doctor, ("off", number, book.off[number], None))


def add_extra(book: Book, who: Who, doctor: int, start: int, end: int, number: int) -> None:
    """One more stretch of one date."""
    if end <= start:
        raise No("BadInput")
    _change(book, who, doctor, ("extra", number, None, (doctor, start, end)))


def remove_extra(book: Book, who: Who, doctor: int, number: int) -> None:
    """It is taken back, whatever stands there."""
    if number not in book.extra:
        raise No("NotFound")
    _change(book, who, doctor, ("extra", number, book.extra[number], None))


def set_weekly(book: Book, who: Who, doctor: int, weekly: frozenset[tuple[int, int, int]]) -> None:
    """Other weekly hours, whatever stands there."""
    _change(book, who, doctor, ("weekly", doctor, book.weekly[doctor], weekly))


def _change(book: Book, who: Who, doctor: int, rows: tuple[str, int, object, object]) -> None:
    stranded = book.stranded(doctor)
    _write(book, rows[0], rows[1], rows[3])
    book.steps.setdefault(who.account, []).append(Step(book.now, {}, rows, stranded))


def _write(book: Book, what: str, number: int, value: object) -> None:
    rows = _rows(book, what)
    if value is None:
        del rows[number]
    else:
        rows[number] = value


def _rows(book: Book, what: str) -> dict[int, Any]:
    kept: dict[str, dict[int, Any]] = {
        "off": book.off, "extra": book.extra, "weekly": book.weekly
    }  # fmt: skip
    return kept[what]


def merge(book: Book, who: Who, kept: int, gone: int, number: int) -> None:
    """One record of two, unless they are at two places at one time."""
    if kept == gone:
        raise No("BadInput")
    if kept in book.merged or gone in book.merged:
        raise No("NotFound")
    theirs = {one for one, visit in book.visits.items() if visit.patient == gone}
    mine = [v for v in book.visits.values() if v.patient == kept and book.occupies(v)]
    for one in theirs:
        visit = book.visits[one]
        if book.occupies(visit) and any(
            other.start < visit.end and visit.start < other.end for other in mine
        ):
            raise No("SlotTaken")
    for one in theirs:
        book.visits[one] = replace(book.visits[one], patient=kept)
    book.merged[gone] = kept
    book.merges[number] = (kept, gone, frozenset(theirs))


def part(book: Book, who: Who, number: int) -> None:
    """What had followed goes back."""
    if number not in book.merges:
        raise No("NotFound")
    kept, gone, followed = book.merges[number]
    if number in book.reversed or kept in book.merged:
        raise No("ChangedMeanwhile")
    for one in followed:
        if one in book.visits and book.visits[one].patient == kept:
            book.visits[one] = replace(book.visits[one], patient=gone)
    del book.merged[gone]
    book.reversed.add(number)


def undo(book: Book, who: Who, sequences: dict[int, int], came_back: int) -> None:
    """The newest own step of the last twenty of a day, unless somebody changed it since.

    ``sequences`` are what the visits' counters came to: whether it counts on is a matter of what
    had been said. ``came_back`` is the number of hours that do: another may have theirs.
    """
    steps = [one for one in book.steps.get(who.account, []) if one.at >= book.now - DAY][-_KEPT:]
    last = next((one for one in reversed(steps) if not one.undone), None)
    if last is None:
        raise No("NotFound")
    with book.all_or_nothing():
        _visits_back(book, who, last)
        _rows_back(book, last, came_back)
    last.undone = True
    book.tray = last.off | book.tray
    book.take_off(last.visits)
    for number, (found, was_left) in last.visits.items():
        counted = sequences.get(number, was_left[1])
        book.visits[number] = replace(book.visits[number], sequence=counted)
        if found is None:
            # What was booked as a series is none any more.
            book.series = [one for one in book.series if number not in one]
            continue
        carried = book.tray.get(number)
        if carried is not None and carried[1] == found.sequence:
            book.tray[number] = (carried[0], counted)
        for older in steps:
            if not older.undone and number in older.visits:
                before, theirs = older.visits[number]
                if theirs[:2] == (found.status, found.sequence):
                    older.visits[number] = (before, (theirs[0], counted, theirs[2]))


def _visits_back(book: Book, who: Who, last: Step) -> None:
    going: dict[int, Visit] = {}
    for number, (found, was_left) in last.visits.items():
        visit = book.visits[number]
        status, sequence, patient = was_left
        if left(visit) != (status, sequence, patient or visit.patient):
            raise No("ChangedMeanwhile")
        if found is None:
            if visit.end <= book.now and visit.status in ("pending", "booked"):
                raise No("WrongStatus")
            going[number] = replace(visit, status="entered-in-error")
        elif found.sequence == was_left[1]:
            going[number] = replace(visit, status=found.status, patient=found.patient)
        else:
            going[number] = found
            if found.status in LIVE:
                _may_stand(book, who, found)
    book.visits.update(going)
    for number, visit in going.items():
        if visit.status in LIVE:
            refuse_taken(book, visit, number)


def _may_stand(book: Book, who: Who, visit: Visit) -> None:
    if visit.end <= book.now:
        raise No("BadInput")
    if not visit.overbooked:
        refuse_closed(book, visit)
    elif not who.granted:
        raise No("NotPermitted")


def _rows_back(book: Book, last: Step, came_back: int) -> None:
    if last.rows is None:
        return
    what, number, found, was_left = last.rows
    if was_left is None:
        number = came_back
    elif _rows(book, what).get(number) != was_left:
        raise No("ChangedMeanwhile")
    doctor = number if what == "weekly" else (found or was_left)[0]  # type: ignore[index]
    known = book.stranded(doctor)
    _write(book, what, number, found)
    if book.stranded(doctor) - known - last.stranded:
        _write(book, what, number, was_left)
        raise No("OutsideHours")
