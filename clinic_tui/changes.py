"""What other terminals changed, as it happens: LISTEN on PostgreSQL, data_version on SQLite.

A watcher has a connection of its own and is used by one thread. Whenever it cannot know what it
missed (the connection was lost, or more happened than SQLite's table remembers) it says that
everything may have changed; it never stays silent about a change.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from .domain.change_log import CHANNEL, Change, ChangeKind, read_line, read_notification

if TYPE_CHECKING:
    import psycopg

    from .database import Database

_LOOK_SECONDS = 0.2
"""How often SQLite is asked; a page in memory is compared, for some microseconds."""
_AGAIN_SECONDS = 1.0
"""How long to wait before a lost connection is made again."""
_MANY = 500
"""More changes at once are not listed."""
_SLICE, _TOGETHER = 0.25, 0.15
"""Seconds after which a follower looks whether it is to stop, and for which it gathers changes."""
_log = logging.getLogger("clinic_tui.changes")


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look. ``everything``: more than can be listed, or unknown."""

    changes: frozenset[Change] = frozenset()
    everything: bool = False

    def __bool__(self) -> bool:
        return self.everything or bool(self.changes)

    @property
    def concerns_clinic(self) -> bool:
        """Whether the clinic's own settings, types, rooms or closed days may be others now."""
        return self.everything or any(one.kind is ChangeKind.CLINIC for one in self.changes)

    @property
    def concerns_messages(self) -> bool:
        """Whether something may have been queued, sent, failed or replied."""
        return self.everything or any(one.kind is ChangeKind.MESSAGES for one in self.changes)

    def touches(
        self, kinds: Collection[ChangeKind], starts_at: datetime, ends_at: datetime
    ) -> bool:
        """Whether it may concern who shows the visits between two instants, and those kinds."""
        return self.everything or any(
            change.kind in kinds
            or (
                change.kind is ChangeKind.VISIT
                and (change.at is None or starts_at <= change.at < ends_at)
            )
            for change in self.changes
        )


class Watcher(Protocol):
    """Tells of changes by anybody, this program's own included, committed since it was made."""

    def wait(self, seconds: float) -> News:
        """Whatever there is, at the latest after so long; empty when nothing happened.

        ``everything`` is told as soon as the clinic answers again after it was lost.
        """

    def close(self) -> None:
        """Give the connection back."""


def watch(database: Database) -> Watcher:
    """Watch a clinic from now on; a database that is not there yet is waited for."""
    return _SqliteWatcher(database) if database.is_sqlite else _PostgresqlWatcher(database)


class Follower(threading.Thread):
    """Tells of changes from a thread of its own, until it is stopped.

    Of all that is committed from when it is made, also before the thread comes to it. What is
    committed within a moment is told at once. ``tell`` is called in that thread.
    """

    def __init__(self, database: Database, tell: Callable[[News], object]) -> None:
        super().__init__(name="clinic follower", daemon=True)
        self._database, self._tell = database, tell
        self._stopping = threading.Event()
        self._watcher = watch(database)

    def run(self) -> None:
        """Follow; after an error of which nobody knows, everything may have changed."""
        news = News()
        while not self._stopping.is_set():
            try:
                self._follow(news)
            except Exception as error:  # noqa: BLE001 - a thread's trace would go over the screen
                _log.error("following: %s", type(error).__name__)
                self._stopping.wait(_AGAIN_SECONDS)
                self._watcher, news = watch(self._database), News(everything=True)
        self._watcher.close()

    def _follow(self, news: News) -> None:
        with closing(self._watcher) as watcher:
            while not self._stopping.is_set():
                if news:
                    self._tell(news)
                    self._stopping.wait(_TOGETHER)
                news = watcher.wait(_SLICE)

    def stop(self, patience: float) -> None:
        """Tell nothing more; wait so many seconds for the connection to be given back."""
        self._stopping.set()
        self.join(patience)


def _news(changes: Iterable[Change]) -> News:
    seen = frozenset(changes)
    return News(everything=True) if len(seen) > _MANY else News(seen)


class _PostgresqlWatcher:
    """One session that listens, outside any transaction and outside the pool."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: psycopg.Connection | None = None
        with suppress(Exception):
            self._listen()

    def wait(self, seconds: float) -> News:
        from psycopg import OperationalError  # noqa: PLC0415 - for PostgreSQL alone

        until = time.monotonic() + seconds
        if self._connection is None:
            return self._return(until)
        try:
            heard = list(self._connection.notifies(timeout=seconds, stop_after=1))
            heard += self._connection.notifies(timeout=0)
        except OperationalError:
            self.close()
            return self._return(until)
        return _news(read_notification(one.payload) for one in heard)

    def _return(self, until: float) -> News:
        """Listen again; nobody knows what was said meanwhile."""
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - loaded long before this is used

        try:
            self._listen()
        except DBAPIError:
            time.sleep(max(0.0, min(_AGAIN_SECONDS, until - time.monotonic())))
            return News()
        return News(everything=True)

    def _listen(self) -> None:
        raw = self._database.engine.raw_connection()
        connection = cast("psycopg.Connection", raw.driver_connection)
        raw.detach()
        connection.rollback()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        self._connection = connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _SqliteWatcher:
    """One connection that only reads; what it has read is remembered by its number."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._version = self._last = 0
        with suppress(sqlite3.Error):
            self._open()

    def wait(self, seconds: float) -> News:
        until = time.monotonic() + seconds
        while True:
            try:
                if news := self._look():
                    return news
            except sqlite3.Error:
                self.close()
            left = until - time.monotonic()
            if left <= 0:
                return News()
            time.sleep(min(_LOOK_SECONDS if self._connection else _AGAIN_SECONDS, left))

    def _look(self) -> News:
        if self._connection is None:
            self._open()
            return News(everything=True)
        version = self._scalar("PRAGMA data_version")
        if version == self._version:
            return News()
        lines = self._connection.execute(
            "SELECT id, kind, doctor_id, patient_id, at FROM changes WHERE id > ? ORDER BY id",
            (self._last,),
        ).fetchall()
        self._version = version
        if not lines:
            return News()
        missed = lines[0][0] != self._last + 1
        self._last = lines[-1][0]
        return News(everything=True) if missed else _news(read_line(*line[1:]) for line in lines)

    def _open(self) -> None:
        path = self._database.url.database
        self._connection = sqlite3.connect(
            f"file:{_quoted(path or '')}?mode=ro", uri=True, check_same_thread=False, timeout=1
        )
        self._version = self._scalar("PRAGMA data_version")
        self._last = self._scalar("SELECT coalesce(max(id), 0) FROM changes")

    def _scalar(self, statement: str) -> int:
        if self._connection is None:
            raise sqlite3.OperationalError("not open")
        (found,) = self._connection.execute(statement).fetchone()
        return int(found)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _quoted(path: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - costs nothing here and 5 ms at the start

    return quote(path)
