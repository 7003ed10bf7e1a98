"""No screen and no dialog is forgotten by what presses every key."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from textual.screen import Screen

import clinic_tui.screens

from .test_keys import ELSEWHERE, MANAGED, MET


def below(kind: type[Screen[Any]]) -> Iterator[type[Screen[Any]]]:
    """Every kind of screen of the program."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("clinic_tui."):
            yield one
        yield from below(one)


def test_every_screen_and_dialog_is_reached_by_keys_or_tried_elsewhere() -> None:
    """A new one fails this until keys lead to it there, or why none does is said."""
    for module in pkgutil.walk_packages(clinic_tui.screens.__path__, "clinic_tui.screens."):
        importlib.import_module(module.name)
    kinds = set(below(Screen))
    opened = {one.__name__ for one in kinds if kinds.isdisjoint(one.__subclasses__())}
    reached = set().union(*MET.values()) | MANAGED
    assert opened - reached - ELSEWHERE.keys() == set()
    assert reached.isdisjoint(ELSEWHERE)
    assert reached | ELSEWHERE.keys() <= opened
