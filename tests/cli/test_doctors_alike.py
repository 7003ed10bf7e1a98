"""Two doctors of one family name at the command line and in sentences: asked for, never guessed."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from clinic_tui.cli.root import app
from clinic_tui.domain.errors import NotFound
from clinic_tui.domain.hours.hours import set_weekly_hours
from clinic_tui.domain.staff.doctors import DoctorDetails, add_doctor
from clinic_tui.domain.visits.appointments import appointment_details

from ..small_clinic import GP, NOW, PASSWORD, WEEK
from .conftest import Clinic, SignedIn

_OPENINGS = [
    "Tue 24 Nov 2026 15:00–15:20  Dr Lee B",
    "Tue 24 Nov 2026 15:00–15:20  Dr Lee H",
]


@pytest.fixture
def brian(desk_line: SignedIn) -> int:
    """Another Lee, who works as Hannah does, also a hygienist: not all H are hers."""
    admin, transact = desk_line.clinic.admin, desk_line.database.transact
    details = DoctorDetails("Lee", "Brian", specialties=(GP, "Hygiene"))
    number: int = transact(add_doctor, admin, details, NOW)
    transact(set_weekly_hours, admin, number, WEEK, NOW)
    return number


def doctor_of(desk_line: SignedIn, number: int) -> int:
    found = desk_line.database.read(appointment_details, desk_line.clinic.receptionist, number)
    return found.doctor_id


def test_a_line_and_a_name(desk_line: SignedIn, brian: int, ana: Clinic) -> None:
    said = ana.refused("book", "garcia tue 3pm lee").splitlines()
    assert said[0] == "With whom, Dr Lee B or Dr Lee H? The next that are as you say:"
    assert [line.partition("  ")[2].strip()[-len(_OPENINGS[0]) :] for line in said[1:]] == _OPENINGS
    with pytest.raises(NotFound):
        doctor_of(desk_line, 1)
    assert "15:00, Dr Lee H" in ana.ok("book", "garcia tue 3pm lee h")
    assert "15:00, Dr Lee B" in ana.ok("book", "lind brian tue 3pm lee")
    assert (doctor_of(desk_line, 1), doctor_of(desk_line, 2)) == (desk_line.clinic.lee, brian)
    assert ana.refused("agenda", "--doctor", "dr lee").splitlines() == [
        "“lee” may be several doctors:",
        f"  {brian}  Brian Lee, {GP}, Hygiene",
        f"  {desk_line.clinic.lee}  Hannah Lee, {GP}",
    ]
    for name in (str(desk_line.clinic.lee), "lee h", "Dr Lee H", "hannah", "lee hannah"):
        day = ana("agenda", "--doctor", name, "--day", "tue", "--json").json["doctors"]
        assert [one["doctor"] for one in day] == ["Dr Lee H"]


def test_whoever_has_no_given_name_is_not_every_lee(desk_line: SignedIn, ana: Clinic) -> None:
    desk_line.database.transact(add_doctor, desk_line.clinic.admin, DoctorDetails("Lee"), NOW)
    assert "may be several doctors" in ana.refused("agenda", "--doctor", "lee")


def test_in_sentences(desk_line: SignedIn, brian: int) -> None:
    typed = "\n".join(["ana", PASSWORD, "garcia tue 3pm lee", "2", "y", "lind lee b tue 3pm", "y"])
    result = CliRunner().invoke(app, ["--linear"], input=f"{typed}\n")
    assert "minutes, Dr Lee B or Dr Lee H, Tue 24 Nov 2026, 15:00." in result.stdout
    assert "2. Tue 24 Nov 2026, 15:00 to 15:20, Dr Lee H" in result.stdout
    assert (doctor_of(desk_line, 1), doctor_of(desk_line, 2)) == (desk_line.clinic.lee, brian)


def test_a_doctor_is_known_by_the_name_that_is_printed(
    desk_line: SignedIn, brian: int, ana: Clinic
) -> None:
    """With the number where nothing else tells two apart, and by any title."""
    admin, transact = desk_line.clinic.admin, desk_line.database.transact
    again = transact(add_doctor, admin, DoctorDetails("Lee", "Brian", specialties=(GP,)), NOW)
    transact(add_doctor, admin, DoctorDetails("Sato", "Emi", title="Prof."), NOW)
    for number, name in ((brian, f"Dr Lee Brian ({brian})"), (again, f"dr lee brian ({again})")):
        said = ana("agenda", "--doctor", name, "--json").json["doctors"]
        assert [one["doctor"] for one in said] == [f"Dr Lee Brian ({number})"]
    assert "Prof. Sato" in ana.ok("agenda", "--doctor", "Prof. Sato")
    assert "may be several doctors" in ana.refused("agenda", "--doctor", "Dr Lee Brian")
    assert "no doctor" in ana.refused("agenda", "--doctor", "Dr Lee Brian (99)")
