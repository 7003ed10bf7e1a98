"""Keys as hands give them: a word in one go, and a look at the screen once it is written.

Textual's pilot waits after every letter until the program has nothing left to do, which is most of
what a test of a form costs. The program takes letters as fast as they come, in their order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import takewhile

from textual import events
from textual.app import App
from textual.keys import REPLACED_KEYS, _get_unicode_name_from_key
from textual.widgets import Input

_press = App._press_keys


async def press_words_at_once(app: App[int], keys: Iterable[str]) -> None:
    """Takes the place of ``App._press_keys``: waits for words, and for every other key."""
    left = list(keys)
    while left:
        is_typing = isinstance(app.focused, Input)
        word = list(takewhile(_letter, left)) if is_typing else []
        for key in word[:-1]:
            event = events.Key(key, _letter(key))
            event.set_sender(app)
            if app._driver is not None:
                app._driver.send_message(event)
        await _press(app, left[max(0, len(word) - 1) : max(1, len(word))])
        left = left[max(1, len(word)) :]


def _letter(key: str) -> str | None:
    """What a key writes into a field; None for a key that does something else."""
    if len(key) == 1:
        return key
    try:
        found = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        return None
    return found if found.isprintable() else None
