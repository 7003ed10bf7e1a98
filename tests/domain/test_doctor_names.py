"""Two doctors of one family name are told apart, whoever comes, changes or goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_tui.database import Database
from clinic_tui.domain.errors import NotFound
from clinic_tui.domain.intake.doctors import take_doctors
from clinic_tui.domain.intake.intake import Incoming
from clinic_tui.domain.overview.calendar import calendar_day
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.staff.doctor_names import Named, names_shown
from clinic_tui.domain.staff.doctors import (
    DoctorDetails,
    add_doctor,
    change_doctor,
    doctor_details,
    find_doctors,
    listed_doctor,
)
from clinic_tui.domain.undo.undo import undo_last, undoable
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at, at_once, refused

_TUESDAY = (NOW + timedelta(days=1)).date()


def shown(*doctors: tuple[str, str] | Named) -> list[str]:
    """How those are called, in their order; as family and given name they are active doctors."""
    people = [
        one if isinstance(one, Named) else Named(number, "Dr", one[1], one[0], True)
        for number, one in enumerate(doctors, 1)
    ]
    found = names_shown(people)
    return [found[one.doctor_id] for one in people]


@pytest.mark.parametrize(
    ("doctors", "names"),
    [
        ([("Lee", "Anna")], ["Dr Lee"]),
        ([("Lee", "Anna"), ("Okafor", "Anna")], ["Dr Lee", "Dr Okafor"]),
        ([("Lee", "Anna"), ("Lee", "Brian")], ["Dr Lee A", "Dr Lee B"]),
        ([("Lee", "Anna"), ("LEE", "Åsa"), ("Lee", "Bo")], ["Dr Lee An", "Dr LEE Ås", "Dr Lee B"]),
        ([("Müller", "Jan"), ("Muller", "Eva")], ["Dr Müller J", "Dr Muller E"]),
        ([("Lee", "Ann"), ("Lee", "Anna")], ["Dr Lee Ann", "Dr Lee Anna"]),
        ([("Lee", "Anna May"), ("Lee", "Anna Zoe")], ["Dr Lee Anna M", "Dr Lee Anna Z"]),
        ([("Lee", "Anna"), ("Lee", "Anna")], ["Dr Lee Anna (1)", "Dr Lee Anna (2)"]),
        ([("Lee", ""), ("Lee", "Anna")], ["Dr Lee (1)", "Dr Lee A"]),
        ([("Lee", ""), ("Lee", "--")], ["Dr Lee (1)", "Dr Lee -- (2)"]),
        ([("李", "娜"), ("李", "小红")], ["Dr 李 娜", "Dr 李 小"]),
        ([("Lee", "किरण"), ("Lee", "कमल")], ["Dr Lee कि", "Dr Lee क"]),
    ],
)
def test_as_short_as_tells_them_apart(doctors: list[tuple[str, str]], names: list[str]) -> None:
    assert shown(*doctors) == names


def test_titles_and_who_sees_nobody_any_more() -> None:
    """Without a title the given name is said anyway; who retires frees the short name."""
    anna, brian = (Named(1, "", "Anna", "Lee", True), Named(2, "Prof", "Brian", "Lee", True))
    assert shown(anna, brian) == ["Anna Lee", "Prof Lee B"]
    assert shown(anna, replace(anna, doctor_id=2)) == ["Anna Lee (1)", "Anna Lee (2)"]
    gone = replace(anna, title="Dr", active=False)
    assert shown(gone) == ["Dr Lee"]
    assert shown(gone, brian) == ["Dr Lee A", "Prof Lee"]
    assert shown(gone, replace(gone, doctor_id=3, given_name="Alf"), brian) == [
        "Dr Lee An",
        "Dr Lee Al",
        "Prof Lee",
    ]


_PARTS = st.text("aAbåé' -.1", max_size=5)


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from(["", "Dr"]), _PARTS, st.sampled_from(["Lee", "lée"]),
                  st.booleans()), max_size=8,
    )
)  # fmt: skip
def test_nobody_is_called_as_another_is(people: list[tuple[str, str, str, bool]]) -> None:
    """Among the active all names differ, and the name of who is gone is nobody else's."""
    doctors = [Named(number, *one) for number, one in enumerate(people)]
    names = names_shown(doctors)
    for one in doctors:
        others = [two for two in doctors if two is not one and (two.active or not one.active)]
        assert names[one.doctor_id] not in {names[two.doctor_id] for two in others}


def names(database: Database, clinic: SmallClinic) -> list[str]:
    """How the desk calls those of that name."""
    return [one.name for one in database.read(find_doctors, clinic.receptionist, "lee")]


def head(database: Database, clinic: SmallClinic) -> list[str]:
    """Who stands over the calendar's columns."""
    view = database.read(calendar_day, clinic.receptionist, _TUESDAY, NOW)
    return [column.doctor for column in view.columns]


def test_coming_changing_and_going(clinic: SmallClinic, database: Database) -> None:
    """Every reader says the same, for a visit of long ago, too; and undoing leads back."""
    database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.maria)

    def history() -> str:
        record = database.read(patient_record, clinic.receptionist, clinic.maria, NOW)
        return record.history[0].doctor

    assert history() == "Dr Lee"
    brian = database.transact(add_doctor, clinic.admin, DoctorDetails("Lee", "Brian"), NOW)
    assert names(database, clinic) == ["Dr Lee B", "Dr Lee H"]
    assert history() == "Dr Lee H"
    assert head(database, clinic) == ["Dr Lee H", "Dr Okafor", "Dr Park"]
    assert database.read(listed_doctor, clinic.receptionist, brian).name == "Dr Lee B"
    refused(database, NotFound, listed_doctor, clinic.receptionist, 0)
    details = database.read(doctor_details, clinic.admin, brian)
    helen = replace(details, given_name="Helen")
    database.transact(change_doctor, clinic.admin, brian, helen, NOW)
    assert names(database, clinic) == ["Dr Lee Ha", "Dr Lee He"]
    database.transact(change_doctor, clinic.admin, brian, replace(helen, active=False), NOW)
    assert names(database, clinic) == ["Dr Lee"]
    assert database.read(listed_doctor, clinic.receptionist, brian).name == "Dr Lee He"
    undone = [database.transact(undo_last, clinic.admin, NOW, f"u{n}").sentence for n in range(2)]
    assert undone[0] == "Undone: changed the profile of Dr Lee He."
    assert names(database, clinic) == ["Dr Lee B", "Dr Lee H"]
    last = database.read(undoable, clinic.admin, NOW)[0]
    assert last.sentence == "Added Dr Lee B"
    database.transact(undo_last, clinic.admin, NOW, "u3")
    assert names(database, clinic) == ["Dr Lee"]
    assert history() == "Dr Lee"


def test_a_file_of_doctors(clinic: SmallClinic, database: Database) -> None:
    """Those who are taken in are told apart from who was there, whose steps can still be undone."""
    hannah = database.read(doctor_details, clinic.admin, clinic.lee)
    database.transact(change_doctor, clinic.admin, clinic.lee, replace(hannah, profile="x"), NOW)
    rows = [
        Incoming(number, DoctorDetails(family, given))
        for number, (family, given) in enumerate([("Lee", "Anna"), ("Nowak", "Ewa")], 2)
    ]
    database.transact(take_doctors, clinic.admin, rows, NOW)
    assert names(database, clinic) == ["Dr Lee A", "Dr Lee H"]
    assert database.read(find_doctors, clinic.admin, "nowak")[0].name == "Dr Nowak"
    database.transact(undo_last, clinic.admin, NOW, "u")
    assert database.read(doctor_details, clinic.admin, clinic.lee) == hannah
    assert names(database, clinic) == ["Dr Lee A", "Dr Lee H"]


def test_added_by_several_at_once(clinic: SmallClinic, database: Database) -> None:
    """Nobody's name is made without the others: on PostgreSQL they do not see each other."""
    new = [DoctorDetails("Nowak", given) for given in ("Anna", "Brian", "Carl", "Dora")]
    at_once(database, *((add_doctor, clinic.admin, one, NOW) for one in new))
    found = database.read(find_doctors, clinic.admin, "nowak")
    assert [one.name for one in found] == [f"Dr Nowak {letter}" for letter in "ABCD"]
