"""Strings that have broken programs, in two lots: awkward but somebody's, and nobody's text.

What is ``AWKWARD`` must be stored and shown as it is; what is ``HARMFUL`` must be refused at the
door and, where it came into the database by another way, shown with "�" in its place.
"""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from pathlib import Path

AWKWARD: dict[str, str] = {
    # Markup of Textual and Rich.
    "closing tag": "a[/]",
    "closing tag of nothing": "[/nothing] x",
    "bold": "[b]x[/b]",
    "allergy": "Penicillin [allergy]",
    "action": "[@click=app.leave]x[/]",
    "action of the screen": "[@click='screen.leave']y[/]",
    "link": "[link=https://example.org]z[/link]",
    "colour": "[red on #00ff00]w",
    "open bracket": "ward [",
    "brackets": "[[1]] [ ] []",
    "escaped bracket": r"\[b]v\\[/b]",
    "variable": "[$primary]u {0} %s %(x)s {app}",
    "reversed": "[reverse]t[/reverse] [on click]",
    "emoji code": ":smile: :warning: s",
    # Markup of others.
    "html": "<script>alert(1)</script> &amp; &#27;",
    "formula": "=cmd|' /C calc'!A0",
    "formula of at": "@SUM(1+1) -2+3",
    "sql": "Robert'); DROP TABLE patients;--",
    "percent": "100% _x_ %s",
    "shell": "$(reboot) `id` ${HOME} x",
    "path": "../../etc/passwd",
    "quotes": 'O\'Neil "Ned" ‘x’ “y” «z»',
    "backslashes": r"a\x1b[31mb\033]52;c\u202e\n",
    "json": '{"a": null}, ]',
    "null": "null None NaN undefined",
    "dash between words": "Lee — free for 5 min",
    "visible escape": "␛]0;x␇ \N{SYMBOL FOR ESCAPE}[2J",
    # Widths.
    "family emoji": "Ana 👨‍👩‍👧‍👦 fam",
    "skin tone": "Ben 👩🏽‍⚕️ doc",
    "emoji presentation": "Cem ❤️ ☎️ tel",
    "keycap": "Dan 1️⃣ #️⃣ key",
    "flags": "Eva 🇩🇪🇫🇷 fla",
    "combining": "Zo\u0308e\u0301 q\u0323\u0307x",
    "four marks": "a\u0300\u0301\u0302\u0303 stack",
    "decomposed": "A\u030angstro\u0308m",
    "arabic": "مريم الفارسي",
    "hebrew": "שרה כהן",
    "right and left": "Lee مريم 12 Ward",
    "persian joiner": "می\u200cخواهم",
    "arabic number sign": "مريم ۝١",
    "long ligature": "ﷺ x",
    "thai": "สมชาย ศิริพร",
    "devanagari": "क्षत्रिय स्त्री",
    "tamil": "வண்ணநிலவன்",
    "sinhala": "ප්\u200dරියා",
    "hangul": "김민준 각",
    "hangul jamo": "\u1112\u1161\u11ab 한",
    "chinese": "山田太郎𠮷野家",
    "fullwidth": "\uff33\uff4d\uff49\uff54\uff48 ﾔﾏﾀﾞ",
    "ideographic space": "山田\u3000太郎",
    "no-break space": "Anna\u00a0Maria",
    "box drawing": "x│y─z┌ ▌▒",
    "astral": "𝕏𝔞𝔟 \U0001f9ff",
    # Lengths.
    "one letter": "x",
    "twenty": "y" * 20,
    "sixty": "The Very Honourable Wolfeschlegelsteinhausenbergerdorff x y z",
    "eighty wide": "漢字" * 40,
    "two hundred": "x" * 200,
}
"""What somebody may be called or may have typed."""

HARMFUL: dict[str, str] = {
    # What a terminal takes for a command.
    "escape": "x\x1b[31mred",
    "clear": "x\x1b[2J\x1b[H",
    "clipboard": "x\x1b]52;c;aGFja2Vk\x07",
    "hyperlink": "x\x1b]8;;https://example.org\x1b\\y\x1b]8;;\x1b\\",
    "title": "x\x1b]0;owned\x07",
    "device control": "x\x1bP+q544e\x1b\\",
    "application command": "x\x1b_G\x1b\\",
    "privacy message": "x\x1b^z\x1b\\",
    "report": "x\x1b[6n\x1b[c",
    "reset": "x\x1bc",
    "one byte csi": "x\x9b31m",
    "one byte osc": "x\x9d52;c;x\x9c",
    "one byte dcs": "x\x90q\x9c",
    "next line": "x\x85y",
    "bell": "x\x07",
    "backspaces": "abc\b\b\bx",
    "delete": "x\x7f",
    "shift out": "x\x0ey",
    "nul": "x\x00y",
    # What moves the rest of the line.
    "tab": "x\ty",
    "newline": "x\ny",
    "carriage return": "x\ry",
    "form feed": "x\x0cy",
    "line separator": "x\u2028y",
    "paragraph separator": "x\u2029y",
    "override": "x\u202egnp.exe",
    "embedding": "x\u202ay\u202c",
    "isolate": "x\u2066y\u2069",
    "right-to-left mark": "x\u200fy",
    "arabic letter mark": "x\u061cy",
    # What is not seen.
    "zero width space": "Gar\u200bcia",
    "zero width joiner": "Gar\u200dcia",
    "word joiner": "Gar\u2060cia",
    "byte order mark": "\ufeffx",
    "soft hyphen": "Gar\u00adcia",
    "hangul filler": "x\u3164y",
    "halfwidth filler": "x\uffa0y",
    "braille blank": "x\u2800y",
    "grapheme joiner": "x\u034fy",
    "tags": "x\U000e0041\U000e007f",
    "variation supplement": "葛\U000e0100",
    "musical format": "x\U0001d173",
    # What is no character.
    "private use": "x\ue000",
    "not a character": "x\uffff",
    "plane end": "x\U0010ffff",
    "interlinear": "x\ufff9y\ufffb",
    "object replacement": "x\ufffcy",
    "lost on the way": "m\ufffdller",
    "accents piled up": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u0334\u0319x",
}
"""What nobody is called."""

SURROGATES: dict[str, str] = {
    "high surrogate": "x\ud800",
    "byte that was no UTF-8": "x\udcffy",
}
"""Harmful as well, and no database takes them: they come from a terminal or a file's name."""

TOO_LONG: dict[str, str] = {
    "two hundred and one": "x" * 201,
    "long and wide": "漢" * 201,
    "a book": " ".join(f"word{number}" for number in range(2_000)),
    "an endless word": "z" * 60_000,
}

REFUSED = HARMFUL | SURROGATES | TOO_LONG

_JOINERS = "\u200c\u200d"
_DRAWN = ("SYRIAC ABBREVIATION MARK", "KAITHI NUMBER SIGN", "KAITHI NUMBER SIGN ABOVE")
"""Format characters that are seen, as the Arabic ones are that stand around a number."""


def is_control(char: str) -> bool:
    """Whether a terminal may take it for more than a character to be drawn.

    Written from Unicode's categories and not from the program's own table, which is under test.
    """
    category = unicodedata.category(char)
    seen = unicodedata.bidirectional(char) == "AN" or unicodedata.name(char, "") in _DRAWN
    return category in ("Cc", "Cs", "Zl", "Zp") or (
        category == "Cf" and char not in _JOINERS and not seen
    )


def controls(text: str, *, allowed: str = "") -> list[str]:
    """The characters of a text that are no text."""
    return [f"U+{ord(char):04X}" for char in text if char not in allowed and is_control(char)]


def in_one_spelling(text: str) -> str:
    """What of a text is kept: NFC, outer blanks gone, inner ones plain and single."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _field_file(name: str) -> Path | None:
    folder = os.environ.get("CLINIC_FIELD_DATA")
    return Path(folder) / "strings" / name if folder else None


def naughty_strings() -> list[str]:
    """The list of naughty strings of the field; empty where no folder is named."""
    path = _field_file("blns.json")
    if path is None:
        return []
    found: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def field_names(every: int) -> list[str]:
    """Every so many-th name of the field; empty where no folder is named."""
    path = _field_file("names.csv")
    if path is None:
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row["name"] for row in csv.DictReader(file)][::every]
