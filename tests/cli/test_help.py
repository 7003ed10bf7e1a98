"""Every verb explains itself, nothing heavy is imported for it, and one door leads out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import clinic_tui.cli
from clinic_tui.cli.root import app
from clinic_tui.cli.verbs import VERBS

from .conftest import Clinic, SignedIn

_HEAVY = ("sqlalchemy", "textual", "rich", "phonenumbers", "holidays", "argon2", "psycopg",
          "alembic", "platformdirs", "tomllib", "rapidfuzz")  # fmt: skip
_FILES = sorted(Path(clinic_tui.cli.__file__).parent.glob("*.py"))


def _verbs() -> list[tuple[str, ...]]:
    """Every verb and every verb of a group."""
    root = typer.main.get_command(app)
    context = root.make_context("clinic", [], resilient_parsing=True)
    found: list[tuple[str, ...]] = []
    for name in root.list_commands(context):  # type: ignore[attr-defined]
        verb = root.get_command(context, name)  # type: ignore[attr-defined]
        found.append((name,))
        found += [(name, inner) for inner in getattr(verb, "commands", {})]
    return found


def test_every_verb_has_help_in_eighty_columns(run: Clinic) -> None:
    for verb in _verbs():
        said = run.ok(*verb, "--help")
        assert f"clinic {' '.join(verb)}" in said
        assert max(map(len, said.splitlines())) <= 80, verb
        assert not re.search(r"^ +-.*<str", said, re.MULTILINE), (verb, "what an option takes")


def _example(said: str) -> list[str]:
    """The words of the example that a help text ends with."""
    _, _, shown = said.partition("\n  Example:\n")
    return shlex.split(shown.replace("\\\n", " "))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_example_of_every_help_is_understood(desk_line: SignedIn) -> None:
    """Whether it can be done just then is another matter; no visit has those numbers here."""
    for verb in ((), *_verbs()):
        words = _example(desk_line.run.ok(*verb, "--help"))
        assert words[: len(verb) + 1] == ["clinic", *verb] or "--database" in words, verb
        desk_line.be(desk_line.clinic.receptionist)
        said = desk_line.run(*words[1:])
        assert said.code in (0, 1), (words, said)
        assert (said.code == 1) == bool(said.err), (words, said)


def test_the_list_of_verbs_says_what_each_says_of_itself(run: Clinic) -> None:
    for name, (_, says) in VERBS.items():
        words = " ".join(run.ok(name, "--help").split())
        assert says in words, name


def test_wrong_usage_is_exit_code_two_and_harmless(run: Clinic) -> None:
    for words in (
        ("nonsense\x1b]52;c;aGk=\x07",),
        ("book",),
        ("agenda", "--nonsense"),
        ("check-in", "x\x1b[31m"),
        ("openings", "--type", "x", "--limit", "0"),
        ("cancel", "1", "--by", "fate"),
        ("user", "add", "x", "--role", "king"),
        ("import",),
        ("move", "0", "--at", "x"),
        ("cancel", "99999999999999999999"),
    ):
        said = run(*words)
        assert (said.code, said.out) == (2, ""), words
        assert said.err
        assert "\x1b" not in said.err
        assert "Traceback" not in said.err


def test_nothing_heavy_is_imported_for_help() -> None:
    program = (
        "import sys\nfrom clinic_tui.cli.root import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"found = [name for name in {_HEAVY!r} if name in sys.modules]\n"
        "print(found, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "Usage: clinic" in ended.stdout
    assert ended.stderr.strip() == "[]"


def test_help_of_a_verb_imports_nothing_heavy_either() -> None:
    program = (
        "import sys\nfrom clinic_tui.cli.root import app\n"
        "for verb in sys.argv[1:]:\n"
        "    try:\n        app([verb, '--help'])\n    except SystemExit:\n        pass\n"
        f"found = [name for name in {_HEAVY!r} if name in sys.modules]\n"
        "print(found, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *VERBS], capture_output=True, text=True, check=False
    )
    assert ended.stderr.strip() == "[]"


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_all_that_is_written_goes_through_echo(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    written = re.findall(r"\b(?:typer|click)\.(?:echo|secho|style)\b|\bprint\(|\.write\(", text)
    allowed = {"output.py": [".write("], "desks.py": [".write("]}
    assert written == allowed.get(file.name, [])


def test_a_word_that_is_none_of_those_offered(run: Clinic) -> None:
    said = run("user", "add", "eve", "--role", "nurse")
    assert said.code == 2
    assert said.err.splitlines()[-1] == (
        "Invalid value for '--role': 'nurse' is not one of 'receptionist', 'doctor', 'admin',"
        " 'patient'."
    )


def test_the_version(run: Clinic) -> None:
    assert re.fullmatch(r"clinic \d+\.\d+\.\d+\n", run.ok("--version"))


def test_without_a_terminal_nothing_is_opened(run: Clinic, tmp_path: Path) -> None:
    for words in ((), ("demo",)):
        assert "needs a terminal" in run.refused(*words)
    (tmp_path / "c.toml").write_text("shoe = 42")
    for words in ((), ("demo",), ("agenda",), ("init",)):
        assert "“shoe” is no setting" in run.refused("--config", str(tmp_path / "c.toml"), *words)
