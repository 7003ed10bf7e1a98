"""The program, run in this process with a home of its own at a moment that stands still."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from typer.testing import CliRunner

from clinic_tui.cli.desks import store_token
from clinic_tui.cli.root import app
from clinic_tui.config import load_config
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.access import Actor

from ..small_clinic import NOW, SmallClinic


@dataclass(frozen=True, slots=True)
class Said:
    """What a verb left behind: its exit code and what it wrote on either stream."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote, as data."""
        return json.loads(self.out)


class Clinic:
    """``clinic …``, as it would be typed; anything but a clean end fails the test."""

    def __call__(self, *words: str, **variables: str) -> Said:
        """Run a verb with environment variables."""
        result = CliRunner().invoke(app, list(words), env=variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    def ok(self, *words: str, **variables: str) -> str:
        """Run a verb that must do what it is asked, silently on stderr; returns what it wrote."""
        said = self(*words, **variables)
        assert (said.code, said.err) == (0, ""), said
        return said.out

    def refused(self, *words: str, **variables: str) -> str:
        """Run a verb that must be refused and write nothing on stdout; returns its sentence."""
        said = self(*words, **variables)
        assert (said.code, said.out) == (1, ""), said
        assert said.err.endswith("\n")
        assert said.err.strip()
        return said.err.removesuffix("\n")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which nothing has been kept yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HOME", str(folder))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    return folder


@pytest.fixture
def run(home: Path) -> Iterator[Clinic]:
    """The program on a machine where nobody has used it yet, on a Monday at 09:00 in Berlin."""
    with time_machine.travel(NOW, tick=False):
        yield Clinic()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The program in the small clinic, with somebody's token."""

    run: Clinic
    database: Database
    clinic: SmallClinic

    def be(self, actor: Actor) -> None:
        """Sign that person in at this command line; an honest password would take too long."""
        desk = Desk(self.database)
        desk.sign_in_as(actor)
        store_token(load_config(), desk.open_token())


@pytest.fixture
def desk_line(
    run: Clinic, database: Database, clinic: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> SignedIn:
    """The command line of the small clinic, at which nobody is signed in yet."""
    monkeypatch.setenv("CLINIC_DATABASE", database.url.render_as_string(hide_password=False))
    return SignedIn(run, database, clinic)


@pytest.fixture
def ana(desk_line: SignedIn) -> Clinic:
    """The command line of the receptionist."""
    desk_line.be(desk_line.clinic.receptionist)
    return desk_line.run


@pytest.fixture
def ada(desk_line: SignedIn) -> Clinic:
    """The command line of the admin."""
    desk_line.be(desk_line.clinic.admin)
    return desk_line.run
