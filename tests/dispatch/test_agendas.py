"""A doctor's day by e-mail: once, at the clinic's hour, as the day is when it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.clinic.message_settings import change_message_settings, message_settings
from clinic_tui.domain.codes import NoticeKind, Status
from clinic_tui.domain.errors import WrongStatus
from clinic_tui.domain.messages.notices import retry_message
from clinic_tui.domain.messages.previews import preview_message
from clinic_tui.domain.models import Clinic, Doctor, table
from clinic_tui.domain.staff.agendas import agendas_due, queue_agendas, set_agenda_wanted
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.mail_settings import MailSettings
from tests.domain.given import APPOINTMENTS, add_visit, at, at_once
from tests.small_clinic import NOW, SmallClinic

from .mail_server import Handler, mail_server
from .queued import rows

MORNING = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
"""6:30 in Berlin."""


def tell_at(session: Session, clinic: SmallClinic, minute: int | None) -> None:
    wanted = replace(message_settings(session, clinic.admin), agenda_minute=minute)
    change_message_settings(session, clinic.admin, wanted, NOW)


def full_day(session: Session, clinic: SmallClinic) -> int:
    """Lee sees two people and somebody cancelled, Okafor has no address, Park sees nobody."""
    tell_at(session, clinic, 390)
    session.execute(update(table(Clinic)).values(quiet_from=0, quiet_until=1439))
    add_visit(session, clinic, at("11:00"), room_id=clinic.room_two)
    last = add_visit(session, clinic, at("15:00"))
    add_visit(session, clinic, at("09:00"), status=Status.CANCELLED)
    add_visit(session, clinic, at("10:00"), doctor_id=clinic.okafor)
    add_visit(session, clinic, at("10:00", 1), doctor_id=clinic.park)
    return last


def change_visit(session: Session, /, visit_id: int, **values: Any) -> None:
    session.execute(update(APPOINTMENTS).where(APPOINTMENTS.c.id == visit_id).values(values))


def deliver(database: Database, settings: MailSettings, now: datetime) -> int:
    return run_all(database, [Email(settings)], "a", lambda: now).sent


def test_each_doctor_hears_once_of_the_day_as_it_is(
    clinic: SmallClinic, database: Database
) -> None:
    """Quiet hours or not; queued by whoever looks first; and nothing of whom they see."""
    last = database.transact(full_day, clinic)
    handler = Handler()
    with mail_server(handler) as settings:
        assert deliver(database, settings, MORNING - timedelta(minutes=1)) == 0
        assert sorted(at_once(database, *[(queue_agendas, MORNING)] * 4)) == [0, 0, 0, 1]
        (queued,) = database.read(rows)
        moved = {"starts_at": at("16:00"), "ends_at": at("16:30")}
        blocked = {"blocked_from": at("16:00"), "blocked_until": at("16:30")}
        database.transact(change_visit, last, **moved, **blocked)
        shown = database.read(preview_message, clinic.doctor_lee, queued.id)
        for minutes in (0, 1, 60, -60):  # Also with a clock that is put on, or put back.
            deliver(database, settings, MORNING + timedelta(minutes=minutes))
    ((to, message),) = handler.taken
    assert to == ["lee@example.org"]
    assert message["Subject"] == "Your day: Monday 23 November 2026 (2)"
    body = message.get_content()
    assert body.splitlines()[2:4] == ["11:00–11:20  Room 2", "16:00–16:30"]
    assert "Jonas" not in body
    assert shown.body == "\n".join(body.splitlines())
    (told,) = database.read(rows)
    assert (told.kind, told.status) == (NoticeKind.AGENDA, "sent")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_nobody_hears_of_a_day_that_is_empty_over_or_not_wanted(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(full_day, clinic)

    def queued_after(days: int, minutes: int = 0) -> int:
        return database.transact(queue_agendas, MORNING + timedelta(days, minutes=minutes))

    database.transact(set_agenda_wanted, clinic.doctor_park, clinic.park, False, NOW)
    assert queued_after(1) == 0, "not wanted"
    assert queued_after(2) == 0, "empty"
    assert not database.read(agendas_due, MORNING + timedelta(2, minutes=5))
    assert queued_after(0, 600) == 0, "over"
    assert queued_after(0) == 0, "it was its turn already"
    database.transact(tell_at, clinic, 18 * 60)
    database.transact(set_agenda_wanted, clinic.admin, clinic.park, True, NOW)
    evening = at("18:00")
    assert not database.read(agendas_due, evening - timedelta(minutes=1))
    assert database.transact(queue_agendas, evening) == 1, "of the next day"
    assert not database.read(agendas_due, evening + timedelta(hours=10)), "nor in the night"
    database.transact(set_agenda_wanted, clinic.doctor_park, clinic.park, False, NOW)
    handler = Handler()
    with mail_server(handler) as settings:
        deliver(database, settings, evening)
    assert handler.taken == []
    (row,) = database.read(rows)
    assert (row.status, row.reason) == ("withdrawn", "The doctor does not want it any more.")
    with pytest.raises(WrongStatus, match="does not want it"):
        database.transact(retry_message, clinic.admin, row.id, evening)
    database.transact(tell_at, clinic, None)
    assert not database.read(agendas_due, evening + timedelta(days=1))


def test_a_doctor_takes_back_whether_the_day_is_told(
    clinic: SmallClinic, database: Database
) -> None:
    """It is theirs to change, and so to undo; a colleague's stays whoever's it is."""
    database.transact(set_agenda_wanted, clinic.doctor_park, clinic.park, False, NOW)
    database.transact(set_agenda_wanted, clinic.admin, clinic.lee, False, NOW)
    undone = database.transact(undo_last, clinic.doctor_park, NOW, "u")
    assert undone.operation == "set_agenda_wanted"
    known = table(Doctor)
    wants = select(known.c.wants_agenda).where(known.c.id.in_((clinic.lee, clinic.park)))
    found = database.read(lambda session: session.scalars(wants.order_by(known.c.id)).all())
    assert found == [False, True]
