"""Questions at a real terminal: what is asked, what is not shown, and leaving without harm."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pexpect
import pytest
from sqlalchemy import func, select

from clinic_tui.database import Database
from clinic_tui.domain.models import Patient, table

from ..small_clinic import PASSWORD

_PATIENCE = 60

Ask = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Start the program in a terminal, with a home of its own."""
    started: list[pexpect.spawn[str]] = []

    def start(*words: str) -> pexpect.spawn[str]:
        environment = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "TZ": "Europe/Berlin",
        }
        child = pexpect.spawn(
            sys.executable,
            ["-m", "clinic_tui", *words],
            env=environment,
            encoding="utf-8",
            timeout=_PATIENCE,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


def ended(child: pexpect.spawn[str]) -> int | None:
    """Read to the end; returns the exit code."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def found(ask: Ask) -> None:
    """Answer every question of init."""
    child = ask("init")
    for question, answer in (
        ("Name of the clinic: ", "Riverside"),
        (r"Time zone \[Europe/Berlin\]: ", ""),
        (r"Country \(two letters\): ", ""),
        ("Something is needed here.", "DE"),
        ("User name of the first admin: ", "ada"),
        (r"Password \(15 characters or more; words do\): ", PASSWORD),
        ("Again: ", PASSWORD),
    ):
        child.expect(question)
        child.sendline(answer)
    child.expect("Riverside is founded, and ada is its admin.")
    assert PASSWORD not in (child.before or "")
    assert ended(child) == 0


def patients_in(home: Path) -> int:
    """How many there are in the clinic of that home."""
    query = select(func.count()).select_from(table(Patient))
    with closing(Database(f"sqlite:///{home}/.local/share/clinic_tui/clinic.db")) as book:
        return book.read(lambda session: session.scalar(query)) or 0


def test_from_founding_to_a_file_that_is_not_wanted_after_all(ask: Ask, tmp_path: Path) -> None:
    found(ask)
    child = ask("sign-in")
    child.expect("User: ")
    child.sendline("ada")
    child.expect("Password: ")
    child.sendline(PASSWORD)
    child.expect(r"Signed in as ada \(admin\)")
    assert ended(child) == 0

    file = tmp_path / "patients.csv"
    file.write_text("family_name\nIto\nRoth\n")
    for answer, code, patients in (("n", 1, 0), ("\x04", 1, 0), ("\x03", 130, 0), ("y", 0, 2)):
        child = ask("import", "patients", str(file))
        child.expect(r"Take in these patients\? \[y/N\] ")
        child.send(answer if answer in "\x03\x04" else f"{answer}\r")
        assert ended(child) == code
        assert "Traceback" not in (child.before or "")
        assert patients_in(tmp_path) == patients


def test_two_passwords_that_differ_found_nothing(ask: Ask, tmp_path: Path) -> None:
    child = ask("init", "--name", "Riverside", "--region", "DE", "--admin", "ada", "--zone", "UTC")
    child.expect("words do")
    child.sendline("six herons")
    child.expect("at least 15 characters")
    for _ in range(2):
        child.expect("or more; words do")
        child.sendline(PASSWORD)
        child.expect("Again: ")
        child.sendline("six calm herons swim")
        child.expect("The two passwords are not the same.")
    assert ended(child) == 1
    with closing(Database(f"sqlite:///{tmp_path}/.local/share/clinic_tui/clinic.db")) as book:
        assert book.revision() is None
