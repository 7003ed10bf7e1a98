"""How a text is written as an SMS, and of how many parts it then consists.

The GSM alphabet (3GPP TS 23.038, 6.2.1) takes 160 characters to a part, everything else 70.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")
"""These cost two places."""
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\t", " ")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
    | {"…": "..."}
)
"""What only looks different in the GSM alphabet. Letters are left: “año” is not “ano”."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_GSM_SINGLE, _GSM_PART = 160, 153
_WIDE_SINGLE, _WIDE_PART = 70, 67


@dataclass(frozen=True, slots=True)
class SmsText:
    """A text as it leaves: ``parts`` is how many messages it is carried and charged as."""

    body: str
    parts: int
    is_gsm: bool


def sms_text(text: str) -> SmsText:
    """The text with plain quotes, dashes and spaces where that spares the wide alphabet.

    Where another character needs the wide alphabet anyway, the typography stays as it is.
    Control characters and marks that turn the writing direction are left out.
    """
    body = _UNSEEN.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n"))).strip()
    plain = body.translate(_TYPOGRAPHY).strip()
    if all(char in _BASIC or char in _EXTENDED for char in plain):
        places = (2 if char in _EXTENDED else 1 for char in plain)
        return SmsText(plain, _parts(places, _GSM_SINGLE, _GSM_PART), True)
    places = (2 if ord(char) > 0xFFFF else 1 for char in body)
    return SmsText(body, _parts(places, _WIDE_SINGLE, _WIDE_PART), False)


def _parts(places: Iterable[int], single: int, part: int) -> int:
    """How many parts; a character of two places is never divided between two of them."""
    total, parts, used = 0, 1, 0
    for width in places:
        total += width
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return 1 if total <= single else parts
