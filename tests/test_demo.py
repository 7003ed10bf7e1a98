"""The made-up clinic: built quickly and once a day, sound, alive around today, awkward enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import clinic_tui
from clinic_tui.cli.program import demo_desk
from clinic_tui.database import Database
from clinic_tui.demo.clinic import build
from clinic_tui.demo.file import demo_file
from clinic_tui.demo.plan import load_plan
from clinic_tui.desk import Desk
from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic.integrity import count_book
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import Appointment, Patient, table
from clinic_tui.domain.overview.board import board_of_today
from clinic_tui.domain.overview.calendar import calendar_day
from clinic_tui.domain.staff.passwords import password_matches
from clinic_tui.domain.staff.sign_ins import signed_in, stored_password
from clinic_tui.domain.times.walltime import day_bounds, local_day

_ZONE = "America/New_York"
_APPOINTMENTS, _PATIENTS = table(Appointment), table(Patient)
TUESDAY = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
"""10:30 in New York."""
SUNDAY = datetime(2026, 11, 29, 15, 30, tzinfo=UTC)
THANKSGIVING = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The clinic as it stands on a Tuesday morning."""
    path = demo_file(tmp_path_factory.mktemp("demo"), _ZONE, TUESDAY)
    with closing(Database(f"sqlite:///{path}")) as database:
        yield database


def receptionist(book: Database) -> Actor:
    stored = book.read(stored_password, "ana")
    assert stored is not None
    return book.transact(signed_in, stored, TUESDAY)


def test_the_book_is_sound_and_full(book: Database) -> None:
    counts = book.read(count_book)
    assert counts.appointments > 1200
    found = (counts.overlaps_of_doctors, counts.overlaps_of_patients, counts.overlaps_of_rooms)
    assert found == (0, 0, 0)
    patients = book.read(lambda session: len(session.execute(select(_PATIENTS.c.id)).all()))
    assert patients == 2000


def test_who_comes_for_the_first_time_is_marked_so_and_nobody_else(book: Database) -> None:
    visits = book.read(board_of_today, receptionist(book), TUESDAY).visits
    first = [visit for visit in visits if visit.first_visit]
    assert first == [visit for visit in visits if visit.visit_type == "New patient"]
    assert 1 < len(first) < len(visits) / 5


def test_every_visit_lies_within_hours_and_nobody_comes_twice_a_day(book: Database) -> None:
    actor = receptionist(book)
    today = local_day(TUESDAY, _ZONE)
    for ahead in (*range(-400, -7, 10), *range(-7, 22)):
        day = today + timedelta(days=ahead)
        seen: Counter[int | None] = Counter()
        for column in book.read(calendar_day, actor, day, TUESDAY).columns:
            for visit in column.visits:
                seen[visit.patient_id] += 1
                assert any(
                    opens <= visit.starts_at and visit.ends_at <= closes
                    for opens, closes in column.open
                )
        assert not seen or max(seen.values()) == 1


def test_past_present_and_future_are_what_they_should_be(book: Database) -> None:
    rows = book.read(
        lambda session: session.execute(
            select(_APPOINTMENTS.c.starts_at, _APPOINTMENTS.c.ends_at, _APPOINTMENTS.c.status)
        ).all()
    )
    statuses: dict[str, Counter[Status]] = {
        "past": Counter(),
        "now": Counter(),
        "to come": Counter(),
    }
    for starts_at, ends_at, status in rows:
        when = "past" if ends_at <= TUESDAY else "now" if starts_at <= TUESDAY else "to come"
        statuses[when][status] += 1
    assert set(statuses["past"]) == {
        Status.FULFILLED,
        Status.NOSHOW,
        Status.CANCELLED,
        Status.BOOKED,
    }
    assert statuses["past"][Status.BOOKED] < 20
    assert statuses["now"][Status.CHECKED_IN] >= 3
    assert set(statuses["to come"]) == {
        Status.BOOKED,
        Status.PENDING,
        Status.CANCELLED,
        Status.ARRIVED,
    }
    first, last = (found(row[0] for row in rows) for found in (min, max))
    assert first < TUESDAY - timedelta(days=6)
    assert last > TUESDAY + timedelta(days=18)


def test_the_four_of_the_picture_stand_first_and_the_awkward_come_today(book: Database) -> None:
    view = book.read(calendar_day, receptionist(book), local_day(TUESDAY, _ZONE), TUESDAY)
    doctors = [(column.doctor, column.specialty) for column in view.columns]
    assert doctors[:4] == [
        ("Dr Lee", "General practice"),
        ("Dr Okafor", "General practice"),
        ("Dr Park", "Dermatology"),
        ("Dr Sato", "Paediatrics"),
    ]
    assert len(doctors) == 8
    assert len({specialty for _, specialty in doctors}) == 5
    names = {visit.family_name for column in view.columns for visit in column.visits}
    assert {"山田", "الحداد", "Featherstonehaugh-Wolfeschlegelsteinhausen"} <= names


@pytest.mark.parametrize("now", [SUNDAY, THANKSGIVING], ids=["sunday", "thanksgiving"])
def test_it_is_open_on_whatever_day_one_looks(kind: str, database: Database, now: datetime) -> None:
    database.transact(build, load_plan(), _ZONE, now)
    view = database.read(calendar_day, receptionist(database), local_day(now, _ZONE), now)
    assert sum(len(column.visits) for column in view.columns) > 20
    counts = database.read(count_book)
    assert counts.overlaps_of_doctors == counts.overlaps_of_rooms == 0


def test_it_is_built_once_a_day_and_anew_when_that_is_wished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = demo_file(tmp_path, _ZONE, TUESDAY)
    written = first.stat()
    with monkeypatch.context() as nothing_can_be_built:
        nothing_can_be_built.delattr("tempfile.TemporaryDirectory")
        assert demo_file(tmp_path, _ZONE, TUESDAY + timedelta(hours=3)) == first
    assert (first.stat().st_mtime_ns, first.stat().st_ino) == (written.st_mtime_ns, written.st_ino)
    assert written.st_mode & 0o077 == 0
    assert demo_file(tmp_path, _ZONE, TUESDAY, fresh=True) == first
    assert first.stat().st_ino != written.st_ino
    tomorrow = demo_file(tmp_path, _ZONE, TUESDAY + timedelta(days=1))
    assert list(tmp_path.iterdir()) == [tomorrow]


def test_the_accounts_and_their_password(book: Database) -> None:
    actor = receptionist(book)
    assert (actor.name, actor.roles) == ("Ana Brandt", frozenset({Role.RECEPTIONIST}))
    password = load_plan().clinic["password"]
    assert password_matches(book.read(stored_password, "ana"), password)
    for name, called in (("ada", "Ada Quist"), ("lee", "Hannah Lee"), ("maria", "María García")):
        stored = book.read(stored_password, name)
        assert stored is not None
        assert book.transact(signed_in, stored, TUESDAY).name == called
    assert password in (demo_help := _help("demo")), demo_help


def _help(verb: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "clinic_tui", verb, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(ended.stdout.split())


def test_the_desk_of_the_demo_is_the_receptionist_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with closing(demo_desk()) as desk:
        assert isinstance(desk, Desk)
        assert (desk.actor.username, desk.zone) == ("ana", "Asia/Tokyo")
        start, end = day_bounds(local_day(desk.now(), desk.zone), desk.zone)
        view = desk.read_now(calendar_day, local_day(desk.now(), desk.zone), desk.now())
        visits = [visit for column in view.columns for visit in column.visits]
        assert len(visits) > 20
        assert all(start <= visit.starts_at < end for visit in visits)


def test_a_built_package_carries_the_plan(tmp_path: Path) -> None:
    root = Path(clinic_tui.__file__).parent.parent
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        package.extractall(tmp_path / "installed")
    program = (
        "import json, clinic_tui\nfrom clinic_tui.demo.plan import load_plan\n"
        "print(json.dumps([clinic_tui.__file__, load_plan().clinic['name']]))"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    place, name = json.loads(ended.stdout)
    assert place.startswith(str(tmp_path))
    plan = tomllib.loads((root / "data" / "demo.toml").read_text(encoding="utf-8"))
    assert name == plan["clinic"]["name"]
