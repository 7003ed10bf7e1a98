"""The README's commands, run as they are written, from an empty database on."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ..small_clinic import PASSWORD
from .conftest import Clinic

_README = Path(__file__).parents[2] / "README.md"
_DOCTORS = """family_name,given_name,title,specialty
Lee,Jia,Dr,General practice
Park,Min,Dr,General practice
"""
_PATIENTS = """family_name,given_name,birth_date,phone,email,email_consent
Garcia,Maria,1984-03-12,+4915123456789,maria@example.org,yes
Lind,Jonas,1990-02-28,+493012345678,,
Okoye,Sam,1975-07-01,,sam@example.org,yes
Garzia,Maria,1984-03-12,+4915123456789,,
"""


def _commands() -> list[str]:
    """Every line of the README that begins with ``clinic``, as a shell would read it."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", _README.read_text(encoding="utf-8"), re.M | re.S)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("clinic ")]


def test_every_command_does_what_it_says(
    run: Clinic, fresh_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed in as the next one each time: an admin, a receptionist, a doctor."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLINIC_DATABASE", fresh_url)
    monkeypatch.setenv("CLINIC_PASSWORD", PASSWORD)
    monkeypatch.setenv("CLINIC_NEW_PASSWORD", PASSWORD)
    (tmp_path / "doctors.csv").write_text(_DOCTORS)
    (tmp_path / "patients.csv").write_text(_PATIENTS)
    people = iter(("ada", "ana", "lee"))
    for command in _commands():
        words = shlex.split(command, comments=True)[1:]
        user = {"CLINIC_USER": next(people)} if words == ["sign-in"] else {}
        said = run(*words, **user)
        assert said.code == 0, (command, said)
        assert said.out, command
    assert next(people, None) is None
