"""What one test does to a database, the next one does not find."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from clinic_tui.database import Database
from clinic_tui.domain.clinic.rooms import add_room
from tests.domain.given import everything
from tests.small_clinic import NOW, SmallClinic

from .conftest import Templates
from .kept import Kept


@pytest.fixture
def kept(kind: str, templates: Templates) -> Kept:
    """Lent to nobody meanwhile."""
    return templates.kept(kind, wants_clinic=True)


def run(database: Database, sql: str) -> None:
    """One statement, committed."""
    database.transact(lambda session: session.execute(text(sql)))


def which(database: Database) -> Any:
    """Another number for another PostgreSQL database, though it has the same name."""
    query = "SELECT oid FROM pg_database WHERE datname = current_database()"
    return None if database.is_sqlite else database.read(lambda s: s.scalar(text(query)))


def test_rows_and_numbers_are_put_back(kept: Kept, clinic: SmallClinic) -> None:
    rows: Any = None
    numbers = set()
    for _ in range(3):
        lent = kept.lend()
        rows = rows or lent.read(everything)
        assert lent.read(everything) == rows
        numbers.add(lent.transact(add_room, clinic.admin, "Cellar", NOW))
        run(lent, "DELETE FROM weekly_hours")
        run(lent, "UPDATE clinic SET name = 'Lakeside'")
        kept.take_back()
    assert len(numbers) == 1


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE more (id INTEGER)", "DROP TABLE weekly_hours", "DROP INDEX {index}"]
)
def test_a_changed_schema_is_thrown_away(kept: Kept, kind: str, sql: str) -> None:
    lent = kept.lend()
    catalogue = "sqlite_master WHERE type = 'index' AND sql <> ''"
    if kind == "postgresql":
        catalogue = "(SELECT indexname AS name FROM pg_indexes WHERE indexname LIKE 'ix%')"
    name = lent.read(lambda session: session.scalar(text(f"SELECT name FROM {catalogue}")))
    before = which(lent)
    run(lent, sql.format(index=name))
    kept.take_back()
    lent = kept.lend()
    assert kind == "sqlite" or which(lent) != before
    run(lent, "DELETE FROM weekly_hours")
    run(lent, f"DROP INDEX {name}")
    kept.take_back()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_whoever_stays_connected_is_thrown_out(kept: Kept) -> None:
    lent = kept.lend()
    before = which(lent)
    with lent.engine.connect() as left:
        left.execute(text("LOCK TABLE appointments"))
        kept.take_back()
        lent = kept.lend()
        assert which(lent) != before
        run(lent, "DELETE FROM appointments")
        kept.take_back()
        left.invalidate()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_session_forgets_what_it_was_told(kept: Kept) -> None:
    lent = kept.lend()
    before = which(lent)
    run(lent, "SELECT pg_advisory_lock(42)")
    run(lent, "SET statement_timeout = 1")
    kept.take_back()
    lent = kept.lend()
    assert which(lent) == before
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42"
    assert lent.read(lambda session: session.scalar(text(locks))) == 0
    shown = lent.read(lambda session: session.scalar(text("SHOW statement_timeout")))
    assert shown == "10s"
    kept.take_back()
