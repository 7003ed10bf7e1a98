"""An offer told to whom it is made, and answered by text: booked or let go, where it is certain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import (
    Channel,
    NoticeKind,
    OfferStatus,
    ReplyMeaning,
    Status,
    WaitlistStatus,
)
from clinic_tui.domain.messages.delivery import Claimed
from clinic_tui.domain.messages.message_list import Shown, list_messages, messages_to_see
from clinic_tui.domain.messages.previews import preview_message
from clinic_tui.domain.messages.replies import Answer, answer_reply, take_reply
from clinic_tui.domain.messages.reply_list import ReplyLine
from clinic_tui.domain.messages.sending import claim
from clinic_tui.domain.models import Offer, Patient, TimeOff, table
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.waitlist.accepting import accept_offer
from clinic_tui.domain.waitlist.declining import decline_offer
from clinic_tui.domain.waitlist.filling import who_fits
from clinic_tui.domain.waitlist.freed import FreedTime, Slot
from clinic_tui.domain.waitlist.offering import OfferedOpening
from tests.small_clinic import NOW, SmallClinic

from .given import OUTBOX, add_visit, at, told, visit
from .test_replies import MARIA, open_ones, said
from .test_replies import told as told_by_text
from .waiting import entry, holds, moved_by_text, offer, offer_row, texted, told_of, wait

_LEASE = timedelta(minutes=2)
_SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def made(clinic: SmallClinic, database: Database) -> OfferedOpening:
    """Tomorrow at ten with Lee, offered to Maria until ten today."""
    entry_id = wait(clinic, database, patient_id=clinic.maria)
    return offer(clinic, database, entry_id, starts_at=at("10:00", 1), expires_at=at("10:00"))


def _claimed(database: Database, channel: Channel) -> tuple[Claimed, ...]:
    return database.transact(claim, "a", channel, _SOON, limit=9, lease=_LEASE)


def test_it_says_when_where_and_until_when(
    clinic: SmallClinic, database: Database, made: OfferedOpening
) -> None:
    (text,) = _claimed(database, Channel.SMS)
    assert "Tuesday 24 November 2026, 10:00" in text.letter.body
    assert "YES or NO by Monday 23 November 2026, 10:00" in text.letter.body
    (mail,) = _claimed(database, Channel.EMAIL)
    assert mail.letter.events == ()
    assert "Lee" not in f"{text.letter} {mail.letter}"
    lines = database.read(list_messages, clinic.doctor_lee, Shown.ALL, NOW)
    assert {(line.patient, line.kind) for line in lines} == {("Maria Garcia", NoticeKind.OFFER)}  # type: ignore[union-attr]
    assert database.read(list_messages, clinic.doctor_park, Shown.ALL, NOW) == ()
    shown = database.read(preview_message, clinic.receptionist, mail.notice_id)
    assert (shown.subject, shown.body) == (mail.letter.subject, mail.letter.body)


@pytest.mark.parametrize(
    ("over", "reason"),
    [("ran out", "Too late to be of use: the offer has run out."), ("ended", "The offer is over.")],
)
def test_it_leaves_only_while_it_stands(
    clinic: SmallClinic, database: Database, made: OfferedOpening, over: str, reason: str
) -> None:
    """Ending it withdraws what is queued; were that missed, it would not leave all the same."""
    values = {"expires_at": _SOON} if over == "ran out" else {"status": OfferStatus.DECLINED}
    offers = table(Offer)
    database.transact(lambda session: session.execute(update(offers).values(values)))
    assert _claimed(database, Channel.SMS) == ()
    rows = database.read(lambda session: session.execute(select(OUTBOX)).all())
    assert {row.reason for row in rows if row.channel is Channel.SMS} == {reason}


def test_yes_is_as_good_as_a_yes_at_the_desk(
    clinic: SmallClinic, database: Database, made: OfferedOpening
) -> None:
    texted(database)
    database.transact(take_reply, said("yes"), NOW)
    assert database.read(offer_row, made.offer_id).status is OfferStatus.ACCEPTED
    assert database.read(entry, made.entry_id).status is WaitlistStatus.BOOKED
    assert (database.read(holds), open_ones(database, clinic)) == ([], [])
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms sent"]
    (line,) = (
        one
        for one in database.read(list_messages, clinic.receptionist, Shown.REPLIES, NOW)
        if one.patient_id == clinic.maria
    )
    assert line.appointment_id is not None
    row = database.read(visit, line.appointment_id)
    assert (row.status, row.starts_at, row.patient_id) == (
        Status.BOOKED, made.starts_at, clinic.maria,
    )  # fmt: skip
    confirmed = [f"confirmation {one}" for one in ("email", "sms")]
    assert set(confirmed) <= set(database.read(told, line.appointment_id))


def test_no_lets_it_go_and_is_seen_by_a_person(
    clinic: SmallClinic, database: Database, made: OfferedOpening
) -> None:
    texted(database)
    database.transact(take_reply, said("No"), NOW)
    assert database.read(offer_row, made.offer_id).status is OfferStatus.DECLINED
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING
    assert database.read(holds) == []
    (line,) = open_ones(database, clinic)
    assert (line.meaning, line.patient) == (ReplyMeaning.NO, "Maria Garcia")
    free = FreedTime(clinic.lee, "Dr Lee", None, made.starts_at, made.ends_at, ())
    assert line.left == free
    begun = database.read(list_messages, clinic.receptionist, Shown.TO_SEE, made.starts_at)
    assert [one.left for one in begun if isinstance(one, ReplyLine)] == [None]


@pytest.mark.parametrize("case", ["not told", "another text", "accepted", "ran out", "taken"])
def test_what_is_not_certain_changes_nothing(
    clinic: SmallClinic, database: Database, made: OfferedOpening, case: str
) -> None:
    if case != "not told":
        texted(database)
    if case == "another text":

        def reminded(session: Session) -> None:
            seen = add_visit(session, clinic, at("15:00", 2), patient_id=clinic.maria)
            told_by_text(session, seen, NOW - timedelta(minutes=30))

        database.transact(reminded)
    elif case == "accepted":
        database.transact(accept_offer, clinic.receptionist, made.offer_id, NOW, "k")
    elif case == "taken":

        def away(session: Session) -> None:
            session.execute(
                insert(table(TimeOff)).values(
                    doctor_id=clinic.lee, starts_at=at("09:00", 1), ends_at=at("18:00", 1)
                )
            )

        database.transact(away)
    before = database.read(offer_row, made.offer_id)
    now = at("10:00") if case == "ran out" else NOW
    database.transact(take_reply, said("yes"), now)
    (line,) = open_ones(database, clinic)
    assert (line.patient, line.appointment_id) == ("Maria Garcia", None)
    assert database.read(offer_row, made.offer_id) == before


def test_of_a_shared_number_a_person_says_whose_yes_it_is(
    clinic: SmallClinic, database: Database, made: OfferedOpening
) -> None:
    leo = PatientDetails("Garcia", "Leo", phones=(MARIA,))
    database.transact(register_patient, clinic.admin, leo, NOW)
    texted(database)
    database.transact(take_reply, said("yes"), NOW)
    assert database.read(offer_row, made.offer_id).status is OfferStatus.OPEN
    (line,) = open_ones(database, clinic)
    answer = Answer(line.reply_id, clinic.maria)
    for _ in range(2):
        database.transact(answer_reply, clinic.receptionist, answer, NOW)
    assert database.read(entry, made.entry_id).status is WaitlistStatus.BOOKED
    assert open_ones(database, clinic) == []
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING
    assert [one.reply_id for one in open_ones(database, clinic)] == [line.reply_id]


def test_who_wants_no_texts_is_offered_nothing_by_text(
    clinic: SmallClinic, database: Database, made: OfferedOpening
) -> None:
    database.transact(take_reply, said("STOP"), NOW)
    assert database.read(told_of, made.offer_id) == ["email queued", "sms withdrawn"]
    database.transact(decline_offer, clinic.receptionist, made.offer_id, NOW, "k")
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms withdrawn"]
    consent = select(table(Patient).c.sms_consent_at).where(table(Patient).c.id == clinic.maria)
    assert database.read(lambda session: session.scalar(consent)) is None


@pytest.mark.parametrize("others", ["wait", "none"])
def test_what_a_move_by_text_leaves_is_put_before_the_desk(
    clinic: SmallClinic, database: Database, others: str
) -> None:
    """Their visit is earlier then; the time that it leaves suits Sam, or nobody."""

    sam = wait(clinic, database, first_day=at("15:00", 2).date()) if others == "wait" else None
    planned_id = moved_by_text(clinic, database)
    assert database.read(visit, planned_id).starts_at == at("10:00", 1)
    lines = open_ones(database, clinic)
    if sam is None:
        assert lines == []
        return
    (line,) = lines
    assert (line.meaning, line.appointment_id) == (ReplyMeaning.YES, planned_id)
    assert line.left == FreedTime(clinic.lee, "Dr Lee", None, at("15:00", 2), at("15:20", 2), ())
    slot = Slot(clinic.lee, at("15:00", 2), at("15:20", 2), adjoining=True)
    (fitting,) = database.read(who_fits, clinic.receptionist, slot, NOW)
    assert (fitting.entry_id, fitting.starts_at) == (sam, at("15:00", 2))
    assert database.read(messages_to_see, clinic.receptionist, NOW).replies == 1
    offer(clinic, database, sam, starts_at=fitting.starts_at)
    database.transact(answer_reply, clinic.receptionist, Answer(line.reply_id), NOW)
    assert open_ones(database, clinic) == []
    (put_away,) = database.read(list_messages, clinic.receptionist, Shown.REPLIES, NOW)
    assert put_away.left is None  # type: ignore[union-attr]
