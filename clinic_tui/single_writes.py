"""One statement written again and again, each time a transaction of its own, as fast as it can be.

It goes to the driver itself over a connection that is kept: between two e-mails it takes a fifth
of what ``Database.transact`` takes, and PostgreSQL is asked once and not three times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.dml import UpdateBase

from .engine import BUSY_SECONDS, began_writing

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, PoolProxiedConnection
    from sqlalchemy.sql.compiler import SQLCompiler

    from .database import Database


class SingleWrites:
    """Writes ``statement``, which may be run twice. Not for several threads at once."""

    def __init__(self, database: Database, statement: UpdateBase) -> None:
        self._database, self._statement = database, statement
        self._dialect = database.engine.dialect
        self._compiled: SQLCompiler = statement.compile(dialect=self._dialect)
        self._text = str(self._compiled)
        self._made = {name: self._maker(bind) for bind, name in self._compiled.bind_names.items()}
        self._kept: PoolProxiedConnection | None = None

    def write(self, values: Mapping[str, Any]) -> None:
        """Run it and commit it; raises as ``Database.transact`` does, by which it is run again
        where the connection or another writer is in the way.
        """
        driver_error = self._dialect.loaded_dbapi.Error
        try:
            self._run(values)
        except driver_error:
            self._let_go()
            self._database.transact(lambda session: session.execute(self._statement, dict(values)))

    def _run(self, values: Mapping[str, Any]) -> None:
        driver: Any = self._connection().driver_connection
        given = self._compiled.construct_params(values)
        ready = {name: make(given[name]) for name, make in self._made.items()}
        if not self._database.is_sqlite:
            driver.execute(self._text, ready)
            return
        if not began_writing(driver, BUSY_SECONDS):
            driver.execute("BEGIN IMMEDIATE")  # Refused in the driver's own words.
        driver.execute(self._text, [ready[name] for name in self._compiled.positiontup or ()])
        driver.execute("COMMIT")

    def _connection(self) -> PoolProxiedConnection:
        if self._kept is None:
            self._kept = self._database.engine.raw_connection()
            self._set_up(self._kept, kept=True)
        return self._kept

    def _maker(self, bind: BindParameter[Any]) -> Callable[[Any], Any]:
        """What makes a value one that the driver takes."""
        kind = bind.type.dialect_impl(self._dialect)
        return kind.bind_processor(self._dialect) or (lambda value: value)

    def _set_up(self, connection: PoolProxiedConnection, *, kept: bool) -> None:
        """For single statements, or as the pool has it."""
        driver: Any = connection.driver_connection
        if self._database.is_sqlite:
            driver.execute(f"PRAGMA busy_timeout = {0 if kept else BUSY_SECONDS * 1000}")
        else:
            driver.autocommit = kept

    def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.invalidate()

    def close(self) -> None:
        """Give the connection back as it was."""
        kept, self._kept = self._kept, None
        if kept is not None:
            self._set_up(kept, kept=False)
            kept.close()
