"""What is due and does not leave is said, with the reason, before patients notice it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.messages.breaker import OPENS_AFTER, note_fault, note_well
from clinic_tui.domain.messages.message_list import (
    MessageLine,
    Shown,
    list_messages,
    messages_to_see,
)
from clinic_tui.domain.models import Clinic, table
from tests.small_clinic import NOW, SmallClinic

from .queued import OUTBOX, change, fill

_LATE = NOW + timedelta(minutes=16)
_WAITS = "E-mail has waited since Mon 23 Nov 2026 09:00: no terminal and no worker sends it."


@pytest.fixture
def queued(clinic: SmallClinic, database: Database) -> list[int]:
    """Two e-mails that are due since nine o'clock; one that left yesterday."""
    return database.transact(_fill, clinic)


def _fill(session: Session, clinic: SmallClinic) -> list[int]:
    fill(session, clinic, 3)
    gone, *left = session.scalars(select(OUTBOX.c.id).order_by(OUTBOX.c.id))
    change(session, gone, status=NoticeStatus.SENT, sent_at=NOW - timedelta(days=1))
    return left


def _said(clinic: SmallClinic, database: Database, now: Any = _LATE) -> tuple[str, ...]:
    """To whoever sees all messages; a doctor is told of none of it."""
    assert database.read(messages_to_see, clinic.doctor_lee, now).held_up == ()
    return database.read(messages_to_see, clinic.receptionist, now).held_up


def _set(database: Database, **values: Any) -> None:
    """Of the clinic."""
    database.transact(lambda session: session.execute(update(table(Clinic)).values(values)))


@pytest.mark.usefixtures("queued")
def test_nobody_sends(clinic: SmallClinic, database: Database) -> None:
    """Said when any sender would have looked, and not where it is quiet or has just been."""
    assert _said(clinic, database, NOW + timedelta(minutes=14)) == ()
    assert _said(clinic, database) == (_WAITS,)
    for quiet_until in (9 * 60 + 10, 10 * 60):
        _set(database, quiet_from=21 * 60, quiet_until=quiet_until)
        assert _said(clinic, database) == ()
    assert _said(clinic, database, NOW + timedelta(hours=2)) == (_WAITS,)


def test_what_never_leaves_or_is_not_due_is_not_missed(
    clinic: SmallClinic, database: Database, queued: list[int]
) -> None:
    """A clinic that sends nothing knows it."""
    assert _said(clinic, database, NOW + timedelta(days=8)) == ()
    for number in queued:
        database.transact(change, number, due_at=_LATE + timedelta(minutes=1))
    assert _said(clinic, database) == ()


@pytest.mark.usefixtures("queued")
def test_as_many_as_may_have_left(clinic: SmallClinic, database: Database) -> None:
    _set(database, daily_cap=0)
    assert _said(clinic, database) == ("0 messages have left today: the others leave tomorrow.",)


@pytest.mark.usefixtures("queued")
def test_a_channel_at_rest(clinic: SmallClinic, database: Database) -> None:
    """Until it works again; whatever else is so, that is why."""
    reason = "The mail server does not answer in time."
    database.transact(note_fault, Channel.EMAIL, reason, NOW, OPENS_AFTER - 1)
    assert _said(clinic, database, NOW) == ()
    database.transact(note_fault, Channel.EMAIL, reason, NOW)
    assert _said(clinic, database) == (f"E-mail does not leave for the moment. {reason}",)
    database.transact(note_well, Channel.EMAIL)
    assert _said(clinic, database, NOW) == ()


def test_what_waits_for_the_end_of_quiet_hours_leaves_then(
    clinic: SmallClinic, database: Database, queued: list[int]
) -> None:
    """As it is claimed: a reminder when they are over, a change to a visit that is near at once."""
    reminder, change_ = queued
    near = {"kind": NoticeKind.CHANGED, "starts_at": NOW + timedelta(hours=11)}
    database.transact(change, change_, **near)
    for quiet_from, now, ends in (
        (21 * 60, NOW - timedelta(hours=1), NOW + timedelta(hours=1)),
        (21 * 60, NOW, NOW + timedelta(hours=1)),
        (8 * 60, NOW, NOW + timedelta(hours=1)),
        (21 * 60, NOW + timedelta(hours=13), NOW + timedelta(hours=25)),
    ):
        _set(database, quiet_from=quiet_from, quiet_until=10 * 60)
        lines = database.read(list_messages, clinic.receptionist, Shown.WAITING, now)
        leaves = {line.notice_id: line.due_at for line in lines if isinstance(line, MessageLine)}
        assert leaves == {reminder: ends, change_: NOW}
