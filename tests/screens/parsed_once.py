"""The look of the program, parsed once for all tests of a run.

Every program that is started parses all of Textual's style sheets and ours several times: a
quarter of what a short test costs. What comes of a text depends on that text and on the colours.
"""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def parse_rules_once(sheet: Stylesheet, *source: Any, **more: Any) -> list[RuleSet]:
    """Takes the place of ``Stylesheet._parse_rules``."""
    key = (*source, *more.items(), *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse(sheet, *source, **more)
    return _parsed[key]
