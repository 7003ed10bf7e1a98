"""``clinic demo``: the program on a made-up clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .desks import config_of
from .verbs import PLAIN

if TYPE_CHECKING:
    from ..desk import Desk

verbs = typer.Typer(**PLAIN)

RECEPTIONIST = "ana"


@verbs.command("demo")
def demo(
    context: typer.Context,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, without your changes.")
    ] = False,
) -> None:
    """Open a made-up clinic, signed in as its receptionist.

    It lives in a throw-away file, stands around today and is built anew every day. The other
    accounts are ada (admin), lee (doctor) and maria (patient); the password of all is
    “six calm herons wade”.
    """
    from ..terminal import run_terminal  # noqa: PLC0415

    config = config_of(context)
    raise typer.Exit(
        run_terminal(lambda: demo_desk(fresh=fresh), theme=config.theme, keymap=dict(config.keymap))
    )


def demo_desk(*, fresh: bool = False) -> Desk:
    """A desk in the made-up clinic at which the receptionist is signed in."""
    from platformdirs import user_cache_path  # noqa: PLC0415

    from ..config import APP  # noqa: PLC0415
    from ..database import Database  # noqa: PLC0415
    from ..demo.file import demo_file  # noqa: PLC0415
    from ..demo.plan import load_plan  # noqa: PLC0415
    from ..desk import Desk, read_clock  # noqa: PLC0415
    from ..domain.accounts import signed_in, stored_password  # noqa: PLC0415
    from .init import machine_zone  # noqa: PLC0415

    zone = machine_zone() or load_plan().clinic["zone"]
    path = demo_file(user_cache_path(APP), zone, read_clock(), fresh=fresh)
    database = Database(f"sqlite:///{path}")
    desk = Desk(database)
    receptionist = database.read(stored_password, RECEPTIONIST)
    assert receptionist is not None  # noqa: S101 - built a moment ago
    desk.sign_in_as(database.transact(signed_in, receptionist, desk.now()))
    return desk
