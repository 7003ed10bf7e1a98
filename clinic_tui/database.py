"""One clinic's database: one transaction per operation, and tables that are kept up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .domain.errors import ClinicUnavailable, Refusal
from .engine import open_engines, parse_url
from .outage import explain, explain_overflow, worth_repeating

P = ParamSpec("P")
T = TypeVar("T")

HEAD = "0014"
"""The newest migration: what this program's tables look like."""

_TRIES = 4
_UPGRADE_MINUTES = 10
_UPGRADE_LOCK = 7421


class NoClinicYet(Refusal):
    """The database has no clinic's tables yet."""


class Database:
    """One clinic's database: opens lazily, one transaction per call, safe from several threads."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine, self._reader = open_engines(self.url)

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
                again = worth_repeating(error, first=attempt == 1, committing=committing)
                if again and attempt < _TRIES:
                    continue
                raise explain(error, committing=committing) from error
            except OverflowError as error:
                raise explain_overflow(error) from error
        raise AssertionError("unreachable")

    def read(
        self,
        operation: Callable[Concatenate[Session, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that only reads: it never waits for a writer, and may not write."""
        for attempt in (1, 2):
            try:
                with Session(self._reader, expire_on_commit=False) as session:
                    result = operation(session, *args, **kwargs)
                    # After a rollback psycopg would forget all statements that it has prepared.
                    session.commit()
                    return result
            except DBAPIError as error:
                if not worth_repeating(error, first=attempt == 1, committing=False):
                    raise explain(error, committing=False) from error
            except OverflowError as error:
                raise explain_overflow(error) from error
        raise AssertionError("unreachable")

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
            file = Path(self.url.database or "")
            _make_private_file(file, file)
        found = self.revision()
        if found is not None and found > HEAD:
            raise Refusal("This database was made by a newer clinic_tui: please update this one.")
        config = Config()
        config.set_main_option("script_location", "clinic_tui:migrations")
        try:
            # Whoever comes second waits as long as the first one's upgrade takes.
            patient = self.engine.execution_options(patience=_UPGRADE_MINUTES * 60)
            with patient.begin() as connection:
                if not self.is_sqlite:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_UPGRADE_MINUTES}min'")
                    connection.exec_driver_sql(
                        f"SET LOCAL statement_timeout = '{_UPGRADE_MINUTES}min'"
                    )
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DBAPIError as error:
            raise explain(error, committing=False) from error

    @contextmanager
    def made_whole(self) -> Iterator[Database]:
        """This database; of a SQLite file that is not there yet one that takes its name at the end.

        Whatever goes wrong until then leaves no file. Raises ``ClinicUnavailable`` where the disk
        has no room for it, and ``Refusal`` where somebody else has made it meanwhile.
        """
        file = Path(os.path.realpath(self.url.database or ""))
        # What an old log would do to a new file SQLite decides better than a name that is taken.
        if not self.is_sqlite or file.exists() or _with_end(file, "-wal").exists():
            yield self
            return
        new = file.with_name(f"{file.name}.{token_hex(4)}.new")
        database = Database(self.url.set(database=str(new)).render_as_string())
        try:
            _make_private_file(new, file)
            yield database
            database.close()
            _take_name(new, file)
        finally:
            database.close()
            for end in ("", "-wal", "-shm"):
                with suppress(OSError):  # Most often it is not there.
                    _with_end(new, end).unlink()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        self._reader.dispose()


def _take_name(new: Path, file: Path) -> None:
    """Let a closed SQLite file be found by that name, unless another one is."""
    if _with_end(new, "-wal").exists():
        # There was no room to bring all of the log into the file.
        raise ClinicUnavailable("The disk is full: nothing was changed.")
    try:
        try:
            os.link(new, file)
        except FileExistsError:
            raise
        except OSError:  # Not every file system knows two names of one file.
            new.rename(file)
    except FileExistsError as error:
        raise Refusal(f"Somebody else has just made {file}: nothing was changed.") from error
    except OSError as error:
        raise ClinicUnavailable(f"The file {file} cannot be made: {error.strerror}.") from error


def _with_end(file: Path, end: str) -> Path:
    return file.with_name(f"{file.name}{end}")


def _make_private_file(path: Path, file: Path) -> None:
    """Create it before SQLite does, readable by its owner alone; ``file`` is what it is to be."""
    try:
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise ClinicUnavailable(f"The file {file} cannot be made: {error.strerror}.") from error
