"""From the outbox to a server and back: each message once, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import Tally, run_all, run_once
from clinic_tui.domain.codes import Channel, Status
from clinic_tui.domain.messages.breaker import OPENS_AFTER, note_fault
from clinic_tui.domain.models import Appointment, table
from clinic_tui.mail_settings import MailSettings, Security
from clinic_tui.scheduler import Sending
from tests.cli.conftest import SignedIn, desk_line, home, run
from tests.small_clinic import NOW, SmallClinic

from .mail_server import PASSWORD, SENDER, USER, Fails, Handler, mail_server
from .queued import OUTBOX, change, fill, rows, statuses
from .sms_server import ACCOUNT, NUMBER, TOKEN, sms_server

__all__ = ["desk_line", "home", "run"]

_LANES = 3
"""Of a batch of twelve."""


def clock() -> datetime:
    return NOW


def deliver(database: Database, settings: MailSettings, timeout: float = 5) -> Tally:
    return run_all(database, [Email(settings, timeout=timeout)], "a", clock)


def test_all_leave_once_over_a_few_connections(clinic: SmallClinic, database: Database) -> None:
    """More than one batch of them: the next is claimed while the last leaves by the same ways."""
    database.transact(fill, clinic, 100)
    handler = Handler()
    with mail_server(handler) as settings:
        assert deliver(database, settings) == Tally(claimed=100, sent=100)
        assert deliver(database, settings) == Tally()
    assert len({message["Message-ID"] for _, message in handler.taken}) == 100
    assert len(handler.taken) == 100
    assert handler.connections <= 5
    assert set(database.read(statuses)) == {"sent"}


def test_one_poisoned_message_stops_nobody(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 10)
    with mail_server(Handler(Fails.NO_SUCH_USER)) as settings:
        assert deliver(database, settings) == Tally(claimed=10, sent=9, refused=1)
    first, *_ = database.read(rows)
    assert (first.status, first.reason) == (
        "failed",
        "The mail server refuses the address (550 5.1.1).",
    )


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fails", "passes"),
    [
        ("wrong certificate", 2),  # Three lanes fail once each, or twice.
        (Fails.HANGS, 1),
        (Fails.CLOSES, 1),
        (Fails.NO_SUCH_SENDER, 1),
        (Fails.DROPS_AFTER_DATA, 1),
    ],
    ids=str,
)
def test_a_server_at_fault_is_left_alone_after_five(
    clinic: SmallClinic, database: Database, fails: Fails | str, passes: int
) -> None:
    database.transact(fill, clinic, 12)
    handler = Handler(fails if isinstance(fails, Fails) else Fails.NEVER)
    security = Security.LOCAL if isinstance(fails, Fails) else Security.STARTTLS
    with mail_server(handler, security, trusted=False) as settings:
        channel = Email(settings, timeout=0.2 if fails is Fails.HANGS else 5)

        def claimed(seconds: int) -> int:
            """How many a pass takes then, all of them being due."""
            due = update(OUTBOX).values(due_at=NOW)
            database.transact(lambda session: session.execute(due))
            now = NOW + timedelta(seconds=seconds)
            return run_once(database, [channel], "a", lambda: now).claimed

        assert [claimed(second) for second in range(passes + 1)] == [12] * passes + [0]
        assert handler.senders < OPENS_AFTER + _LANES
        assert claimed(60) == 1, "then one is tried"
        assert handler.senders <= OPENS_AFTER + _LANES
    assert handler.taken == []
    left = [row.attempts for row in database.read(rows) if row.status == "queued"]
    if fails is Fails.DROPS_AFTER_DATA:
        assert len(left) > 12 - OPENS_AFTER - _LANES, "the others are in doubt"
    else:
        assert left == [0] * 12


def test_who_stops_gives_back_what_was_not_tried(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 8)
    handler = Handler(delay=0.01)
    with mail_server(handler) as settings:
        tally = run_once(
            database, [Email(settings)], "a", clock, stopping=lambda: len(handler.taken) >= 2
        )
    assert 2 <= tally.sent < 8
    found = database.read(statuses)
    assert (found.count("sent"), found.count("queued")) == (tally.sent, 8 - tally.sent)
    assert all(row.attempts == 0 for row in database.read(rows) if row.status == "queued")


def test_what_left_is_recorded_though_the_server_hung_up_on_the_next(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 3)
    handler = Handler(Fails.TAKES_AND_DROPS)
    with mail_server(handler) as settings:
        assert deliver(database, settings) == Tally(claimed=3, sent=2, unknown=1)
        later = NOW + timedelta(minutes=10)
        run_all(database, [Email(settings)], "b", lambda: later)
    assert database.read(statuses) == ["sent"] * 3
    ids = [message["Message-ID"] for _, message in handler.taken]
    assert len(ids) == 4, "that one arrived twice"
    assert len(set(ids)) == 3, "under one Message-ID"


def test_after_two_hours_without_a_sender(clinic: SmallClinic, database: Database) -> None:
    """Each reminder whose visit is ahead goes once, none for a past, moved or cancelled one."""
    database.transact(fill, clinic, 24)
    away = timedelta(hours=2)

    def happens(session: Session) -> None:
        begun, moved, cancelled = rows(session)[:3]
        visits = update(table(Appointment))
        for visit_id, values in (
            (begun.appointment_id, {"status": Status.ARRIVED}),
            (cancelled.appointment_id, {"status": Status.CANCELLED}),
        ):
            session.execute(visits.where(table(Appointment).c.id == visit_id).values(values))
        change(session, moved.id, starts_at=moved.starts_at - timedelta(minutes=20))

    database.transact(happens)
    handler = Handler()
    left = []
    with mail_server(handler) as settings:
        for minutes in (0, 5, 10, 15, 75, 195):  # Also with a clock that is put on by an hour.
            now = NOW + away + timedelta(minutes=minutes)
            run_all(database, [Email(settings)], "a", partial(_same, now))
            left.append(len(handler.taken))
    assert left[0] < 5 < left[1] < 18 < left[3] == left[-1] == 21, "spread out, and none twice"
    assert len({message["Message-ID"] for _, message in handler.taken}) == 21
    assert Counter(database.read(statuses)) == {"sent": 21, "withdrawn": 3}


def _same(now: datetime) -> datetime:
    return now


@contextmanager
def watched(count: int, then: Callable[[], object]) -> Iterator[MailSettings]:
    """A mail server that says so when it has taken so many."""

    class Watched(Handler):
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            answer = await super().handle_DATA(server, session, envelope)
            if len(self.taken) == count:
                then()
            return answer

    with mail_server(Watched()) as settings:
        yield settings


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_terminal_sends_by_itself_until_it_is_left(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 5)
    arrived = threading.Event()
    with watched(5, arrived.set) as settings:
        sending = Sending(Database(str(database.url)), [Email(settings)], clock)
        sending.start()
        assert arrived.wait(20)
        sending.stop(10)
    assert database.read(statuses) == ["sent"] * 5


@pytest.fixture
def signals() -> Iterator[None]:
    """What this process does when it is told to end, as it was before."""
    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_worker_sends_until_it_is_told_to_stop(desk_line: SignedIn, tmp_path: Path) -> None:
    """It ends cleanly, with all recorded that was said."""
    desk_line.database.transact(fill, desk_line.clinic, 3)
    end_it = partial(os.kill, os.getpid(), signal.SIGTERM)
    anyhow = threading.Timer(20, end_it)
    with watched(3, end_it) as settings:
        file = tmp_path / "config.toml"
        file.write_text(
            f'[mail]\nhost = "{settings.host}"\nport = {settings.port}\nfrom = "{SENDER}"\n'
            'security = "local"\n'
        )
        anyhow.start()
        assert desk_line.run.ok("--config", str(file), "worker").startswith("Sending what is due")
        anyhow.cancel()
    assert desk_line.database.read(statuses) == ["sent"] * 3


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_verbs(desk_line: SignedIn, home: Path, tmp_path: Path) -> None:
    run = desk_line.run
    assert run.refused("send") == (
        "Nothing can leave from here: the settings file has no [mail] and no [sms]."
    )
    assert "no [mail]" in run("check", "--messages").err
    desk_line.database.transact(fill, desk_line.clinic, 2)
    handler = Handler()
    with mail_server(handler, Security.STARTTLS) as settings:
        file = tmp_path / "config.toml"
        password = tmp_path / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        file.write_text(
            f'[mail]\nhost = "{settings.host}"\nport = {settings.port}\nfrom = "{SENDER}"\n'
            f'user = "{USER}"\npassword_file = "{password}"\nca_file = "{settings.ca_file}"\n'
        )
        words = ["--config", str(file)]
        assert (
            run.ok(*words, "check", "--messages")
            == "ok     email         connected and signed in\n"
        )
        tested = run.ok(*words, "check", "--messages", "--test-to", "ben@example.org")
        assert "taken for delivery" in tested
        assert run.ok(*words, "send") == "2 sent, 0 refused, 0 to be tried again, 0 unknown\n"
        assert handler.taken[0][0] == ["ben@example.org"]
        assert len(handler.taken) == 3
    said = run(*words, "check", "--messages")
    assert (said.code, "Nobody takes mail at that host and port." in said.err) == (1, True)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_verbs_of_texts(
    desk_line: SignedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the account refuses is said before any patient would have been told by it."""
    run, number = desk_line.run, "+4915112345678"
    file = tmp_path / "config.toml"
    check = ("--config", str(file), "check", "--messages")
    with sms_server() as server:
        server.clock = clock
        file.write_text(
            f'[sms]\naccount_sid = "{ACCOUNT}"\nfrom = "{NUMBER}"\nbase_url = "{server.url}"\n'
        )
        assert "There is no SMS token" in run(*check).err
        monkeypatch.setenv("CLINIC_SMS_TOKEN", "wrong")
        assert "does not accept the account number or the token" in run(*check).err
        monkeypatch.setenv("CLINIC_SMS_TOKEN", TOKEN)
        assert run.ok(*check) == "ok     sms           connected and signed in\n"
        assert server.taken() == [], "nobody was told anything"
        assert "taken for delivery" in run.ok(*check, "--test-to", number)
        assert "texts to DE only" in run(*check, "--test-to", "+12025550123").err
        server.refuses[number] = 21606
        assert "cannot send texts" in run(*check, "--test-to", number).err
        assert [one.to for one in server.taken()] == [number]
    gone = "WRONG  sms           The SMS provider cannot be reached.\n"
    assert run(*check).err == gone
    desk_line.database.transact(fill, desk_line.clinic, 1, channel=Channel.SMS)
    for _ in range(OPENS_AFTER):
        desk_line.database.transact(note_fault, Channel.SMS, "It hangs.", NOW)
    waits = "WRONG  outbox        SMS does not leave for the moment. It hangs.\n"
    assert run(*check).err == gone + waits
