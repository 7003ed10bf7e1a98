"""Colours: text can be read in every look, and visit types are told apart without red or green.

Contrast as WCAG 2.2 defines it (1.4.3: text 4.5, 1.4.11: edges 3). How colours look to who sees
no red or no green: the matrices for severity 1.0 of Machado, Oliveira and Fernandes, "A
Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), on
linear RGB. Distances are CIE 1976 ΔE*ab; 2.3 is the least that can be seen, and blocks are small.
"""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import Theme

from clinic_tui.domain.staff.doctors import COLOURS
from clinic_tui.screens.themes import THEMES

Linear = tuple[float, float, float]
SEEN: dict[str, tuple[Linear, Linear, Linear]] = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
FAR_ENOUGH = 15
GROUNDS = ("background", "surface", "panel", "boost", "closed")


@pytest.fixture(params=list(THEMES))
def theme(request: pytest.FixtureRequest) -> Theme:
    return THEMES[request.param]


def test_text_can_be_read(theme: Theme) -> None:
    texts: list[tuple[str | None, str | None]] = [
        (theme.foreground, _ground(theme, ground)) for ground in GROUNDS
    ]
    texts += [
        (colour, _ground(theme, ground))
        for colour in (theme.primary, theme.error, theme.warning, theme.accent)
        for ground in ("background", "surface")
    ]
    texts += [
        (theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]),
        (theme.variables["footer-key-foreground"], theme.variables["footer-background"]),
        # An alert is written on the colour of a warning.
        (theme.background, theme.warning),
    ]
    for text, ground in texts:
        assert text is not None
        assert contrast(_colour(text), _colour(ground)) >= 4.5, (text, ground)
    # What says less is fainter, and read all the same: details in a visit, minutes at the side.
    for faint, ground in ((0.7, "boost"), (0.6, "background")):
        blended = _colour(_ground(theme, ground)).blend(_colour(theme.foreground), faint)
        assert contrast(blended, _colour(_ground(theme, ground))) >= 4.5, (faint, ground)


def test_the_edge_of_a_visit_stands_out_from_every_ground(theme: Theme) -> None:
    for name in COLOURS:
        ink = _colour(theme.variables[f"ink-{name}"])
        for ground in GROUNDS:
            assert contrast(ink, _colour(_ground(theme, ground))) >= 3, (name, ground)


@pytest.mark.parametrize("seen", SEEN)
def test_each_two_colours_are_told_apart(theme: Theme, seen: str) -> None:
    labs = {
        name: _lab(_as_seen(_linear(_colour(theme.variables[f"ink-{name}"])), seen))
        for name in COLOURS
    }
    near = {
        (one, other): sum((a - b) ** 2 for a, b in zip(labs[one], labs[other], strict=True)) ** 0.5
        for one, other in combinations(COLOURS, 2)
    }
    assert {pair: far for pair, far in near.items() if far < FAR_ENOUGH} == {}


def _ground(theme: Theme, name: str) -> str:
    found = theme.variables.get(name) or getattr(theme, name)
    assert isinstance(found, str)
    return found


def _colour(text: str | None) -> Color:
    assert text is not None
    return Color.parse(text)


def contrast(one: Color, other: Color) -> float:
    """How well one is seen on the other, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: Color) -> Linear:
    """IEC 61966-2-1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    )
    return red, green, blue


def _as_seen(colour: Linear, seen: str) -> Linear:
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, colour, strict=True))))
        for row in SEEN[seen]
    )
    return red, green, blue


def _lab(colour: Linear) -> Linear:
    """CIE 1976 L*a*b* under D65."""
    red, green, blue = colour
    tristimulus = (
        (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047,
        0.2126729 * red + 0.7151522 * green + 0.0721750 * blue,
        (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in tristimulus)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
