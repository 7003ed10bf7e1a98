"""The engine and its safety settings, different for each database and checked at connect.

SQLite: WAL, synchronous=FULL (NORMAL loses acknowledged bookings on a power cut), foreign keys,
BEGIN IMMEDIATE for what writes and a plain BEGIN for what reads. PostgreSQL: time-outs for
statements, locks and idle transactions, and what reading costs. Both: no parameter values in
error texts.
"""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from .domain.errors import Refusal

BUSY_SECONDS = 10
_FIRST_TURN, _LAST_TURN, _HURRY = 0.008, 0.001, 4.0
"""Seconds between two askings of a writer that has just come, and of one that has waited for long;
how fast one becomes the other, in a second of waiting."""
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "ncpfs")
_OCTAL = re.compile(r"\\([0-7]{3})")


def parse_url(url: str) -> URL:
    """The URL, checked: a SQLite file or PostgreSQL through psycopg. Refused: anything else."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        parsed.get_dialect()
        (parsed.host or "").encode("idna")  # As whoever looks the name up will do.
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
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    nearest = next((p for p in (path.resolve(), *path.resolve().parents) if p.exists()), path)
    return file_system(nearest, mounts).startswith(_NETWORK_FILE_SYSTEMS)


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that a path lies on, by what Linux lists in /proc/mounts.

    There a blank, a tab, a line feed and a backslash in a folder's name are octal: fstab(5).
    """
    best = ("", "")
    for line in mounts.splitlines():
        _, escaped, kind, *_ = line.split(" ")
        where = _OCTAL.sub(lambda match: chr(int(match[1], 8)), escaped)
        if path.is_relative_to(where) and len(where) >= len(best[0]):
            best = (where, kind)
    return best[1]


_SETTINGS: dict[str, tuple[str, object]] = {
    # name: (what is set, what must be found afterwards)
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    # Without it INSERT OR REPLACE would overwrite an entry of the audit trail unseen.
    "recursive_triggers": ("ON", 1),
}


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # The driver's own BEGIN would come too late to be IMMEDIATE.
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    for name, (wanted, expected) in _SETTINGS.items():
        _set(connection, f"PRAGMA {name} = {wanted}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != expected:
            raise Refusal(
                f"This SQLite file cannot be used safely: {name} stays at “{found}”."
                " Is it on a read-only or network disk?"
            )


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Set it, waiting for others: SQLite turns a new file into WAL without its busy timeout."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= give_up:
                raise
            time.sleep(_FIRST_TURN)
        else:
            return


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether somebody else is writing, or mends what a killed one left (BUSY_RECOVERY)."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _forbid_writing(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_sqlite(connection: Connection) -> None:
    """BEGIN IMMEDIATE, as soon as the writers before us let us.

    SQLite by itself sleeps the longer the longer it has waited, so that among sixteen desks who
    came last goes first and one of a hundred waits for more than four seconds. Here whoever has
    waited longer asks more often, and so is the likelier to ask next when it is free. The option
    ``patience`` says after how many seconds to give up.
    """
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    patience = connection.get_execution_options().get("patience", BUSY_SECONDS)
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        if not began_writing(driver, patience):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # Refused in SQLAlchemy's own words.
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def began_writing(driver: sqlite3.Connection, patience: float) -> bool:
    """Whether it was our turn to write a SQLite file within so many seconds.

    Asked of the driver itself: fifteen who wait ask a thousand times a second, on the same
    processors as the one they wait for.
    """
    came = time.monotonic()
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - came
            if not _is_busy(error) or waited >= patience:
                return False
            time.sleep(max(_LAST_TURN, _FIRST_TURN / (1 + _HURRY * waited)))
        else:
            return True


def open_engines(url: URL) -> tuple[Engine, Engine]:
    """What writes and what only reads, with the settings of its database; both connect late."""
    if url.get_backend_name() == "sqlite":
        # Two pools: a connection that is switched between writing and reading forgets every
        # statement that it has prepared.
        writer, reader = _sqlite_engine(url), _sqlite_engine(url)
        event.listen(writer, "begin", _begin_sqlite)
        event.listen(reader, "connect", _forbid_writing)
        event.listen(reader, "begin", _begin_reading)
        return writer, reader
    engine = _postgresql_engine(url)
    return engine, engine.execution_options(postgresql_readonly=True)


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False}, pool_size=4
    )
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _postgresql_engine(url: URL) -> Engine:
    settings = {
        "statement_timeout": "10s",
        "lock_timeout": "8s",
        "idle_in_transaction_session_timeout": "15s",
        # A clinic's book fits into memory. By what a disk with heads costs, the planner would at
        # times read all patients, five times slower than a day's thousand one by one.
        "random_page_cost": "1.1",
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
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
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
