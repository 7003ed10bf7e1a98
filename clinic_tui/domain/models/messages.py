"""What must be said to somebody, how it is worded, and what they reply."""

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event, text
from sqlalchemy.orm import Mapped, mapped_column

from ..codes import Channel, NoticeKind, NoticeStatus, ReplyMeaning, ReplyStatus
from .base import Base, PersonalNote, PersonalText, choice


class Notice(Base):
    """Something that must be said to somebody: written with the booking, delivered later.

    One per appointment, change, kind, channel, recipient and lead: ``sequence`` and not the start
    makes it unique, because a visit that is moved away and back starts at the same time twice and
    its patient must hear of both. What is about no appointment is about an offer, a doctor's day
    (``about_day``) or an account.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    about_day: Mapped[date | None]
    sequence: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    lead_hours: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How long before the visit a reminder leaves; there may be several."""
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind, "kind"))
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    doctor_id: Mapped[int | None] = mapped_column(ForeignKey("doctors.id"))
    """The doctor who is told; without one it is the patient."""
    starts_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    """When it is to leave, or to be tried again."""
    status: Mapped[NoticeStatus] = mapped_column(
        choice(NoticeStatus, "status"), default=NoticeStatus.QUEUED
    )
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    claimed_by: Mapped[str | None]
    """Which sender has it, until ``lease_until``."""
    lease_until: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    """The provider's own number for it, by which it is looked up."""
    reason: Mapped[str] = mapped_column(default="", server_default="")
    """Why it failed or was withdrawn, as a sentence without patient data."""
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    """The RFC 5322 Message-ID it will always be sent with, so that a repeat can be recognised."""
    created_by: Mapped[int | None]
    """The account whose act queued it, for the caps."""
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "appointment_id IS NOT NULL OR offer_id IS NOT NULL OR account_id IS NOT NULL"
            " OR about_day IS NOT NULL",
            name="about",
        ),
        Index(None, "sent_at"),
    )


class VisitTypeReminder(Base):
    """A reminder of visits of this type, this many hours before; none here: the clinic's own."""

    __tablename__ = "visit_type_reminders"

    visit_type_id: Mapped[int] = mapped_column(ForeignKey("visit_types.id"), primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

    __table_args__ = (CheckConstraint("hours BETWEEN 1 AND 2160", name="hours"),)


class Template(Base):
    """The clinic's own wording of a message, in place of the one that came with the program."""

    __tablename__ = "templates"

    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind, "kind"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]


class Reply(Base):
    """A message that came back, taken once: ``sid`` is the provider's number for it."""

    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    number: Mapped[str] = mapped_column(PersonalText)
    body: Mapped[str] = mapped_column(PersonalNote)
    meaning: Mapped[ReplyMeaning] = mapped_column(choice(ReplyMeaning, "meaning"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    status: Mapped[ReplyStatus] = mapped_column(choice(ReplyStatus, "status"))
    received_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    done_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "status", "received_at"), Index(None, "patient_id"))


class ChannelState(Base):
    """How a channel fares, known to every sender: failures in a row, and until when it rests.

    ``read_until`` is up to when replies have been taken, ``agendas_on`` the day of which doctors
    were told last.
    """

    __tablename__ = "channels"

    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    read_until: Mapped[datetime | None]
    agendas_on: Mapped[date | None]


for _statement in (
    # By what they are about; the doctor as a number, because a NULL equals no other NULL.
    "CREATE UNIQUE INDEX uq_outbox_visit ON outbox"
    " (appointment_id, sequence, kind, channel, lead_hours, coalesce(doctor_id, 0))"
    " WHERE appointment_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_outbox_offer ON outbox (offer_id, channel) WHERE offer_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_outbox_day ON outbox (about_day, doctor_id, channel)"
    " WHERE about_day IS NOT NULL",
    "CREATE INDEX ix_outbox_account ON outbox (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_outbox_open ON outbox (due_at)"
    " WHERE status IN ('queued', 'sending', 'unknown')",
    "CREATE INDEX ix_outbox_failed ON outbox (id) WHERE status = 'failed'",
    "CREATE INDEX ix_outbox_failed_of ON outbox (starts_at) WHERE status = 'failed'",
):
    # Written out: as an Index with a condition it would import PostgreSQL's dialect for everybody.
    event.listen(Notice.__table__, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]
