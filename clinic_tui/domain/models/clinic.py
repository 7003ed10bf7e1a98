"""The clinic: its settings, visit types, rooms, and when its doctors work."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Clinic(Base):
    """The clinic's settings: one row."""

    __tablename__ = "clinic"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str]
    zone: Mapped[str]
    """IANA name of the zone the clinic's clock shows."""
    region: Mapped[str]
    """ISO 3166 code, upper case: how phone numbers without + are read."""
    holiday_country: Mapped[str | None]
    holiday_subdivision: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    grid_minutes: Mapped[int] = mapped_column(default=10)
    """Openings start on multiples of this many minutes of the hour."""
    grace_seconds: Mapped[int] = mapped_column(default=180)
    """How long a notice waits, so that an undone slip is never sent."""
    reminder_hours: Mapped[int] = mapped_column(default=24)
    clock_hours: Mapped[int] = mapped_column(default=24, server_default=text("24"))
    first_weekday: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """The day on which a week is shown to begin, 0 = Monday."""
    date_order: Mapped[str | None]
    """dmy, mdy or ymd; None: read as the region writes dates."""
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    """Between these wall minutes, also across midnight, nobody is written to."""
    agenda_minute: Mapped[int | None]
    """When doctors get their day by e-mail (wall minute); None: they do not."""
    sms_countries: Mapped[str] = mapped_column(default="", server_default="")
    """ISO 3166 codes, parted by spaces, to which SMS may go; empty: the clinic's own region."""
    daily_cap: Mapped[int] = mapped_column(default=2000, server_default=text("2000"))
    patient_cap: Mapped[int] = mapped_column(default=10, server_default=text("10"))
    """Messages a day at most: of the whole clinic, and to one patient."""
    actor_cap: Mapped[int] = mapped_column(default=300, server_default=text("300"))
    """Messages an hour at most that one account's acts lead to."""

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("grid_minutes IN (5, 10, 15, 20, 30, 60)", name="grid"),
        CheckConstraint("grace_seconds BETWEEN 0 AND 3600", name="grace"),
        CheckConstraint("reminder_hours BETWEEN 1 AND 336", name="reminder"),
    )


class VisitType(Base):
    """New patient, follow-up, vaccination …: how long, with which buffers, by whom."""

    __tablename__ = "visit_types"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str]
    minutes: Mapped[int]
    buffer_before: Mapped[int] = mapped_column(default=0)
    buffer_after: Mapped[int] = mapped_column(default=0)
    colour: Mapped[str] = mapped_column(default="blue")
    active: Mapped[bool] = mapped_column(default=True)
    notice_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """A visit is booked at least this long before it starts."""
    horizon_days: Mapped[int | None]
    """A visit is booked at most this many days ahead."""

    __table_args__ = (
        CheckConstraint("minutes BETWEEN 5 AND 720", name="minutes"),
        CheckConstraint(
            "buffer_before BETWEEN 0 AND 120 AND buffer_after BETWEEN 0 AND 120", name="buffers"
        ),
    )


class VisitTypeSpecialty(Base):
    """Only doctors of these specialties do this visit type; none listed means every doctor."""

    __tablename__ = "visit_type_specialties"

    visit_type_id: Mapped[int] = mapped_column(ForeignKey("visit_types.id"), primary_key=True)
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), primary_key=True)


class Room(Base):
    """Where a visit happens."""

    __tablename__ = "rooms"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class WeeklyHours(Base):
    """A doctor works from ``starts`` to ``ends`` (wall minutes) on a weekday, 0 = Monday.

    ``valid_from`` and ``valid_until`` are inclusive dates. ``every_weeks`` counts from the week
    (Monday first, RFC 5545) of ``valid_from``.
    """

    __tablename__ = "weekly_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    every_weeks: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="order"),
        CheckConstraint("valid_from <= valid_until", name="validity"),
        CheckConstraint(
            "every_weeks BETWEEN 1 AND 52 AND (every_weeks = 1 OR valid_from IS NOT NULL)",
            name="every_weeks",
        ),
        Index(None, "doctor_id"),
    )


class ReservedHours(Base):
    """Part of a doctor's weekly hours kept for a visit type (wall minutes, 0 = Monday).

    Several rows over the same time keep it for several types. It opens to all at
    ``release_minute`` of that day's clock or ``release_hours`` before it begins; with neither
    it never does. ``valid_from`` and ``valid_until`` are inclusive dates.
    """

    __tablename__ = "reserved_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    visit_type_id: Mapped[int] = mapped_column(ForeignKey("visit_types.id"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    release_minute: Mapped[int | None]
    release_hours: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="order"),
        CheckConstraint("valid_from <= valid_until", name="validity"),
        CheckConstraint(
            "release_minute IS NULL OR"
            " (release_minute BETWEEN 0 AND 1440 AND release_hours IS NULL)",
            name="release",
        ),
        CheckConstraint("release_hours BETWEEN 1 AND 8760", name="release_hours"),
        Index(None, "doctor_id"),
    )


class ExtraHours(Base):
    """A doctor works on one date besides the weekly hours, holiday or not."""

    __tablename__ = "extra_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    day: Mapped[date]
    starts: Mapped[int]
    ends: Mapped[int]
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="order"),
        Index(None, "doctor_id", "day"),
    )


class TimeOff(Base):
    """A doctor is away, whatever the hours say."""

    __tablename__ = "time_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index(None, "doctor_id", "ends_at"),
    )


class Closure(Base):
    """Days on which the whole clinic is closed, on top of the region's public holidays."""

    __tablename__ = "closures"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    name: Mapped[str]

    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="order"),
        Index(None, "last_day"),
    )
