"""What the tests of the waitlist start from: wishes, offers, and the rows that come of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus, Status
from clinic_tui.domain.messages.replies import Received, take_reply
from clinic_tui.domain.models import Offer, WaitlistEntry, table
from clinic_tui.domain.waitlist.offering import OfferedOpening, OfferRequest, offer_opening
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, OUTBOX, add_visit, at

WAITLIST, OFFERS = table(WaitlistEntry), table(Offer)


def wish(clinic: SmallClinic, **given: Any) -> Wish:
    """Sam's for a follow-up with anybody, unless something else is given."""
    wanted: dict[str, Any] = {"patient_id": clinic.sam, "visit_type_id": clinic.follow_up}
    return Wish(**(wanted | given))


def wait(clinic: SmallClinic, database: Database, **given: Any) -> int:
    """Put that wish on the list."""
    return database.transact(add_to_waitlist, clinic.receptionist, wish(clinic, **given), NOW)


def offer(clinic: SmallClinic, database: Database, entry_id: int, **given: Any) -> OfferedOpening:
    """Offer Lee at 10:00 on Monday, unless something else is given."""
    wanted: dict[str, Any] = {"doctor_id": clinic.lee, "starts_at": at("10:00")}
    request = OfferRequest(entry_id, **(wanted | given))
    return database.transact(offer_opening, clinic.receptionist, request, NOW)


def entry(session: Session, entry_id: int) -> Any:
    """The row of a place on the list."""
    return session.execute(select(WAITLIST).where(WAITLIST.c.id == entry_id)).one()


def offer_row(session: Session, offer_id: int) -> Any:
    """The row of an offer."""
    return session.execute(select(OFFERS).where(OFFERS.c.id == offer_id)).one()


def holds(session: Session) -> list[Any]:
    """Every hold."""
    return list(session.execute(select(APPOINTMENTS).where(APPOINTMENTS.c.status == Status.HELD)))


def told_of(session: Session, offer_id: int) -> list[str]:
    """The messages about an offer, as "channel status"."""
    rows = session.execute(select(OUTBOX).where(OUTBOX.c.offer_id == offer_id))
    return sorted(f"{row.channel} {row.status}" for row in rows)


def texted(database: Database) -> None:
    """Whatever is offered has been told by a text."""
    sms = (OUTBOX.c.kind == NoticeKind.OFFER) & (OUTBOX.c.channel == Channel.SMS)
    values = {"status": NoticeStatus.SENT, "sent_at": NOW - timedelta(minutes=1)}
    database.transact(lambda session: session.execute(update(OUTBOX).where(sms).values(values)))


def moved_by_text(clinic: SmallClinic, database: Database) -> int:
    """Maria says yes by a text to tomorrow at ten: her visit of Wednesday at three moves there."""
    planned = database.transact(add_visit, clinic, at("15:00", 2), patient_id=clinic.maria)
    earlier = wait(clinic, database, patient_id=None, visit_type_id=None, appointment_id=planned)
    offer(clinic, database, earlier, starts_at=at("10:00", 1), expires_at=at("10:00"))
    texted(database)
    database.transact(take_reply, Received("SM1", "+4915123456789", "Yes", NOW), NOW)
    return planned
