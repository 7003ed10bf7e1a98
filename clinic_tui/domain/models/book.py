"""Appointments and what must be said about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    Index,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from .. import guards
from ..codes import CancelledBy, Channel, NoticeKind, NoticeStatus, Status
from .base import Base, choice


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
    overbook_reason: Mapped[str] = mapped_column(default="", server_default="")
    sequence: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    """Why the patient comes, as told at the desk: never leaves the clinic in a message."""
    arrived_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the patient said “yes, I'll come”; beside the status, not a status."""
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(choice(CancelledBy, "cancelled_by"))
    cancel_reason: Mapped[str] = mapped_column(default="")
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
        Index(None, "starts_at"),
        Index(None, "doctor_id", "blocked_from"),
        Index(None, "patient_id", "starts_at"),
        Index(None, "room_id", "starts_at"),
    )


guards.attach_guards(Appointment.__table__)
event.listen(
    Appointment.__table__,
    "after_create",
    DDL("CREATE INDEX ix_appointments_held ON appointments (held_until) WHERE status = 'held'"),  # type: ignore[no-untyped-call]
)


class Notice(Base):
    """Something that must be said to somebody: written with the booking, delivered later.

    One per appointment, change, kind, channel and recipient: ``sequence`` and not the start makes
    it unique, because a visit that is moved away and back starts at the same time twice and its
    patient must hear of both.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))
    sequence: Mapped[int]
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind, "kind"))
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    doctor_id: Mapped[int | None] = mapped_column(ForeignKey("doctors.id"))
    """The doctor who is told; without one it is the patient."""
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[NoticeStatus] = mapped_column(
        choice(NoticeStatus, "status"), default=NoticeStatus.QUEUED
    )
    message_id: Mapped[str] = mapped_column(unique=True)
    """The RFC 5322 Message-ID it will always be sent with, so that a repeat can be recognised."""
    created_at: Mapped[datetime]


for _statement in (
    # Two, because a NULL equals no other NULL in a unique constraint.
    "CREATE UNIQUE INDEX uq_outbox_patient ON outbox"
    " (appointment_id, sequence, kind, channel) WHERE doctor_id IS NULL",
    "CREATE UNIQUE INDEX uq_outbox_doctor ON outbox"
    " (appointment_id, sequence, kind, channel, doctor_id) WHERE doctor_id IS NOT NULL",
    "CREATE INDEX ix_outbox_open ON outbox (due_at) WHERE status IN ('queued', 'sending')",
):
    # Written out: as an Index with a condition it would import PostgreSQL's dialect for everybody.
    event.listen(Notice.__table__, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]
