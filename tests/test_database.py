"""The engine: safety settings that are really set, one transaction a call, sentences for people."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import CursorResult, bindparam, event, insert, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from clinic_tui import engine
from clinic_tui.database import HEAD, Database, NoClinicYet
from clinic_tui.domain.errors import ClinicUnavailable, Refusal
from clinic_tui.domain.models import Room, table
from clinic_tui.engine import file_system, on_network_share, parse_url
from clinic_tui.single_writes import SingleWrites

from .conftest import Templates
from .races.racing import FORKING
from .upgrading import upgrade_with_the_others

_PROCESSES = 6


@pytest.fixture
def sqlite(templates: Templates, tmp_path: Path) -> Any:
    """A clinic's database in a SQLite file."""
    with ExitStack() as cleanup:
        url = templates.copy("sqlite", templates.migrated("sqlite"), tmp_path, cleanup)
        with closing(Database(url)) as database:
            yield database


@pytest.fixture
def postgresql(templates: Templates, tmp_path: Path) -> Any:
    """A clinic's database on the server."""
    with ExitStack() as cleanup:
        url = templates.copy("postgresql", templates.migrated("postgresql"), tmp_path, cleanup)
        with closing(Database(url)) as database:
            yield database


def add_table(session: Session) -> None:
    """An operation that makes a table."""
    session.execute(text("CREATE TABLE made (id integer)"))


def add_room(session: Session, name: str) -> None:
    """An operation that writes."""
    session.execute(
        text("INSERT INTO rooms (name, name_key, active) VALUES (:name, :name, true)"),
        {"name": name},
    )


def rooms(session: Session) -> list[str]:
    """An operation that reads."""
    return list(session.scalars(text("SELECT name FROM rooms ORDER BY id")))


def run(session: Session, sql: str) -> Any:
    """An operation of one statement; the first column of the first row, if any."""
    result = cast("CursorResult[Any]", session.execute(text(sql)))
    return result.scalar() if result.returns_rows else None


def other_connection(database: Database) -> sqlite3.Connection:
    """A connection past the engine, which waits for nobody."""
    return sqlite3.connect(database.url.database or "", timeout=0, isolation_level=None)


# Settings


def test_every_sqlite_connection_is_safe(sqlite: Database) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    with ExitStack() as stack:
        for _ in range(5):
            connection = stack.enter_context(sqlite.engine.connect())
            pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected]
            assert pragmas == list(expected.values())
            connection.rollback()


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        database.transact(run, "INSERT INTO doctor_specialties VALUES (1, 1)")


@pytest.mark.parametrize("how", ["transact", "read"])
def test_every_postgresql_connection_is_set_up(postgresql: Database, how: str) -> None:
    for setting, value in {
        "statement_timeout": "10s",
        "lock_timeout": "8s",
        "random_page_cost": "1.1",
        "idle_in_transaction_session_timeout": "15s",
        "transaction_read_only": "on" if how == "read" else "off",
    }.items():
        assert getattr(postgresql, how)(run, f"SHOW {setting}") == value, setting


def test_postgresql_keeps_what_it_has_prepared(postgresql: Database) -> None:
    """Across reads: psycopg prepares what it has sent five times, and forgets it at a rollback."""
    for _ in range(7):
        postgresql.read(run, "SELECT count(*) FROM rooms")
    count = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM rooms'"
    assert postgresql.read(run, count) == 1


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(Database(f"sqlite:///{tmp_path}/clinic/new.db")) as database:
            database.upgrade()
            database.transact(add_room, "Room 1")
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    assert modes == {"clinic": 0o700, "new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}


def test_a_local_folder_is_no_network_share(tmp_path: Path) -> None:
    assert not on_network_share(tmp_path / "not yet" / "clinic.db")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/front desk/clinic.db", "nfs4"),
        ("/srv/front/clinic.db", "ext4"),
        ("/srv/tab\tand\\040/clinic.db", "cifs"),
        ("/srv/näh/clinic.db", "fuse.sshfs"),
    ],
)
def test_where_folders_names_have_blanks(path: str, kind: str) -> None:
    mounts = (
        "/dev/sda1 / ext4 rw,relatime 0 0\n"
        "files:/all /srv/front\\040desk nfs4 rw 0 0\n"
        "//files/all /srv/tab\\011and\\134040 cifs rw 0 0\n"
        "me@files:/ /srv/näh fuse.sshfs rw 0 0\n"
    )
    assert file_system(Path(path), mounts) == kind


# One transaction a call


def test_a_writer_locks_before_it_reads(sqlite: Database) -> None:
    def look_then_write(session: Session) -> None:
        assert rooms(session) == []
        with (
            closing(other_connection(sqlite)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")
        add_room(session, "Room 1")
        assert sqlite.read(rooms) == []

    sqlite.transact(look_then_write)
    assert sqlite.read(rooms) == ["Room 1"]


def test_a_reader_is_in_nobodys_way(sqlite: Database) -> None:
    def look_twice(session: Session) -> None:
        assert rooms(session) == []
        with closing(other_connection(sqlite)) as other:
            other.execute("INSERT INTO rooms (name, name_key, active) VALUES ('a', 'a', true)")
        assert rooms(session) == []

    sqlite.read(look_twice)
    assert sqlite.read(rooms) == ["a"]


def test_a_second_writer_is_told_that_it_is_busy(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_tui.engine.BUSY_SECONDS", 0)
    with closing(other_connection(sqlite)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ClinicUnavailable, match="busy: nothing was changed") as refusal:
            sqlite.transact(add_room, "Room 1")
        assert refusal.value.outcome_known
        assert sqlite.read(rooms) == []
        other.execute("COMMIT")
    sqlite.transact(add_room, "Room 1")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO specialties (name, name_key) VALUES ('a', 'a')",
        "UPDATE rooms SET active = false",
        "DELETE FROM rooms",
        "CREATE TABLE more (id INTEGER)",
    ],
)
def test_a_read_cannot_write(database: Database, sql: str) -> None:
    database.transact(add_room, "Room 1")
    with pytest.raises(ClinicUnavailable, match="may not be written from here"):
        database.read(run, sql)
    database.transact(add_room, "Room 2")
    assert database.read(rooms) == ["Room 1", "Room 2"]


def test_a_refusal_leaves_no_trace(database: Database) -> None:
    def change_ones_mind(session: Session) -> None:
        add_room(session, "Room 1")
        raise Refusal("No")

    with pytest.raises(Refusal, match=r"^No$"):
        database.transact(change_ones_mind)
    assert database.read(rooms) == []


def test_several_threads_share_one_database(database: Database) -> None:
    def add_some(number: int) -> None:
        for part in range(5):
            database.transact(add_room, f"Room {number}.{part}")

    threads = [threading.Thread(target=add_some, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(database.read(rooms)) == 40


@pytest.mark.parametrize("code", ["40001", "40P01"])
@pytest.mark.parametrize(("failures", "runs"), [(0, 1), (3, 4), (99, 4)])
def test_what_the_server_undid_is_run_again(
    postgresql: Database, code: str, failures: int, runs: int
) -> None:
    seen: list[list[str]] = []

    def unlucky(session: Session) -> str:
        seen.append(rooms(session))
        add_room(session, "Room 1")
        if len(seen) <= failures:
            run(session, f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$")
        return "done"

    if failures >= runs:
        with pytest.raises(ClinicUnavailable, match="busy: nothing was changed"):
            postgresql.transact(unlucky)
        assert postgresql.read(rooms) == []
    else:
        assert postgresql.transact(unlucky) == "done"
        assert postgresql.read(rooms) == ["Room 1"]
    assert seen == [[]] * runs


# What goes wrong, in a sentence


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "cannot be read; it looks like sqlite:///clinic.db"),
        ("clinic.db", "cannot be read"),
        ("C:\\clinic.db", "cannot be read"),
        ("nonsense://host/clinic", "cannot be read"),
        ("postgresql://host:port/clinic", "cannot be read"),
        ("postgresql://a..b/clinic", "cannot be read"),
        ("mysql://host/clinic", "must be SQLite or PostgreSQL"),
        ("sqlite+aiosqlite:///clinic.db", "must be SQLite or PostgreSQL"),
        ("sqlite+pysqlcipher:///clinic.db", "must be SQLite or PostgreSQL"),
        ("sqlite://", "needs a file"),
        ("sqlite:///", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///file:clinic.db?uri=true", "needs a file"),
        ("sqlite:///clinic\0.db", "needs a file"),
        ("postgresql://host/clinic?sslmod=require", "“sslmod”, which PostgreSQL does not know"),
    ],
)
def test_a_wrong_url_is_refused(
    url: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match=sentence):
        Database(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_postgresql_url_goes_through_psycopg(scheme: str) -> None:
    url = parse_url(f"{scheme}://ana@host/clinic?sslmode=verify-full")
    assert url == make_url("postgresql+psycopg://ana@host/clinic?sslmode=verify-full")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    with (
        closing(Database(f"sqlite:///{tmp_path}/letter.db")) as database,
        pytest.raises(ClinicUnavailable, match="no SQLite database, or it is damaged"),
    ):
        database.revision()


@pytest.mark.parametrize("place", ["file/clinic.db", "a" * 300])
def test_a_file_that_cannot_be_made(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with (
        closing(Database(f"sqlite:///{tmp_path}/{place}")) as database,
        pytest.raises(ClinicUnavailable, match="cannot be made"),
    ):
        database.upgrade()


def test_a_file_takes_its_name_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no file has two names; what somebody else makes meanwhile stays theirs."""
    file = tmp_path / "clinic.db"

    def make(meanwhile: str) -> None:
        with closing(Database(f"sqlite:///{file}")) as database, database.made_whole() as made:
            made.transact(add_table)
            assert not file.exists()
            if meanwhile:
                file.write_text(meanwhile, encoding="utf-8")

    with pytest.raises(Refusal, match="Somebody else has just made"):
        make("theirs")
    assert [(one, one.read_text(encoding="utf-8")) for one in tmp_path.iterdir()] == [
        (file, "theirs")
    ]
    file.unlink()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    make("")
    assert list(tmp_path.iterdir()) == [file]
    with closing(Database(f"sqlite:///{file}")) as database, database.made_whole() as made:
        assert made is database


def test_looking_for_a_clinic_makes_no_file(tmp_path: Path) -> None:
    with (
        closing(Database(f"sqlite:///{tmp_path}/none/clinic.db")) as database,
        pytest.raises(NoClinicYet),
    ):
        database.check_revision()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk(sqlite: Database) -> None:
    pages = sqlite.read(run, "PRAGMA page_count")
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ClinicUnavailable, match="disk is full: nothing was changed"):
        sqlite.transact(add_room, "Room 1" * 10_000)
    assert sqlite.read(rooms) == []


def test_a_server_that_nobody_knows() -> None:
    # A name is at most 255 letters long: nothing is asked of any network.
    with (
        closing(Database(f"postgresql://ana@{'.'.join(['x' * 60] * 5)}/clinic")) as database,
        pytest.raises(ClinicUnavailable, match="No computer is known by the name"),
    ):
        database.revision()


def test_no_server(tmp_path: Path) -> None:
    with socket.socket() as taken_by_nobody:
        taken_by_nobody.bind(("127.0.0.1", 0))
        port = taken_by_nobody.getsockname()[1]
        for place in (f"127.0.0.1:{port}/clinic", f"/clinic?host={tmp_path}"):
            with (
                closing(Database(f"postgresql://ana@{place}")) as database,
                pytest.raises(ClinicUnavailable, match="not answering: nothing was changed") as no,
            ):
                database.transact(add_room, "Room 1")
            assert no.value.outcome_known


@pytest.mark.parametrize("wrong", ["database", "user"])
def test_a_server_that_refuses(postgresql: Database, wrong: str) -> None:
    unknown = {
        "database": postgresql.url.set(database="no_such_clinic"),
        "user": postgresql.url.set(username="no_such_user"),
    }
    url = unknown[wrong].render_as_string(hide_password=False)
    with (
        closing(Database(url)) as database,
        pytest.raises(ClinicUnavailable, match="refuses the connection"),
    ):
        database.revision()


@pytest.mark.parametrize(
    ("sslmode", "first_request"), [("require", 80_877_103), ("disable", 196_608)]
)
def test_sslmode_is_honoured(sslmode: str, first_request: int) -> None:
    heard: list[bytes] = []

    def answer_that_there_is_no_tls(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(8))
            connection.sendall(b"N")
            heard.append(connection.recv(1000) if sslmode == "require" else b"")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer_that_there_is_no_tls, args=(listener,))
        server.start()
        place = f"127.0.0.1:{listener.getsockname()[1]}/clinic?sslmode={sslmode}"
        with (
            closing(Database(f"postgresql://ana@{place}")) as database,
            pytest.raises(ClinicUnavailable),
        ):
            database.revision()
        server.join()
    assert int.from_bytes(heard[0][4:], "big") == first_request
    assert heard[1] == b"", "it went on without TLS"


@pytest.mark.parametrize("name", ["clinic_tui", "psycopg", "sqlalchemy"])
def test_warnings_are_not_written_over_a_terminal(name: str) -> None:
    """Python prints what nobody listens to: psycopg warns of every connection lost in use."""
    assert any(isinstance(one, logging.NullHandler) for one in logging.getLogger(name).handlers)


def test_a_connection_lost_on_the_way(postgresql: Database) -> None:
    def hang_up(session: Session) -> None:
        add_room(session, "Room 1")
        run(session, "SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(ClinicUnavailable, match="nothing was changed") as refusal:
        postgresql.transact(hang_up)
    assert refusal.value.outcome_known
    assert postgresql.read(rooms) == []


def test_a_connection_lost_while_saving(postgresql: Database) -> None:
    for statement in (
        "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION hang_up()",
    ):
        postgresql.transact(run, statement)
    with pytest.raises(ClinicUnavailable, match="not known whether it was saved") as refusal:
        postgresql.transact(add_room, "Room 1")
    assert not refusal.value.outcome_known


@pytest.mark.parametrize(
    "sql",
    [
        "SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(5)",
        "SET LOCAL lock_timeout = '1ms'; LOCK TABLE rooms",
    ],
)
def test_a_busy_server(postgresql: Database, sql: str) -> None:
    def hold(session: Session) -> None:
        run(session, "LOCK TABLE rooms")
        with pytest.raises(ClinicUnavailable, match="busy: nothing was changed"):
            postgresql.transact(lambda other: [run(other, part) for part in sql.split("; ")])

    postgresql.transact(hold)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO rooms (name, name_key, active) VALUES (:word, 'taken', true)",
        "INSERT INTO rooms (name, name_key, active) VALUES (:word, :word, NULL)",
        "INSERT INTO outbox (message_id) VALUES (:word)",
        "INSERT INTO extra_hours (note, doctor_id, day, starts, ends)"
        " VALUES (:word, 1, '2026-11-23', 9, 8)",
        "SELECT no_such_column, :word FROM rooms",
        "SELECT CAST(:word AS INTEGER) / 0 FROM no_such_table",
        "INSERT INTO patients (record_number, family_name) VALUES (:word, :word)",
    ],
)
def test_values_stay_out_of_every_text(
    database: Database, sql: str, caplog: pytest.LogCaptureFixture
) -> None:
    word = "".join(["Ver", "ena"])  # Not written out, because tracebacks show these lines.
    database.transact(add_room, "taken")
    with pytest.raises(DBAPIError) as bug:
        database.transact(lambda session: session.execute(text(sql), {"word": word}))
    assert word not in "".join(traceback.format_exception(bug.value))
    assert word not in caplog.text


# Creating and upgrading


def test_an_upgrade_is_whole(fresh_url: str) -> None:
    with closing(Database(fresh_url)) as database:
        with pytest.raises(NoClinicYet, match="clinic init"):
            database.check_revision()
        database.upgrade()
        database.check_revision()
        assert database.revision() == HEAD
        database.transact(add_room, "Room 1")
        database.upgrade()
        assert database.read(rooms) == ["Room 1"]


def test_an_upgrade_may_take_its_time(templates: Templates, tmp_path: Path) -> None:
    limits: set[str] = set()

    def look(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        if "CREATE TABLE" in statement:
            for name in ("lock_timeout", "statement_timeout"):
                limits.add(cursor.connection.execute(f"SHOW {name}").fetchone()[0])

    with ExitStack() as cleanup:
        url = templates.copy("postgresql", None, tmp_path, cleanup)
        database = cleanup.enter_context(closing(Database(url)))
        event.listen(database.engine, "before_cursor_execute", look)
        database.upgrade()
        assert limits == {"10min"}
        assert database.transact(run, "SHOW lock_timeout") == "8s"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_upgrade_waits_longer_for_its_turn_than_a_booking(
    fresh_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another terminal's upgrade of a large book takes more than the patience of a desk."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    asked, sleep = threading.Semaphore(0), time.sleep

    def wait_a_turn(seconds: float) -> None:
        asked.release()
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", wait_a_turn)
    with closing(Database(fresh_url)) as first, closing(Database(fresh_url)) as second:
        with ThreadPoolExecutor(1) as others:
            with first.engine.begin():
                upgrade = others.submit(second.upgrade)
                assert asked.acquire(timeout=60)
                assert asked.acquire(timeout=60)
            upgrade.result(60)
        assert second.revision() is not None


def test_a_failed_upgrade_leaves_nothing(fresh_url: str) -> None:
    with closing(Database(fresh_url)) as database:
        database.transact(run, "CREATE TABLE sign_ins (id INTEGER)")
        with pytest.raises(DBAPIError):
            database.upgrade()
        assert inspect(database.engine).get_table_names() == ["sign_ins"]


def test_a_newer_database_is_left_alone(database: Database) -> None:
    database.transact(run, "UPDATE alembic_version SET version_num = '9999'")
    for look in (database.check_revision, database.upgrade):
        with pytest.raises(Refusal, match="newer clinic_tui: please update"):
            look()
    assert database.revision() == "9999"


def test_an_older_database_is_not_read_by_guess(database: Database) -> None:
    database.transact(run, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(Refusal, match="“clinic init” upgrades it"):
        database.check_revision()


def test_many_terminals_at_once_upgrade_once(fresh_url: str) -> None:
    all_here = FORKING.Barrier(_PROCESSES)
    terminals = [
        FORKING.Process(target=upgrade_with_the_others, args=(fresh_url, all_here))
        for _ in range(_PROCESSES)
    ]
    for terminal in terminals:
        terminal.start()
    for terminal in terminals:
        terminal.join()
    assert [terminal.exitcode for terminal in terminals] == [0] * _PROCESSES
    with closing(Database(fresh_url)) as database:
        assert database.read(run, "SELECT count(*) FROM alembic_version") == 1


def test_a_restarted_server_is_noticed_by_nobody(database: Database) -> None:
    """Every pooled connection dies with a restart: the next operation makes a new one."""
    if database.is_sqlite:
        return
    kept = database.read(run, "SELECT pg_backend_pid()")
    with closing(Database(database.url.render_as_string(hide_password=False))) as other:
        other.transact(run, f"SELECT pg_terminate_backend({kept})")
    assert database.transact(rooms) == []


def test_single_writes_outlive_a_connection_and_leave_nothing_open(database: Database) -> None:
    called: Any = bindparam("called")
    adding = insert(table(Room)).values(name=called, name_key=called, active=True)
    with closing(SingleWrites(database, adding)) as single:
        single.write({"called": "Room 1"})
        assert database.read(rooms) == ["Room 1"], "committed by itself"
        if not database.is_sqlite:
            database.transact(
                run,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        single.write({"called": "Room 2"})
        with pytest.raises(IntegrityError):
            single.write({"called": "Room 2"})
        database.transact(add_room, "Room 3")
        single.write({"called": "Room 4"})
    assert database.read(rooms) == ["Room 1", "Room 2", "Room 3", "Room 4"]


def test_an_entry_of_the_trail_cannot_be_replaced(sqlite: Database) -> None:
    """INSERT OR REPLACE deletes what it replaces, and only then asks the triggers."""
    entry = "(id, at, operation, details) VALUES (1, 0, 'sign_in', '{}')"
    sqlite.transact(run, f"INSERT INTO audit {entry}")
    with pytest.raises(IntegrityError, match="audit_append_only"):
        sqlite.transact(run, f"INSERT OR REPLACE INTO audit {entry}")
