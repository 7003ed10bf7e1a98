"""Series of visits, the waitlist, and what is offered to whoever waits."""

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from ..codes import OfferStatus, Urgency, WaitlistStatus
from .base import Base, PersonalNote, choice


class Series(Base):
    """Visits that repeat by a rule: ``rule`` is an RFC 5545 RRULE without DTSTART.

    ``first_day`` and ``minute`` (wall clock) are its start; the visits keep that wall clock
    time over clock changes. What is booked with it are the rows of ``series_visits``.
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    rule: Mapped[str]
    first_day: Mapped[date]
    minute: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
        Index(None, "patient_id"),
    )


class SeriesVisit(Base):
    """One visit of a series: ``day`` is the date that the rule gave it, wherever it stands now."""

    __tablename__ = "series_visits"

    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    day: Mapped[date]

    __table_args__ = (Index(None, "series_id", "day"),)


class WaitlistEntry(Base):
    """Somebody who wants a visit, or (with ``appointment_id``) an earlier one than they have.

    ``weekdays`` is a sum of 1 for Monday, 2 for Tuesday … 64 for Sunday; ``from_minute`` and
    ``until_minute`` bound the visit on the wall clock. Its doctors are in ``waitlist_doctors``;
    none there and no ``specialty_id`` means anybody who does the visit type.
    """

    __tablename__ = "waitlist"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    visit_type_id: Mapped[int] = mapped_column(ForeignKey("visit_types.id"))
    specialty_id: Mapped[int | None] = mapped_column(ForeignKey("specialties.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    minutes: Mapped[int | None]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    weekdays: Mapped[int] = mapped_column(default=127)
    from_minute: Mapped[int] = mapped_column(default=0)
    until_minute: Mapped[int] = mapped_column(default=1440)
    urgency: Mapped[Urgency] = mapped_column(choice(Urgency, "urgency"), default=Urgency.ROUTINE)
    note: Mapped[str] = mapped_column(PersonalNote, default="")
    status: Mapped[WaitlistStatus] = mapped_column(
        choice(WaitlistStatus, "status"), default=WaitlistStatus.WAITING
    )
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="dates"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name="minutes_of_day",
        ),
        CheckConstraint("minutes BETWEEN 5 AND 720", name="minutes"),
        Index(None, "patient_id"),
        Index(None, "status", "visit_type_id"),
    )


class WaitlistDoctor(Base):
    """One of the doctors somebody waits for."""

    __tablename__ = "waitlist_doctors"

    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist.id"), primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), primary_key=True)


class Offer(Base):
    """An opening held for one who waits, until ``expires_at``; the hold keeps it from others.

    ``hold_id`` is the appointment that holds it; the row outlives the hold, so that nobody is
    offered the same opening twice.
    """

    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist.id"))
    hold_id: Mapped[int]
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[OfferStatus] = mapped_column(
        choice(OfferStatus, "status"), default=OfferStatus.OPEN
    )
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index(None, "entry_id"),
        Index(None, "status", "expires_at"),
    )


for _table, _statement in (
    (
        WaitlistEntry.__table__,
        "CREATE UNIQUE INDEX uq_waitlist_earlier ON waitlist (appointment_id)"
        " WHERE appointment_id IS NOT NULL AND status IN ('waiting', 'offered')",
    ),
    (
        Offer.__table__,
        "CREATE UNIQUE INDEX uq_offers_open ON offers (entry_id) WHERE status = 'open'",
    ),
):
    # Written out: as an Index with a condition it would import PostgreSQL's dialect for everybody.
    event.listen(_table, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]
