"""What was sent long ago does not slow a claim down, however much it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.dispatch import BATCH, LEASE
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.messages.sending import anything_due, claim
from tests.bench.measure import Report, in_turn, in_words, ratio
from tests.conftest import Templates
from tests.dispatch.queued import OUTBOX, fill
from tests.domain.given import add_visit
from tests.small_clinic import NOW, SmallClinic

_VISITS, _OF_EACH, _DOUBLINGS = 100, 10, 10
_PAST = _VISITS * _OF_EACH * 2**_DOUBLINGS
_ROUNDS = 40
_DOUBLED = """
INSERT INTO outbox (appointment_id, sequence, lead_hours, kind, channel, starts_at, due_at,
  status, attempts, reason, sent_at, message_id, created_at)
SELECT appointment_id, sequence + :step, lead_hours, kind, channel, starts_at, due_at,
  status, attempts, reason, sent_at, (sequence + :step) || '.' || appointment_id, created_at
FROM outbox WHERE status = 'sent'
"""


class _Measured(Exception):
    """Takes a claim back, so that the next one finds the same."""


def fill_past(session: Session, clinic: SmallClinic) -> None:
    """More than a million messages that were sent in the last years."""
    past = []
    for number in range(_VISITS):
        starts_at = NOW - timedelta(days=number + 3)
        visit_id = add_visit(session, clinic, starts_at)
        past += [
            {
                "appointment_id": visit_id,
                "sequence": sequence,
                "kind": NoticeKind.REMINDER,
                "channel": Channel.EMAIL,
                "starts_at": starts_at,
                "due_at": starts_at - timedelta(days=1, minutes=sequence),
                "sent_at": starts_at - timedelta(days=1, minutes=sequence),
                "status": NoticeStatus.SENT,
                "attempts": 1,
                "message_id": f"{sequence}.{visit_id}",
                "created_at": starts_at - timedelta(days=9),
            }
            for sequence in range(_OF_EACH)
        ]
    session.execute(insert(OUTBOX), past)
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    if is_postgresql:  # Nobody listens, and a million are long in the making.
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("ALTER TABLE outbox DISABLE TRIGGER USER"))
    for doubling in range(_DOUBLINGS):
        session.execute(text(_DOUBLED), {"step": _OF_EACH * 2**doubling})
    if is_postgresql:
        session.execute(text("ALTER TABLE outbox ENABLE TRIGGER USER"))
        session.execute(text("ANALYZE outbox"))  # As its autovacuum does, sooner or later.


def claim_and_take_back(session: Session) -> None:
    """A sender's batch, of which nothing stays."""
    claimed = claim(session, "a", Channel.EMAIL, NOW, limit=BATCH, lease=LEASE)
    assert len(claimed) == BATCH
    raise _Measured


def claims(database: Database, _round: int) -> None:
    """What a sender does where much is due."""
    with suppress(_Measured):
        database.transact(claim_and_take_back)


def looks(database: Database, _round: int) -> None:
    """What it does where nothing is."""
    assert not database.read(anything_due, Channel.SMS, NOW)


def compared(
    call: Callable[[Database, int], None], empty: Database, full: Database
) -> tuple[float, str]:
    """How many times longer it takes beside the past."""
    times = in_turn(_ROUNDS, empty=partial(call, empty), full=partial(call, full))
    words = f"{in_words(times['full'])}, empty {in_words(times['empty'])}"
    return ratio(times["full"], times["empty"]), words


def test_past_messages(kind: str, templates: Templates, tmp_path: Path, report: Report) -> None:
    original, clinic = templates.with_clinic(kind)
    with ExitStack() as cleanup:
        empty, full = (
            cleanup.enter_context(
                closing(Database(templates.copy(kind, original, tmp_path / name, cleanup)))
            )
            for name in ("empty", "full")
        )
        full.transact(fill_past, clinic)
        for database in (empty, full):
            database.transact(fill, clinic, BATCH * 2)
        for what, call in (("a claim of 80", claims), ("a look for work", looks)):
            report.hold(
                f"{what}, {kind}, {_PAST:,} past messages",
                "× empty",
                1.3,
                partial(compared, call, empty, full),
            )
