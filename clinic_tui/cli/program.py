"""The terminal program, opened on the clinic of the settings or on the made-up one.

Nothing here imports Typer: ``clinic`` and ``clinic demo`` come in straight, because reading a
command line costs as much as half of the first frame.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.errors import Refusal
from .desks import open_desk, warn_of_network_share
from .output import echo
from .senders import start_sending

if TYPE_CHECKING:
    from ..config import Config
    from ..desk import Desk

RECEPTIONIST = "ana"


def run_directly(words: list[str]) -> int | None:
    """The exit code of ``clinic`` or ``clinic demo`` without options; None for other words."""
    if words not in ([], ["demo"]):
        return None
    from ..config import load_config  # noqa: PLC0415

    opened = open_demo if words else open_program
    return answered(lambda: opened(load_config()))


def answered(call: Callable[[], int]) -> int:
    """Its exit code; what a person can cause ends in one sentence on stderr and 1."""
    try:
        return call()
    except Refusal as refusal:
        echo(str(refusal), err=True)
    except UnicodeError:
        echo("Something given here is not written in UTF-8.", err=True)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        echo(f"{where}{error.strerror or error}.", err=True)
        _drop_what_cannot_be_written()
    return 1


def _drop_what_cannot_be_written() -> None:
    """Else Python tries once more when it ends, with a traceback and a code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_program(config: Config, *, linear: bool = False) -> int:
    """Open the clinic of the settings, on screens or ``linear``; returns its exit code."""
    warn_of_network_share(config.database)
    sends = any(one is not None for one in (config.mail, config.sms, config.sheets))
    start = (lambda: start_sending(config)) if sends else None
    if linear:
        from .linear.session import run_linear  # noqa: PLC0415

        return run_linear(lambda: open_desk(config), start)
    from ..terminal import run_terminal  # noqa: PLC0415

    return run_terminal(
        lambda: open_desk(config),
        theme=config.theme,
        keymap=dict(config.keymap),
        hide_names_after=config.hide_names_after * 60 or None,
        telephone=config.telephone,
        start_sending=start,
    )


def open_demo(
    config: Config, *, fresh: bool = False, linear: bool = False, tour: bool = False
) -> int:
    """Open the made-up clinic, on screens, with the ``tour``, or ``linear``; its exit code."""
    if linear:
        from .linear.session import run_linear  # noqa: PLC0415

        return run_linear(lambda: demo_desk(fresh=fresh))
    from ..terminal import run_terminal  # noqa: PLC0415

    def run(opened: Callable[[], Desk]) -> int:
        return run_terminal(
            opened,
            theme=config.theme,
            keymap=dict(config.keymap),
            hide_names_after=config.hide_names_after * 60 or None,
            telephone=config.telephone,
            tour=tour,
        )

    if not tour:
        return run(lambda: demo_desk(fresh=fresh))
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    with TemporaryDirectory(prefix="clinic-tour-") as folder:
        return run(lambda: demo_desk(folder=Path(folder)))


def demo_desk(*, fresh: bool = False, folder: Path | None = None) -> Desk:
    """A desk in the made-up clinic, kept in that folder, at which the receptionist is signed in."""
    from platformdirs import user_cache_path  # noqa: PLC0415

    from ..config import APP  # noqa: PLC0415
    from ..database import Database  # noqa: PLC0415
    from ..demo.file import demo_file  # noqa: PLC0415
    from ..demo.plan import load_plan  # noqa: PLC0415
    from ..desk import Desk, read_clock  # noqa: PLC0415
    from ..domain.staff.sign_ins import signed_in, stored_password  # noqa: PLC0415
    from .machine import machine_zone  # noqa: PLC0415

    zone = machine_zone() or load_plan().clinic["zone"]
    path = demo_file(folder or user_cache_path(APP), zone, read_clock(), fresh=fresh)
    database = Database(f"sqlite:///{path}")
    desk = Desk(database)
    receptionist = database.read(stored_password, RECEPTIONIST)
    assert receptionist is not None  # noqa: S101 - built a moment ago
    desk.sign_in_as(database.transact(signed_in, receptionist, desk.now()))
    return desk
