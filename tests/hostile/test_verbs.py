"""On the command line: what people wrote is text, and so is what they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clinic_tui.cli.root import app
from tests.cli.conftest import Clinic, SignedIn, desk_line, home, run
from tests.small_clinic import PASSWORD

from .poison import MONDAY, TUESDAY, Poisoned
from .raw import check_bytes
from .strings import AWKWARD, HARMFUL, TOO_LONG

__all__ = ["desk_line", "home", "run"]

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"])
_ALLERGY = "Penicillin [allergy]"

_BOOK = ("book", "--doctor", "lee", "--type", "follow-up")
BY_RECEPTION = (
    ("agenda", "--doctor", "all", "--day", f"{MONDAY}"),
    ("agenda", "--doctor", _ALLERGY, "--day", f"{TUESDAY}"),
    ("openings", "--type", _ALLERGY, "--day", f"{TUESDAY}", "--limit", "200"),
    ("hours", "show", _ALLERGY),
    ("visit-type", "list"),
    ("room", "list"),
)
BY_ADMIN = (("user", "list"), ("check",))


@on_sqlite
@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_what_is_on_record(desk_line: SignedIn, poisoned: Poisoned, as_json: tuple[str]) -> None:
    """Every verb that tells something, in words and as JSON."""
    for actor, verbs in (
        (desk_line.clinic.receptionist, BY_RECEPTION),
        (desk_line.clinic.admin, BY_ADMIN),
    ):
        desk_line.be(actor)
        for verb in verbs:
            said = desk_line.run(*verb, *as_json)
            check_bytes((said.out + said.err).encode(), own_codes=False)
            assert said.out.strip(), (verb, said)
            assert verb == ("check",) or said.code == 0, (verb, said)


@on_sqlite
def test_what_is_done_to_a_visit(desk_line: SignedIn, poisoned: Poisoned) -> None:
    """Checked in, moved, cancelled, each with who and what it was."""
    desk_line.be(desk_line.clinic.receptionist)
    for number, visit in enumerate(poisoned.visits):
        verb = (("check-in", f"{visit}"), ("cancel", f"{visit}"))[number % 2]
        said = desk_line.run(*verb)
        check_bytes((said.out + said.err).encode(), own_codes=False)
        assert said.code in (0, 1), (verb, said)


WITH_A_TEXT: tuple[Callable[[str], tuple[str, ...]], ...] = (
    lambda text: ("agenda", "--doctor", text),
    lambda text: ("agenda", "--day", text),
    lambda text: ("openings", "--type", text),
    lambda text: ("openings", "--type", "follow-up", "--doctor", text),
    lambda text: ("openings", "--type", "follow-up", "--from", text),
    lambda text: ("openings", "--type", "follow-up", "--day", text),
    lambda text: ("openings", "--type", "follow-up", "--weekday", text),
    lambda text: ("openings", "--type", "follow-up", "--specialty", text),
    lambda text: ("openings", "--type", "follow-up", "--room", text),
    lambda text: ("openings", "--type", "follow-up", "--minutes", text),
    lambda text: ("hours", "show", text),
    lambda text: ("hours", "set", "lee", text),
    lambda text: (*_BOOK, "--patient", text, "--at", "tue 10:00"),
    lambda text: (*_BOOK, "--patient", "garcia", "--at", text),
    lambda text: (*_BOOK, "--patient", "garcia", "--at", "tue 10:00", "--room", text),
    lambda text: ("cancel", text),
    lambda text: ("move", text, "--at", text),
    lambda text: ("room", "add", text),
)
TYPED = [*AWKWARD.values(), *HARMFUL.values(), *TOO_LONG.values()]


@on_sqlite
@pytest.mark.parametrize("number", range(len(WITH_A_TEXT)))
def test_what_is_asked_for(desk_line: SignedIn, number: int) -> None:
    """Each verb with a few of the strings: done, refused, or wrong usage; never an error."""
    desk_line.be(desk_line.clinic.admin if number > 12 else desk_line.clinic.receptionist)
    for text in TYPED[number :: len(WITH_A_TEXT)]:
        said = desk_line.run(*WITH_A_TEXT[number](text))
        assert said.code in (0, 1, 2), (text, said)
        check_bytes((said.out + said.err).encode(), own_codes=False)
        assert said.code == 0 or said.err, (text, said)


@on_sqlite
def test_what_is_taken_in(desk_line: SignedIn, home: Path) -> None:
    """A file of patients: what is refused is told by its line, without a code of its own."""
    desk_line.be(desk_line.clinic.admin)
    file = home.parent / "patients.csv"
    quoted = [text.replace('"', '""') for text in (*AWKWARD.values(), *HARMFUL.values())]
    lines = [f'{number},"{text}","{text}"' for number, text in enumerate(quoted)]
    file.write_bytes("\n".join(["id,family_name,alert", *lines]).encode())
    said: object = None
    for more in (("--yes",), ("--yes", "--partial"), ("--yes", "--partial", "--json")):
        said = desk_line.run("import", "patients", f"{file}", *more)
        assert said.code in (0, 1), said
        check_bytes((said.out + said.err).encode(), own_codes=False)


@on_sqlite
def test_what_is_typed_back_in(desk_line: SignedIn, home: Path) -> None:
    """A day sheet with any text in any column: refused by its line, or somebody's note."""
    desk_line.be(desk_line.clinic.receptionist)
    file = home.parent / "sheet.csv"
    good = ["2026-11-24", "lee", "9:00", "000001", "f/up", "", "", ""]
    rows = []
    for number, text in enumerate(TYPED[::5]):
        row = list(good)
        row[number % len(row)] = text
        rows.append(",".join('"' + cell.replace('"', '""') + '"' for cell in row))
    head = "day,doctor,time,patient,visit_type,room,note,came"
    file.write_bytes("\n".join([head, *rows]).replace("\0", "").encode(errors="replace"))
    said = desk_line.run("import", "sheet", f"{file}", "--yes", "--partial")
    assert said.code in (0, 1), said
    check_bytes((said.out + said.err).encode(), own_codes=False)


def test_a_clinic_is_a_clinic(run: Clinic) -> None:
    """The name of a file, a settings key, a verb: nothing of what is typed comes back as a code."""
    for text in HARMFUL.values():
        if "\0" not in text:
            for words in ((text,), ("--config", text, "room", "list"), ("import", text)):
                said = run(*words)
                assert said.code in (1, 2), (words, said)
                check_bytes((said.out + said.err).encode(), own_codes=False)


@on_sqlite
def test_what_is_said_line_by_line(desk_line: SignedIn, poisoned: Poisoned) -> None:
    """Everything on record as linear mode says it, and some of the strings as lines typed there."""
    texts = [text.replace("\n", " ").replace("\r", " ") for text in TYPED[::7]]
    lines = ["ana", PASSWORD, "today", f"agenda {MONDAY}", "waitlist"]
    for number, visit in enumerate(poisoned.visits[:12]):
        lines += [f"find {number}{number}", ".", f"in {visit}", f"cancel {visit}", "1", "", "n"]
    for text in texts:
        lines += [f"find {text}", ".", f"book {text} tue 9 lee", *["."] * 4, text, *["."] * 4]
    said = CliRunner().invoke(app, ["--linear"], input="\n".join(lines).encode())
    assert said.exit_code == 0, said
    check_bytes((said.stdout + said.stderr).encode(), own_codes=False)
