"""Keys by the settings: each names a binding there is, and no key is given to two at once.

Textual takes any keymap: a slip in it would only be found when a key does nothing, or another
thing. Which bindings meet is read off the classes: those of a screen, of the widgets its module
speaks of, and of the program around it.
"""

from __future__ import annotations

import pkgutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from itertools import combinations

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_TO_UNICODE_NAME, Keys, _character_to_key
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from ..domain.errors import BadInput

_OURS = "clinic_tui."
_HELD_DOWN = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED = {key.value for key in Keys} | set(KEY_TO_UNICODE_NAME)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Known:
    """A binding as it ships: what it is called, and its keys."""

    name: str
    keys: frozenset[str]


def checked_keymap(wanted: Mapping[str, str], app: type[App[int]]) -> dict[str, str]:
    """The keymap as Textual is to have it, keys parted by commas.

    Refused with ``BadInput``: a binding or a key that does not exist, the nearest ones named;
    a key that would mean two things on one screen, both named. All screens are imported for it.
    """
    places = list(_places(app))
    known: dict[str, _Known] = {}
    for binding in (one for place in places for one in place if one.id is not None):
        before = known.get(binding.id or "")
        keys = (before.keys if before else frozenset()) | {binding.key}
        known[binding.id or ""] = _Known(f"{binding.id} ({binding.description})", keys)
    chosen = {name: _keys_of(name, keys, known) for name, keys in wanted.items()}
    for place in places:
        _refuse_clash({one.id for one in place if one.id is not None}, known, chosen)
    # Textual drops whatever shares a key with a binding that gets another: it is named, too.
    moved = frozenset(key for name in chosen for key in known[name].keys)
    kept = {name: one.keys for name, one in known.items() if one.keys & moved}
    return {name: ",".join(sorted(keys)) for name, keys in (kept | chosen).items()}


def _refuse_clash(
    names: set[str], known: Mapping[str, _Known], chosen: Mapping[str, frozenset[str]]
) -> None:
    for one, other in combinations(sorted(names), 2):
        if one not in chosen and other not in chosen:
            continue
        if known[one].keys & known[other].keys:
            continue  # They take turns by what is under the cursor, and may go on to.
        ours, theirs = chosen.get(one, known[one].keys), chosen.get(other, known[other].keys)
        if shared := ours & theirs:
            raise BadInput(
                "keymap",
                f"keymap: the key “{min(shared)}” is given to both {known[one].name} and"
                f" {known[other].name}.",
            )


def _keys_of(name: str, keys: str, known: Mapping[str, _Known]) -> frozenset[str]:
    if name not in known:
        near = get_close_matches(name, known, _MOST_NAMED, 0.5)
        groups = ", ".join(sorted({one.partition(".")[0] for one in known}))
        meant = f"is {' or '.join(near)} meant?" if near else f"they begin with {groups}."
        raise BadInput("keymap", f"keymap: there is no binding “{name}”; {meant}")
    return frozenset(_key(name, key.strip()) for key in keys.split(","))


def _key(name: str, written: str) -> str:
    *held, key = written.rsplit("+", 1) if len(written) > 1 else (written,)
    exists = len(key) == 1 or key in _NAMED or _is_sign(key)
    if not exists or not _HELD_DOWN.issuperset("+".join(held).split("+") if held else ()):
        raise BadInput("keymap", f"keymap: {name}: there is no key “{written}”; ctrl+b is one.")
    return _character_to_key(written) if len(written) == 1 else written


def _is_sign(key: str) -> bool:
    try:
        unicodedata.lookup(key.replace("_", " "))
    except KeyError:
        return False
    return True


def _places(app: type[App[int]]) -> Iterator[list[Binding]]:
    """The bindings that can work at one time: of a screen, a widget that may have the focus, and
    the program. Under a dialog only those of the program that come before all others do.
    """
    from .. import screens  # noqa: PLC0415 - all its modules

    for found in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        import_module(found.name)
    programs = [one for _, one in app._merged_bindings or ()]
    for screen in sorted({*_below(Screen)}, key=_name):
        around = programs
        if issubclass(screen, ModalScreen):
            around = [one for one in programs if one.priority]
        alone = [one for _, one in screen._merged_bindings or ()] + around
        yield alone
        for widget in sorted(_widgets_of(screen), key=_name):
            yield alone + [one for _, one in widget._merged_bindings or ()]


def _name(node: type[DOMNode]) -> str:
    return node.__qualname__


def _widgets_of(node: type[DOMNode], seen: frozenset[type] = frozenset()) -> set[type[Widget]]:
    """The widgets of ours that the modules of a class and of its bases speak of."""
    found: set[type[Widget]] = set()
    for base in node.__mro__:
        if not base.__module__.startswith(_OURS):
            continue
        for one in vars(sys.modules[base.__module__]).values():
            if (
                isinstance(one, type)
                and issubclass(one, Widget)
                and not issubclass(one, Screen)
                and one.__module__.startswith(_OURS)
                and one not in seen
            ):
                found.add(one)
    for widget in tuple(found):
        found |= _widgets_of(widget, seen | found)
    return found


def _below(node: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for one in node.__subclasses__():
        if one.__module__.startswith(_OURS):
            yield one
        yield from _below(one)
