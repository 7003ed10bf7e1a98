"""What patients answer by SMS: taken once, acted on where it is certain, else a person's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus, ReplyMeaning, Status
from clinic_tui.domain.errors import BadInput, NotPermitted, WrongStatus
from clinic_tui.domain.messages.message_list import Shown, list_messages, messages_to_see
from clinic_tui.domain.messages.replies import Answer, Received, answer_reply, new_sids, take_reply
from clinic_tui.domain.messages.reply_list import ReplyLine
from clinic_tui.domain.messages.reply_words import meaning_of
from clinic_tui.domain.models import AuditEntry, Patient, Reply, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.undo.undo import undo_last
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, OUTBOX, add_visit, at, at_once, refused, visit

MARIA = "+4915123456789"
_REPLIES, _PATIENTS = table(Reply), table(Patient)


def told(
    session: Session,
    appointment_id: int,
    sent_at: datetime = NOW - timedelta(minutes=5),
    kind: NoticeKind = NoticeKind.REMINDER,
    status: NoticeStatus = NoticeStatus.SENT,
    **more: Any,
) -> None:
    """The patient was told of that visit by SMS."""
    values = {
        "appointment_id": appointment_id,
        "kind": kind,
        "channel": Channel.SMS,
        "starts_at": visit(session, appointment_id).starts_at,
        "due_at": sent_at,
        "sent_at": sent_at,
        "status": status,
        "message_id": f"{appointment_id}-{kind}-{sent_at.timestamp()}@clinic",
        "created_at": sent_at,
    }
    session.execute(insert(OUTBOX).values(values | more))


def said(body: str, sid: str = "SM1", number: str = MARIA) -> Received:
    return Received(sid, number, body, NOW)


def open_ones(database: Database, clinic: SmallClinic) -> list[ReplyLine]:
    lines = database.read(list_messages, clinic.receptionist, Shown.TO_SEE, NOW)
    return [line for line in lines if isinstance(line, ReplyLine)]


def reminded(session: Session, clinic: SmallClinic) -> int:
    """Maria was reminded of her visit tomorrow at ten."""
    appointment_id = add_visit(session, clinic, at("10:00", 1), patient_id=clinic.maria)
    told(session, appointment_id)
    return appointment_id


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("Yes", ReplyMeaning.YES),
        (" “YES!!” ", ReplyMeaning.YES),
        ("ＹＥＳ", ReplyMeaning.YES),
        ("sí", ReplyMeaning.YES),
        ("SI\u0301.", ReplyMeaning.YES),
        ("Ja", ReplyMeaning.YES),
        ("no", ReplyMeaning.NO),
        ("Nein.", ReplyMeaning.NO),
        ("STOP", ReplyMeaning.STOP),
        ("Stopp", ReplyMeaning.STOP),
        ("baja", ReplyMeaning.STOP),
        ("start", ReplyMeaning.START),
        ("yes but later", ReplyMeaning.OTHER),
        ("no problem", ReplyMeaning.OTHER),
        ("", ReplyMeaning.OTHER),
        ("👍", ReplyMeaning.OTHER),
        ("\x00\x1b[2J", ReplyMeaning.OTHER),
    ],
)
def test_a_whole_text_is_a_known_word_or_a_persons_to_read(
    body: str, meaning: ReplyMeaning
) -> None:
    assert meaning_of(body) is meaning


def test_yes_confirms_and_no_is_work_for_somebody(clinic: SmallClinic, database: Database) -> None:
    seen = database.transact(reminded, clinic)
    assert database.transact(take_reply, said("Yes"), NOW)
    assert database.read(visit, seen).confirmed_at == NOW
    assert open_ones(database, clinic) == []
    database.transact(take_reply, said("no", "SM2"), NOW)
    row = database.read(visit, seen)
    assert (row.confirmed_at, row.status) == (None, Status.BOOKED)
    (line,) = open_ones(database, clinic)
    assert (line.meaning, line.patient, line.appointment_id, line.visit_at) == (
        ReplyMeaning.NO,
        "Maria Garcia",
        seen,
        at("10:00", 1),
    )
    database.transact(answer_reply, clinic.receptionist, Answer(line.reply_id), NOW)
    assert open_ones(database, clinic) == []
    with pytest.raises(WrongStatus):
        database.transact(answer_reply, clinic.receptionist, Answer(line.reply_id), NOW)
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert [one.reply_id for one in open_ones(database, clinic)] == [line.reply_id]


@pytest.mark.parametrize("changed", ["moved", "cancelled", "begun", "two", "offered", "none"])
def test_what_is_not_certain_is_asked_of_a_person(
    clinic: SmallClinic, database: Database, changed: str
) -> None:
    def prepare(session: Session) -> None:
        if changed == "none":
            add_visit(session, clinic, at("10:00", 1), patient_id=clinic.maria)
            return
        seen = reminded(session, clinic)
        changes: dict[str, dict[str, Any]] = {
            "moved": {"starts_at": at("10:10", 1), "ends_at": at("10:20", 1)},
            "cancelled": {"status": Status.CANCELLED},
        }
        if changed in changes:
            session.execute(
                update(APPOINTMENTS).where(APPOINTMENTS.c.id == seen).values(changes[changed])
            )
        if changed == "two":
            other = add_visit(session, clinic, at("10:00", 2), patient_id=clinic.maria)
            told(session, other, NOW - timedelta(minutes=50))
        if changed == "offered":
            told(session, seen, NOW, NoticeKind.CANCELLED)

    database.transact(prepare)
    now = at("10:01", 1) if changed == "begun" else NOW
    database.transact(take_reply, said("yes"), now)
    (line,) = open_ones(database, clinic)
    assert (line.patient, line.appointment_id) == ("Maria Garcia", None)
    confirmed = select(APPOINTMENTS.c.confirmed_at)
    assert set(database.read(lambda session: session.scalars(confirmed).all())) == {None}


def test_stop_and_start_are_the_patients_consent(clinic: SmallClinic, database: Database) -> None:
    def consent(session: Session) -> Any:
        return session.scalar(
            select(_PATIENTS.c.sms_consent_at).where(_PATIENTS.c.id == clinic.maria)
        )

    def queued(session: Session) -> None:
        seen = add_visit(session, clinic, at("10:00", 1), patient_id=clinic.maria)
        other = add_visit(session, clinic, at("11:00", 1), patient_id=clinic.jonas)
        for number in (seen, other):
            told(session, number, status=NoticeStatus.QUEUED, sent_at=NOW)

    database.transact(queued)
    database.transact(take_reply, said("STOP"), NOW)
    assert database.read(consent) is None
    left = database.read(lambda s: s.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all())
    assert [row.channel for row in left] == [Channel.EMAIL, Channel.SMS], "for she allows e-mail"
    database.transact(take_reply, said("Start", "SM2"), NOW)
    assert database.read(consent) == NOW
    assert open_ones(database, clinic) == []
    database.transact(take_reply, said("cancel", "SM3"), NOW)
    assert database.read(consent) is None
    assert [line.body for line in open_ones(database, clinic)] == ["cancel"]
    noted = select(table(AuditEntry).c.operation).where(table(AuditEntry).c.account_id.is_(None))
    assert {"sms_consent_ended", "sms_consent_given"} <= set(
        database.read(lambda session: session.scalars(noted).all())
    )


def test_a_shared_number_is_asked_about_and_then_acted_on(
    clinic: SmallClinic, database: Database
) -> None:
    def share(session: Session) -> int:
        return register_patient(
            session, clinic.admin, PatientDetails("Garcia", "Leo", phones=(MARIA,)), NOW
        )

    def call_leo_maria(session: Session) -> None:
        patients = table(Patient)
        session.execute(update(patients).where(patients.c.id == leo).values(given_name="Maria"))

    leo = database.transact(share)
    seen = database.transact(reminded, clinic)
    for sid, body in (("SM1", "yes"), ("SM2", "stop")):
        database.transact(take_reply, said(body, sid), NOW)
    assert database.read(visit, seen).confirmed_at is None
    stop, yes = open_ones(database, clinic)
    assert yes.owners == {clinic.maria: "Maria Garcia", leo: "Leo Garcia"}
    database.transact(call_leo_maria)
    called = [line.owners for line in open_ones(database, clinic)]
    assert called == [{clinic.maria: "Maria Garcia · 000001", leo: "Maria Garcia · 000006"}] * 2
    assert (yes.patient, stop.patient_id) == ("", None)
    stranger = Answer(yes.reply_id, clinic.jonas)
    refused(database, BadInput, answer_reply, clinic.receptionist, stranger, NOW)
    refused(database, NotPermitted, answer_reply, clinic.doctor_lee, stranger, NOW)
    answer = Answer(yes.reply_id, clinic.maria)
    for _ in range(2):
        database.transact(answer_reply, clinic.receptionist, answer, NOW)
    assert database.read(visit, seen).confirmed_at == NOW
    assert [line.reply_id for line in open_ones(database, clinic)] == [stop.reply_id]
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert database.read(visit, seen).confirmed_at is None
    assert len(open_ones(database, clinic)) == 2


def test_anything_else_waits_for_a_person_within_whose_reach_it_is(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(reminded, clinic)
    hostile = "[/] [red]x\x00\x1b[2J\u202e\nsecond line\ud800" + "x" * 3000
    database.transact(take_reply, said(hostile), NOW)
    database.transact(take_reply, said("hello?", "SM2", "+12025550123"), NOW)
    database.transact(take_reply, said("stop", "SM3", "whatsapp:\x00[/]" + "9" * 99), NOW)
    nobodys, marias = open_ones(database, clinic)
    assert (nobodys.patient, nobodys.owners) == ("", {})
    assert marias.body.startswith("[/] [red]x\ufffd\ufffd[2J\ufffd\nsecond line\ufffdx")
    assert len(marias.body) <= 1600
    for actor, reached in (
        (clinic.receptionist, 2),
        (clinic.admin, 2),
        (clinic.doctor_lee, 1),
        (clinic.doctor_park, 0),
    ):
        assert database.read(messages_to_see, actor, NOW).replies == reached
        lines = database.read(list_messages, actor, Shown.TO_SEE, NOW)
        assert len(lines) == reached
    with pytest.raises(NotPermitted):
        database.read(messages_to_see, clinic.patient, NOW)


def test_each_is_taken_once_by_whoever_is_first(clinic: SmallClinic, database: Database) -> None:
    database.transact(reminded, clinic)
    calls = [(take_reply, said("STOP"), NOW)] * 6
    assert sorted(at_once(database, *calls)) == [False] * 5 + [True]
    kept = database.read(lambda session: session.scalars(select(_REPLIES.c.sid)).all())
    assert kept == ["SM1"]
    assert database.read(new_sids, ["SM1", "SM2", "bad sid", "x" * 65]) == {"SM2"}
