"""The verbs: where each lives, and how every one ends.

A verb's module is imported when the verb is used, so that --help costs hardly more than the
interpreter. A refusal is one sentence on stderr and exit code 1, wrong usage is 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from .output import echo
from .program import answered

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

PLAIN: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "add_completion": False,
    "context_settings": {"help_option_names": ["--help", "-h"]},
    "no_args_is_help": True,
}
"""What all groups of verbs share: nothing of Rich, whose import alone doubles --help."""

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
"""The option of every verb that prints data."""


Linear = Annotated[
    bool,
    typer.Option(
        "--linear", help="In plain sentences and questions: for screen readers, bad lines, pipes."
    ),
]
"""The option of what opens the program."""


def example(*lines: str) -> str:
    """What the help of a verb ends with: a command as it may be typed, in lines short enough."""
    return "\b\nExample:\n  clinic " + " \\\n      ".join(lines)


VERBS = {
    "demo": ("demo", "Open a made-up clinic, signed in as its receptionist."),
    "init": ("init", "Create or upgrade the tables and make the first admin."),
    "sign-in": ("sign", "Sign this command line in for eight hours."),
    "sign-out": ("sign", "Sign this command line out."),
    "agenda": ("agenda", "Show a day's visits and free time, doctor by doctor."),
    "openings": ("openings", "Find the first openings at which a visit fits."),
    "why": ("why", "Say what a doctor has at a time, or why nothing can be booked then."),
    "book": ("booking", "Book a visit."),
    "hold": ("holds", "Hold an opening for three minutes, or for as long again."),
    "release": ("holds", "Give a held opening back."),
    "move": ("booking", "Move a visit."),
    "swap": ("booking", "Let two visits change places."),
    "tray": ("tray", "Lift visits, and put them down elsewhere."),
    "cancel": ("booking", "Cancel a visit: its time is free at once."),
    "reinstate": ("booking", "Bring a cancelled visit back to where it stood, if that is free."),
    "series": ("series", "Book, move and cancel visits that repeat."),
    "together": ("together", "Find and book several visits on one day."),
    "waitlist": ("waitlist", "Who waits for a visit or an earlier one, and offers to them."),
    "check-in": ("booking", "Check a patient in: here, and in the room."),
    "patient": ("patients", "Find records of one person, and make them one."),
    "undo": ("undo", "Take back your own last step, or list the last twenty."),
    "hours": ("hours", "Show and set when a doctor works."),
    "absence": ("absence", "Plan what becomes of the visits in the way of an absence."),
    "visit-type": ("visit_types", "Add and list visit types."),
    "room": ("rooms", "Add and list rooms."),
    "user": ("user", "Add, list and disable accounts; new passwords."),
    "import": ("imports", "Take in patients, doctors, appointments and day sheets from CSV."),
    "locale": ("locale", "Show and set how clocks, dates and weeks are written."),
    "messages": ("messages", "Show and set quiet hours, caps, countries and doctors' agendas."),
    "template": ("templates", "Word messages in the clinic's own way."),
    "send": ("sending", "Deliver what is due, once."),
    "worker": ("sending", "Deliver what is due, until it is told to stop."),
    "check": ("check", "Look whether settings, database and book are well."),
}
"""Verb → the module that has it, and the first sentence of its help."""


class Verbs(TyperGroup):
    """The root of all verbs: finds them, and says in one way what goes wrong in any of them."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002
        """The verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        """The verb, its module imported now."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f".{VERBS[cmd_name][0]}", __package__)
        found: Command = typer.main.get_command(module.verbs)
        mine: Command = getattr(found, "commands", {}).get(cmd_name, found)
        return mine

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        """The list of verbs, out of what is written here."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in VERBS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002 - “clinic”, however it was started
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a verb and exit with its code."""
        run = super().main

        def of_the_verb() -> int:
            try:
                code: int | None = run(
                    args,
                    "clinic",
                    complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    **extra,
                )
            except typer.TyperException as wrong:
                return _wrong_usage(wrong)
            except typer.Abort:
                echo("Nothing was changed.", err=True)
                return 1
            return code or 0

        sys.exit(answered(of_the_verb))


def _wrong_usage(wrong: typer.TyperException) -> int:
    """Say what is wrong with the words typed, and how they are to be."""
    context = getattr(wrong, "ctx", None)
    message = wrong.format_message().replace(": Value error, ", ": ")  # How Typer marks a cause.
    # A group without a verb is answered with its whole help, which begins with the usage.
    if context is not None and not message.startswith("Usage:"):
        for line in context.get_usage().splitlines():
            echo(line, err=True)
        echo(f"“{context.command_path} --help” says more.", err=True)
    for line in message.splitlines():
        echo(line, err=True)
    return wrong.exit_code
