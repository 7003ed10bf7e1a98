"""Every table, and the names of all constraints.

The database has the last word on double-booking: see ``guards``, which this module attaches to
``appointments``. Instants are aware UTC; wall times (weekly hours) are minutes since midnight.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from . import guards
from .codes import CancelledBy, Channel, NoticeKind, NoticeStatus, Sex, Status

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive datetimes and gives aware UTC back on both databases.

    SQLite has no such type and its usual text loses the zone, so that the two 01:30s of an
    autumn night come back equal; there it is a whole number of microseconds since 1970.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """BIGINT on SQLite, TIMESTAMPTZ elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _EPOCH + timedelta(microseconds=value)
        stored: datetime = value
        return stored.astimezone(UTC)


def _choice(kind: type[StrEnum], name: str) -> Enum:
    """Text with a named check, so that both databases refuse an unknown code alike."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


_KEY = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte, so that an index serves “begins with” in every locale."""


class Base(DeclarativeBase):
    """The tables of one clinic."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy, never changed
        str: Text(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
    }


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

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("grid_minutes IN (5, 10, 15, 20, 30, 60)", name="grid"),
        CheckConstraint("grace_seconds BETWEEN 0 AND 3600", name="grace"),
        CheckConstraint("reminder_hours BETWEEN 1 AND 336", name="reminder"),
    )


class Specialty(Base):
    """What a doctor is a doctor of."""

    __tablename__ = "specialties"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)


class Doctor(Base):
    """Somebody who sees patients (FHIR Practitioner)."""

    __tablename__ = "doctors"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="Dr")
    given_name: Mapped[str]
    family_name: Mapped[str]
    name_key: Mapped[str]
    """Family and given name, comparable: see ``text.search_key``."""
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="")
    profile: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    outside_id: Mapped[str | None] = mapped_column(unique=True)
    """The identifier another system knows them by: importing twice adds nobody twice."""

    __table_args__ = (Index(None, "name_key"),)


class DoctorSpecialty(Base):
    """One specialty of one doctor."""

    __tablename__ = "doctor_specialties"

    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), primary_key=True)
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), primary_key=True)

    __table_args__ = (Index(None, "specialty_id"),)


class Patient(Base):
    """Somebody who is seen (FHIR Patient)."""

    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_number: Mapped[str] = mapped_column(unique=True)
    family_name: Mapped[str]
    given_name: Mapped[str]
    birth_date: Mapped[date | None]
    sex: Mapped[Sex] = mapped_column(_choice(Sex, "sex"), default=Sex.UNKNOWN)
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    prefers: Mapped[Channel | None] = mapped_column(_choice(Channel, "prefers"))
    email_consent_at: Mapped[datetime | None]
    sms_consent_at: Mapped[datetime | None]
    alert: Mapped[str] = mapped_column(default="")
    outside_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "birth_date"),)


class PatientWord(Base):
    """One word of a patient's name, comparable, so that any of several is found by its start.

    ``name_key`` is the whole name, family name first: it orders equals and narrows a search
    for several words without leaving the index.
    """

    __tablename__ = "patient_words"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    word: Mapped[str] = mapped_column(_KEY, primary_key=True)
    name_key: Mapped[str] = mapped_column(_KEY)

    __table_args__ = (Index(None, "word", "name_key", "patient_id"),)


class PatientPhone(Base):
    """A number of a patient in E.164, reversed too: callers give the last digits."""

    __tablename__ = "patient_phones"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    reversed_digits: Mapped[str] = mapped_column(_KEY)

    __table_args__ = (Index(None, "reversed_digits"),)


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


class Appointment(Base):
    """A patient, a doctor, a start and an end, a visit type, maybe a room.

    ``blocked_from`` to ``blocked_until`` is the doctor's time with the buffers it was booked
    with. ``sequence`` counts the changes of time, doctor or room (RFC 5545 SEQUENCE).
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
    status: Mapped[Status] = mapped_column(_choice(Status, "status"))
    overbooked: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    """Why the patient comes, as told at the desk: never leaves the clinic in a message."""
    arrived_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the patient said “yes, I'll come”; beside the status, not a status."""
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(_choice(CancelledBy, "cancelled_by"))
    cancel_reason: Mapped[str] = mapped_column(default="")
    outside_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("status = 'held' OR patient_id IS NOT NULL", name="patient"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("blocked_from <= starts_at AND ends_at <= blocked_until", name="buffers"),
        *guards.length_checks(),
        *guards.exclusions(),
        Index(None, "starts_at"),
        Index(None, "doctor_id", "blocked_from"),
        Index(None, "patient_id", "starts_at"),
        Index(None, "room_id", "starts_at"),
    )


guards.attach_triggers(Appointment.__table__)


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
    kind: Mapped[NoticeKind] = mapped_column(_choice(NoticeKind, "kind"))
    channel: Mapped[Channel] = mapped_column(_choice(Channel, "channel"))
    doctor_id: Mapped[int | None] = mapped_column(ForeignKey("doctors.id"))
    """The doctor who is told; without one it is the patient."""
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[NoticeStatus] = mapped_column(
        _choice(NoticeStatus, "status"), default=NoticeStatus.QUEUED
    )
    message_id: Mapped[str] = mapped_column(unique=True)
    """The RFC 5322 Message-ID it will always be sent with, so that a repeat can be recognised."""
    created_at: Mapped[datetime]

    __table_args__ = (
        # Two, because a NULL equals no other NULL in a unique constraint.
        Index(
            "uq_outbox_patient",
            *("appointment_id", "sequence", "kind", "channel"),
            unique=True,
            postgresql_where=text("doctor_id IS NULL"),
            sqlite_where=text("doctor_id IS NULL"),
        ),
        Index(
            "uq_outbox_doctor",
            *("appointment_id", "sequence", "kind", "channel", "doctor_id"),
            unique=True,
            postgresql_where=text("doctor_id IS NOT NULL"),
            sqlite_where=text("doctor_id IS NOT NULL"),
        ),
        Index(
            "ix_outbox_open",
            "due_at",
            postgresql_where=text("status IN ('queued', 'sending')"),
            sqlite_where=text("status IN ('queued', 'sending')"),
        ),
    )


class Account(Base):
    """Somebody who may sign in."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    doctor_id: Mapped[int | None] = mapped_column(ForeignKey("doctors.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    roles: Mapped[str]
    """Role codes parted by spaces, in alphabetical order."""
    grants: Mapped[str] = mapped_column(default="")
    """Names of the permissions granted beyond the roles, parted by spaces."""
    created_at: Mapped[datetime]


class SignIn(Base):
    """A signed-in terminal or command line; its secret is stored only as a hash."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "account_id"),)


class AuditEntry(Base):
    """Who did what to whom: written in the same transaction, never changed, no patient data.

    ``request_key`` is the caller's idempotency key. It lives here because the entry is written
    exactly once per operation, in its transaction: a repeated request finds it and gets the
    first answer again.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    operation: Mapped[str]
    request_key: Mapped[str | None] = mapped_column(unique=True)
    appointment_id: Mapped[int | None] = mapped_column(Integer)
    patient_id: Mapped[int | None] = mapped_column(Integer)
    doctor_id: Mapped[int | None] = mapped_column(Integer)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (Index(None, "appointment_id"), Index(None, "patient_id", "at"))


for _statement in guards.audit_is_append_only():
    event.listen(AuditEntry.__table__, "after_create", _statement)


def table(entity: type[Base]) -> Table:
    """The table of a model: the hot paths speak Core, which costs half of what the ORM does."""
    return cast("Table", entity.__table__)


class epoch_seconds(FunctionElement[int]):  # noqa: N801 - named like the SQL function it is
    """An instant as whole seconds since 1970, so that many rows can be swept as plain numbers."""

    inherit_cache = True
    type = BigInteger()


@compiles(epoch_seconds, "sqlite")
def _seconds_in_sqlite(element: epoch_seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} / 1000000)"


@compiles(epoch_seconds, "postgresql")
def _seconds_in_postgresql(element: epoch_seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **options)}) AS BIGINT)"
