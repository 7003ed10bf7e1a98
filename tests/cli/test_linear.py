"""``clinic --linear``: a call in plain sentences, whoever is signed in, whatever comes in."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from clinic_tui.cli.linear.people import register
from clinic_tui.cli.linear.talk import Back, Gone, Talk
from clinic_tui.cli.root import app
from clinic_tui.desk import Desk
from clinic_tui.domain.absence.calls import visits_to_call
from clinic_tui.domain.codes import CancelledBy, Status
from clinic_tui.domain.errors import ClinicUnavailable
from clinic_tui.domain.messages.replies import Received, take_reply
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.patients.search import find_patients
from clinic_tui.domain.staff.doctors import change_doctor, doctor_details
from clinic_tui.domain.visits.appointments import AppointmentDetails, appointment_details
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist

from ..domain.given import add_visit, at
from ..domain.waiting import moved_by_text
from ..small_clinic import NOW, PASSWORD
from .conftest import Clinic, SignedIn

Talked = Callable[..., str]


@pytest.fixture
def talk(desk_line: SignedIn) -> Talked:
    """Sign in as somebody, say these lines, and read what was said to them."""

    def talked(user: str, *lines: str) -> str:
        typed = "\n".join([user, PASSWORD, *lines, ""])
        result = CliRunner().invoke(app, ["--linear"], input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert (result.exit_code, result.stderr) == (0, ""), result
        return result.stdout

    return talked


def visit(desk_line: SignedIn, number: int) -> AppointmentDetails:
    return desk_line.database.read(appointment_details, desk_line.clinic.receptionist, number)


def test_a_call_in_sentences(desk_line: SignedIn, talk: Talked) -> None:
    """Booked where it is free, moved, and cancelled; who waits gets the time; all of it undone."""
    clinic, database = desk_line.clinic, desk_line.database
    wish = Wish(clinic.thuy, clinic.follow_up, (clinic.lee,))
    database.transact(add_to_waitlist, clinic.receptionist, wish, NOW)
    said = talk("ana", "lind tue 3pm lee", "y", "garcia tue 15 lee", "1", "y")
    assert "Jonas Lind, Tue 24 Nov 2026, 15:00, Dr Lee.\nVisit 1 is booked." in said
    assert "Dr Lee is taken Tue 24 Nov 2026 15:00–15:20.\n1. Tue 24 Nov 2026, 15:20 to" in said
    assert visit(desk_line, 1).status is Status.BOOKED
    number = database.read(patient_record, clinic.receptionist, clinic.maria, NOW).next_visit
    assert number is not None
    said = talk(
        "ana", "move garcia", "mon 9:00 okafor", "y", "2", f"in {number.appointment_id}", "today"
    )
    assert "Maria Garcia, Mon 23 Nov 2026, 09:00 to 09:20, Dr Okafor.\nMove it there?" in said
    assert "Arrived: Maria Garcia, 09:00, Dr Okafor, Follow-up, waiting 0 minutes" in said
    said = talk("ana", "cancel lind", "2", "ill", "y", "1", "1", "undo", "y")
    assert "is free again. It would suit:\n1. " in said
    assert (visit(desk_line, 1).status, visit(desk_line, 1).cancel_reason) == (
        Status.CANCELLED,
        "ill",
    )
    assert visit(desk_line, 1).cancelled_by is CancelledBy.CLINIC
    said = talk("ana", "undo", "y", "agenda lee tue")
    assert "15:00 to 15:20, Jonas Lind, Follow-up, booked, visit 1." in said
    assert "13:00 to 15:00, free for 2 hours." in said
    assert "15:20 to 17:00, free for 1 hour 40 minutes." in said


on_sqlite = pytest.mark.parametrize("kind", ["sqlite"])


@on_sqlite
def test_who_is_expected_today_is_meant_before_anybody_of_that_name(
    desk_line: SignedIn, talk: Talked
) -> None:
    """Where nobody of that name is, it is asked for another: nobody new can be checked in."""
    clinic, database = desk_line.clinic, desk_line.database
    other = PatientDetails("Garcia", "Ines")
    ines = database.transact(register_patient, clinic.receptionist, other, NOW)
    database.transact(add_visit, clinic, at("15:00", 7), patient_id=ines)
    number = database.transact(add_visit, clinic, at("15:00"), patient_id=clinic.maria)
    said = talk("ana", "in garcia", "in nobody", "lind")
    assert "of the name" not in said
    assert visit(desk_line, number).status is Status.ARRIVED
    assert "Nobody on record fits “nobody”.\nAnother name:" in said
    assert "Jonas Lind has no visit today for which that can be done." in said
    database.transact(add_visit, clinic, at("16:00"), patient_id=clinic.maria)
    said = talk("ana", "in garcia", "2")
    assert "1. Maria Garcia, 15:00, Dr Lee, Follow-up\n2. Maria Garcia, 16:00" in said


def test_what_is_typed_where_a_list_stops_is_the_next_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keyboard, terminal = os.openpty()
    with os.fdopen(terminal) as lines, os.fdopen(keyboard, "wb", buffering=0) as typed:
        typed.write(b"\nin garcia\n.\n")
        talk = Talk(lines)
        talk.tell(str(number) for number in range(70))
        assert talk.ask("Command") == "in garcia"
        told = capsys.readouterr().out.split()
        assert ("39" in told, "40" in told) == (True, False)
        with pytest.raises(Back):
            talk.ask("Command")


@on_sqlite
def test_nothing_typed_is_lost(talk: Talked) -> None:
    """What cannot be read or found is asked for alone; a refused line is there to go on from."""
    said = talk(
        "ana", "ken ito 30 feb 9 lee", "tue", "new", "", "", "31.31.90", "030 1", "",
        "28feb1990", "030 901820", "n", "sun", "fri 10 okafor", "y",
    )  # fmt: skip
    assert "“30 feb” cannot be read there; the rest can." in said
    assert "Given name (Ken):\nFamily name (Ito):" in said
    assert "Phone (030 1):" in said
    assert "Ken Ito, Tue 24 Nov 2026, 09:00 to 09:20, Dr Lee.\nBook it?" in said
    assert "Dr Lee does not work on Sun 29 Nov 2026.\n1. Mon 30 Nov 2026, 09:00" in said
    assert "Ken Ito, Fri 27 Nov 2026, 10:00, Dr Okafor.\nVisit " in said
    said = talk("ana", "garcia tue 11 lee", ".", "book", "", "y")
    assert "Left. “book” alone brings back “garcia tue 11 lee”." in said
    assert "Maria Garcia, Tue 24 Nov 2026, 11:00, Dr Lee.\nVisit " in said


@on_sqlite
def test_a_visit_of_a_retired_doctor_is_moved(desk_line: SignedIn, talk: Talked) -> None:
    """It goes to anybody who does such visits."""
    clinic, database = desk_line.clinic, desk_line.database
    talk("ana", "lind tue 3pm lee", "y")
    retired = replace(database.read(doctor_details, clinic.admin, clinic.lee), active=False)
    database.transact(change_doctor, clinic.admin, clinic.lee, retired, NOW)
    said = talk("ana", "move 1", "wed 9:00", "1", "y")
    assert "1. Wed 25 Nov 2026, 09:00 to 09:20, Dr Okafor\n2. " in said
    assert "Jonas Lind, Wed 25 Nov 2026, 09:00, Dr Okafor.\nVisit 1 is booked." in said


@on_sqlite
def test_whoever_was_registered_unheard_is_not_registered_twice(
    desk_line: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the answer was lost the very same request is made again, and answered as it was."""
    desk = Desk(desk_line.database)
    desk.sign_in_as(desk_line.clinic.receptionist)
    run_now, lost = desk.run_now, [ClinicUnavailable("Nobody knows.")]

    def run(*given: Any, **more: Any) -> Any:
        done = run_now(*given, **more)
        if lost:
            raise lost.pop()
        return done

    monkeypatch.setattr(desk, "run_now", run)
    answers = "\n\n28feb1990\n030 901820\n\n\n"
    known = register(desk, Talk(io.StringIO(answers)), "ken McIto")
    (found,) = desk.read_now(find_patients, "ken mcito", NOW, 9)
    assert (found.name, found.patient_id) == ("Ken McIto", known.patient_id)


@on_sqlite
@pytest.mark.parametrize(
    ("user", "offered", "withheld"),
    [
        ("ana", ("book", "new", "waitlist"), ("back",)),
        ("lee", ("book", "in", "back"), ("new",)),
        ("ada", ("agenda", "find", "new"), ("book", "in", "today", "offer")),
        ("maria", ("book", "find", "cancel"), ("today", "agenda", "in", "offer")),
    ],
)
def test_what_one_may_not_do_is_not_offered(
    talk: Talked, user: str, offered: tuple[str, ...], withheld: tuple[str, ...]
) -> None:
    said = talk(user, "help", *withheld).splitlines()
    commands = {line.split(":")[0].split(" ")[0] for line in said if ": " in line}
    assert set(offered) <= commands
    assert not set(withheld) & commands
    for word in withheld:
        assert f"“{word}” is none of your commands; help lists them." in said


@on_sqlite
def test_a_patient_asks_for_a_visit(desk_line: SignedIn, talk: Talked) -> None:
    """Of themselves alone, whatever name they type; the clinic says yes to it."""
    said = talk("maria", "tue 10 lee", "y", "lind tue 11 lee", "", "n", ".", "find")
    assert "“lind” cannot be read there" in said
    assert "Next visit: Tue 24 Nov 2026 10:00, Dr Lee, Follow-up, to be confirmed" in said
    assert visit(desk_line, 1).status is Status.PENDING
    assert "Visit 1 is booked." in talk("lee", "in 1")


@on_sqlite
def test_wrong_passwords_and_the_lock(talk: Talked) -> None:
    said = talk("ana", "lock", "", "no", "ana", PASSWORD, "today", "quit", "today")
    assert "Locked.\nUser (ana):\nPassword:\nThat name and password do not go together." in said
    assert said.count("Mon 23 Nov 2026: 0 arrived") == 1


def test_with_a_verb_it_is_wrong_usage(run: Clinic) -> None:
    for words in (("--linear", "agenda"), ("demo", "--linear", "--tour")):
        assert run(*words).code == 2


def test_what_is_asked_again() -> None:
    """The same request until the clinic answers; a full stop leaves it, the end ends it all."""
    left = [ClinicUnavailable("Away."), ClinicUnavailable("Away.")]

    def call() -> str:
        if left:
            raise left.pop()
        return "done"

    talk = Talk(io.StringIO("\n\t\n.\n" + "9" * 10_000 + "\n12\nx\n2\n"))
    assert talk.answered(call) == "done"
    with pytest.raises(Back):
        talk.ask("What")
    assert len(talk.ask("What")) < 5000
    assert talk.choose("Which", ("one", "two")) == 1
    with pytest.raises(Gone):
        talk.ask("What")


def test_a_doctor_is_ill(desk_line: SignedIn, talk: Talked) -> None:
    """Planned, decided by numbers, done at once; who is here is told apart; taken back."""
    clinic, database = desk_line.clinic, desk_line.database
    talk("ana", "lind today 15 lee", "y", "garcia today 16 lee", "y", "in 2")
    said = talk("ana", "away lee today", "", "flu", "call", "9", "1", "1", "y", "undo", "y")
    assert "1. Jonas Lind, Mon 23 Nov 2026, 15:00 to 15:20, Follow-up, moves to Tue 24 Nov" in said
    moved = "Maria Garcia, Mon 23 Nov 2026, 16:00 to 16:20, Follow-up, is here, moves to Mon 23"
    assert f"2. {moved} Nov 2026, 16:00 to 16:20, Dr Okafor." in said
    assert "2. Maria Garcia, Mon 23 Nov 2026, 16:00 to 16:20, Follow-up, is here, decide." in said
    assert "“9” is none of these" in said
    assert "1 moved, 0 cancelled, 0 kept as they are." in said
    assert "To call about:\nMaria Garcia, is here, Mon 23 Nov" in said
    assert "Take it back? y or n:\nUndone: " in said
    assert database.read(visits_to_call, clinic.receptionist, (clinic.lee,), NOW) == ()
    said = talk("lee", "away today", "", "", ".", "away today", "", "", "maybe", "", "n")
    assert said.count("Nothing is written yet.") == 3
    assert visit(desk_line, 1).doctor_id == clinic.lee
    assert "away" not in talk("maria", "help")


@on_sqlite
def test_what_needs_somebody_and_names_left_unsaid(desk_line: SignedIn, talk: Talked) -> None:
    talk("maria", "tue 10 lee", "y")
    received = Received("SM1", "+4917000000001", "Can I bring my son?", NOW)
    desk_line.database.transact(take_reply, received, NOW)
    said = talk(
        "ana", "hide", "requests", "1", "messages", "2", "messages", "1", "*", "find garcia"
    )
    hidden, _, shown = said.partition("Names are said again.")
    assert "hidden, Tue 24 Nov 2026, 10:00 to 10:20, Dr Lee, Follow-up, visit 1." in hidden
    assert "Garcia" not in hidden
    assert "Visit 1 is booked." in hidden
    assert (hidden.count("Reply of Mon 23 Nov 2026 09:00"), "my son" in hidden) == (2, False)
    assert "Put away." in hidden
    assert "Maria Garcia" in shown
    said = talk("ana", "requests", "messages")
    assert "No visit awaits a yes." in said
    assert "No message needs anybody." in said


@on_sqlite
def test_what_a_text_left_free_goes_to_somebody_who_waits(
    desk_line: SignedIn, talk: Talked
) -> None:
    clinic, database = desk_line.clinic, desk_line.database
    wish = Wish(clinic.thuy, clinic.follow_up, first_day=NOW.date() + timedelta(days=2))
    database.transact(add_to_waitlist, clinic.receptionist, wish, NOW)
    moved_by_text(clinic, database)
    said = talk("ana", "messages", "1", "2", "messages", "1", "1", "1", "messages")
    free = "Wed 25 Nov 2026, 15:00 to 15:20, Dr Lee, is free again"
    assert f"“Yes”, {free}.\n1. Offer the free time to somebody who waits\n" in said
    assert "It stays to be seen." in said
    assert "Offer 2: Wed 25 Nov 2026, 15:00 to 15:20 is kept for " in said
    assert "Put away." in said
    assert "No message needs anybody." in said.partition("Put away.")[2]
