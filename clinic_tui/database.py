"""The engine, its safety settings, and one transaction per operation.

SQLite: WAL, synchronous=FULL (NORMAL loses acknowledged bookings on a power cut), foreign keys,
BEGIN IMMEDIATE for what writes and a plain BEGIN for what reads. PostgreSQL: time-outs for
statements, locks and idle transactions. Both: no parameter values in error texts.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from .domain.errors import ClinicUnavailable, Refusal

P = ParamSpec("P")
T = TypeVar("T")

HEAD = "0001"
"""The newest migration: what this program's tables look like."""

_TRIES = 4
_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: PostgreSQL undid everything, so the whole may be repeated."""
_TAKEN_MEANWHILE = "23505"
"""A name, number or key was free when the operation looked: run again, it finds it and says so."""
_BUSY = frozenset({"55P03", "57014"})
"""Lock and statement time-outs."""
_BUSY_SECONDS = 10
_TURN_MILLISECONDS = 8
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "ncpfs")
_UPGRADE_LOCK = 7421
_log = logging.getLogger("clinic_tui")
_log.addHandler(logging.NullHandler())  # Nothing may be written over a full-screen terminal.


class NoClinicYet(Refusal):
    """The database has no clinic's tables yet."""


def parse_url(url: str) -> URL:
    """The URL, checked: a SQLite file or PostgreSQL through psycopg. Refused: anything else."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise Refusal(
            "The database URL cannot be read; it looks like sqlite:///clinic.db"
            " or postgresql://user@host/clinic."
        ) from error
    if parsed.get_backend_name() == "postgresql":
        _check_settings(parsed)
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise Refusal("The database must be SQLite or PostgreSQL.")
    file = parsed.database or ""
    if not file or file.startswith((":", "file:")) or "\0" in file:
        raise Refusal("A SQLite URL needs a file, as in sqlite:///clinic.db.")
    return parsed


def _check_settings(url: URL) -> None:
    """Refuse a setting that PostgreSQL does not know: a mistyped sslmode would go unnoticed."""
    from psycopg import ProgrammingError  # noqa: PLC0415 - 0.1 s that only PostgreSQL needs
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    for name in url.query:
        try:
            make_conninfo(**{name: ""})
        except ProgrammingError as error:
            raise Refusal(
                f"The database URL holds “{name}”, which PostgreSQL does not know."
            ) from error


def on_network_share(path: Path) -> bool:
    """Whether the file lies on a network file system, where SQLite's locks cannot be trusted."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    nearest = next((p for p in (path.resolve(), *path.resolve().parents) if p.exists()), path)
    best = ("", "")
    for line in mounts:
        _, where, kind, *_ = line.split(" ")
        if nearest.is_relative_to(where) and len(where) >= len(best[0]):
            best = (where, kind)
    return best[1].startswith(_NETWORK_FILE_SYSTEMS)


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # The driver's own BEGIN would come too late to be IMMEDIATE.
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for name, value in expected.items():
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise Refusal(
                f"This SQLite file cannot be used safely: {name} stays at “{found}”."
                " Is it on a read-only or network disk?"
            )


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
    if reads:
        connection.exec_driver_sql("BEGIN")
    else:
        _take_turn(connection)


def _take_turn(connection: Connection) -> None:
    """BEGIN IMMEDIATE, as soon as the writers before us let us.

    SQLite by itself sleeps the longer the longer it has waited, so that among sixteen desks who
    came last goes first and one of a hundred waits for more than four seconds. Asking anew every
    few milliseconds gives all of them the same chance.
    """
    give_up = time.monotonic() + _BUSY_SECONDS
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_TURN_MILLISECONDS}")
    try:
        while not _began(connection, give_up):
            pass
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")


def _began(connection: Connection, give_up: float) -> bool:
    """Whether it was our turn; refused as busy once it is time to give up."""
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
            raise
        return False
    return True


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, hide_parameters=True, connect_args={"check_same_thread": False}, pool_size=4
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    limits = {
        "statement_timeout": "10s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "15s",
    }
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=4,
        pool_pre_ping=False,
        connect_args={
            "connect_timeout": 5,
            "application_name": "clinic_tui",
            "keepalives_idle": 30,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )
    event.listen(engine, "handle_error", _forget_values)
    return engine


def _forget_values(context: ExceptionContext) -> None:
    """PostgreSQL writes values of the row into its texts; a bug's traceback must not hold them.

    What is kept: the code, and for constraints (23…) and mistakes in the SQL (42…) the sentence
    that names them.
    """
    error, original = context.sqlalchemy_exception, context.original_exception
    diagnosis = getattr(original, "diag", None)
    if error is None or diagnosis is None or not diagnosis.sqlstate:
        return
    said: str = diagnosis.sqlstate
    if said.startswith(("23", "42")):
        said = f"{said} {diagnosis.message_primary}"
    original.args = error.args = (said,)


class Database:
    """One clinic's database: opens lazily, one transaction per call, safe from several threads."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _create_engine(self.url)
        self._reader = self.engine.execution_options(reads=True, postgresql_readonly=True)

    def transact(
        self,
        operation: Callable[Concatenate[Session, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run the operation in one writing transaction and commit it, or leave no trace.

        A serialization failure or a deadlock was undone whole by the server, so the operation is
        run again, a bounded number of times. Raises ``ClinicUnavailable`` when the database does
        not answer; its ``outcome_known`` is false when that happened during the commit.
        """
        for attempt in range(1, _TRIES + 1):
            committing = False
            try:
                with Session(self.engine, expire_on_commit=False) as session:
                    result = operation(session, *args, **kwargs)
                    committing = True
                    session.commit()
                    return result
            except DBAPIError as error:
                if _sqlstate(error) in {*_AGAIN, _TAKEN_MEANWHILE} and attempt < _TRIES:
                    continue
                raise _explain(error, committing=committing) from error
        raise AssertionError("unreachable")

    def read(
        self,
        operation: Callable[Concatenate[Session, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that only reads: it never waits for a writer, and may not write."""
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                return operation(session, *args, **kwargs)
        except DBAPIError as error:
            raise _explain(error, committing=False) from error

    def revision(self) -> str | None:
        """The migration the tables are at, or None where there are none yet.

        A SQLite file that does not exist is not made by looking for it.
        """
        if self.is_sqlite and not Path(self.url.database or "").exists():
            return None

        def stored(session: Session) -> str | None:
            tables = (
                "sqlite_master WHERE type = 'table' AND name"
                if self.is_sqlite
                else ("pg_tables WHERE schemaname = current_schema() AND tablename")
            )
            there = session.scalar(text(f"SELECT count(*) FROM {tables} = 'alembic_version'"))  # noqa: S608
            if not there:
                return None
            number: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
            return number

        return self.read(stored)

    def check_revision(self) -> None:
        """Refuse to work on tables of another version: nothing is read or written by guess."""
        found = self.revision()
        if found is None:
            raise NoClinicYet("There is no clinic in this database yet: “clinic init” makes one.")
        if found > HEAD:
            raise Refusal("This database was made by a newer clinic_tui: please update this one.")
        if found < HEAD:
            raise Refusal("This database is from an older clinic_tui: “clinic init” upgrades it.")

    def upgrade(self) -> None:
        """Create or upgrade the tables, all or nothing; several terminals at once do it once."""
        from alembic import command  # noqa: PLC0415 - 0.3 s that only an upgrade needs
        from alembic.config import Config  # noqa: PLC0415

        if self.is_sqlite:
            _make_private_file(Path(self.url.database or ""))
        found = self.revision()
        if found is not None and found > HEAD:
            raise Refusal("This database was made by a newer clinic_tui: please update this one.")
        config = Config()
        config.set_main_option("script_location", "clinic_tui:migrations")
        try:
            with self.engine.begin() as connection:
                if not self.is_sqlite:
                    # Whoever comes second waits as long as the first one's upgrade takes.
                    connection.exec_driver_sql("SET LOCAL lock_timeout = '10min'")
                    connection.exec_driver_sql("SET LOCAL statement_timeout = '10min'")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DBAPIError as error:
            raise _explain(error, committing=False) from error

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _make_private_file(path: Path) -> None:
    """Create the file before SQLite does, readable by its owner alone."""
    try:
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise ClinicUnavailable(f"The file {path} cannot be made: {error.strerror}.") from error


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


_SENTENCES: tuple[tuple[tuple[str, ...], frozenset[str], str], ...] = (
    # SQLite's error names begin so, or PostgreSQL's SQLSTATE is one of these.
    (
        ("SQLITE_BUSY",),
        _BUSY | _AGAIN,
        "The clinic's database is busy: nothing was changed, try again.",
    ),
    (("SQLITE_CANTOPEN",), frozenset(), "The file of the clinic's database cannot be opened."),
    (("SQLITE_FULL",), frozenset({"53100"}), "The disk is full: nothing was changed."),
    (
        ("SQLITE_READONLY", "SQLITE_PERM"),
        frozenset({"42501", "25006"}),
        "The clinic's database may not be written from here.",
    ),
    (
        ("SQLITE_NOTADB", "SQLITE_CORRUPT"),
        frozenset({"XX001"}),
        "That file is no SQLite database, or it is damaged.",
    ),
)


def _explain(error: DBAPIError, *, committing: bool) -> Exception:
    """A sentence for what a person can cause or mend; a bug stays the exception it is.

    Never the driver's text: PostgreSQL puts values of the row into it.
    """
    state = _sqlstate(error) or ""
    name: str = getattr(error.orig, "sqlite_errorname", "") or ""
    _log.warning("database error %s", state or name or type(error.orig).__name__)
    for names, states, sentence in _SENTENCES:
        if state in states or (name and name.startswith(names)):
            return ClinicUnavailable(sentence)
    if not state and "FATAL" in str(error.orig):  # libpq hands no code on for a refused connection.
        return ClinicUnavailable(
            "The database server refuses the connection; its log says why, most often the user,"
            " the password or the name of the database."
        )
    if not _unreachable(error, state, name):
        return error
    if committing:
        return ClinicUnavailable(
            "The clinic's database went away while saving: it is not known whether it was saved.",
            outcome_known=False,
        )
    return ClinicUnavailable("The clinic's database is not answering: nothing was changed.")


def _unreachable(error: DBAPIError, state: str, name: str) -> bool:
    """Whether the connection is gone, or was never made (then the driver gives no code)."""
    return (
        error.connection_invalidated
        or name.startswith("SQLITE_IOERR")
        or state[:2] in ("08", "57")
        or (not state and not name and type(error.orig).__name__ == "OperationalError")
    )
