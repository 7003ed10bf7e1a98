"""Keys are for what their forerunners have brought about: in order, one by one, and none is lost.

A receptionist who books all day types ``b`` and the name in one go, faster than a dialog can be
built and its visit be read. Without this the name would go to the calendar, as commands; and what
is typed right behind Tab or Enter would go to the field that they leave.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import update_wrapper
from math import ceil
from time import monotonic
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from textual import events, work
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Screen[Any])

_LONGEST = 2.0
"""Seconds after which a key that leads away goes before those that wait: a clinic that does not
answer must not hold anybody. Keys that wait for no page and no story go on by themselves then."""
_BEAT = 0.25
"""They are counted in beats, of which a program that was stopped, or a machine that slept, misses
all but one: it is not the clinic that has not answered meanwhile."""
_AT_ONCE = frozenset({"lock", "leave"})
"""Actions of the program that wait for nobody."""


class TypingAhead(App[int]):
    """An app whose keys wait for the key before, and while a story's first dialog is on its way.

    On a screen that has ``is_early`` those wait, too, of which it says so: what they are for is
    still being read.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[events.Key | events.Paste] = []
        self._dialog_until = self._key_until = self._elsewhere_until = 0.0
        self._beats = 0
        """For which kept keys wait yet, at least."""
        self._waits_since: float | None = None
        self._telling: WeakKeyDictionary[Screen[Any], int] = WeakKeyDictionary()
        self._path: list[DOMNode] = []
        self._letters_on_their_way = False

    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed and hand it out in turn; what comes back up unused goes on upwards.

        What is pasted becomes one line: a field would take the first line and drop the rest.
        """
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Paste):
            event.text = " ".join(event.text.splitlines())
        if self._goes_first(event):
            self.forget_keys()  # They were for what is left now.
        self._kept.append(event)
        await self._hand_out()

    def keys_wait(self) -> None:
        """From now on keys are kept: a dialog comes."""
        self._dialog_until = monotonic() + _LONGEST
        if self._beats:
            self._beats = ceil(_LONGEST / _BEAT)

    def keys_go_on(self) -> None:
        """Whoever is to have the keys is there."""
        self._dialog_until = 0.0
        self.look_at_keys()

    def go_elsewhere(self) -> None:
        """From now on keys are for the screen that is gone to, whatever is seen on the way."""
        self._elsewhere_until = monotonic() + _LONGEST

    def arrive(self) -> None:
        """It stands, or there was nowhere to go."""
        self._elsewhere_until = 0.0
        self.keys_go_on()

    def look_at_keys(self) -> None:
        """What a screen was behind with may be there."""
        if self._kept:
            self.call_later(self._hand_out)

    def keys_follow(self, part: DOMNode) -> None:
        """Keys that waited go on behind what that part of a screen has just told the parts above.

        Until then they wait as they do behind a key: what was told may move the focus.
        """
        under_way = bool(self._path)
        self._dialog_until, self._key_until = 0.0, monotonic() + _LONGEST
        self._path = [*part.ancestors_with_self] * 2
        if not under_way:
            self._follow()

    def forget_keys(self) -> None:
        """What was typed ahead was typed for something else than what is there now."""
        self._kept.clear()
        self._waits_since = None

    def begin_story(self, screen: Screen[Any]) -> None:
        """Keys wait for its dialog; where none comes, for its end."""
        self._telling[screen] = self._telling.get(screen, 0) + 1
        self.keys_wait()

    def end_story(self, screen: Screen[Any]) -> None:
        """Its dialogs are gone again, or there was none."""
        self._telling[screen] -= 1
        self.keys_go_on()

    async def _hand_out(self) -> None:
        while self._kept and (wait := self._wait()) <= 0 and not self._is_early(self._kept[0]):
            event, self._waits_since = self._kept.pop(0), None
            focused = self.focused
            if _takes_letters(focused) and (isinstance(event, events.Paste) or event.is_printable):
                await super().on_event(event)  # A field takes its letters in the order they come.
                self._letters_on_their_way = True
                continue
            # A screen's own keys, as Ctrl+S, go no way through the field: its letters come first.
            letters, self._letters_on_their_way = self._letters_on_their_way, False
            self._key_until = monotonic() + _LONGEST
            if letters:
                self._kept.insert(0, event)
            else:
                await super().on_event(event)
            path = (focused or self.screen).ancestors_with_self
            self._path = [*path, *path]
            self._follow()
        if self._kept:
            self._waits_since = self._waits_since or monotonic()
        if self._kept and wait > 0 and not self._beats:
            self._beats = ceil(wait / _BEAT)
            self.set_timer(_BEAT, self._beat)

    def _wait(self) -> float:
        """Seconds until the next is handed out at the latest; 0 where nothing is under way."""
        until = max(self._dialog_until, self._key_until, self._elsewhere_until)
        return max(until - monotonic(), self._beats * _BEAT) if until else 0.0

    async def _beat(self) -> None:
        self._beats -= 1
        if self._beats:
            self.set_timer(_BEAT, self._beat)
        else:
            await self._hand_out()

    def _follow(self) -> None:
        """Go the way of a key, behind it, and once more behind the message that it became."""
        while self._path:
            # Not by call_later: looking at a new partial costs more than all the rest of it.
            if self._path.pop(0).post_message(events.Callback(callback=self._follow)):
                return
        self._key_until = 0.0
        self.look_at_keys()

    def _is_early(self, event: events.Key | events.Paste) -> bool:
        """Whether what it is for is still on its way."""
        screen = self.screen
        is_early = getattr(screen, "is_early", None)
        if self._telling.get(screen, 0):
            return not self._leads_away(event)
        if is_early is None:
            return False
        key = event.key if isinstance(event, events.Key) else ""
        return is_early(key) and not self._leads_away(event)

    def _goes_first(self, event: events.Key | events.Paste) -> bool:
        """Whether those that wait are left behind: at once by the lock, by others in the end."""
        since = self._waits_since
        if since is None or not (self._leads_away(event) and self._is_early(self._kept[0])):
            return False
        return self._hides(event) or monotonic() - since > _LONGEST

    def _hides(self, event: events.Key | events.Paste) -> bool:
        return any(one.action in _AT_ONCE for one in self._own_bindings(event))

    def _own_bindings(self, event: events.Key | events.Paste) -> Iterator[Binding]:
        """What the key does in the program itself, where that works on this screen."""
        key = event.key if isinstance(event, events.Key) else ""
        for node, bindings in self.screen._binding_chain:
            for one in bindings.key_to_bindings.get(key, ()):
                if node is self and (one.priority or not self.screen.is_modal):
                    yield one

    def _leads_away(self, event: events.Key | events.Paste) -> bool:
        """Whether it is for no page: one step back, or the program's own that works here."""
        is_escape = isinstance(event, events.Key) and event.key == "escape"
        return is_escape or any(True for _ in self._own_bindings(event))


def _takes_letters(focused: DOMNode | None) -> bool:
    """Whether it is a field, and no draft whose first letter leads to another dialog."""
    return isinstance(focused, Input) and not getattr(focused, "gives_way", False)


def keys_wait(part: DOMNode) -> None:
    """Keys wait for what that part of a screen looks for."""
    if isinstance(part.app, TypingAhead):
        part.app.keys_wait()


def keys_follow(part: DOMNode) -> None:
    """They go on, once what it told of that is dealt with."""
    if isinstance(part.app, TypingAhead):
        part.app.keys_follow(part)


def go_elsewhere(part: DOMNode) -> None:
    """What that part of a screen tells the program leads to another screen: keys are for that."""
    if isinstance(part.app, TypingAhead):
        part.app.go_elsewhere()


def look_at_keys(part: DOMNode) -> None:
    """What that part of a screen was behind with is there."""
    if isinstance(part.app, TypingAhead):
        part.app.look_at_keys()


def forget_keys(part: DOMNode) -> None:
    """What was typed ahead is not for what that part of a screen asks now."""
    if isinstance(part.app, TypingAhead):
        part.app.forget_keys()


def another_follows(dialog: Screen[Any]) -> None:
    """Keys wait for the dialog that comes after this one, and not for the screen between them."""
    if isinstance(dialog.app, TypingAhead):
        dialog.app.keys_wait()


def story(
    method: Callable[Concatenate[S, P], Coroutine[None, None, R]],
) -> Callable[Concatenate[S, P], Worker[R]]:
    """A coroutine of a screen that may open a dialog, as a worker; keys wait for that dialog.

    It is not exclusive: cancelling a write would drop the report while the thread commits.
    """

    async def told(screen: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(screen, *args, **kwargs)
        finally:
            if isinstance(screen.app, TypingAhead):
                screen.app.end_story(screen)

    def begin(screen: S, /, *args: P.args, **kwargs: P.kwargs) -> Worker[R]:
        if isinstance(screen.app, TypingAhead):
            screen.app.begin_story(screen)
        return run(screen, *args, **kwargs)

    run: Callable[Concatenate[S, P], Worker[R]] = work(told)
    update_wrapper(begin, method)
    return begin
