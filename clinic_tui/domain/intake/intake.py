"""Taking in the rows of another system's file: many rows, one transaction.

A row is refused alone, with its line; the rest goes on. Unless ``partial``, any refusal then
undoes the whole. Who is known by the identifier of the other system is not added again, so that
the same file may be taken in twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..errors import BadInput, Refusal
from ..patients.details import PatientDetails
from ..staff.doctors import DoctorDetails
from ..text import may_be_stored

T = TypeVar("T")
Person = TypeVar("Person", PatientDetails, DoctorDetails)
_BATCH = 500
"""Rows to a round of statements; a few parameters each stay within SQLite's bounds."""
_INTAKE_LOCK = 7422


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row that is left out on purpose, and why: somebody who has died."""

    why: str


@dataclass(frozen=True, slots=True)
class Incoming(Generic[T]):
    """One row of a file: on which line it begins, and what it says or why it cannot be read.

    ``checked`` says that what it says is as it may be stored.
    """

    line: int
    what: T | BadInput | PassedOver
    checked: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its line, the field that is wrong, and a sentence."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file's rows. ``already_there`` are known from an earlier intake.

    ``marked`` are visits in the book of which a file only said whether the patient came.
    """

    added: int
    already_there: int
    passed_over: int
    refused: tuple[RefusedRow, ...]
    marked: int = 0


class RowsRefused(Refusal):
    """Some rows were refused, therefore none was taken; ``taken`` is what would have become."""

    def __init__(self, taken: Taken) -> None:
        count = len(taken.refused)
        rows = "1 row was" if count == 1 else f"{count} rows were"
        super().__init__(f"{rows} refused, therefore nothing was taken in.")
        self.taken = taken


@dataclass(slots=True)
class Tally:
    """Counts as an intake goes along."""

    added: int = 0
    already_there: int = 0
    passed_over: int = 0
    marked: int = 0
    refused: list[RefusedRow] = field(default_factory=list)

    def refuse(self, line: int, refusal: Refusal) -> None:
        """Note a refused row."""
        where = refusal.field if isinstance(refusal, BadInput) else ""
        self.refused.append(RefusedRow(line, where, str(refusal)))

    def taken(self, *, partial: bool) -> Taken:
        """The end of it, refused as a whole if rows were and that matters."""
        in_order = tuple(sorted(self.refused, key=lambda row: row.line))
        taken = Taken(self.added, self.already_there, self.passed_over, in_order, self.marked)
        if in_order and not partial:
            raise RowsRefused(taken)
        return taken


def start_intake(session: Session, actor: Actor) -> Tally:
    """The first step of every intake: permitted, and one at a time, so that two do not add twice.

    SQLite has one writer at a time anyway; PostgreSQL keeps the second waiting, then refuses it.
    """
    require(actor, Permission.IMPORT)
    return one_at_a_time(session)


def one_at_a_time(session: Session) -> Tally:
    """Wait until nobody else takes in a file, and begin to count."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _INTAKE_LOCK})
    return Tally()


def batches(rows: Iterable[Incoming[T]], tally: Tally) -> Iterator[list[tuple[int, T]]]:
    """The readable rows a few hundred at a time; the others are noted."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, _BATCH)):
        readable: list[tuple[int, T]] = []
        for row in chunk:
            if isinstance(row.what, BadInput):
                tally.refuse(row.line, row.what)
            elif isinstance(row.what, PassedOver):
                tally.passed_over += 1
            else:
                readable.append((row.line, row.what))
        yield readable


def known_ids(session: Session, owner: Table, outside_ids: Iterable[str | None]) -> dict[str, int]:
    """Identifiers of another system → ours, of those that are on record."""
    wanted = {one for one in outside_ids if one is not None and may_be_stored(one)}
    query = select(owner.c.outside_id, owner.c.id).where(owner.c.outside_id.in_(wanted))
    return dict(session.execute(query).all())


def not_yet_known(
    session: Session, owner: Table, rows: Sequence[tuple[int, Person]], tally: Tally
) -> list[tuple[int, Person]]:
    """The rows whose identifier nobody has, on record or further up in the file."""
    seen = set(known_ids(session, owner, (details.outside_id for _, details in rows)))
    new = []
    for line, details in rows:
        if details.outside_id in seen:
            tally.already_there += 1
            continue
        if details.outside_id is not None:
            seen.add(details.outside_id)
        new.append((line, details))
    return new


def new_ids(session: Session, owner: Table, count: int) -> list[int]:
    """Numbers for rows to come, so that what belongs to them can be written without asking."""
    if session.get_bind().dialect.name == "postgresql":
        drawn = text(
            "SELECT nextval(pg_get_serial_sequence(:owner, 'id')) FROM generate_series(1, :count)"
        )
        return list(session.scalars(drawn, {"owner": owner.name, "count": count}))
    highest = session.scalar(select(func.max(owner.c.id))) or 0
    return list(range(highest + 1, highest + 1 + count))
