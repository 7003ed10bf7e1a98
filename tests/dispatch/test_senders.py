"""Many senders at once, and senders that are killed: every message arrives, and once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from multiprocessing.managers import ValueProxy
from multiprocessing.synchronize import Barrier

import pytest

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import run_once
from clinic_tui.domain.codes import NoticeKind
from clinic_tui.mail_settings import MailSettings
from tests.races.racing import FACTOR, FORKING
from tests.small_clinic import NOW, SmallClinic
from tests.soak.conftest import SOAK

from .mail_server import Fails, Handler, mail_server
from .queued import KILLS, fill, rows, statuses

pytestmark = pytest.mark.proof

_DUE = 400 * FACTOR
_EACH = 20
_LANES = 3
"""Of a batch of twenty, at first."""
_AN_AGE = timedelta(minutes=5)
"""After it a lease has run out, and the rest that follows."""


def stay(url: str, settings: MailSettings, name: str, all_here: Barrier) -> None:
    """A sender that goes on while others still have some."""
    with closing(Database(url)) as database:
        all_here.wait(90)
        while set(database.read(statuses)) != {"sent"}:
            run_once(database, [Email(settings)], name, lambda: NOW, limit=10)
            time.sleep(0.01)


def stall(url: str, settings: MailSettings, minutes: ValueProxy[int]) -> None:
    """A sender whose clock goes on while it is stopped itself."""
    with closing(Database(url)) as database:
        run_once(
            database,
            [Email(settings, timeout=1)],
            "stopped",
            lambda: NOW + timedelta(minutes=minutes.value),
            limit=_EACH,
        )


def send(url: str, settings: MailSettings, name: str, now: datetime) -> None:
    """A sender that takes so many at a time, which leave on several connections."""
    with closing(Database(url)) as database:
        while run_once(database, [Email(settings)], name, lambda: now, limit=_EACH).claimed:
            pass


def test_four_terminals_and_a_worker(clinic: SmallClinic, database: Database, kind: str) -> None:
    database.transact(fill, clinic, _DUE)
    url = database.url.render_as_string(hide_password=False)
    handler = Handler(delay=0.005)
    with mail_server(handler) as settings:
        all_here = FORKING.Barrier(5)
        senders = [
            FORKING.Process(target=stay, args=(url, settings, name, all_here)) for name in "abcde"
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(90)
            assert sender.exitcode == 0
    times = Counter(message["Message-ID"] for _, message in handler.taken)
    assert (len(times), set(times.values())) == (_DUE, {1})
    shares = Counter(row.claimed_by for row in database.read(rows))
    print(f"\n{kind}: {dict(sorted(shares.items()))}")  # noqa: T201
    assert sum(shares.values()) == _DUE
    assert len(shares) == 5, shares


def test_a_stopped_terminal_holds_nobody_up(clinic: SmallClinic, database: Database) -> None:
    """What it had claimed goes from elsewhere, and nothing twice when it wakes up."""
    database.transact(fill, clinic, _EACH + 10, kind=NoticeKind.CONFIRMATION)
    url = database.url.render_as_string(hide_password=False)
    handler = Handler(Fails.HANGS)
    with mail_server(handler) as settings, FORKING.Manager() as shared:
        minutes = shared.Value("i", 0)
        stopped = FORKING.Process(target=stall, args=(url, settings, minutes))
        stopped.start()
        while handler.senders < _LANES:
            time.sleep(0.001)
        assert stopped.pid is not None
        os.kill(stopped.pid, signal.SIGSTOP)
        handler.fails = Fails.NEVER
        gone = []
        for minutes.value in (0, 5, 10):
            send(url, settings, "other", NOW + timedelta(minutes=minutes.value))
            gone.append(len(handler.taken))
        os.kill(stopped.pid, signal.SIGCONT)
        stopped.join(60)
        assert stopped.exitcode == 0
    assert gone == [10, 10, _EACH + 10], "when its lease has run out, and a rest after it"
    assert set(database.read(statuses)) == {"sent"}
    assert len({message["Message-ID"] for _, message in handler.taken}) == len(handler.taken)


def test_killed_at_any_instant(clinic: SmallClinic, database: Database, kind: str) -> None:
    """Nothing is lost; what may have been taken is sent again, one e-mail a kill at most."""
    dice = random.Random(None if SOAK else 7)
    count = _EACH * KILLS
    database.transact(fill, clinic, count, kind=NoticeKind.CONFIRMATION)
    url = database.url.render_as_string(hide_password=False)
    handler = Handler()
    with mail_server(handler) as settings:
        for generation in range(KILLS):
            now = NOW + generation * _AN_AGE
            handler.delay = dice.choice((0.002, 0.01))
            sender = FORKING.Process(target=send, args=(url, settings, f"s{generation}", now))
            reached = len(handler.taken) + dice.randrange(3, _EACH)
            sender.start()
            while len(handler.taken) < reached and sender.is_alive():
                time.sleep(0.0005)
            time.sleep(dice.random() * 0.02)  # Anywhere on the way of the next ones.
            sender.kill()
            sender.join()
        assert len(handler.taken) < count, "it was killed before it was done"
        assert handler.connections > 2 * KILLS, "several were in flight"
        for generation in range(KILLS, KILLS + 3):
            send(url, settings, "last", NOW + generation * _AN_AGE)
    assert set(database.read(statuses)) == {"sent"}
    times = Counter(message["Message-ID"] for _, message in handler.taken)
    assert len(times) == count, "nothing is lost"
    twice = sum(times.values()) - len(times)
    print(f"\n{kind}: {KILLS} kills, {twice} of {count} e-mails twice")  # noqa: T201
    assert twice <= KILLS, "at most one a kill, each under its own Message-ID"
