"""Bookings share a doctor's hours; whoever changes them waits for these and keeps others out.

A lock of PostgreSQL's own kind for applications, because it is taken in turn. Rows are not: with
bookings coming and going, each of them holding the doctor's row FOR KEY SHARE, a change of hours
that wanted it FOR UPDATE was passed again and again, and gave up after three seconds. On SQLite
one writer at a time does the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Integer, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ..errors import NotFound
from ..models import Doctor, table

_DOCTORS = table(Doctor)
_HOURS = 7422
"""What this clinic's locks on hours are called, beside the doctor's number."""


class hours_kept(FunctionElement[Any]):  # noqa: N801 - named like the SQL function it is
    """In a query that finds a doctor by id: the hours stay as they are until the commit.

    What is read of them by the queries after it is what holds.
    """

    inherit_cache = True


@compiles(hours_kept, "postgresql")
def _in_postgresql(element: hours_kept, compiler: SQLCompiler, **options: Any) -> str:
    doctor = compiler.process(element.clauses, **options)
    return f"pg_advisory_xact_lock_shared({_HOURS}, {doctor})"


@compiles(hours_kept, "sqlite")
def _in_sqlite(_element: hours_kept, _compiler: SQLCompiler, **_options: Any) -> str:
    return "NULL"


def lock_hours(session: Session, doctor_id: int) -> None:
    """Wait for bookings that have read this doctor's hours, and keep new ones waiting.

    Refused with ``NotFound`` where there is no such doctor.
    """
    require_doctor(session, doctor_id)
    lock_hours_of_all(session, [doctor_id])


def lock_hours_of_all(session: Session, doctor_ids: Iterable[int]) -> None:
    """The same for several doctors, always by number: nobody crosses another who does so."""
    numbers = sorted(set(doctor_ids))
    if numbers and session.get_bind().dialect.name == "postgresql":
        doctors = func.unnest(literal(numbers, ARRAY(Integer))).column_valued("d")
        session.execute(select(func.pg_advisory_xact_lock(_HOURS, doctors))).all()


def require_doctor(session: Session, doctor_id: int) -> None:
    """Refuse with ``NotFound`` where there is no such doctor, retired or not."""
    if session.scalar(select(_DOCTORS.c.id).where(_DOCTORS.c.id == doctor_id)) is None:
        raise NotFound("There is no such doctor.")
