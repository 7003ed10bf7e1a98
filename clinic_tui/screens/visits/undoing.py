"""Undo, by the same letter everywhere: it asks nothing, and tells in one sentence what it did.

A last step that cannot be taken back stands before the older ones. It is said why, and a letter
of its own lets it stand for good.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from ...domain.errors import ClinicUnavailable, Refusal
from ...domain.undo.undo import Undone, leave_last, undo_last, undoable
from ...domain.visits.requests import new_key
from ..base import ClinicScreen, Dialog
from ..safe import own, safe
from ..saving import saved
from ..widgets.key_line import KeyLine


class RefusedUndo(Dialog[bool]):
    """Why the last step stays, and whether to go past it; True lets it stand for good."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "l",
            "let_stand",
            "Let it stand",
            id="undo.let_stand",
            tooltip="For good: then what came before can be undone",
        ),
    ]
    DEFAULT_CSS = "RefusedUndo .hint, RefusedUndo .refusal { margin-top: 1; }"
    TITLE_IN_HELP = "this refusal"

    def __init__(self, refusal: Refusal, step: str, before: str) -> None:
        super().__init__()
        self._refusal = refusal
        self._step = step
        self._before = before

    def compose(self) -> ComposeResult:
        """The step, why it stays, and what lies behind it."""
        with VerticalScroll(classes="box wide", can_focus=False):
            yield Static(own("Your last step cannot be undone"), classes="title")
            yield Static(safe(f"{self._step}."))
            yield Static(safe(str(self._refusal)), id="refusal", classes="refusal")
            yield Static(
                safe(f"l lets it stand for good. Then this can be undone: {self._before}."),
                classes="hint",
            )
        yield KeyLine()

    def action_let_stand(self) -> None:
        """Go past it."""
        self.dismiss(True)


async def undo_last_step(screen: ClinicScreen) -> Undone | None:
    """Take back the signed-in person's last step; None where that was refused, which is said.

    Keys are held meanwhile: one that is pressed for long would take back one step after another.
    """
    try:
        undone = await saved(screen, undo_last, screen.desk.now(), new_key())
    except ClinicUnavailable as refusal:
        screen.refuse(refusal)
    except Refusal as refusal:
        with screen.refusals_shown():
            await _go_past(screen, refusal)
    else:
        screen.tell(undone.sentence)
        return undone
    return None


async def _go_past(screen: ClinicScreen, refusal: Refusal) -> None:
    """Say why not; where older steps wait behind it, let the person decide about it."""
    desk = screen.desk
    steps = await desk.read(undoable, desk.now())
    if len(steps) < 2:
        screen.refuse(refusal)
        return
    last, before = steps[0], steps[1].sentence
    if await screen.app.push_screen_wait(RefusedUndo(refusal, last.sentence, before)):
        await saved(screen, leave_last, last.step_id, desk.now())
        screen.tell(f"It stands. u takes back: {before}.")
