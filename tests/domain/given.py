"""What the tests of the domain start from: instants by the clinic's clock, visits, whole tables."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from threading import Barrier
from typing import Any, TypeVar

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import NoticeStatus, Status
from clinic_tui.domain.errors import Refusal
from clinic_tui.domain.models import Appointment, Base, Notice, table
from clinic_tui.domain.times.walltime import instant
from clinic_tui.domain.visits.booking import BookingRequest
from tests.small_clinic import NOW, ZONE, SmallClinic

APPOINTMENTS, OUTBOX = table(Appointment), table(Notice)
NOBODY = 999_999
"""The id of no row."""
_R = TypeVar("_R", bound=Refusal)


def at(clock: str, day: int = 0, zone: str = ZONE) -> datetime:
    """The instant at which the clinic's clock shows that, ``day`` days after the Monday of NOW."""
    wall = time.fromisoformat(clock)
    return instant(NOW.date() + timedelta(days=day), wall.hour * 60 + wall.minute, zone)


def booking(clinic: SmallClinic, **given: Any) -> BookingRequest:
    """A request: Maria's follow-up with Lee on Monday at 10:00, unless something else is given."""
    wanted: dict[str, Any] = {
        "doctor_id": clinic.lee,
        "visit_type_id": clinic.follow_up,
        "starts_at": at("10:00"),
        "patient_id": clinic.maria,
    }
    return BookingRequest(**(wanted | given))


def add_visit(
    session: Session,
    clinic: SmallClinic,
    starts_at: datetime,
    /,
    *,
    minutes: int = 20,
    before: int = 0,
    after: int = 0,
    **given: Any,
) -> int:
    """A visit written straight into the table, past every check but the database's own."""
    ends_at = starts_at + timedelta(minutes=minutes)
    columns = {
        "doctor_id": clinic.lee,
        "patient_id": clinic.jonas,
        "visit_type_id": clinic.follow_up,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "blocked_from": starts_at - timedelta(minutes=before),
        "blocked_until": ends_at + timedelta(minutes=after),
        "status": Status.BOOKED,
        "overbooked": False,
        "sequence": 0,
        "note": "",
        "cancel_reason": "",
        "created_at": NOW,
    }
    added: int = session.execute(
        insert(APPOINTMENTS).values(columns | given).returning(APPOINTMENTS.c.id)
    ).scalar_one()
    return added


def visit(session: Session, appointment_id: int) -> Any:
    """An appointment's row."""
    return session.execute(select(APPOINTMENTS).where(APPOINTMENTS.c.id == appointment_id)).one()


def told(session: Session, appointment_id: int, *statuses: NoticeStatus) -> list[str]:
    """The messages about a visit as "kind channel", the doctor's with "doctor"; queued ones."""
    rows = session.execute(
        select(OUTBOX)
        .where(
            OUTBOX.c.appointment_id == appointment_id,
            OUTBOX.c.status.in_(statuses or (NoticeStatus.QUEUED,)),
        )
        .order_by(OUTBOX.c.id)
    )
    return sorted(
        f"{row.kind} {row.channel}" + (f" doctor {row.doctor_id}" if row.doctor_id else "")
        for row in rows
    )


def everything(session: Session, *, but: Collection[str] = ()) -> dict[str, list[Any]]:
    """Every row of every table, as the database itself writes them: to be compared, and quickly."""
    connection = session.connection()
    names = [known.name for known in Base.metadata.sorted_tables if known.name not in but]
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        return {name: sorted(driver.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    found: dict[str, list[Any]] = {name: [] for name in names}
    query = " UNION ALL ".join(f"SELECT '{name}', {name}::text FROM {name}" for name in names)
    for name, row in connection.exec_driver_sql(query):
        found[name].append(row)
    return {name: sorted(rows) for name, rows in found.items()}


def at_once(database: Database, *calls: tuple[Any, ...]) -> list[Any]:
    """What several operations answer that begin at the same moment, or the refusal."""
    barrier = Barrier(len(calls))

    def run(call: tuple[Any, ...]) -> Any:
        barrier.wait(timeout=120)
        try:
            return database.transact(*call)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def refused(database: Database, kind: type[_R], operation: Any, *args: Any, **kwargs: Any) -> _R:
    """See the operation refused, with exactly that kind and a sentence, and nothing written."""
    before = database.read(everything)
    with pytest.raises(kind) as caught:
        database.transact(operation, *args, **kwargs)
    assert type(caught.value) is kind
    assert str(caught.value).endswith((".", "!"))
    assert database.read(everything) == before
    return caught.value
