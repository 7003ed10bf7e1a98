"""Text from people: what is stored, what is refused and in which words, what compares equal."""

from __future__ import annotations

import csv
import json
import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.text import clean_text, full_name, initials, search_key

FIELD_DATA = os.environ.get("CLINIC_FIELD_DATA")
needs_field_data = pytest.mark.skipif(
    FIELD_DATA is None, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
)


def stored_or_refused(typed: str, max_length: int) -> tuple[str | None, str]:
    """What is stored, or the refusal's sentence."""
    try:
        return clean_text(typed, "Name", max_length=max_length), ""
    except BadInput as refusal:
        return None, str(refusal)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Garcia", "Garcia"),
        ("  Garcia   Lopez ", "Garcia Lopez"),
        ("O'Neil-Smith", "O'Neil-Smith"),
        ("Penicillin [allergy]", "Penicillin [allergy]"),
        ("[/] [bold]x[/bold] [@click=app.quit]", "[/] [bold]x[/bold] [@click=app.quit]"),
        ("<b>&amp; %s {0} $(id) `id` ' OR 1=1 --", "<b>&amp; %s {0} $(id) `id` ' OR 1=1 --"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("O\u0308zlem", "Özlem"),
        ("\u212bngstrom", "Ångstrom"),
        ("Anna\u00a0Maria", "Anna Maria"),
        ("\u3000山田\u3000\u3000太郎\u3000", "山田 太郎"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ප්\u200dරියා", "ප්\u200dරියා"),
        ("👩🏽\u200d⚕️ fine", "👩🏽\u200d⚕️ fine"),
        ("مريم ﷺ ۝١", "مريم ﷺ ۝١"),
        ("မြွှေ", "မြွှေ"),
        ("x" * 200, "x" * 200),
        ("e\u0301" * 200, "é" * 200),
        ("", ""),
        ("   ", ""),
        ("\u00a0", ""),
    ],
)
def test_what_is_stored(typed: str, stored: str) -> None:
    assert clean_text(typed, "Name") == stored


@pytest.mark.parametrize(
    ("typed", "code", "place"),
    [
        ("Gar\tcia", "0009", 4),
        ("Garcia\n", "000A", 7),
        ("\rGarcia", "000D", 1),
        ("a\0", "0000", 2),
        ("\x1b[31mred", "001B", 1),
        ("\x1b]52;c;aGk=\x07", "001B", 1),
        ("bell\x07", "0007", 5),
        ("del\x7f", "007F", 4),
        ("\x9b31m", "009B", 1),
        ("\x9d52;c;x\x9c", "009D", 1),
        ("a\u0085b", "0085", 2),
        ("a\u2028b", "2028", 2),
        ("a\u2029b", "2029", 2),
        ("\u202eevil", "202E", 1),
        ("\u2066x\u2069", "2066", 1),
        ("x\u200f", "200F", 2),
        ("\u061cx", "061C", 1),
        ("Gar\u200bcia", "200B", 4),
        ("Gar\u00adcia", "00AD", 4),
        ("\ufeffGarcia", "FEFF", 1),
        ("Gar\u2060cia", "2060", 4),
        ("Gar\u200dcia", "200D", 4),
        ("Gar\u200ccia", "200C", 4),
        ("\u200dمريم", "200D", 1),
        ("مريم\u200c", "200C", 5),
        ("م\u200d\u200dم", "200D", 3),
        ("\u3164", "3164", 1),
        ("\u2800", "2800", 1),
        ("\U0001d173", "1D173", 1),
        ("\U000e0041", "E0041", 1),
        ("葛\U000e0100", "E0100", 2),
        ("\ue000", "E000", 1),
        ("\ufffe", "FFFE", 1),
        ("\U0010ffff", "10FFFF", 1),
        ("\ud800", "D800", 1),
        ("a\udcffb", "DCFF", 2),
    ],
)
def test_what_cannot_be_shown(typed: str, code: str, place: int) -> None:
    with pytest.raises(BadInput) as refusal:
        clean_text(typed, "Family name")
    assert refusal.value.field == "Family name"
    assert str(refusal.value) == (
        f"Family name holds a character that cannot be shown (U+{code}, character {place}):"
        " please type it without."
    )


@pytest.mark.parametrize("mark", ["\u0301", "\u0e47", "\ufe0f", "\u0488"])
def test_marks_do_not_pile_up(mark: str) -> None:
    assert clean_text("q" + mark * 4, "Name")
    with pytest.raises(BadInput, match="too many accents on one letter"):
        clean_text("q" + mark * 5, "Name")


def test_too_long_and_too_short() -> None:
    with pytest.raises(BadInput, match=r"^Note may have at most 200 characters"):
        clean_text("x" * 201, "Note")
    with pytest.raises(BadInput, match=r"^Name may have at most 3 characters"):
        clean_text("xxxx", "Name", max_length=3)
    for nothing in ("", "  ", "\u00a0"):
        with pytest.raises(BadInput, match=r"^Name is needed"):
            clean_text(nothing, "Name", required=True)


def test_no_format_character_is_invisible() -> None:
    """Of Unicode's format characters only joiners, in their place, and visible signs pass."""
    passed = set()
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) == "Cf":
            stored, _ = stored_or_refused(f"م{chr(code)}م", 3)
            passed |= {f"{code:X}"} if stored is not None else set()
    joiners = {"200C", "200D"}
    around_numbers = {"600", "601", "602", "603", "604", "605", "6DD", "70F", "8E2"}
    assert passed == joiners | around_numbers | {"890", "891", "110BD", "110CD"}


@given(st.text(max_size=220))
def test_stored_text_is_one_plain_line(typed: str) -> None:
    stored, sentence = stored_or_refused(typed, 200)
    if stored is None:
        assert sentence.isprintable()
        return
    assert len(stored) <= 200
    assert stored == clean_text(stored, "Name")
    assert unicodedata.is_normalized("NFC", stored)
    assert stored == " ".join(stored.split(" "))
    visible = stored.replace("\u200c", "").replace("\u200d", "")
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in visible)
    assert len(stored.splitlines()) <= 1


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Özlem", "ozlem"),
        ("O\u0308ZLEM", "ozlem"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("İstanbul ISTANBUL ılık", "istanbul istanbul ilik"),
        ("Þórður Æsa Bjørn Đorđe", "thordur aesa bjorn dorde"),
        ("Nguyễn Thùy", "nguyen thuy"),
        ("O'Neil", "o neil"),
        ("D’Angelo-Smith, Jr.", "d angelo smith jr"),
        ("  two   words ", "two words"),
        ("ﬁnn ①", "finn 1"),
        ("Αθηνά", "αθηνα"),
        ("थापा", "थापा"),
        ("ප්\u200dරියා", "පරියා"),
        ("สมชาย ศิริพร", "สมชาย ศิริพร"),
        ("山田 太郎", "山田 太郎"),
        ("ana_b", "ana_b"),
        ("—", ""),
        ("", ""),
    ],
)
def test_search_keys(name: str, key: str) -> None:
    assert search_key(name) == key


@given(st.text(max_size=60), st.text(max_size=60))
def test_search_keys_compare_words(one: str, other: str) -> None:
    key = search_key(one)
    assert search_key(key) == key
    assert search_key(f"{one} {other}").split() == [*key.split(), *search_key(other).split()]


def test_names_as_spoken() -> None:
    assert full_name("Maria", "Garcia") == "Maria Garcia"
    assert full_name("", "Suharto") == full_name("Suharto", "") == "Suharto"
    assert initials("Maria José") == "MJ"
    assert initials("") == ""


@needs_field_data
def test_every_name_of_the_field_is_taken() -> None:
    """Six thousand names in seventeen scripts; none is broken into more words than it has."""
    path = Path(FIELD_DATA or "") / "strings" / "names.csv"
    with path.open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert len(names) > 5000
    for name in names:
        stored = clean_text(name, "Name", required=True, max_length=80)
        gaps = sum(not (char.isalnum() or unicodedata.category(char)[0] in "MC") for char in stored)
        assert 1 <= len(search_key(stored).split()) <= gaps + 1, name


@needs_field_data
def test_naughty_strings_are_taken_whole_or_refused() -> None:
    path = Path(FIELD_DATA or "") / "strings" / "blns.json"
    for naughty in json.loads(path.read_text(encoding="utf-8")):
        stored, sentence = stored_or_refused(naughty, 1000)
        if stored is None:
            assert sentence.isprintable()
            continue
        assert "".join(stored.split()) == "".join(unicodedata.normalize("NFC", naughty).split())
        assert "\x1b" not in stored
