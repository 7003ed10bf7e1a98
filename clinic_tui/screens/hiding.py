"""Names hidden: the last step before the terminal, past which nothing of a patient goes.

It puts a ● in each cell of what is theirs in every line drawn, so that the picture stays as it
was laid out.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ..domain.patients.personal_words import PersonalWords
from .safe import is_own

_DOT = "●"


class HidingNames(LineFilter):
    """Draws a ● for each cell of what is a patient's: name, number, birth date, what is noted.

    Labels and keys are left as they are, whoever is called like them.
    """

    def __init__(self, typed: Iterable[str] = ()) -> None:
        """``typed`` is hidden too: what stands in fields when nobody is there any more."""
        super().__init__()
        self._personal = PersonalWords(typed)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments, as wide as before, without what is hidden."""
        text = "".join(segment.text for segment in segments)
        hidden = {at for first, after in self._personal.spans(text) for at in range(first, after)}
        if not hidden:
            return segments
        drawn, at = [], 0
        for part, style, control in segments:
            shown = part
            if not is_own(style):
                shown = "".join(
                    _DOT * cell_len(char) if number in hidden else char
                    for number, char in enumerate(part, start=at)
                )
            drawn.append(Segment(shown, style, control))
            at += len(part)
        return drawn
