"""The terminal around the program: refused where it cannot work, left clean whatever happens.

Nothing here imports Textual before the environment is safe for it.
"""

from __future__ import annotations

import codecs
import gc
import os
import resource
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .domain.errors import Refusal

if TYPE_CHECKING:
    from .app import ClinicApp
    from .desk import Desk
    from .scheduler import Sending

SMALLEST = (70, 20)
"""Columns and rows below which nothing useful can be shown; 80×24 is what screens are made for."""
_LAST_WORD_AFTER = 3.0
_STANDS_AFTER = 5.0
_FRAMES_A_SECOND = 240
"""At most. With Textual's own 60 what was found for a key waits for up to 17 ms, ready to be drawn,
because the letter itself was drawn just before."""
_COLLECTED_FROM = 50_000
"""Objects made and not dropped: a day that is turned to makes a few thousand and drops as many."""
_RESET = (
    "\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?1015l\x1b[?2004l"
    "\x1b[?25h\x1b[<u\x1b[0m"
)


def refuse_unusable() -> None:
    """Refuse, in a sentence, a terminal that is none, is dumb, or is too small."""
    # Textual draws on the error output, so all three have to be the terminal.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise Refusal(
            "“clinic” needs a terminal (over SSH: ssh -t); with --linear it works without one."
        )
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise Refusal("This terminal (TERM=dumb) cannot show screens; with --linear it works.")
    columns, rows = shutil.get_terminal_size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        raise Refusal(
            f"This terminal is {columns}×{rows}: at least {SMALLEST[0]}×{SMALLEST[1]} is needed,"
            " 80×24 is better."
        )


def run_terminal(
    open_desk: Callable[[], Desk],
    *,
    theme: str,
    keymap: dict[str, str],
    hide_names_after: float | None = None,
    telephone: Path | None = None,
    start_sending: Callable[[], Sending | None] | None = None,
    tour: bool = False,
) -> int:
    """Run the program until it is left; returns the exit code. With ``tour``, the guided one.

    Refused by ``refuse_unusable``, and with the sentence for which the program ended itself.
    SIGHUP and SIGTERM end it properly within three seconds, also when the terminal has stopped
    reading.
    """
    refuse_unusable()
    _harden()
    _put_off_collecting()
    _take_any_byte()
    app = _program(tour=tour)(
        open_desk,
        theme=theme,
        keymap=keymap,
        hide_names_after=hide_names_after,
        telephone=telephone,
        start_sending=start_sending,
        follows=True,
    )
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda caught, _frame: _leave(app.leave, 128 + caught))
    app.run()
    if app.parting_words:
        raise Refusal(app.parting_words)
    return app.return_code or 0


def _program(*, tour: bool) -> type[ClinicApp]:
    """The program's class: Textual reads the environment when it is imported."""
    if tour:
        from .touring import TourApp  # noqa: PLC0415

        return TourApp
    from .app import ClinicApp  # noqa: PLC0415

    return ClinicApp


def _harden() -> None:
    """No debugging back doors, no core file with patient data, no files others can read.

    TEXTUAL_* variables can load code, write logs and press keys; the one that matters to people
    (NO_COLOR) is not among them.
    """
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
    os.environ["TEXTUAL_FPS"] = str(_FRAMES_A_SECOND)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)


def _take_any_byte() -> None:
    """Let a byte that is no UTF-8, from a terminal set to Latin-1, come in as "�".

    Textual's thread that reads the terminal ends the program over it; its decoder can be had from
    nowhere but the name under which that module knows it.
    """
    from textual.drivers import linux_driver  # noqa: PLC0415 - as late as the rest of Textual

    def decoder(encoding: str) -> partial[codecs.IncrementalDecoder]:
        return partial(codecs.getincrementaldecoder(encoding), errors="replace")

    linux_driver.getincrementaldecoder = decoder  # type: ignore[assignment, attr-defined]


def _put_off_collecting() -> None:
    """Let the garbage collector rest until the program stands.

    While modules are imported it would look through all of them again and again and find
    nothing, a tenth of the time to the first day. What has been made by then stays for good and
    is not looked through later either, when that would hold a key up.
    """
    gc.disable()

    def collect_from_now_on() -> None:
        gc.freeze()
        gc.set_threshold(_COLLECTED_FROM)
        gc.enable()

    timer = threading.Timer(_STANDS_AFTER, collect_from_now_on)
    timer.daemon = True
    timer.start()


def _leave(leave: Callable[[int], None], code: int) -> None:
    """Ask the program to end, and end it without asking when it cannot hear."""

    def last_word() -> None:
        _write_reset()
        os._exit(code)

    timer = threading.Timer(_LAST_WORD_AFTER - 0.5, last_word)
    timer.daemon = True
    timer.start()
    leave(code)


def _write_reset() -> None:
    """Put the terminal back as it was, if it still takes anything at once."""
    try:
        os.set_blocking(2, False)
        os.write(2, _RESET.encode())
    except OSError:
        return
