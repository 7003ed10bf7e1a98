"""Appointments and holds."""

from datetime import datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from ..codes import CancelledBy, Status
from ..visits import guards
from .base import Base, PersonalNote, choice


class Appointment(Base):
    """A patient, a doctor, a start and an end, a visit type, maybe a room.

    ``blocked_from`` to ``blocked_until`` is the doctor's time with the buffers it was booked
    with. ``sequence`` counts the changes of time, doctor or room (RFC 5545 SEQUENCE).
    A hold is an appointment too (status ``held``), so that the same guards know of it.
    """

    __tablename__ = "appointments"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    visit_type_id: Mapped[int] = mapped_column(ForeignKey("visit_types.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    blocked_from: Mapped[datetime]
    blocked_until: Mapped[datetime]
    status: Mapped[Status] = mapped_column(choice(Status, "status"))
    overbooked: Mapped[bool] = mapped_column(default=False)
    overbook_reason: Mapped[str] = mapped_column(PersonalNote, default="", server_default="")
    sequence: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(PersonalNote, default="")
    """Why the patient comes, as told at the desk: never leaves the clinic in a message."""
    arrived_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the patient said “yes, I'll come”; beside the status, not a status."""
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(choice(CancelledBy, "cancelled_by"))
    cancel_reason: Mapped[str] = mapped_column(PersonalNote, default="")
    outside_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    """When a hold runs out by itself: from then on it stands in nobody's way."""
    held_by: Mapped[int | None]
    """The account that holds it."""
    held_desk: Mapped[str | None]
    """The terminal that holds it, as it calls itself: an account may sit at several."""

    __table_args__ = (
        CheckConstraint("status = 'held' OR patient_id IS NOT NULL", name="patient"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("blocked_from <= starts_at AND ends_at <= blocked_until", name="buffers"),
        *guards.length_checks(),
        # All that a day of the calendar shows of a visit itself. Visits of a day were booked at
        # any time within months, so that the rows lie apart, each in a page of its own.
        Index(
            "ix_appointments_day",
            *("starts_at", "id", "ends_at", "status", "held_until", "doctor_id", "patient_id"),
            *("visit_type_id", "room_id", "blocked_from", "blocked_until", "overbooked"),
            "confirmed_at",
        ),
        # All that a search for openings asks of a visit, so that it reads this index alone.
        Index(
            "ix_appointments_busy",
            *("doctor_id", "blocked_from", "blocked_until", "status", "held_until"),
        ),
        Index(None, "patient_id", "starts_at"),
        Index(None, "room_id", "starts_at"),
    )


guards.attach_guards(Appointment.__table__)
event.listen(
    Appointment.__table__,
    "after_create",
    DDL("CREATE INDEX ix_appointments_held ON appointments (held_until) WHERE status = 'held'"),  # type: ignore[no-untyped-call]
)
