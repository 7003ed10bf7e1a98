"""The looks: dark, light and high contrast; colours for doctors and visit types in each.

A colour never tells anything alone: statuses carry a sign and visit types their short name. The
inks are told apart all the same by who sees no red or no green, and stand out from every ground
they are on; a test checks both.
"""

from __future__ import annotations

from textual.theme import Theme

_DARK_INKS = {
    "blue": "#95bdfc",
    "green": "#8de5b4",
    "yellow": "#f7d66d",
    "magenta": "#cf82b9",
    "cyan": "#74e2f2",
    "red": "#f58880",
    "orange": "#e29e5d",
    "purple": "#9e89f2",
}
_LIGHT_INKS = {
    "blue": "#0466ec",
    "green": "#056131",
    "yellow": "#876808",
    "magenta": "#810d5f",
    "cyan": "#047891",
    "red": "#880003",
    "orange": "#3a1200",
    "purple": "#5433b1",
}
_STRONG_INKS = {
    "blue": "#6a9de5",
    "green": "#77ffb2",
    "yellow": "#ffe97d",
    "magenta": "#db8bc1",
    "cyan": "#a4f3f7",
    "red": "#e98f87",
    "orange": "#efb97d",
    "purple": "#cdc1fd",
}


def _inks(inks: dict[str, str]) -> dict[str, str]:
    return {f"ink-{name}": value for name, value in inks.items()}


# Textual forgets a theme's boost where it has a panel too, so it stands among the variables.
DARK = Theme(
    name="clinic-dark",
    primary="#4fc1b0",
    secondary="#7db7ff",
    accent="#f0cf6b",
    warning="#f7b070",
    error="#ff8f86",
    success="#7ad9a4",
    foreground="#dfe6ec",
    background="#10161c",
    surface="#161e26",
    panel="#1e2933",
    dark=True,
    variables={
        **_inks(_DARK_INKS),
        "boost": "#263441",
        "closed": "#0b1015",
        "border": "#33454f",
        "border-blurred": "#26343d",
        "block-cursor-background": "#4fc1b0",
        "block-cursor-foreground": "#06201c",
        "footer-key-foreground": "#4fc1b0",
        "footer-background": "#161e26",
        "input-selection-background": "#4fc1b0 35%",
    },
)
LIGHT = Theme(
    name="clinic-light",
    primary="#00695c",
    secondary="#0b5cad",
    accent="#755a00",
    warning="#8a4500",
    error="#a8231a",
    success="#0b6b3a",
    foreground="#0e181f",
    background="#fbfcfc",
    surface="#f1f4f5",
    panel="#e3e9eb",
    dark=False,
    variables={
        **_inks(_LIGHT_INKS),
        "boost": "#d5dee1",
        "closed": "#dde4e6",
        "border": "#9fb0b6",
        "border-blurred": "#c3ced2",
        "block-cursor-background": "#00695c",
        "block-cursor-foreground": "#ffffff",
        "footer-key-foreground": "#00695c",
        "footer-background": "#e3e9eb",
        "input-selection-background": "#00695c 30%",
    },
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    warning="#ffb000",
    error="#ff9090",
    success="#80ff80",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    dark=True,
    luminosity_spread=0.0,
    text_alpha=1.0,
    variables={
        **_inks(_STRONG_INKS),
        "boost": "#333333",
        "closed": "#262626",
        "border": "#ffffff",
        "border-blurred": "#b0b0b0",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "footer-key-foreground": "#ffff00",
        "footer-background": "#000000",
        "input-selection-background": "#ffff00 45%",
    },
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
