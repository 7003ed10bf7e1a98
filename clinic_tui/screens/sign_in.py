"""Who is it? A name and a password; and the lock, which asks the same person again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Vertical
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Label, Static

from ..domain.access import Actor
from ..domain.errors import Refusal
from .reading import stop_if_closing
from .safe import own, safe
from .typing_ahead import forget_keys, keys_follow, keys_wait
from .widgets.key_line import KeyLine

if TYPE_CHECKING:
    from ..desk import Desk


class NameInput(Input):
    """Enter goes on to the password at once, so that not one letter typed quickly goes astray."""

    async def action_submit(self) -> None:
        """Not by a message, which the next key would overtake."""
        self.screen.set_focus(self.screen.query_one("#password", Input))


class PasswordBox(Vertical):
    """A name, a password and the sentence under them."""

    def __init__(self, heading: str, username: str = "") -> None:
        super().__init__(classes="box")
        self._heading = heading
        self._username = username

    def compose(self) -> ComposeResult:
        """The name is typed only where it is not known."""
        yield Static(safe(self._heading), classes="title")
        if not self._username:
            yield Label(own("User name"))
            yield NameInput(id="username")
        yield Label(own("Password"))
        yield Input(id="password", password=True)
        yield Static("", id="refusal", classes="refusal", markup=False)

    @property
    def username(self) -> str:
        """The name, typed or known."""
        return self._username or self.query_one("#username", Input).value

    @property
    def password(self) -> str:
        """The password as typed."""
        return self.query_one("#password", Input).value

    def refuse(self, sentence: str) -> None:
        """Say why not; the name stays, the password is typed again.

        What was typed ahead was for the screen behind the door.
        """
        forget_keys(self)
        self.query_one("#refusal", Static).update(safe(sentence))
        field = self.query_one("#password", Input)
        field.value = ""
        field.focus()


class SignInScreen(Screen[None]):
    """The first screen of a desk at which nobody sits."""

    class SignedIn(Message):
        """Somebody does now."""

        def __init__(self, actor: Actor) -> None:
            super().__init__()
            self.actor = actor

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """The box in the middle."""
        with Center(classes="middle"):
            yield PasswordBox(self._desk.settings.name)
        yield KeyLine()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#username", Input).focus()

    @on(Input.Submitted, "#password")
    def submit(self) -> None:
        """Enter signs in."""
        keys_wait(self)
        self.sign_in()

    @work(exclusive=True, group="sign-in")
    async def sign_in(self) -> None:
        """Check the password off the loop: it is slow on purpose."""
        box = self.query_one(PasswordBox)
        try:
            actor = await self._desk.sign_in(box.username, box.password)
        except Refusal as refusal:
            stop_if_closing(self)
            box.refuse(str(refusal))
        else:
            self.post_message(self.SignedIn(actor))
        keys_follow(self)


class LockScreen(ModalScreen[bool]):
    """Covers everything until the password is typed; answers False when the person signs out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "sign_out", "Sign out", id="lock.sign-out", tooltip="Let another sign in")
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Whose desk it is, and the password."""
        actor = self._desk.actor
        with Center(classes="middle"):
            yield PasswordBox(f"Locked by {actor.name}", actor.username)
        yield KeyLine()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#password", Input).focus()

    @on(Input.Submitted, "#password")
    def submit(self) -> None:
        """Enter unlocks."""
        keys_wait(self)
        self.unlock()

    @work(exclusive=True, group="unlock")
    async def unlock(self) -> None:
        """The same person again, by the same check as signing in."""
        box = self.query_one(PasswordBox)
        try:
            await self._desk.sign_in(box.username, box.password)
        except Refusal as refusal:
            stop_if_closing(self)
            box.refuse(str(refusal))
        else:
            self.dismiss(True)
        keys_follow(self)

    def action_sign_out(self) -> None:
        """Leave the desk to somebody else."""
        self.dismiss(False)
