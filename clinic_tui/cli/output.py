"""The one way out: every line that the command line writes passes through ``echo``.

What is stored may hold anything that came in by another way; a terminal must never take it for
a command (an OSC 52 writes somebody's clipboard).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain.errors import CannotBook, Opening
from ..domain.text import showable

if TYPE_CHECKING:
    import typer

    from ..desk import Desk


def echo(line: str = "", *, err: bool = False, end: str = "\n") -> None:
    """Write one line, harmless: what a terminal would take for a code shows as "�"."""
    stream = sys.stderr if err else sys.stdout
    stream.write(showable(line) + end)
    stream.flush()


def echo_json(value: Any) -> None:
    """Write a value as JSON, in ASCII: the same bytes whatever the terminal's encoding."""
    import json  # noqa: PLC0415 - only for --json

    for line in json.dumps(value, indent=2).splitlines():
        echo(line)


def refuse(sentence: str, choices: Iterable[str] = (), *, numbered: bool = True) -> typer.Exit:
    """Say why not on stderr, and what there is to choose from; to be raised: exit code 1."""
    import typer  # noqa: PLC0415 - the terminal program comes by here without it

    echo(sentence, err=True)
    for number, choice in enumerate(choices, start=1):
        echo(f"  {number}  {choice}" if numbered else f"  {choice}", err=True)
    return typer.Exit(1)


def iso(at: datetime, zone: str) -> str:
    """An instant as ISO 8601 with the clinic's offset."""
    from ..domain.times.walltime import local  # noqa: PLC0415

    return local(at, zone).isoformat()


def opening_json(opening: Opening, zone: str) -> dict[str, Any]:
    """An opening as --json prints it."""
    return {
        "doctor_id": opening.doctor_id,
        "doctor": opening.doctor,
        "starts_at": iso(opening.starts_at, zone),
        "ends_at": iso(opening.ends_at, zone),
        "room_id": opening.room_id,
        "room": opening.room,
        "pick": opening.pick,
    }


def say_opening(opening: Opening, zone: str) -> str:
    """An opening as the desk says it: "Tue 24 Nov 2026 15:00–15:20  Dr Lee  Room 1  soonest"."""
    from ..domain.times.walltime import say_span  # noqa: PLC0415

    words = (opening.doctor, opening.room, opening.pick)
    return "  ".join(
        [say_span(opening.starts_at, opening.ends_at, zone), *(word for word in words if word)]
    )


@contextmanager
def alternatives_shown(desk: Desk, *, as_json: bool) -> Iterator[None]:
    """Turn a refused booking into its sentence and numbered alternatives, in JSON too if asked."""
    try:
        yield
    except CannotBook as refusal:
        if as_json:
            echo_json(
                {
                    "refused": str(refusal),
                    "alternatives": [opening_json(one, desk.zone) for one in refusal.alternatives],
                }
            )
        choices = [say_opening(one, desk.zone) for one in refusal.alternatives]
        raise refuse(str(refusal), choices) from refusal
