"""Who wants no more texts and allows e-mail is told by e-mail what would have been texted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.messages.delivery import Outcome
from clinic_tui.domain.messages.outcomes import record_outcomes
from clinic_tui.domain.messages.receipts import Receipt, record_receipt
from clinic_tui.domain.messages.replies import Received, take_reply
from clinic_tui.domain.messages.sending import claim
from clinic_tui.domain.patients.history import patient_record
from clinic_tui.domain.patients.patients import change_patient
from tests.domain.given import add_visit, at
from tests.small_clinic import NOW, SmallClinic

from .mail_server import Handler, mail_server
from .queued import LEASE, add_notice, rows

MARIA = "+4915123456789"
SMS = {"channel": Channel.SMS}


def fill(session: Session, clinic: SmallClinic) -> None:
    """A text to Maria alone, one beside an e-mail, and one to Jonas, who has no e-mail."""
    visit = add_visit(session, clinic, at("10:00", 1), patient_id=clinic.maria)
    add_notice(session, visit, at("10:00", 1), kind=NoticeKind.CONFIRMATION, **SMS)
    add_notice(session, visit, at("10:00", 1), message_id="beside", **SMS)
    add_notice(session, visit, at("10:00", 1))
    visit = add_visit(session, clinic, at("11:00", 1))
    add_notice(session, visit, at("11:00", 1), message_id="jonas", **SMS)


def stands(session: Session) -> list[str]:
    return [f"{row.channel} {row.status}" for row in rows(session)]


def test_stop_by_text(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic)
    for number, sid in ((MARIA, "SM1"), ("+4930901820", "SM2")):
        database.transact(take_reply, Received(sid, number, "STOP", NOW), NOW)
    assert database.read(stands) == [
        "email queued", "sms withdrawn", "email queued", "sms withdrawn"
    ]  # fmt: skip
    assert database.read(rows)[0].reason.startswith("It goes by e-mail: by SMS it may not")
    handler = Handler()
    with mail_server(handler) as settings:
        run_all(database, [Email(settings)], "a", lambda: NOW)
    assert sorted(message["Subject"].partition(" ")[0] for _, message in handler.taken) == [
        "Reminder:", "Your"
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["refused", "undelivered", "at the desk", "the other way"])
def test_every_other_way_to_learn_of_it(clinic: SmallClinic, database: Database, how: str) -> None:
    """What the provider refuses or does not deliver, and what is taken back in the record."""
    database.transact(fill, clinic)
    gone = NOW + timedelta(seconds=1)
    if how in ("refused", "undelivered"):
        claimed = database.transact(claim, "a", Channel.SMS, NOW, limit=9, lease=LEASE)
        first = next(one for one in claimed if one.kind is NoticeKind.CONFIRMATION)
        told = [((first.notice_id,), Outcome.refused("They want none.", opted_out=True))]
        if how == "undelivered":
            told = [((first.notice_id,), Outcome.sent("SM1"))]
        database.transact(record_outcomes, "a", told, NOW)
        receipt = Receipt("SM1", NoticeStatus.FAILED, "They want none.", opted_out=True)
        database.transact(record_receipt, receipt, gone)
    else:
        seen = database.read(patient_record, clinic.receptionist, clinic.maria, NOW).details
        changed = replace(
            seen, sms_consent=how != "at the desk", email_consent=how == "at the desk"
        )
        database.transact(change_patient, clinic.receptionist, clinic.maria, changed, NOW)
        channel = Channel.SMS if how == "at the desk" else Channel.EMAIL
        database.transact(claim, "a", channel, NOW, limit=9, lease=LEASE)
    alone, _, beside, _ = database.read(stands)
    if how == "the other way":
        assert beside == "email withdrawn", "it is texted anyway"
        assert alone == "sms queued"
    else:
        assert alone == "email queued"
        assert database.read(rows)[0].attempts == 0
