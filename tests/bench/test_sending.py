"""Messages leave about as fast as a bare loop can make them, and many times that when it waits."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from time import perf_counter

import pytest
from sqlalchemy import update

from clinic_tui.channels.email import Email
from clinic_tui.channels.letters import compose
from clinic_tui.channels.trial import trial_message
from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.codes import NoticeStatus
from clinic_tui.domain.delivery import Letter
from clinic_tui.mail_settings import MailSettings
from tests.bench.measure import Figure, Report
from tests.dispatch.mail_server import Handler, mail_server
from tests.dispatch.queued import OUTBOX, fill
from tests.races.racing import FORKING
from tests.small_clinic import NOW, SmallClinic

_LETTER = Letter("Reminder: your appointment", "We expect you at Riverside Clinic:\n" + "x" * 120)


def serve(delay: float, talk: Connection) -> None:
    """A mail server in a process of its own, until it is told to end."""
    with mail_server(Handler(delay=delay)) as settings:
        talk.send(settings)
        talk.recv()


@contextmanager
def server(delay: float) -> Iterator[MailSettings]:
    """A server that waits so many seconds before each of four answers to a message."""
    here, there = FORKING.Pipe()
    process = FORKING.Process(target=serve, args=(delay, there))
    process.start()
    try:
        settings: MailSettings = here.recv()
        yield settings
    finally:
        here.send("end")
        process.join()


def bare(settings: MailSettings, count: int) -> float:
    """Messages a second by one loop on one connection that writes them and does nothing else."""
    messages = [
        replace(trial_message(f"p{number}@example.org", NOW), letter=_LETTER)
        for number in range(count)
    ]
    with smtplib.SMTP(settings.host, settings.port) as smtp:
        before = perf_counter()
        for message in messages:
            content = compose(message, settings, NOW)
            smtp.sendmail(settings.sender, message.address, content)
        return count / (perf_counter() - before)


def ours(database: Database, settings: MailSettings, count: int) -> float:
    """Messages a second out of the outbox, each claimed, worded, sent and recorded."""
    due = update(OUTBOX).values(status=NoticeStatus.QUEUED, sent_at=None, due_at=NOW)
    database.transact(lambda session: session.execute(due))
    before = perf_counter()
    tally = run_all(database, [Email(settings)], "a", lambda: NOW)
    assert tally.sent == count
    return count / (perf_counter() - before)


@pytest.mark.parametrize(
    ("delay", "count", "bound"), [(0.0, 600, 1 / 0.8), (0.0125, 360, 1 / 8)], ids=["fast", "slow"]
)
def test_throughput(
    clinic: SmallClinic,
    database: Database,
    kind: str,
    report: Report,
    delay: float,
    count: int,
    bound: float,
) -> None:
    database.transact(fill, clinic, count)
    with server(delay) as settings:
        few = count // (10 if delay else 1)
        bare(settings, 20)
        rounds = [(bare(settings, few), ours(database, settings, count)) for _ in range(3)]
    what = f"a message leaves, {kind}, server answering in {delay * 4_000:.0f} ms"
    seen = tuple(loop / full for loop, full in rounds)
    loop, full = max(loop for loop, _ in rounds), max(full for _, full in rounds)
    detail = f"{full:,.0f}/s, a bare loop {loop:,.0f}/s"
    report.figures.append(Figure(what, "× bare", bound, seen, detail))
    assert min(seen) <= bound, detail
