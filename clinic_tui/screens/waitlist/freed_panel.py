"""Time that is free again, and whom on the waitlist it would suit: a digit offers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ...domain.errors import Refusal
from ...domain.patients.contact import show_phone
from ...domain.text import showable
from ...domain.times.walltime import say_span, say_time
from ...domain.waitlist.freed import Fitting, FreedTime
from ..base import Dialog
from ..safe import safe
from ..styles import style_sheet
from ..visits.refusals import sentence
from ..widgets.cells import fit
from ..widgets.key_line import KeyLine
from ..widgets.lists.numbered import NumberedLines
from ..wording import clock_cells

if TYPE_CHECKING:
    from ...desk import Desk

_PHONE = 18
_SHORTEST_NAME = 18
_REASONS = 27


@dataclass(frozen=True, slots=True)
class FreedAnswer:
    """Whom the time goes to, nobody for now; ``at_once`` where they have said yes already."""

    fitting: Fitting | None
    at_once: bool


class Fitters(NumberedLines):
    """Who fits: digits offer, Enter offers what the arrows went to, or to the first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "1", "take", "Offer it", id="freed.offer", key_display="1…3",
            tooltip="Keep it for the one of that number, and tell them",
        ),
        Binding("enter", "go_on", "To the first", id="freed.first", tooltip="Offer it to them"),
    ]  # fmt: skip


class FreedPanel(Dialog[FreedAnswer]):
    """Shows who would come, with phone numbers, the first to ask first. It writes nothing.

    ``further`` times more are free again, each of which has a panel of its own after this one.
    """

    CSS_PATH = style_sheet("waitlist")
    TITLE_IN_HELP = "time that is free again"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "book", "Book at once", id="freed.book", tooltip="They have said yes"),
        Binding("n", "next", "Next time", id="freed.next", tooltip="Leave this free, go on"),
        Binding("escape", "leave", "Leave it free", id="freed.leave", tooltip="Offer it to nobody"),
    ]

    def __init__(
        self,
        desk: Desk,
        freed: FreedTime,
        *,
        done: str = "",
        refusal: Refusal | None = None,
        further: int = 0,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._freed = freed
        self._done = done
        self._refusal = refusal
        self._further = further

    def compose(self) -> ComposeResult:
        """What was done, what is free, and for whom."""
        freed, zone = self._freed, self._desk.zone
        span = say_span(freed.starts_at, freed.ends_at, zone)
        with Vertical(classes="box") as box:
            more = f" · up to {self._further} more after this" if self._further else ""
            box.border_title = f"Free again{more}"
            if self._done:
                yield Static(safe(self._done), id="done", classes="hint")
            yield Static(
                Content.assemble(
                    Content.styled(showable(f"{span}, {freed.doctor}"), "bold"),
                    " would suit:",
                ),
                id="freed",
            )
            yield Fitters(id="fitters")
            yield Static(id="who", classes="hint")
            refused = sentence(self._refusal) if self._refusal else ""
            yield Static(safe(refused), id="refusal", classes="refusal")
        yield KeyLine()

    def on_mount(self) -> None:
        """A digit offers."""
        self.query_one(Fitters).focus()

    def on_resize(self) -> None:
        """The lines are as wide as there is room."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        lines = self.query_one(Fitters)
        lines.show([self._line(one, lines.size.width - 4) for one in self._freed.fits], 0)
        self._say(0)

    def _line(self, one: Fitting, width: int) -> str:
        """Name, phone, when, and why they stand there."""
        time = clock_cells() + 2
        name = max(_SHORTEST_NAME, width - _PHONE - time - _REASONS)
        phone = show_phone(one.phone, self._desk.settings.region) if one.phone else "no phone"
        return (
            fit(one.patient, name - 2)
            + "  "
            + fit(phone, _PHONE - 2)
            + "  "
            + say_time(one.starts_at, self._desk.zone).ljust(time)
            + ", ".join(one.reasons)
        )

    @on(NumberedLines.Pointed)
    def pointed(self, event: NumberedLines.Pointed) -> None:
        """Say more of the one that the arrows went to."""
        self._say(event.index or 0)

    def _say(self, index: int) -> None:
        one = self._freed.fits[index]
        span = (
            f"{say_time(one.starts_at, self._desk.zone)}–{say_time(one.ends_at, self._desk.zone)}"
        )
        facts = (f"{one.patient}: {one.visit_type} {span}", *one.reasons, one.note)
        self.query_one("#who", Static).update(safe(" · ".join(filter(None, facts))))

    @on(NumberedLines.Taken)
    def offer(self, event: NumberedLines.Taken) -> None:
        """Offer it to that one."""
        self.dismiss(FreedAnswer(self._freed.fits[event.index], at_once=False))

    @on(NumberedLines.WentOn)
    def offer_first(self) -> None:
        """Offer it to whoever is to be asked first."""
        self.dismiss(FreedAnswer(self._freed.fits[0], at_once=False))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The next time is offered where there is one."""
        if action == "next":
            return self._further > 0
        return super().check_action(action, parameters)

    def action_next(self) -> None:
        """This one to nobody; the next one."""
        self.dismiss(FreedAnswer(None, at_once=False))

    def action_book(self) -> None:
        """They are on the line and have said yes."""
        at = self.query_one(Fitters).at or 0
        self.dismiss(FreedAnswer(self._freed.fits[at], at_once=True))
