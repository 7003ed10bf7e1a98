"""How a text is written as an SMS, and how many parts it has."""

from __future__ import annotations

import pytest

from clinic_tui.domain.messages.sms_text import sms_text


@pytest.mark.parametrize(
    ("text", "parts", "is_gsm"),
    [
        ("", 1, True),
        ("a" * 160, 1, True),
        ("a" * 161, 2, True),
        ("a" * 306, 2, True),
        ("a" * 307, 3, True),
        ("€" * 80, 1, True),
        ("€" * 81, 2, True),
        ("a" * 152 + "€" + "a" * 152, 3, True),
        ("ñ" * 160, 1, True),
        ("á" * 70, 1, False),
        ("á" * 71, 2, False),
        ("á" * 134, 2, False),
        ("á" * 135, 3, False),
        ("😀" * 35, 1, False),
        ("😀" * 67, 3, False),
        ("a" * 159 + "…", 2, True),
    ],
)
def test_parts_are_counted_as_the_networks_count_them(text: str, parts: int, is_gsm: bool) -> None:
    found = sms_text(text)
    assert (found.parts, found.is_gsm) == (parts, is_gsm)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("“Dr. O’Neil” – 9\u202fh…", '"Dr. O\'Neil" - 9 h...'),
        ("año", "año"),
        ("A\u0308rztehaus", "Ärztehaus"),
        ("10 €", "10 €"),
        ("Sí – “mañana”", "Sí – “mañana”"),
        ("one\r\ntwo\x00\x1b[2J\u202e", "one\ntwo[2J"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_only_typography_is_given_up_and_only_where_it_spares_the_wide_alphabet(
    text: str, body: str
) -> None:
    assert sms_text(text).body == body
