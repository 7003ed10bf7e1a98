"""What is stored reaches the terminal as text, never as a command to it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic_tui.cli.output import echo

from .conftest import Clinic, SignedIn

_EVIL = "Gar\x1b]52;c;aGk=\x07c\u202eia\x9b31m\ttab\nline\u2028\x7f"


def test_echo_lets_nothing_through_but_its_own_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    echo("".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F])), err=True)
    echo("Özlem Yılmaz 山田 花子")
    out, err = capsys.readouterr()
    assert out == "Özlem Yılmaz 山田 花子\n"
    assert set(err) == {"\ufffd", "\n"}
    assert err.count("\n") == 1


def test_a_name_full_of_codes_is_only_text(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(
        "book", "--patient", "garcia", "--doctor", "lee", "--type", "follow", "--at", "mon 15:00"
    )
    with desk_line.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE patients SET family_name = :evil, given_name = '' WHERE id = 1"),
            {"evil": _EVIL},
        )
        connection.execute(text("UPDATE visit_types SET name = :evil"), {"evil": "\x1b[2J"})
    for words in (
        ("agenda", "--day", "mon"),
        ("agenda", "--day", "mon", "--json"),
        ("check-in", "1", "--arrived"),
        ("check-in", "1", "--json"),
        ("visit-type", "list"),
    ):
        said = ana(*words)
        assert said.code == 0
        assert not set(said.out + said.err) & set("\x1b\x07\u202e\x9b\t\u2028\x7f"), words
    # As data it is whole.
    visit = ana("agenda", "--day", "mon", "--json").json["doctors"][0]["visits"][0]
    assert visit["family_name"] == _EVIL


def _program(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **variables}
    return subprocess.run(
        [sys.executable, "-m", "clinic_tui", *words],
        env=environment,
        capture_output=True,
        check=False,
    )


def test_a_terminal_of_another_encoding_gets_no_traceback(tmp_path: Path) -> None:
    ended = _program(tmp_path, "import", "patients", "Özlem\udce9.csv", PYTHONIOENCODING="ascii")
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr
    help_text = _program(tmp_path, "book", "--help", PYTHONIOENCODING="latin-1")
    assert help_text.returncode == 0
    assert b"Traceback" not in help_text.stderr


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_reader_that_has_gone_is_no_error(tmp_path: Path, option: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "clinic_tui", option],
            env={"HOME": str(tmp_path)},
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_an_error_nobody_foresaw_is_a_number_and_a_private_file(tmp_path: Path) -> None:
    program = (
        "import clinic_tui.cli.root as root, clinic_tui.__main__ as program\n"
        "def fails(): raise RuntimeError('Maria Garcia')\n"
        "root.app = fails\nprogram.main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "agenda"],
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 70
    [file] = (tmp_path / ".local/state/clinic_tui").glob("error-*.txt")
    assert ended.stderr == (
        f"clinic: an unexpected error ended the program; its number is {file.stem[6:]}.\n"
    )
    written = file.read_text()
    assert "RuntimeError" in written
    assert "Garcia" not in written
    assert file.stat().st_mode & 0o777 == 0o600
