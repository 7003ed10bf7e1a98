"""At the door: a text is stored as it is or refused in a sentence, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.errors import AlreadyExists, BadInput, Refusal
from clinic_tui.domain.text import search_key
from tests.domain.given import everything
from tests.small_clinic import SmallClinic

from .doors import (
    DOORS,
    ELSEWHERE,
    NOBODYS_TEXT,
    QUESTIONS,
    WITHOUT_A_CLINIC,
    Field,
    fields_of_operations,
)
from .strings import AWKWARD, REFUSED, controls, field_names, in_one_spelling, naughty_strings

OPERATIONS = sorted({name.partition(" ")[0] for name in DOORS} - {*WITHOUT_A_CLINIC})
_FEW_REFUSED = [REFUSED[name] for name in ("escape", "nul", "override", "high surrogate")]
_FEW_AWKWARD = [AWKWARD[name] for name in ("closing tag", "quotes", "family emoji", "decomposed")]


class _Undone(Exception):
    """Ends a transaction once what it wrote has been read."""

    def __init__(self, stored: Any) -> None:
        super().__init__()
        self.stored = stored


def brought(database: Database, clinic: SmallClinic, field: Field, text: str) -> Any:
    """What is stored of a text, in a transaction of its own that leaves nothing behind."""

    def bring(session: Session) -> None:
        raise _Undone(field.door(session, clinic, text))

    try:
        database.transact(bring)
    except _Undone as undone:
        return undone.stored
    raise AssertionError("unreachable")


def refusal_of(database: Database, clinic: SmallClinic, field: Field, text: str) -> Refusal | None:
    """Why a text is refused; None where it is stored, and then as it is."""
    try:
        stored = brought(database, clinic, field, text)
    except (BadInput, AlreadyExists) as refusal:
        return refusal
    wanted = in_one_spelling(text)
    if field.has_a_form:
        assert controls(stored) == []
    elif field.shortened_to and len(wanted) > field.shortened_to:
        assert len(stored) <= field.shortened_to
        assert wanted.startswith(stored.removesuffix("…"))
    elif field.numbered_if_blank and not wanted:
        assert stored.isdigit()
    else:
        assert stored == wanted, (field.called, text)
    return None


def must_be_refused(field: Field, text: str) -> bool:
    """Whether even somebody's own name cannot stand in this field."""
    kept = in_one_spelling(text)
    return len(kept) > field.most or (field.needs_a_letter and not search_key(kept))


def check_sentence(refusal: Refusal | None, field: Field, text: str) -> None:
    """A refusal names its field and quotes nothing that a terminal would obey."""
    assert isinstance(refusal, BadInput), (field.called, text, refusal)
    sentence = str(refusal)
    assert refusal.field == field.called, (text, sentence)
    assert field.called.casefold() in sentence.casefold(), (text, sentence)
    assert controls(sentence) == []
    assert sentence.endswith((".", "?"))


def test_every_text_has_its_door() -> None:
    """A text field that is added to an operation is tried here or explained away."""
    texts = {
        name
        for name in fields_of_operations()
        if not name.startswith(
            (
                "audit.",
                "requests.",
                "block_booking.",
                "scope.",
                "visits_back.",
                "rows_back.",
                "moving.move_visit ",
            )
        )
        and name.partition(" ")[2] not in NOBODYS_TEXT
    }
    assert texts == {*DOORS, *QUESTIONS, *ELSEWHERE}


def try_operation(database: Database, clinic: Any, operation: str) -> None:
    """Bring every string to every text field of an operation; nothing of it stays."""
    before = database.read(everything)
    for name, field in DOORS.items():
        if name.partition(" ")[0] != operation:
            continue
        # What is refused is so before any database hears of it: all of it is tried on one of them.
        few = field.again or not database.is_sqlite
        for text in _FEW_REFUSED if few else REFUSED.values():
            check_sentence(refusal_of(database, clinic, field, text), field, text)
        for text in _FEW_AWKWARD if field.again else AWKWARD.values():
            refusal = refusal_of(database, clinic, field, text)
            if must_be_refused(field, text):
                check_sentence(refusal, field, text)
            elif field.has_a_form:
                assert refusal is None or controls(str(refusal)) == []
            else:
                assert refusal is None, (name, text, str(refusal))
    assert database.read(everything) == before


@pytest.mark.proof
@pytest.mark.parametrize("operation", OPERATIONS)
def test_stored_as_it_is_or_refused(
    database: Database, clinic: SmallClinic, operation: str
) -> None:
    try_operation(database, clinic, operation)


@pytest.mark.parametrize("operation", WITHOUT_A_CLINIC)
def test_at_the_founding(database: Database, operation: str) -> None:
    try_operation(database, None, operation)


def answer(database: Database, clinic: SmallClinic, question: str, text: str) -> str:
    """The sentence of a refusal; nothing where there is an answer."""
    try:
        database.read(QUESTIONS[question], clinic, text)
    except Refusal as refusal:
        return str(refusal)
    return ""


@pytest.mark.proof
@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_asked_about_and_answered(database: Database, clinic: SmallClinic, question: str) -> None:
    """A search for whatever it is finds somebody or nobody; it never ends in an error."""
    for text in (REFUSED | AWKWARD).values():
        assert controls(answer(database, clinic, question, text)) == []


NAUGHTY = naughty_strings()
NAMES = field_names(every=30)
needs_field_data = pytest.mark.skipif(
    not NAUGHTY, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
)


@pytest.mark.proof
@needs_field_data
def test_naughty_strings_of_the_field(database: Database, clinic: SmallClinic) -> None:
    """Each of them at one door, the doors in turn."""
    before = database.read(everything)
    doors = [DOORS[name] for name in sorted(DOORS) if name.partition(" ")[0] in OPERATIONS]
    for number, text in enumerate(NAUGHTY):
        refusal = refusal_of(database, clinic, doors[number % len(doors)], text)
        assert refusal is None or controls(str(refusal)) == []
    assert database.read(everything) == before


@pytest.mark.proof
@needs_field_data
def test_names_of_the_field(database: Database, clinic: SmallClinic) -> None:
    """Everybody is registered as they are called."""
    for text in NAMES:
        for name in ("family_name", "given_name"):
            field = DOORS[f"patients.register_patient {name}"]
            assert refusal_of(database, clinic, field, text) is None
