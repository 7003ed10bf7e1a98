"""A dialog with fields: filled in, refused with a sentence at the field, left without losing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from ..domain.errors import BadInput, Refusal
from .base import Dialog
from .safe import own, safe
from .styles import style_sheet
from .widgets.choice import Choice
from .widgets.key_line import KeyLine

if TYPE_CHECKING:
    from ..desk import Desk

Typed = Mapping[str, str]
"""What stands in each field, by its key."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How a form was left: with what in it, and whether to save that."""

    typed: Typed
    save: bool


class Form(Dialog[Filled]):
    """A question with fields. It checks what it can without the database and answers ``Filled``.

    Left with Esc, it answers too: whoever asked keeps the draft and offers it again. A refusal
    that comes later comes back as ``refusal`` into the next form, at the field it names.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = style_sheet("form")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            "Back",
            id="form.leave",
            tooltip="Leave for now; what was typed is offered again",
        ),
        Binding("ctrl+s", "save", "Save", id="form.save", priority=True, tooltip="Check and save"),
        Binding("ctrl+r", "reset", "As it was", id="form.reset", tooltip="Forget what was typed"),
    ]
    TITLE_IN_HELP = "this form"
    PROPOSES: ClassVar[bool] = False
    """Whether what stands in the fields is only proposed: typing into one begins anew."""
    LABELS: ClassVar[Mapping[str, str]] = {}
    """What stands before each field, by its key."""
    HINTS: ClassVar[Mapping[str, str]] = {}
    """What each field takes, by its key: shown while the field is being filled."""
    FIELDS: ClassVar[Mapping[str, str]] = {}
    """The key of the field that ``BadInput`` names."""

    def __init__(
        self,
        desk: Desk,
        title: str,
        original: Typed,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__()
        self.desk = desk
        self._title = title
        self._original = dict(original)
        self._typed = dict(original) | dict(draft or {})
        self._kept = draft is not None and refusal is None and dict(draft) != self._original
        self._refusal = refusal
        self._said, self._refused = "", ""

    def compose(self) -> ComposeResult:
        """A box of fields over the sentence about the present one and the refusal."""
        with VerticalScroll(classes="box wide", can_focus=False):
            yield Static(safe(self._title), classes="title")
            yield from self.compose_fields()
            yield Static("", id="hint", classes="hint")
            yield Static("", id="refusal", classes="refusal")
        yield KeyLine()

    def compose_fields(self) -> ComposeResult:
        """The fields: ``field`` makes one."""
        yield from ()

    def field(self, control: Widget, *, gap: bool = False) -> Horizontal:
        """A control behind its label on one line."""
        label = self.LABELS[control.id or ""]
        return Horizontal(Label(own(label)), control, classes="field gap" if gap else "field")

    def text(self, key: str) -> Input:
        """A line to type in, holding what stands there now."""
        return Input(self._typed.get(key, ""), id=key, select_on_focus=self.PROPOSES)

    def choice(self, key: str, options: Iterable[tuple[str, str]]) -> Choice:
        """One of a few words."""
        return Choice(tuple(options), self._typed.get(key, ""), id=key)

    def yes_or_no(self, key: str) -> Choice:
        """A question, told in words and not by a tick's colour; yes is "yes", no is nothing."""
        return self.choice(key, (("", "no"), ("yes", "yes")))

    def on_mount(self) -> None:
        """Begin at the first field, or at the one that was refused."""
        self.query("Input, Choice").first().focus()
        if self._refusal is not None:
            self.show_refusal(self._refusal)
        elif self._kept:
            self.say("What you had typed is still here; Ctrl+R forgets it.")

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields now."""
        return {key: self._value(key) for key in self._original}

    def check(self, typed: Typed) -> None:
        """Raise ``BadInput`` for what can be seen to be wrong without asking the database."""

    def hint(self, key: str, value: str) -> str:  # noqa: ARG002 - forms that echo look at it
        """What to say about a field that holds this value."""
        return self.HINTS.get(key, "")

    def say(self, sentence: str) -> None:
        """Say something under the fields that is no refusal."""
        self._said = sentence
        self.query_one("#refusal", Static).update(safe(sentence))
        self.query_one("#refusal").set_class(False, "refusal")

    def show_refusal(self, refusal: Refusal) -> None:
        """Say why not, and go to the field it is about."""
        self.say(str(refusal))
        self.query_one("#refusal").set_class(True, "refusal")
        key = self.FIELDS.get(refusal.field) if isinstance(refusal, BadInput) else None
        for control in self.query(Input):
            control.set_class(control.id == key, "-wrong")
        if key is not None:
            self._refused = self._value(key)
            self._show_hint(self.query_one(f"#{key}").focus())

    def action_save(self) -> None:
        """Answer with what was typed, unless it can be seen to be wrong."""
        typed = self.typed
        try:
            self.check(typed)
        except Refusal as refusal:
            self.show_refusal(refusal)
        else:
            self.dismiss(Filled(typed, save=True))

    def action_leave(self) -> None:
        """Answer with the draft."""
        self.dismiss(Filled(self.typed, save=False))

    def action_reset(self) -> None:
        """Put back what stood there before anything was typed."""
        for key, value in self._original.items():
            self._put(key, value)
        self.say("")

    @on(Input.Submitted)
    def next_field(self) -> None:
        """Enter goes on to the next field; it never saves, because pasted text may hold it."""
        self.focus_next()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field takes, and mark its label."""
        for row in self.query(".field"):
            row.set_class(event.widget.parent is row, "-here")
        self._show_hint(event.widget)

    @on(Input.Changed)
    @on(Choice.Changed)
    def echo(self, event: Input.Changed | Choice.Changed) -> None:
        """Say what was understood so far; what was refused stands there no more."""
        key, control = event.control.id or "", event.control
        if control.has_class("-wrong") and self._value(key) != self._refused:
            control.remove_class("-wrong")
            self.say("")
        if control.has_focus:
            self._show_hint(control)

    def _show_hint(self, control: Widget) -> None:
        key = control.id or ""
        if key in self.LABELS:
            hint = self.hint(key, self._value(key))
            # A form that echoes why it cannot read a field has said it already when it refused.
            said = self.HINTS.get(key, "") if hint == self._said else hint
            self.query_one("#hint", Static).update(safe(said))

    def _value(self, key: str) -> str:
        control = self.query_one(f"#{key}")
        return control.value if isinstance(control, Input | Choice) else ""

    def _put(self, key: str, value: str) -> None:
        control = self.query_one(f"#{key}")
        if isinstance(control, Input | Choice):
            control.value = value
