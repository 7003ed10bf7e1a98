"""When to look: a clock of its own thread that tells each channel to see what is due.

It knows no appointments and remembers nothing: what is due stands in the outbox, and who sends
it is decided by the claims there. Several of these may run at once, in terminals and services.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.schedulers.background import BackgroundScheduler

from .channels.base import Channel, TwoWay
from .database import Database
from .dispatch import Clock, run_all, sender_name
from .domain.errors import ClinicUnavailable, Refusal
from .listening import ask_what_arrived, take_replies

_LOOKS_EVERY, _JITTER = 10, 2
_LISTENS_EVERY, _ASKS_EVERY = 20, 30
"""Seconds."""
_CLOCK_WAS_PUT_BACK = timedelta(minutes=10)
_log = logging.getLogger("clinic_tui.scheduler")
# Nothing may be written over a full-screen terminal.
logging.getLogger("apscheduler").addHandler(logging.NullHandler())


class _DaemonThreads(BaseExecutor):  # type: ignore[misc]
    """Each run in a thread that nobody waits for at the end: a server that hangs holds no exit."""

    def _do_submit_job(self, job: Any, run_times: Any) -> None:
        def run() -> None:
            try:
                events = run_job(job, job._jobstore_alias, run_times, self._logger.name)
            except BaseException:  # noqa: BLE001 - the scheduler must know that the run is over
                self._run_job_error(job.id, *sys.exc_info()[1:])
            else:
                self._run_job_success(job.id, events)

        threading.Thread(target=run, daemon=True, name="clinic sender").start()


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """Does not wait for an hour that a clock put back has to make up for."""

    def _process_jobs(self) -> Any:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > _CLOCK_WAS_PUT_BACK:
                job.modify(next_run_time=now)
        return super()._process_jobs()


class Sending:
    """What sends, from ``start`` to ``stop``: one look every ten seconds, a channel never twice
    at once, one channel never waiting for another.
    """

    def __init__(self, database: Database, channels: Sequence[Channel], clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._sender = sender_name()
        self._stopping = threading.Event()
        self._at_work: dict[str, threading.Lock] = {}
        self.faults: dict[str, str] = {}
        """What cannot be done from here, by name, and why in a sentence."""
        self._scheduler = _Scheduler(
            timezone="UTC",
            executors={"default": _DaemonThreads()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for channel in channels:
            self.every(_LOOKS_EVERY, channel.code.value, self._look, channel)
            if isinstance(channel, TwoWay):
                self.every(_LISTENS_EVERY, "replies", take_replies, database, channel, clock)
                self.every(_ASKS_EVERY, "receipts", ask_what_arrived, database, channel, clock)

    def every(self, seconds: int, name: str, call: Callable[..., object], *given: object) -> None:
        """Add something to be done again and again; a database that is away is waited for.

        What it is refused for stands in ``faults`` until it can be done.
        """
        lock = self._at_work[name] = threading.Lock()

        def run() -> None:
            with lock:
                if self._stopping.is_set():
                    return
                try:
                    call(*given)
                except ClinicUnavailable as unavailable:
                    _log.warning("%s: %s", name, unavailable)
                except Refusal as refusal:
                    self.faults[name] = str(refusal)
                else:
                    self.faults.pop(name, None)

        self._scheduler.add_job(
            run,
            "interval",
            seconds=seconds,
            jitter=_JITTER,
            id=name,
            next_run_time=datetime.now(UTC),
        )

    def start(self) -> None:
        """Look now, and every ten seconds from now on."""
        self._scheduler.start()

    def stop(self, patience: float) -> None:
        """Send nothing more, and wait so many seconds for what is being said to be recorded.

        What could not be waited for is found to have lapsed by another sender.
        """
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for lock in self._at_work.values():
            if lock.acquire(timeout=patience):
                lock.release()
        self._database.close()

    def _look(self, channel: Channel) -> None:
        run_all(
            self._database, [channel], self._sender, self._clock, stopping=self._stopping.is_set
        )
