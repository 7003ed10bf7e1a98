"""An absence planned at the command line, accepted from a file or by words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clinic_tui.cli import absence
from clinic_tui.domain.clinic.closures import closures
from clinic_tui.domain.clinic.rooms import list_rooms
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.hours import doctor_hours
from clinic_tui.domain.visits.appointments import appointment_details
from tests.domain.given import add_visit, at

from .conftest import Clinic, SignedIn

TUESDAY = ("lee", "--from", "tue")


def _two(line: SignedIn) -> None:
    """Visits 1 and 2 on Tuesday."""
    for start, patient in (("09:00", line.clinic.jonas), ("10:00", line.clinic.sam)):
        line.database.transact(add_visit, line.clinic, at(start, 1), patient_id=patient)


def test_a_plan_and_its_acceptance(desk_line: SignedIn, ana: Clinic, tmp_path: Path) -> None:
    _two(desk_line)
    assert ana.ok("absence", "plan", *TUESDAY).splitlines() == [
        "1  Tue 24 Nov 2026 09:00–09:20  Jonas Lind, Follow-up, Dr Lee:"
        " move to Wed 25 Nov 2026 09:00–09:20  Dr Lee",
        "2  Tue 24 Nov 2026 10:00–10:20  Sam Okoye, Follow-up, Dr Lee:"
        " move to Wed 25 Nov 2026 09:20–09:40  Dr Lee",
    ]
    file = tmp_path / "plan.json"
    file.write_text(ana.ok("absence", "plan", *TUESDAY, "--reason", "flu", "--json"))
    out = ana.ok("absence", "accept", "--plan", str(file), "--call", "2", "--tell", "2")
    assert out.splitlines()[:2] == [
        "1 moved, 0 cancelled, 0 kept as they are.",
        "To call about: visit 2.",
    ]
    clinic = desk_line.clinic
    found = desk_line.database.read(appointment_details, clinic.receptionist, 1)
    assert found.starts_at == at("09:00", 2)
    (off,) = desk_line.database.read(doctor_hours, clinic.admin, clinic.lee).time_off
    assert (off.starts_at, off.ends_at, off.reason) == (at("00:00", 1), at("00:00", 2), "flu")
    assert "No visit" in ana.ok("absence", "plan", "park", "--from", "tue 13:00")
    # Accepted once more it is about visits that have changed.
    said = ana("absence", "accept", "--plan", str(file), "--json")
    assert said.code == 1
    assert "has changed since that plan was made" in said.json["refused"]
    assert [line["visit"] for line in said.json["plan"]["lines"]] == [2]
    assert "Sam Okoye" in said.err


def test_accepted_as_it_is_made(
    desk_line: SignedIn, ana: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown and asked about; nobody to ask needs --yes."""
    _two(desk_line)
    words = ("absence", "accept", *TUESDAY, "--prefer", "colleague", "--cancel", "2")
    refused = ana.refused(*words).splitlines()
    assert refused[0] == "Nobody is there to ask: --yes accepts this plan."
    assert refused[1].endswith("move to Tue 24 Nov 2026 09:00–09:20  Dr Okafor")
    assert refused[2].endswith("Sam Okoye, Follow-up, Dr Lee: cancel")
    monkeypatch.setattr(absence, "somebody_there", lambda: True)
    for answer, code in ((False, 1), (True, 0)):
        monkeypatch.setattr(absence, "agreed", lambda _, answer=answer: answer)
        assert ana(*words).code == code
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, 2)
    assert found.status is Status.CANCELLED
    answer = ana("absence", "accept", "lee", "--today", "--yes", "--json").json
    assert answer == {"moved": 0, "cancelled": 0, "kept": 0, "to_call": [], "notices": 0}


def test_every_cause_goes_through_a_file(desk_line: SignedIn, ada: Clinic, tmp_path: Path) -> None:
    _two(desk_line)
    file = tmp_path / "plan.json"
    for words in (
        ("--closed", "tue", "--until", "wed", "--reason", "Fair"),
        ("--room", "room 1", "--until", "fri"),
        ("--room", "room 2"),
        ("lee", "--hours", "mon-fri 13:00-17:00"),
    ):
        file.write_text(ada.ok("absence", "plan", *words, "--json"))
        ada.ok("absence", "accept", "--plan", str(file))
    assert [one.name for one in desk_line.database.read(closures, desk_line.clinic.admin)] == [
        "Fair"
    ]
    assert desk_line.database.read(list_rooms, desk_line.clinic.admin) == ()
    assert "13:00" in ada.ok("hours", "show", "lee")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Name a doctor, a room with --room, or a day with --closed."),
        (("lee", "--room", "room 1"), "Name a doctor"),
        (("lee",), "Say when the doctor is away"),
        (("lee", "--today", "--from", "tue"), "Say when the doctor is away"),
        (("lee", "--from", "tue", "--until", "mon"), "Time off must end after it starts."),
        (("lee", "--from", "someday"), "“someday” is no day"),
        (("house", "--today"), "There is no doctor “house”."),
        (("--room", "9"), "There is no room “9”."),
        (("--closed", "tue"), "You may not"),
        (("lee", "--hours", "whenever"), ""),
        (("lee", "--from", "tue", "--reason", "a\tb"), "Reason holds a character"),
    ],
)
def test_each_wrong_word_gets_its_sentence(
    ana: Clinic, words: tuple[str, ...], sentence: str
) -> None:
    for verb in ("plan", "accept"):
        refused = ana.refused("absence", verb, *words)
        assert sentence in refused
        assert len(refused.splitlines()) == 1


def test_a_file_that_is_no_plan(desk_line: SignedIn, ana: Clinic, tmp_path: Path) -> None:
    _two(desk_line)
    file = tmp_path / "plan.json"
    plan = ana("absence", "plan", *TUESDAY, "--json").json
    line, cause = plan["lines"][0], plan["cause"]
    for wrong in (
        "", "[]", "{}", "[" * 100_000, '{"cause": 1, "lines": []}', "\ud800",
        json.dumps(plan | {"cause": cause | {"kind": "Whim"}}),
        json.dumps(plan | {"cause": cause | {"doctor_id": 2**40}}),
        json.dumps(plan | {"cause": cause | {"starts_at": "soon"}}),
        json.dumps(plan | {"lines": [line | {"fate": "guess"}]}),
        json.dumps(plan | {"lines": [line | {"visit": "1"}]}),
        json.dumps(plan | {"lines": [line | {"sequence": True}]}),
        json.dumps(plan | {"lines": [line | {"to": {"doctor_id": 1}}]}),
    ):  # fmt: skip
        file.write_bytes(wrong.encode("utf-8", "surrogatepass"))
        refused = ana.refused("absence", "accept", "--plan", str(file))
        assert "plan" in refused
        assert len(refused.splitlines()) == 1
    assert "cannot be read" in ana.refused("absence", "accept", "--plan", str(tmp_path / "none"))
    file.write_text(json.dumps(plan | {"lines": [line | {"to": None}]}))
    assert "moved nowhere" in ana.refused("absence", "accept", "--plan", str(file))
    assert "Visit 9 is not in the way." in ana.refused(
        "absence", "accept", *TUESDAY, "--call", "9", "--yes"
    )
