"""What patients reply and what became of texts, asked of a server that follows the provider's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus, ReplyStatus
from clinic_tui.domain.models import ChannelState, Notice, Patient, Reply, table
from clinic_tui.listening import ask_what_arrived, take_replies
from tests.dispatch.sms_server import NUMBER, Fault, SmsServer, sms_server
from tests.dispatch.texting import message, send, texting
from tests.domain.given import add_visit, visit
from tests.small_clinic import SmallClinic

MARIA = "+4915123456789"
OUTBOX, REPLIES, PATIENTS = table(Notice), table(Reply), table(Patient)
NOW = datetime.now(UTC).replace(microsecond=0)
FIELD = os.environ.get("CLINIC_FIELD_DATA", "")


@pytest.fixture
def server() -> Iterator[SmsServer]:
    with sms_server() as serving:
        yield serving


def texted(
    session: Session,
    clinic: SmallClinic,
    hour: int,
    provider_id: str | None,
    patient_id: int | None = None,
) -> int:
    """A visit in a day and so many hours, Maria's unless somebody's, of which they were texted."""
    starts_at = NOW + timedelta(days=1, hours=hour)
    appointment_id = add_visit(session, clinic, starts_at, patient_id=patient_id or clinic.maria)
    session.execute(
        insert(OUTBOX).values(
            appointment_id=appointment_id, kind=NoticeKind.REMINDER, channel=Channel.SMS,
            starts_at=starts_at, due_at=NOW, status=NoticeStatus.SENT, sent_at=NOW,
            provider_id=provider_id, message_id=f"{hour}@clinic", created_at=NOW,
        )
    )  # fmt: skip
    return appointment_id


def replies(session: Session) -> list[Any]:
    return list(session.execute(select(REPLIES).order_by(REPLIES.c.id)))


def messages(session: Session) -> list[tuple[NoticeStatus, str]]:
    rows = session.execute(select(OUTBOX.c.status, OUTBOX.c.reason).order_by(OUTBOX.c.id))
    return [(row.status, row.reason) for row in rows]


@pytest.mark.parametrize("service", [False, True], ids=["number", "service"])
def test_a_reply_is_taken_once_by_whichever_terminal_asks_first(
    clinic: SmallClinic, database: Database, server: SmsServer, service: bool
) -> None:
    seen = database.transact(texted, clinic, 1, "SM1")
    server.receive(MARIA, "Yes")
    server.receive("+12025550123", "\x00\x1b[2J")
    with (
        texting(server.url, service=service) as one,
        texting(server.url, service=service) as other,
    ):
        send(one, message())
        later = NOW + timedelta(minutes=1)
        assert take_replies(database, one, lambda: later) == 2
        assert database.read(visit, seen).confirmed_at is not None
        asked = server.requests
        assert take_replies(database, other, lambda: later) == 0
        assert server.requests == asked
        server.receive(MARIA, "no")
        later += timedelta(minutes=1)
        assert take_replies(database, other, lambda: later) == 1
    yes, strange, no = database.read(replies)
    assert [one.status for one in (yes, strange, no)] == [
        ReplyStatus.DONE,
        ReplyStatus.OPEN,
        ReplyStatus.OPEN,
    ]
    assert (no.patient_id, no.appointment_id, strange.body) == (
        clinic.maria,
        seen,
        "\ufffd\ufffd[2J",
    )
    assert database.read(visit, seen).confirmed_at is None


def test_what_could_not_be_read_is_read_later(
    clinic: SmallClinic, database: Database, server: SmsServer
) -> None:
    server.receive(MARIA, "STOP")
    with texting(server.url) as sms:
        for fault in (Fault.ERROR, Fault.TOO_MANY, Fault.DROP, Fault.GARBAGE):
            server.reading = fault
            assert take_replies(database, sms, lambda: NOW) == 0
        marks = select(table(ChannelState).c.read_until)
        assert database.read(lambda session: session.scalars(marks).all()) == []
        server.reading = None
        assert take_replies(database, sms, lambda: NOW) == 1
    consent = select(PATIENTS.c.sms_consent_at).where(PATIENTS.c.id == clinic.maria)
    assert database.read(lambda session: session.scalar(consent)) is None


def test_texts_are_asked_about_until_they_arrived_or_did_not(
    clinic: SmallClinic, database: Database, server: SmsServer
) -> None:
    server.undelivered["+12025550188"] = 21610
    with texting(server.url) as sms:
        first = send(sms, message(1)).provider_id
        lost = send(sms, message(2, "+12025550188")).provider_id
        for hour, provider_id in enumerate((first, first, lost, None)):
            database.transact(texted, clinic, hour, provider_id)
        assert ask_what_arrived(database, sms, lambda: NOW) == 2
        assert {status for status, _ in database.read(messages)} == {NoticeStatus.SENT}
        asked = server.requests
        assert ask_what_arrived(database, sms, lambda: NOW) == 0
        assert server.requests == asked
        later = NOW + timedelta(seconds=31)
        assert ask_what_arrived(database, sms, lambda: later) == 2
        stopped = "It goes by e-mail: by SMS it may not go any more."
        assert database.read(messages) == [
            (NoticeStatus.DELIVERED, ""),
            (NoticeStatus.DELIVERED, ""),
            (NoticeStatus.QUEUED, stopped),
            (NoticeStatus.SENT, ""),
        ]
    consent = select(PATIENTS.c.sms_consent_at).where(PATIENTS.c.id == clinic.maria)
    assert database.read(lambda session: session.scalar(consent)) is None


def test_one_in_doubt_is_looked_up_and_never_texted_twice(
    clinic: SmallClinic, database: Database, server: SmsServer
) -> None:
    """From the outbox to the patient's yes, the provider's answer lost on the way."""

    def queue(session: Session) -> int:
        seen = texted(session, clinic, 1, None)
        texted(session, clinic, 2, None, clinic.jonas)
        waiting = {"status": NoticeStatus.QUEUED, "sent_at": None}
        session.execute(update(OUTBOX).values(waiting))
        return seen

    seen = database.transact(queue)
    server.faults.append(Fault.DROP_AFTER)
    with texting(server.url, countries=("DE",)) as sms:
        tally = run_all(database, [sms], "a", lambda: NOW)
        assert (tally.sent, tally.unknown, tally.refused) == (0, 1, 1)
        later = NOW + timedelta(minutes=10)
        assert run_all(database, [sms], "b", lambda: later).sent == 1
        (text,) = server.taken()
        assert (text.to, "Riverside Clinic" in text.body) == (MARIA, True)
        server.receive(MARIA, "Ja!")
        assert take_replies(database, sms, lambda: later) == 1
        assert ask_what_arrived(database, sms, lambda: later) == 1
        later += timedelta(minutes=1)
        assert ask_what_arrived(database, sms, lambda: later) == 1
    assert database.read(visit, seen).confirmed_at is not None
    delivered, landline = database.read(messages)
    assert delivered == (NoticeStatus.DELIVERED, "")
    assert landline == (
        NoticeStatus.FAILED,
        "It is no mobile number, and a text would not arrive.",
    )


@pytest.mark.skipif(not FIELD, reason="CLINIC_FIELD_DATA names no folder with published facts")
def test_the_server_answers_as_the_provider_has_published(server: SmsServer) -> None:
    published = json.loads((Path(FIELD) / "twilio" / "messages_only.json").read_text("utf-8"))
    schemas, paths = published["components"]["schemas"], published["paths"]
    record, answer = schemas["api.v2010.account.message"]["properties"], server.receive("+1", "x")
    assert set(answer.as_json()) == set(record)
    assert answer.as_json()["direction"] in schemas["message_enum_direction"]["enum"]
    listing = paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"]
    page = listing["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    posted = listing["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    with texting(server.url) as sms:
        sid = send(sms, message()).provider_id
        assert sms.look_up(message(look_up=True)) is not None
        for _ in range(2):
            next(iter(sms.receipts([sid or ""])))
            assert server.taken()[0].status in schemas["message_enum_status"]["enum"]
    assert set(server.forms[0]) <= set(posted["schema"]["properties"])
    assert server.asked <= {one["name"] for one in listing["get"]["parameters"]}
    assert server.listed_keys == set(page["properties"])
    assert NUMBER in {text.sender for text in server.taken()}
