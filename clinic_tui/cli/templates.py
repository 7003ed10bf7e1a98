"""``clinic template``: how messages are worded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example

if TYPE_CHECKING:
    from ..domain.messages.templates import Which

verbs = typer.Typer(
    help="Word messages in the clinic's own way.",
    epilog=example("template show reminder sms en"),
    **PLAIN,
)
_Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="confirmation, reminder, changed, cancelled, …")
]
_Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="email or sms.")]
_Language = Annotated[str, typer.Argument(metavar="LANGUAGE", help="As en, es or pt-BR.")]


@verbs.command("show", epilog=example("template show reminder sms en"))
def show(
    context: typer.Context,
    kind: _Kind,
    channel: _Channel,
    language: _Language,
    as_json: Json = False,
) -> None:
    """Show the words of a message, and what may stand in braces."""
    from dataclasses import asdict  # noqa: PLC0415

    from ..domain.messages.templates import wording_of  # noqa: PLC0415
    from ..domain.messages.wording import placeholders  # noqa: PLC0415

    which = _which(kind, channel, language)
    with signed_in(context) as desk:
        found = desk.read_now(wording_of, which)
    names = placeholders(which.kind)
    if as_json:
        echo_json({**asdict(found), "placeholders": list(names)})
        return
    whose = "the clinic's own words" if found.own else "as it comes with the program"
    echo(f"{kind} {channel} {language}, {whose}; there are {', '.join(f'{{{n}}}' for n in names)}:")
    for line in (*((found.subject, "") if found.subject else ()), *found.body.split("\n")):
        echo(line)


@verbs.command("set", epilog=example("template set reminder sms en reminder.txt"))
def change(
    context: typer.Context,
    kind: _Kind,
    channel: _Channel,
    language: _Language,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="With the words; “-”: from standard input.")
    ],
    subject: Annotated[str, typer.Option(metavar="TEXT", help="Of an e-mail.")] = "",
) -> None:
    """Word a message in the clinic's own way, also what is queued."""
    from ..domain.messages.templates import set_wording  # noqa: PLC0415

    which = _which(kind, channel, language)
    with signed_in(context) as desk:
        desk.run_now(set_wording, which, subject, _read(file), desk.now())
    echo("It is said in these words from now on.")


@verbs.command("reset", epilog=example("template reset reminder sms en"))
def reset(context: typer.Context, kind: _Kind, channel: _Channel, language: _Language) -> None:
    """Word a message as it comes with the program."""
    from ..domain.messages.templates import reset_wording  # noqa: PLC0415

    which = _which(kind, channel, language)
    with signed_in(context) as desk:
        desk.run_now(reset_wording, which, desk.now())
    echo("It is said as it comes with the program.")


def _which(kind: str, channel: str, language: str) -> Which:
    from ..domain.codes import Channel, NoticeKind  # noqa: PLC0415
    from ..domain.errors import BadInput  # noqa: PLC0415
    from ..domain.messages.templates import Which  # noqa: PLC0415

    if kind not in tuple(NoticeKind):
        raise BadInput("Kind", f"Kind: one of {', '.join(NoticeKind)}.")
    if channel not in tuple(Channel):
        raise BadInput("Channel", f"Channel: one of {', '.join(Channel)}.")
    return Which(NoticeKind(kind), Channel(channel), language)


def _read(file: Path) -> str:
    from ..domain.errors import BadInput  # noqa: PLC0415

    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInput("File", f"{file} cannot be read as text.") from wrong
