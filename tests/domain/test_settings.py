"""The clinic's settings: kept as they are, and each wrong one named."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.settings import (
    ClinicSettings,
    change_settings,
    clinic_settings,
    found_clinic,
    load_settings,
)
from clinic_tui.domain.errors import AlreadyExists, BadInput, NotFound, NotPermitted
from clinic_tui.domain.models import Clinic, table
from tests.small_clinic import NOW, SETTINGS, SmallClinic

from .given import refused

_FULL = ClinicSettings(
    name="Clínica del Río",
    zone="America/Argentina/Buenos_Aires",
    region="AR",
    holiday_country="AR",
    holiday_subdivision="B",
    language="es",
    phone="+54 11 4000 0000",
    address="Av. del Río 4",
    grid_minutes=5,
    grace_seconds=0,
    reminder_hours=336,
)


def test_settings_are_kept(clinic: SmallClinic, database: Database) -> None:
    assert database.read(clinic_settings, clinic.patient) == SETTINGS
    assert database.transact(change_settings, clinic.admin, _FULL, NOW) == _FULL
    assert database.read(load_settings) == _FULL


def test_one_spelling_is_kept(clinic: SmallClinic, database: Database) -> None:
    typed = replace(
        SETTINGS, name=" Riverside  Clinic", region=" de", holiday_country="de ",
        holiday_subdivision="",
    )  # fmt: skip
    stored = database.transact(change_settings, clinic.admin, typed, NOW)
    assert stored == replace(SETTINGS, holiday_country="DE")


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "no name": ("Clinic name", {"name": ""}),
    "a name with an escape": ("Clinic name", {"name": "\x1b[2J"}),
    "a long name": ("Clinic name", {"name": "x" * 81}),
    "a zone of nowhere": ("Time zone", {"zone": "Europe/Nowhere"}),
    "no zone": ("Time zone", {"zone": ""}),
    "a zone outside": ("Time zone", {"zone": "../../etc/passwd"}),
    "a zone by an offset": ("Time zone", {"zone": "+01:00"}),
    "no region": ("Region", {"region": ""}),
    "a region of nowhere": ("Region", {"region": "XX"}),
    "a region in words": ("Region", {"region": "Germany"}),
    "holidays of nowhere": ("Holidays", {"holiday_country": "XX"}),
    "holidays of no part": (
        "Holidays",
        {"holiday_country": "DE", "holiday_subdivision": "XX"},
    ),
    "holidays of a part alone": ("Holidays", {"holiday_subdivision": "BE"}),
    "no language": ("Language", {"language": ""}),
    "a grid of 7": ("Grid", {"grid_minutes": 7}),
    "a grid of 0": ("Grid", {"grid_minutes": 0}),
    "a grace in the past": ("Grace", {"grace_seconds": -1}),
    "a grace of hours": ("Grace", {"grace_seconds": 3601}),
    "a reminder at once": ("Reminder", {"reminder_hours": 0}),
    "a reminder too early": ("Reminder", {"reminder_hours": 337}),
    "an address of two lines": ("Address", {"address": "a\nb"}),
    "a phone with a bell": ("Phone", {"phone": "030\x07"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings(clinic: SmallClinic, database: Database, case: str) -> None:
    field, given = WRONG[case]
    wrong = replace(SETTINGS, **given)
    refusal = refused(database, BadInput, change_settings, clinic.admin, wrong, NOW)
    assert refusal.field == field


def test_a_clinic_is_founded_once(clinic: SmallClinic, database: Database) -> None:
    refused(database, AlreadyExists, found_clinic, _FULL)
    refused(database, NotPermitted, change_settings, clinic.receptionist, _FULL, NOW)


def test_before_there_is_a_clinic(clinic: SmallClinic, database: Database) -> None:
    def unfound(session: Session) -> None:
        session.execute(delete(table(Clinic)))

    database.transact(unfound)
    refused(database, NotFound, load_settings)
    wrong = ClinicSettings(**(asdict(_FULL) | {"region": "XX"}))
    refused(database, BadInput, found_clinic, wrong)
    database.transact(found_clinic, _FULL)
    assert database.read(load_settings) == _FULL
