"""Whatever people, clinics, addresses and numbers are called: nobody else hears, nothing is added.

Out of an outbox into whose tables somebody wrote past the domain, through the real channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from itertools import cycle
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from icalendar import Calendar
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import Tally, run_once
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.models import Clinic, Patient, Template, table
from tests.domain.given import APPOINTMENTS
from tests.hostile.strings import AWKWARD, HARMFUL
from tests.small_clinic import NOW, SmallClinic

from .mail_server import SENDER, Handler, mail_server
from .queued import OUTBOX, add_notice, fill, give_numbers, rows
from .sms_server import NUMBER, sms_server
from .texting import texting

pytestmark = pytest.mark.proof

_PATIENTS = table(Patient)
_MANY, _AT_ONCE = 500, 40
_VICTIM = "v@evil.example"
_INJECTED = (
    f"x\r\nBcc: {_VICTIM}",
    f"x\nBcc: {_VICTIM}\n\n<b>y</b>",
    f"x\r\n.\r\nMAIL FROM:<{_VICTIM}>\r\nRCPT TO:<{_VICTIM}>\r\nDATA",
    "x\r\nContent-Type: text/html\r\n\r\n<img src=http://evil.example>",
    f"x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:{_VICTIM}",
    f"x\nATTENDEE:mailto:{_VICTIM}\nATTACH:http://evil.example/x",
    f"=?utf-8?q?x=0D=0ABcc:_{_VICTIM}?=",
    "=?utf-8?b?eApCY2M6IHZAZXZpbC5leGFtcGxl?=",
    "<img src=http://evil.example/x.png>",
    "x&To=%2B19005550123&MediaUrl=http://evil.example/x",
    __file__,
    str(Path(__file__).parent),
    "x" * 3_000,
)
_NAMES = (*_INJECTED, *HARMFUL.values(), *AWKWARD.values())
_CLINICS = (*_INJECTED, *[*HARMFUL.values(), *AWKWARD.values()][::10])
_ADDRESSES = (
    "{}\r\nBcc: " + _VICTIM,
    "{}\nRCPT TO:<" + _VICTIM + ">",
    "{}>\r\nRCPT TO:<" + _VICTIM,
    "{}\x0bBcc:" + _VICTIM,
    "{}\x85Bcc:" + _VICTIM,
    "{}\u2028Bcc:" + _VICTIM,
    "{}, " + _VICTIM,
    "{}," + _VICTIM,
    "{};" + _VICTIM,
    "{} " + _VICTIM,
    _VICTIM + " <{}>",
    "<{}>,<" + _VICTIM + ">",
    '"' + _VICTIM + '" {}',
    "x:{}," + _VICTIM + ";",
    "({}) " + _VICTIM,
    "{}%0d%0aBcc:" + _VICTIM,
    "{}，v＠evil.example",
    "{}＞，＜v＠evil.example",
    "{}\u200b@evil.example",
    "{}@evil.example",
    "{}\0",
    "{}\x1b[2J",
    "{}\u202e",
    "@evil.example:{}",
    "v@[127.0.0.1]",
    "=?utf-8?q?v=40evil.example?={}",
    "=?utf-8?q?x=0D=0ABcc=3Av=40evil.example?=@example.org",
    "{0}" * 20,
)
_FINE = (
    "p{}@example.org",
    "o'neil+{}@example.org",
    "p{}@bücher.example",
)
_NUMBERS = (
    "{}\r\nTo: +19005550123",
    "{}&To=%2B19005550123",
    "{}%0d%0aTo:+19005550123",
    "{};+19005550123",
    "{},+19005550123",
    "whatsapp:{}",
    "{}x22",
    "{}\u0661",
    "{}\0",
    " {}",
)
_HEADERS = [
    *("Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "List-Unsubscribe"),
    *("MIME-Version", "Message-ID", "Subject", "To"),
]
_IN_AN_EVENT = {
    *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "STATUS"),
    *("ORGANIZER", "ATTENDEE"),
}
_ENDED = {NoticeStatus.SENT, NoticeStatus.FAILED, NoticeStatus.WITHDRAWN}


def dear_numbers() -> list[str]:
    """Numbers that cost, of satellites, and of mobiles anywhere but in Germany."""
    types = phonenumbers.PhoneNumberType
    found = ["+499001234567", "+88213300655", "+881631234567", "+19005550123", "+18005550123", ""]
    kinds = cycle((types.PREMIUM_RATE, types.SHARED_COST, types.MOBILE, types.VOIP))
    for region in sorted(phonenumbers.SUPPORTED_REGIONS - {"DE"}):
        number = phonenumbers.example_number_for_type(region, next(kinds))
        if number is not None:
            found.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return found


def good_number(number: int) -> str:
    """Somebody's mobile in Germany."""
    return f"+49151234{number:05}"


def addresses() -> list[str]:
    """Of each patient: every other one is theirs, all others are bad."""
    bad, fine = cycle(_ADDRESSES), cycle(_FINE)
    return [
        next(fine).format(n) if n % 2 else next(bad).format(f"p{n}@example.org")
        for n in range(_MANY)
    ]


def numbers() -> list[str]:
    """Of each patient: every other one is theirs, all others are bad."""
    bad = cycle([*_NUMBERS, *dear_numbers()])
    return [good_number(n) if n % 2 else next(bad).format(good_number(n)) for n in range(_MANY)]


def fill_hostile(session: Session, clinic: SmallClinic) -> None:
    """So many patients, each with one e-mail and one SMS that is due."""
    fill(session, clinic, _MANY)
    give_numbers(session, numbers())
    query = select(OUTBOX, APPOINTMENTS.c.patient_id).join(
        APPOINTMENTS, APPOINTMENTS.c.id == OUTBOX.c.appointment_id
    )
    kinds = cycle((NoticeKind.CONFIRMATION, NoticeKind.CHANGED, NoticeKind.REMINDER))
    told = list(session.execute(query.order_by(OUTBOX.c.id)))
    named = list(zip(told, kinds, cycle(_NAMES), addresses(), strict=False))
    session.execute(
        update(OUTBOX).where(OUTBOX.c.id == bindparam("of")).values(kind=bindparam("new")),
        [{"of": row.id, "new": kind} for row, kind, *_ in named],
    )
    changed: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("email", "family_name", "language")
    }
    session.execute(
        update(_PATIENTS).where(_PATIENTS.c.id == bindparam("of")).values(changed),
        [
            {"of": row.patient_id, "new_email": email, "new_family_name": n, "new_language": n}
            for row, _, n, email in named
        ],
    )
    for row, kind, *_ in named:
        add_notice(session, row.appointment_id, row.starts_at, kind=kind, channel=Channel.SMS)
    own = {"kind": NoticeKind.CHANGED, "channel": Channel.EMAIL, "language": "en"}
    worded = {"subject": "{clinic}: {date}", "body": "{clinic}\n{place}\n{phone}\n{time}"}
    session.execute(insert(table(Template)).values(own | worded))


def call_the_clinic(session: Session, name: str) -> None:
    """Give the clinic that name, address and phone."""
    session.execute(update(table(Clinic)).values(name=name, address=name, phone=name))


def check_mail(to: Sequence[str], message: EmailMessage) -> None:
    """It has one recipient, the headers that ours have, a text, and one invitation at most."""
    (address,) = to
    assert "evil" not in address
    assert sorted({*message.keys()} - {"Content-Transfer-Encoding"}) == _HEADERS
    assert len({*message.keys()}) == len(message.keys())
    assert message.defects == []
    assert [one.addr_spec for one in message["To"].addresses] == [address]
    assert [one.addr_spec for one in message["From"].addresses] == [SENDER]
    if not message.is_multipart():
        assert message.get_content_type() == "text/plain"
        return
    body, invitation = message.iter_parts()
    assert body.get_content_type() == "text/plain"
    assert body.get_filename() is None
    assert invitation.get_content_type() == "text/calendar"
    assert invitation.get_filename() == "appointment.ics"
    (event,) = Calendar.from_ical(invitation.get_content()).walk("VEVENT")
    assert event.keys() <= _IN_AN_EVENT
    assert event["ATTENDEE"] == f"mailto:{address}"


def check_text(form: dict[str, list[str]], mine: set[str]) -> None:
    """It goes to one number that may be texted, and holds a text and nothing else."""
    assert {name: len(values) for name, values in form.items()} == {"To": 1, "From": 1, "Body": 1}
    assert form["From"] == [NUMBER]
    assert form["To"][0] in mine


@pytest.mark.parametrize("kind", ["sqlite"])
def test_500_hostile_names_addresses_and_numbers(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill_hostile, clinic)
    handler = Handler()
    with (
        mail_server(handler) as mail,
        sms_server() as server,
        texting(server.url, countries=("DE",)) as sms,
    ):
        tally = Tally()
        for name in _CLINICS:
            database.transact(call_the_clinic, name)
            tally += run_once(database, [Email(mail), sms], "a", lambda: NOW, limit=_AT_ONCE)
    for to, message in handler.taken:
        check_mail(to, message)
    for form in server.forms:
        check_text(form, {good_number(n) for n in range(1, _MANY, 2)})
    assert handler.senders == len(handler.taken)
    assert tally.sent == len(handler.taken) + len(server.taken()) > _MANY * 3 // 4
    assert {row.status for row in database.read(rows)} == _ENDED
