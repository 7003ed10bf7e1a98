"""Messages leave about as fast as a bare loop can make them, and several times that when it waits.

Texts many times: they can be looked up. Of e-mails one at most may be in doubt by the death of a
sender, so that the last of a server's four answers is always waited for alone, and four times is
the most that one sender could reach. What a clinic has open sends together, and reaches more.
"""

from __future__ import annotations

import os
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.channels.letters import compose
from clinic_tui.channels.sms import Sms
from clinic_tui.channels.trial import trial_message
from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.messages.delivery import Letter, Result
from clinic_tui.mail_settings import MailSettings
from tests.bench.measure import Figure, Report
from tests.dispatch.mail_server import Handler, mail_server
from tests.dispatch.queued import OUTBOX, fill, give_numbers
from tests.dispatch.sms_server import sms_server
from tests.dispatch.texting import message, texting
from tests.races.racing import FORKING
from tests.small_clinic import NOW, SmallClinic

_LETTER = Letter("Reminder: your appointment", "We expect you at Riverside Clinic:\n" + "x" * 120)


def serve(delay: float, talk: Connection) -> None:
    """A mail server that waits so many seconds before each of four answers to a message."""
    with mail_server(Handler(delay=delay)) as settings:
        talk.send(settings)
        talk.recv()


@contextmanager
def serving(serve: Callable[[float, Connection], None], delay: float) -> Iterator[Any]:
    """What a server in a process of its own says of itself, as long as it runs."""
    here, there = FORKING.Pipe()
    process = FORKING.Process(target=serve, args=(delay, there))
    process.start()
    try:
        yield here.recv()
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
        for one in messages:
            content = compose(one, settings, NOW)
            smtp.sendmail(settings.sender, one.address, content)
        return count / (perf_counter() - before)


def ours(database: Database, settings: MailSettings, count: int) -> float:
    """Messages a second out of the outbox, each claimed, worded, sent and recorded."""
    queue_again(database)
    before = perf_counter()
    tally = run_all(database, [Email(settings)], "a", lambda: NOW)
    assert tally.sent == count
    return count / (perf_counter() - before)


def send_when_told(url: str, settings: MailSettings, talk: Connection) -> None:
    """A terminal's sender: each time it is told to, it sends until nothing is due."""
    with closing(Database(url)) as database:
        talk.send(0)
        while talk.recv():
            tally = run_all(database, [Email(settings)], str(os.getpid()), lambda: NOW)
            talk.send(tally.sent)


@contextmanager
def senders(url: str, settings: MailSettings, count: int) -> Iterator[list[Connection]]:
    """So many processes that send on demand, each with a database and a mail connection."""
    pipes = [FORKING.Pipe() for _ in range(count)]
    started = [
        FORKING.Process(target=send_when_told, args=(url, settings, theirs)) for _, theirs in pipes
    ]
    for process in started:
        process.start()
    told = [ours for ours, _ in pipes]
    for one in told:
        one.recv()
    try:
        yield told
    finally:
        for one in told:
            one.send(False)
        for process in started:
            process.join()


def together(database: Database, told: Sequence[Connection], count: int) -> float:
    """Messages a second by all senders of a clinic; each of them has sent some."""
    queue_again(database)
    before = perf_counter()
    for one in told:
        one.send(True)
    sent = [one.recv() for one in told]
    taken = perf_counter() - before
    assert sum(sent) == count
    assert min(sent) > 0
    return count / taken


def serve_texts(delay: float, talk: Connection) -> None:
    """An SMS server in a process of its own, until it is told to end."""
    with sms_server() as serving:
        serving.delay = delay
        talk.send(serving.url)
        talk.recv()


def bare_texts(sms: Sms, count: int) -> float:
    """Texts a second by one loop on one connection."""
    before = perf_counter()
    for number in range(count):
        ((_, outcome),) = sms.send([message(number, f"+49151234{number:05}")])
        assert outcome.result is Result.SENT
    return count / (perf_counter() - before)


def queue_again(database: Database) -> None:
    due = update(OUTBOX).values(status=NoticeStatus.QUEUED, sent_at=None, due_at=NOW)
    database.transact(lambda session: session.execute(due))


def fill_texts(session: Session, clinic: SmallClinic, count: int) -> None:
    fill(session, clinic, count, kind=NoticeKind.CONFIRMATION, channel=Channel.SMS)
    give_numbers(session, [f"+49151234{number:05}" for number in range(count)])


def hold(report: Report, what: str, bound: float, rounds: Sequence[tuple[float, float]]) -> None:
    """``rounds`` are the rates of a bare loop and of ours, each measured in turn."""
    seen = tuple(sorted(loop / full for loop, full in rounds))
    loop, full = max(loop for loop, _ in rounds), max(full for _, full in rounds)
    detail = f"{full:,.0f}/s, a bare loop {loop:,.0f}/s"
    report.figures.append(Figure(what, "× bare", bound, seen, detail))
    assert seen[0] <= bound, detail


@pytest.mark.parametrize(
    ("delay", "count", "bound"), [(0.0, 600, 1 / 0.8), (0.0125, 360, 1 / 3)], ids=["fast", "slow"]
)
def test_e_mails(
    clinic: SmallClinic,
    database: Database,
    kind: str,
    report: Report,
    delay: float,
    count: int,
    bound: float,
) -> None:
    database.transact(fill, clinic, count)
    with serving(serve, delay) as settings:
        few = count // (10 if delay else 1)
        bare(settings, 20)
        rounds = [(bare(settings, few), ours(database, settings, count)) for _ in range(3)]
    what = f"an e-mail leaves, {kind}, server answering in {delay * 4_000:.0f} ms"
    hold(report, what, bound, rounds)


def test_e_mails_of_a_clinic(
    clinic: SmallClinic, database: Database, kind: str, report: Report
) -> None:
    """Four terminals and a worker, beside one loop on one connection."""
    delay, count, few = 0.0125, 1200, 40
    database.transact(fill, clinic, count)
    url = database.url.render_as_string(hide_password=False)
    with serving(serve, delay) as settings, senders(url, settings, 5) as told:
        bare(settings, 20)
        rounds = [(bare(settings, few), together(database, told, count)) for _ in range(3)]
    what = f"an e-mail leaves, {kind}, 5 senders, server answering in {delay * 4_000:.0f} ms"
    hold(report, what, 1 / 8, rounds)


@pytest.mark.parametrize(
    ("delay", "count", "bound"), [(0.0, 400, 1 / 0.8), (0.05, 400, 1 / 8)], ids=["fast", "slow"]
)
def test_texts(
    clinic: SmallClinic,
    database: Database,
    kind: str,
    report: Report,
    delay: float,
    count: int,
    bound: float,
) -> None:
    database.transact(fill_texts, clinic, count)
    with serving(serve_texts, delay) as url, texting(url, countries=("DE",)) as sms:
        rounds = []
        for _ in range(3):
            loop = bare_texts(sms, count // (10 if delay else 1))
            queue_again(database)
            before = perf_counter()
            assert run_all(database, [sms], "a", lambda: NOW).sent == count
            rounds.append((loop, count / (perf_counter() - before)))
    what = f"a text leaves, {kind}, server answering in {delay * 1_000:.0f} ms"
    hold(report, what, bound, rounds)
