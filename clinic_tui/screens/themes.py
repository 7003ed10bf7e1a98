"""The looks: dark, light and high contrast; colours for doctors and visit types in each.

A colour never tells anything alone: statuses carry a sign and visit types their short name.
"""

from __future__ import annotations

from textual.theme import Theme

_DARK_INKS = {
    "blue": "#7db7ff",
    "green": "#7ad9a4",
    "yellow": "#f0cf6b",
    "magenta": "#e79bd6",
    "cyan": "#6fd6e3",
    "red": "#ff8f86",
    "orange": "#f7b070",
    "purple": "#b9a3ff",
}
_LIGHT_INKS = {
    "blue": "#0b5cad",
    "green": "#0b6b3a",
    "yellow": "#755a00",
    "magenta": "#8f2277",
    "cyan": "#00616e",
    "red": "#a8231a",
    "orange": "#8a4500",
    "purple": "#5636b5",
}
_STRONG_INKS = {
    "blue": "#9ecbff",
    "green": "#7dffb0",
    "yellow": "#ffe97d",
    "magenta": "#ffb0f0",
    "cyan": "#80f4ff",
    "red": "#ffada6",
    "orange": "#ffc890",
    "purple": "#d3c6ff",
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
    foreground="#17222b",
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
