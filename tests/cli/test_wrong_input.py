"""Whatever is wrong in any argument of any verb: a code, and a sentence on the right stream."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from clinic_tui.cli.root import app
from tests.screens.test_rooms_out import manager

from .conftest import Said, SignedIn

_BAD = ("", "x", "-1", "0", str(2**63), "\x1b[31m", "\udce9", "30 feb", "9999-12-31", "x" * 5000)
_STAY = {"demo", "worker", "sign-out"}
"""What opens a terminal or stays, and what would sign everything after it out."""


def _verbs() -> Iterator[tuple[list[str], list[Any]]]:
    """Every verb that does something, by its words, and what it takes."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("clinic", [], resilient_parsing=True)
    for name in root.list_commands(context):
        verb = root.get_command(context, name)
        if name not in _STAY:
            inner = getattr(verb, "commands", None)
            leaves = {(): verb} if inner is None else {(one,): inner[one] for one in inner}
            yield from (([name, *words], leaf.params) for words, leaf in leaves.items())


def _spoiled(taken: list[Any], at: int, example: list[str]) -> Iterator[list[str]]:
    """The example, whose arguments begin there, with one thing wrong in it."""
    options = [one.opts[0] for one in taken if one.param_type_name == "option" and not one.is_flag]
    for bad in _BAD:
        yield from ([*example, f"{option}={bad}"] for option in options)
        for number, word in enumerate(example[at:], start=at):
            if not word.startswith("-") and not example[number - 1].startswith("--"):
                yield [*example[:number], bad, *example[number + 1 :]]


def _wrong(said: Said) -> bool:
    """Whether it is answered in any other way than a person may expect."""
    first, *_ = (*said.err.splitlines(), "")
    return (
        said.code not in (0, 1, 2)
        or (said.code == 0 and said.err != "")
        or (said.code == 1 and not first.endswith((".", "!", "?")))
        or (said.code == 2 and said.out != "")
        or "Traceback" in said.err
        or not (said.err + said.out).replace("\n", "").isprintable()
    )


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["sqlite"])
def test_whatever_is_wrong_gets_a_sentence(
    desk_line: SignedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By somebody who may do everything; an error that nobody foresaw fails by itself."""
    monkeypatch.chdir(tmp_path)
    zoe = desk_line.database.transact(manager, desk_line.clinic)
    tried, wrong = 0, []
    for words, taken in _verbs():
        desk_line.be(zoe)
        _, _, shown = desk_line.run.ok(*words, "--help").partition("\n  Example:\n")
        example = shlex.split(shown.replace("\\\n", " "))[1:]
        for attempt in _spoiled(taken, len(words), example):
            said = desk_line.run(*attempt)
            tried += 1
            if _wrong(said):
                wrong.append((attempt, said))
    assert not wrong
    assert tried > 2000
