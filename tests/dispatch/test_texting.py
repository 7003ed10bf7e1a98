"""Texts out of the outbox while senders are killed and the provider fails: none is sent twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import run_once
from clinic_tui.domain.codes import Channel, NoticeKind
from clinic_tui.domain.messages.breaker import OPENS_AFTER
from tests.races.racing import FORKING
from tests.small_clinic import NOW, SmallClinic
from tests.soak.conftest import SOAK

from .mail_server import Handler, mail_server
from .queued import KILLS, OUTBOX, add_notice, fill, give_numbers, rows
from .sms_server import Fault, SmsServer, sms_server
from .texting import texting

_KILLS, _EACH = 10 if SOAK else 2, 12
"""On each of the two databases, at the worst instant."""
_AN_AGE = timedelta(minutes=5)
"""After it a lease has run out, and the rest that follows."""
_LANES = 3
"""Of a batch of twelve."""


def standing_at(now: datetime) -> Callable[[], datetime]:
    """A clock that does not go."""
    return lambda: now


def fill_texts(session: Session, clinic: SmallClinic, count: int) -> None:
    """So many texts that are due, to people of whom two share a number."""
    fill(session, clinic, count, kind=NoticeKind.CONFIRMATION, channel=Channel.SMS)
    give_numbers(session, [f"+49151234{number // 2:05}" for number in range(count)])


def send(url: str, server_url: str, name: str, now: datetime) -> None:
    """A sender that goes on until nothing is due any more."""
    with closing(Database(url)) as database, texting(server_url, countries=("DE",)) as sms:
        while run_once(database, [sms], name, lambda: now, limit=_EACH).claimed:
            pass


def fill_mail_beside(session: Session) -> None:
    """An e-mail beside each text."""
    for row in rows(session):
        add_notice(session, row.appointment_id, row.starts_at, kind=row.kind)


def kill(session: Session, sender: BaseProcess, server: SmsServer) -> int:
    """Kill it when the provider has taken what it sends, while it cannot write that down.

    Returns how many are written down.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway.
        session.execute(text("LOCK TABLE outbox IN EXCLUSIVE MODE"))
    server.gate.set()
    while server.at_once or len(server.taken()) < len(server.forms):
        time.sleep(0.001)
    sender.kill()
    sender.join()
    return len(sent(session))


def sent(session: Session) -> dict[str, datetime]:
    """What is written down as sent, by the provider's numbers."""
    return {row.provider_id: row.sent_at for row in rows(session) if row.status == "sent"}


@pytest.mark.proof
def test_killed_between_the_providers_answer_and_the_record(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill_texts, clinic, _KILLS * _EACH)
    url = database.url.render_as_string(hide_password=False)
    with sms_server() as server:
        for generation in range(_KILLS):
            now = NOW + generation * _AN_AGE
            server.clock = standing_at(now)
            server.gate.clear()
            before = len(server.forms)
            sender = FORKING.Process(target=send, args=(url, server.url, f"s{generation}", now))
            sender.start()
            while len(server.forms) == before:
                time.sleep(0.001)
            known = database.transact(kill, sender, server)
            assert known == len(database.read(sent)) < len(server.taken())
        for generation in range(_KILLS, _KILLS + 3):
            send(url, server.url, "last", NOW + generation * _AN_AGE)
    times = Counter((one.to, one.body) for one in server.taken())
    assert (len(times), set(times.values())) == (_KILLS * _EACH, {1})
    assert database.read(sent).keys() == {one.sid for one in server.taken()}


@pytest.mark.proof
def test_killed_at_any_instant(clinic: SmallClinic, database: Database, kind: str) -> None:
    """Each arrives once: what is in doubt is looked up before it is sent again."""
    dice = random.Random(None if SOAK else 7)
    count = KILLS * _EACH
    database.transact(fill_texts, clinic, count)
    url = database.url.render_as_string(hide_password=False)
    with sms_server() as server:
        for generation in range(KILLS):
            now = NOW + generation * _AN_AGE
            server.clock, server.delay = standing_at(now), dice.choice((0.001, 0.02))
            reached = len(server.taken()) + dice.randrange(1, _EACH)
            sender = FORKING.Process(target=send, args=(url, server.url, f"s{generation}", now))
            sender.start()
            while len(server.taken()) < reached and sender.is_alive():
                time.sleep(0.0005)
            time.sleep(dice.random() * 0.02)  # Anywhere on the way of the next ones.
            sender.kill()
            sender.join()
        server.delay, in_time = 0, len(server.taken())
        known = len(database.read(sent))
        for generation in range(KILLS, KILLS + 3):
            send(url, server.url, "last", NOW + generation * _AN_AGE)
    print(f"\n{kind}: {KILLS} kills, {in_time - known} of {in_time} texts in doubt")  # noqa: T201
    assert in_time < count, "it was killed before it was done"
    times = Counter((one.to, one.body) for one in server.taken())
    assert (len(times), set(times.values())) == (count, {1})
    assert database.read(sent).keys() == {one.sid for one in server.taken()}


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    "fault", [Fault.HANG, Fault.HANG_AFTER, Fault.TOO_MANY, Fault.ERROR, Fault.DROP, None]
)
def test_a_provider_at_fault_rests_and_holds_up_no_mail(
    clinic: SmallClinic, database: Database, fault: Fault | None
) -> None:
    """Hanging it answers later than anybody waits; with None nobody listens."""
    database.transact(fill_texts, clinic, 12)
    database.transact(fill_mail_beside)
    handler = Handler()
    with mail_server(handler) as mail, sms_server() as server:
        server.always, server.clock = fault, lambda: NOW
        url = server.url if fault else "http://127.0.0.1:1"
        seconds = 0.1 if fault in (Fault.HANG, Fault.HANG_AFTER) else 5
        with texting(url, countries=("DE",), read_seconds=seconds) as sms:

            def claimed(seconds: int) -> int:
                """How many a pass takes then, all of them being due."""
                due = update(OUTBOX).values(due_at=NOW)
                database.transact(lambda session: session.execute(due))
                now = NOW + timedelta(seconds=seconds)
                return run_once(database, [sms, Email(mail)], "a", lambda: now).claimed

            assert [claimed(0), claimed(1)] == [24, 0]
            tried = len(server.forms)
            assert tried < OPENS_AFTER + _LANES
            assert claimed(60) == 1, "then one is tried"
            assert len(server.forms) <= tried + 1
        assert len({message["Message-ID"] for _, message in handler.taken}) == 12
        assert len(handler.taken) == 12
        server.always = None
        for generation in range(1, 4):
            send(
                str(database.url), server.url, "b", NOW + timedelta(hours=1) + generation * _AN_AGE
            )
        times = Counter((one.to, one.body) for one in server.taken())
    assert (len(times), set(times.values())) == (12, {1})
    assert {row.status for row in database.read(rows)} == {"sent"}
