"""What to do with an error that nobody foresaw: a number for people, the places for developers.

Python would print source lines and messages, and a message may quote a patient's data.
"""

from __future__ import annotations

import secrets
import traceback

from platformdirs import user_state_path


def write_down(error: BaseException | None) -> str:
    """Write the error to a file of this user's own; returns the sentence that names it."""
    reference = secrets.token_hex(4)
    try:
        folder = user_state_path("clinic_tui", ensure_exists=True)
        with (folder / f"error-{reference}.txt").open("x", encoding="utf-8") as file:
            file.write(_where_it_happened(error))
    except OSError:
        reference += " (and the details could not be written)"
    return f"clinic: an unexpected error ended the program; its number is {reference}."


def _where_it_happened(error: BaseException | None) -> str:
    """The kinds of error and the places they passed, without messages: those may quote data."""
    lines = []
    while error is not None:
        lines.append(type(error).__qualname__)
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        error = error.__cause__ or error.__context__
    return "\n".join(lines)
