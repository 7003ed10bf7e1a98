"""A database that many tests use one after the other, as it was before each of them.

What a copy costs is not the copying alone: an engine that has compiled nothing yet and a server's
process that has read no catalogue make every first statement dear. So the engine stays. Of SQLite
the file is replaced by a fresh copy. Of PostgreSQL the rows and sequences are put back, but only
where nothing else can be different: the catalogue is as it was, every connection of the pool is
there and alive and has forgotten its session, and nobody else is connected. Else, and now and then
in any case, the database is thrown away and made anew.
"""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack, closing
from copy import copy
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from clinic_tui.database import Database

from . import postgres

_TURNS = 60
"""So many tests, and a database is made anew: what they deleted still has to be read past."""
_LEAVING = 0.25
"""Seconds that a closed connection may take to be gone from the server."""


class Kept(Protocol):
    """A database that is lent to one test after the other."""

    def lend(self) -> Database:
        """The database as it was made, for one test: what listens to its engine ends with it."""

    def take_back(self) -> None:
        """Put everything back."""

    def close(self) -> None:
        """Drop it."""


def _lent(kept: Database) -> Database:
    """The same pools and prepared statements under engines of its own."""
    lent = copy(kept)
    lent.engine = kept.engine.execution_options()
    options: dict[str, Any] = {} if kept.is_sqlite else {"postgresql_readonly": True}
    reader = kept._reader if kept.is_sqlite else lent.engine
    lent._reader = reader.execution_options(**options)
    return lent


class KeptFile:
    """A SQLite file, replaced by a copy of the original for every test."""

    def __init__(self, original: Path, folder: Path) -> None:
        self._original, self._folder = original, folder
        self._database = Database(f"sqlite:///{folder / 'clinic.db'}")

    def lend(self) -> Database:
        self._folder.mkdir(mode=0o700, parents=True)
        shutil.copy(self._original, self._folder / "clinic.db")
        return _lent(self._database)

    def take_back(self) -> None:
        self._database.close()
        shutil.rmtree(self._folder)

    def close(self) -> None:
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)


_CATALOGUE = "SELECT " + ", ".join(
    f"(SELECT (count(*), max(xmin::text::bigint)) FROM {name})::text"
    for name in (
        "pg_class",
        "pg_attribute",
        "pg_attrdef",
        "pg_constraint",
        "pg_index",
        "pg_trigger",
        "pg_proc",
        "pg_namespace",
        "pg_db_role_setting",
    )
)
"""Every change of a schema writes a row of one of these, in a transaction of a higher number."""
_COLUMNS = """
    SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname"""
_SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), start_value, last_value
    FROM pg_sequences WHERE schemaname = 'public'"""
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND pid <> pg_backend_pid() AND pid <> ALL (%s)"""


_FORGET = "UNLISTEN *; RESET ALL; CLOSE ALL; SELECT pg_advisory_unlock_all()"


class _Doubt(Exception):
    """The database may not be as it was."""


class KeptRows:
    """A PostgreSQL database whose rows are put back after every test."""

    def __init__(self, server: str, original: str) -> None:
        self._server, self._original = server, original
        self._name = postgres.new_name()
        url = make_url(server).set(database=self._name)
        self._database = Database(url.render_as_string(hide_password=False))
        self._made: ExitStack | None = None
        self._turns = 0

    def lend(self) -> Database:
        if self._made is None:
            self._made = self._make()
        return _lent(self._database)

    def take_back(self) -> None:
        try:
            self._put_back()
        except (_Doubt, psycopg.Error, SQLAlchemyError):
            self.close()

    def close(self) -> None:
        self._database.close()
        if self._made is not None:
            self._made.close()
            self._made = None

    def _make(self) -> ExitStack:
        with ExitStack() as made:
            made.enter_context(postgres.new_database(self._server, self._original, self._name))
            self._beside = made.enter_context(
                psycopg.connect(postgres.without_driver(self._database.url), autocommit=True)
            )
            self._back = _way_back(self._beside)
            self._catalogue = self._beside.execute(_CATALOGUE).fetchone()
            self._turns = 0
            return made.pop_all()

    def _put_back(self) -> None:
        self._turns += 1
        if self._turns == _TURNS:
            raise _Doubt
        self._wait_for_others_to_leave(_forgetful(self._database))
        if self._beside.execute(_CATALOGUE).fetchone() != self._catalogue:
            raise _Doubt
        self._beside.execute(self._back)

    def _wait_for_others_to_leave(self, ours: list[int]) -> None:
        give_up = time.monotonic() + _LEAVING
        while self._beside.execute(_OTHERS, (ours,)).fetchone() != (0,):
            if time.monotonic() > give_up:
                raise _Doubt
            time.sleep(_LEAVING / 100)


def _forgetful(database: Database) -> list[int]:
    """Let every session of the pool forget what a test told it; the numbers of its processes."""
    pool: Any = database.engine.pool
    if pool.checkedout():
        raise _Doubt
    numbers = []
    with ExitStack() as taken:
        for _ in range(pool.checkedin()):
            connection: Any = taken.enter_context(closing(pool.connect())).driver_connection
            connection.execute(_FORGET)
            connection.commit()
            numbers.append(connection.info.backend_pid)
    return numbers


def _way_back(connection: psycopg.Connection) -> sql.Composed:
    """The statements that bring every row and every sequence back, kept beside them."""
    steps: list[sql.Composable] = [
        sql.SQL("BEGIN"),
        sql.SQL("SET LOCAL session_replication_role = replica"),
    ]
    connection.execute("CREATE SCHEMA as_it_was")
    for name, columns in connection.execute(_COLUMNS).fetchall():
        named = {"table": sql.Identifier(name), "columns": sql.SQL(columns)}
        steps.append(sql.SQL("DELETE FROM public.{table}").format(**named))
        kept = sql.SQL("CREATE TABLE as_it_was.{table} AS SELECT {columns} FROM public.{table}")
        if connection.execute(kept.format(**named)).rowcount:
            again = (
                "INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE"
                " SELECT {columns} FROM as_it_was.{table}"
            )
            steps.append(sql.SQL(again).format(**named))
    for name, start, last in connection.execute(_SEQUENCES).fetchall():
        called = (sql.Literal(name), sql.Literal(last or start), sql.Literal(last is not None))
        steps.append(sql.SQL("SELECT setval({}, {}, {})").format(*called))
    return sql.SQL("; ").join([*steps, sql.SQL("COMMIT")])
