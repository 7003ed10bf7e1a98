"""What a message says: when and where, in the listener's language, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from clinic_tui.domain.codes import Channel, NoticeKind, ReplyMeaning
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.messages.delivery import Method
from clinic_tui.domain.messages.reply_words import meaning_of
from clinic_tui.domain.messages.wording import LANGUAGES, WORDED, VisitFacts, check_template, word
from clinic_tui.domain.staff.agendas import AgendaVisit
from clinic_tui.domain.staff.staff_letters import word_agenda, word_reset

from .given import at

FACTS = VisitFacts(
    clinic="Riverside {date} Clinic",
    phone="+49 30 901820",
    address="Uferweg 4",
    zone="Europe/Berlin",
    language="",
    clinic_language="en",
    starts_at=at("10:00", 1),
    ends_at=at("10:20", 1),
    uid="visit-1@clinic",
    sequence=3,
    to_doctor=False,
)
_EMAIL, _SMS = Channel.EMAIL, Channel.SMS
_CONFIRMATION = NoticeKind.CONFIRMATION


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WORDED)
@pytest.mark.parametrize("to_doctor", [False, True])
def test_every_message_in_every_language(language: str, kind: NoticeKind, to_doctor: bool) -> None:
    if to_doctor and kind in (NoticeKind.REMINDER, NoticeKind.ABSENCE, NoticeKind.OFFER):
        return  # Doctors are not reminded, least of all of their own absence.
    facts = replace(FACTS, language=language, to_doctor=to_doctor)
    for channel in (_EMAIL,) if to_doctor else Channel:
        told, letter = word([facts], kind, channel, {})
        assert told == language
        assert "10:00" in letter.body
        assert "2026" in letter.body
        assert "Riverside {date} Clinic" in letter.body, "a value is text and never a template"
        assert bool(letter.subject) is (channel is _EMAIL)
        assert "{" not in letter.subject


def test_staff_are_told_in_the_clinics_own_words() -> None:
    """By the clinic's tag before its language; the names of days stay the program's."""
    clinic: Any = SimpleNamespace(
        name="Riverside Clinic", phone="", zone="Europe/Berlin", language="de-AT"
    )
    visit = AgendaVisit(FACTS.starts_at, FACTS.ends_at, "Raum 2")
    own = {
        (NoticeKind.AGENDA, _EMAIL, "de-AT"): ("Heut: {count}", "{date}\n{visits}\nServus!"),
        (NoticeKind.AGENDA, _EMAIL, "de"): ("Heute", "{visits}"),
        (NoticeKind.RESET, _EMAIL, "de"): ("Kennwort", "{user}: {code}\nFragen? {phone}"),
    }
    day = FACTS.starts_at.date()
    _, letter = word_agenda(clinic, day, [visit, visit], own)
    assert letter.subject == "Heut: 2"
    assert letter.body.splitlines()[1:] == ["10:00–10:20  Raum 2"] * 2 + ["Servus!"]
    assert letter.body.startswith("Dienstag"), letter.body
    _, letter = word_reset(clinic, "ana", "ABCD", FACTS.starts_at, own)
    assert (letter.subject, letter.body) == ("Kennwort", "ana: ABCD")
    broken = {(NoticeKind.RESET, _EMAIL, "de"): ("Kennwort", "{name}")}
    with pytest.raises(BadInput, match="no placeholder"):
        word_reset(clinic, "ana", "ABCD", FACTS.starts_at, broken)


def test_an_sms_is_short() -> None:
    for language, kind in product(LANGUAGES, (_CONFIRMATION, NoticeKind.REMINDER)):
        _, letter = word([replace(FACTS, language=language)], kind, _SMS, {})
        assert len(letter.body) <= 160, letter.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [NoticeKind.REMINDER, NoticeKind.OFFER])
def test_a_text_says_by_which_words_it_is_answered(kind: NoticeKind, language: str) -> None:
    """Also where the clinic has set no phone."""
    facts = replace(FACTS, language=language, phone="", until=at("18:00"))
    _, letter = word([facts], kind, _SMS, {})
    meanings = {meaning_of(one) for one in letter.body.split() if one.isupper()}
    assert meanings >= {ReplyMeaning.YES, ReplyMeaning.NO}, letter.body


def test_a_calendar_is_told_what_is_new_and_what_is_gone() -> None:
    for kind, method in (
        (_CONFIRMATION, Method.REQUEST),
        (NoticeKind.CHANGED, Method.REQUEST),
        (NoticeKind.CANCELLED, Method.CANCEL),
    ):
        (event,) = word([FACTS], kind, _EMAIL, {})[1].events
        assert (event.method, event.uid, event.sequence) == (method, "visit-1@clinic", 3)
        assert event.summary == FACTS.clinic
    assert word([FACTS], NoticeKind.REMINDER, _EMAIL, {})[1].events == ()
    assert word([FACTS], _CONFIRMATION, _SMS, {})[1].events == ()


@pytest.mark.parametrize(
    ("patient", "clinic", "expected"),
    [("es-MX", "de", "es"), ("fr", "de", "de"), ("", "de-AT", "de"), ("fr", "it", "en")],
)
def test_the_patients_language_then_the_clinics(patient: str, clinic: str, expected: str) -> None:
    facts = replace(FACTS, language=patient, clinic_language=clinic)
    assert word([facts], _CONFIRMATION, _EMAIL, {})[0] == expected


def test_the_clinics_own_words_come_first() -> None:
    own = {(_CONFIRMATION, _EMAIL, "fr"): ("Le {date}", "Rendez-vous le {date} à {time}")}
    language, letter = word([replace(FACTS, language="fr")], _CONFIRMATION, _EMAIL, own)
    assert language == "fr"
    assert letter.body == "Rendez-vous le Tuesday 24 November 2026 à 10:00"
    doctor = replace(FACTS, clinic_language="fr", to_doctor=True)
    assert word([doctor], _CONFIRMATION, _EMAIL, own)[0] == "en"


def test_several_visits_are_said_at_once() -> None:
    second = replace(FACTS, starts_at=at("11:00", 2), ends_at=at("11:20", 2), uid="visit-2@clinic")
    _, letter = word([FACTS, second], _CONFIRMATION, _EMAIL, {})
    assert letter.subject.endswith("Tuesday 24 November 2026 at 10:00 (+1)")
    assert "10:00\nWednesday 25 November 2026, 11:00\n" in letter.body
    assert letter.body.count(FACTS.address) == 1
    assert [event.uid for event in letter.events] == ["visit-1@clinic", "visit-2@clinic"]


def test_what_the_clinic_has_not_set_is_left_out() -> None:
    _, letter = word([replace(FACTS, phone="", address="")], _CONFIRMATION, _EMAIL, {})
    assert "call" not in letter.body
    assert "\n\n\n" not in letter.body
    assert letter.body.endswith("10:00")


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Hi", "{name}"),
        ("Hi", "{phone.real}"),
        ("Hi", "{phone!r}"),
        ("Hi", "{}"),
        ("Hi", "100 {"),
        ("{type}", "Hello"),
        ("Hi\nBcc: x@example.org", "Hello"),
        ("", "Hello"),
        ("Hi", " "),
        ("Hi", "x" * 5000),
    ],
)
def test_templates_that_are_refused(subject: str, body: str) -> None:
    with pytest.raises(BadInput):
        check_template(_CONFIRMATION, _EMAIL, subject, body)


def test_only_offers_say_until_when() -> None:
    check_template(NoticeKind.OFFER, _SMS, "", "{time}, until {until}")
    with pytest.raises(BadInput, match=r"no placeholder; there are \{clinic\}"):
        check_template(_CONFIRMATION, _SMS, "", "until {until}")


def test_an_sms_needs_no_subject() -> None:
    check_template(_CONFIRMATION, _SMS, "", "{clinic}: {date} {time}")
