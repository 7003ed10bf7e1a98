"""What the tests of the waitlist start from: wishes, offers, and the rows that come of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.models import Offer, WaitlistEntry, table
from clinic_tui.domain.waitlist.offering import OfferedOpening, OfferRequest, offer_opening
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, OUTBOX, at

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
