"""Names left unsaid: whoever stands beside the desk hears none, nor reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...domain.patients.personal_words import PersonalWords

if TYPE_CHECKING:
    from ...desk import Desk
    from .talk import Talk

_DOT = "\0"
_DOTS = re.compile("\0+(?:[ '’-]\0+)*")
_INSTEAD = "hidden"


def hide(_: Desk, talk: Talk, __: str) -> None:
    """Say nothing of patients from now on that tells who they are, or say it again."""
    if talk.hides:
        talk.show_as(None)
        talk.say("Names are said again.")
    else:
        talk.show_as(_without_names())
        talk.say("Names are hidden; hide says them again. Choose people by their number.")


def _without_names() -> Callable[[str], str]:
    """A word stands where something of theirs was."""
    personal = PersonalWords()

    def without(line: str) -> str:
        hidden = {at for first, after in personal.spans(line) for at in range(first, after)}
        shown = (_DOT if at in hidden else char for at, char in enumerate(line))
        return _DOTS.sub(_INSTEAD, "".join(shown))

    return without
