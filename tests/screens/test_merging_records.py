"""Two records of one person: found, set side by side, made one, and two again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Status
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.screens.patients.merge_dialog import MergeDialog
from clinic_tui.screens.patients.pairs_dialog import PairsDialog
from clinic_tui.screens.patients.patients import PatientsScreen
from tests.domain.given import add_visit, at
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, type_text, until
from tests.screens.stories import told
from tests.small_clinic import NOW, SmallClinic

TWICE = PatientDetails(
    "Garcia", "Marie", date(1984, 3, 9), phones=("0151 23456789", "030 901821"),
    address="Uferweg 9, 10115 Berlin", alert="[red]Latex[/]",
)  # fmt: skip


def twice(desk: Desk, database: Database, clinic: SmallClinic) -> int:
    """Maria a second time, with two visits, one at the time of the first one's."""
    again: int = desk.run_now(register_patient, TWICE, NOW)
    database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.maria)
    for start in ("10:00", "11:00"):
        database.transact(
            add_visit, clinic, at(start, 1), patient_id=again, doctor_id=clinic.okafor,
            status=Status.BOOKED,
        )  # fmt: skip
    return again


async def compare(pilot: Pilot[int]) -> None:
    """Find Maria, and set the first pair with her side by side."""
    await pilot.press("f4")
    await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
    await type_text(pilot, "garcia maria")
    await settle(pilot)
    await pilot.press("enter", "M")
    await until(pilot, lambda: isinstance(pilot.app.screen, PairsDialog))
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, MergeDialog))
    await until(pilot, lambda: "kept" in said(pilot, "#sides"))


def side(pilot: Pilot[int], label: str) -> str:
    """A line of the two records."""
    lines = said(pilot, "#sides").splitlines()
    return " ".join(next(line for line in lines if line.startswith(label)).split())


@on_both
async def test_two_records_become_one_and_two_again(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    again = twice(desk, database, clinic)
    async with open_app() as pilot:
        await compare(pilot)
        assert side(pilot, "Name") == "Name Garcia, Maria Garcia, Marie"
        assert side(pilot, "Phones") == "Phones 01512 3456789 → 030 901821"
        assert side(pilot, "Address") == "Address – → Uferweg 9, 10115 Berlin"
        assert side(pilot, "Alert") == "Alert – → [red]Latex[/]"
        assert side(pilot, "Visits") == "Visits 1 visit → 2 visits"
        await pilot.press("x")
        assert side(pilot, "Phones") == "Phones 01512 3456789 · 030 901821 01512 3456789"
        assert side(pilot, "E-mail") == "E-mail – → maria@example.org"
        await pilot.press("x", "ctrl+s")
        await until(pilot, lambda: "Both have a visit at one time" in said(pilot, "#says"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, PairsDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
        assert desk.read_now(patient_record, again, NOW).details.family_name == "Garcia"


@on_both
async def test_what_was_marked_is_what_is_taken_over(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    """And what was there before is there again once it is undone."""
    again: int = desk.run_now(register_patient, TWICE, NOW)
    database.transact(add_visit, clinic, at("11:00", 1), patient_id=again)
    before = desk.read_now(patient_record, clinic.maria, NOW)
    async with open_app() as pilot:
        await compare(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
        await settle(pilot)
        assert "is now part of Maria Garcia; 1 visit followed" in told(pilot)[-1]
        record = desk.read_now(patient_record, clinic.maria, NOW)
        assert record.details.phones == (*before.details.phones, "+4930901821")
        assert record.details.address == TWICE.address
        assert record.details.alert == TWICE.alert
        assert len(record.history) == 1
        await pilot.press("u")
        await settle(pilot)
        assert desk.read_now(patient_record, clinic.maria, NOW) == before
        assert len(desk.read_now(patient_record, again, NOW).history) == 1


async def test_nobody_is_there_twice(open_app: OpenApp, desk: Desk, clinic: SmallClinic) -> None:
    """It is said; and whose task it is not, to them it is not offered."""
    async with open_app() as pilot:
        await pilot.press("f4", "escape", "ctrl+u", *"lind", "enter", "M")
        await until(pilot, lambda: bool(told(pilot)))
        assert told(pilot) == ["No two records look like one person's."]
    desk.sign_in_as(clinic.doctor_lee)
    async with open_app() as pilot:
        await pilot.press("f4")
        await settle(pilot)
        assert "M" not in keys(pilot)


def test_looks(
    snap_compare: Callable[..., bool], desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    twice(desk, database, clinic)

    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await compare(pilot)

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=(80, 24), run_before=look)
