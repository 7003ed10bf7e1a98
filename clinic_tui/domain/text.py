"""Text from people: what may be stored, and how names are made comparable.

Names are text, never markup and never terminal codes. Refusing control characters here keeps
them out of every screen, export and message at once; the screens filter once more at the very
last step (OWASP ASVS 5.0, 1.1.2 and 1.3.3).
"""

from __future__ import annotations

import re
import unicodedata

from .errors import BadInput

MAX_LENGTH = 200
"""Characters a single-line field may hold unless its table says less."""

_JOINERS = frozenset("\u200c\u200d")
_SHOWN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format characters that are seen: signs drawn around a number. All others are not (bidi …)."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc")
_HIDDEN = re.compile(f"[{''.join(sorted(_BLANK))}\U000e0000-\U000e0fff]")
"""What Python calls printable and nobody sees."""
_LOST = "\ufffd"
"""What stands where a character was lost on its way here: nobody is called that."""
_SPACES = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_MAX_MARKS_IN_A_ROW = 4
MOST_WORDS = 24
"""Words of a search line that are looked at: each is a condition of its own to the database."""
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)


def _forbidden(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        category in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
        or (category == "Cf" and char not in _JOINERS and char not in _SHOWN_FORMATS)
        or char in _BLANK
        or 0xE0000 <= ord(char) <= 0xE0FFF
    )


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def showable(text: str) -> str:
    """The text as it may go to a terminal: what is refused at the door shows as "�".

    For what came into the database by another way; the length stays the same. Joiners stay as
    they are wherever they stand: they are harmless, and a line may be cut beside one.
    """
    if text.isprintable() and (text.isascii() or not _HIDDEN.search(text)):
        return text
    return "".join("\ufffd" if _forbidden(char) else char for char in text)


def may_be_stored(text: str) -> bool:
    """Whether any record can hold it: drivers end with an error of their own on some of the rest,
    so that it must not even be asked for.
    """
    return showable(text) == text


def _joins_something(text: str, at: int) -> bool:
    """Whether a zero-width joiner stands between two characters that can be joined.

    Persian, Indic scripts and emoji need joiners; between other characters one only makes two
    names look alike that are not.
    """
    if at == 0 or at + 1 == len(text):
        return False
    before = text[at - 1]
    return ord(before) >= 0x0600 and unicodedata.category(before)[0] in "LMS"


def clean_text(
    value: str, field: str, *, required: bool = False, max_length: int = MAX_LENGTH
) -> str:
    """The text as it will be stored: NFC, one plain space where there was any; or ``BadInput``.

    Refused, each in a sentence naming ``field``: control characters (a tab, ESC, a line break),
    bidirectional controls, invisible characters, unassigned code points, more than four
    combining marks in a row, more than ``max_length`` characters, and nothing when ``required``.
    """
    text = unicodedata.normalize("NFC", value)
    text = _SPACES.sub(" ", text).strip(" ")
    if required and not text:
        raise BadInput(field, f"{field} is needed.")
    if len(text) > max_length:
        raise BadInput(field, f"{field} may have at most {max_length} characters.")
    if text.isascii() and text.isprintable():
        return text  # Nothing of what is sought below; most of what is taken in from a file.
    marks = 0
    for at, char in enumerate(text):
        lonely = char in _JOINERS and not _joins_something(text, at)
        if char == _LOST or lonely or _forbidden(char):
            raise BadInput(
                field,
                f"{field} holds a character that cannot be shown"
                f" (U+{ord(char):04X}, character {at + 1}): please type it without.",
            )
        marks = marks + 1 if _is_mark(char) else 0
        if marks > _MAX_MARKS_IN_A_ROW:
            raise BadInput(field, f"{field} has too many accents on one letter.")
    return text


def clean_name(value: str, field: str, *, max_length: int = MAX_LENGTH) -> str:
    """``clean_text`` for a name by which something is found: signs alone are none.

    Without a letter or a digit two names would compare equal, and neither could be searched for.
    """
    name = clean_text(value, field, required=True, max_length=max_length)
    if not search_key(name):
        raise BadInput(field, f"{field} needs a letter or a digit.")
    return name


def clean_identifier(value: str | None) -> str | None:
    """How another system calls somebody, cleaned like any text; None where none does."""
    return clean_text(value or "", "Id", max_length=100) or None


def search_key(text: str) -> str:
    """The text without case and accents, in words: "Özlem  O'Neil" → "ozlem o neil".

    NFKD, combining marks dropped, casefolded; letters that Unicode does not decompose (ø, ł …)
    are written as people without them on the keyboard type them.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(
        char for char in decomposed if not unicodedata.combining(char) and char not in _JOINERS
    )
    plain = plain.translate(_LETTERS_WITHOUT_DECOMPOSITION)
    # The vowel signs of Indic scripts and Thai are marks that belong to the word.
    spaced = (char if char.isalnum() or char == "_" or _is_mark(char) else " " for char in plain)
    return " ".join("".join(spaced).split())


def search_words(text: str) -> list[str]:
    """The words to search for in a line, each once: of a page that was pasted, the beginning."""
    return list(dict.fromkeys(search_key(text[:MAX_LENGTH]).split()))[:MOST_WORDS]


def initials(text: str) -> str:
    """The first letter of each word, for narrow columns: "Maria José" → "MJ"."""
    return "".join(word[0] for word in text.split() if word)


def full_name(given_name: str, family_name: str) -> str:
    """A person's name as spoken: "Maria Garcia"."""
    return f"{given_name} {family_name}".strip()
