"""Accounts, sign-ins and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, event
from sqlalchemy.orm import Mapped, mapped_column

from ..visits import guards
from .base import Base


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
    email: Mapped[str] = mapped_column(default="", server_default="")
    """Where a code for a new password goes; set by admins alone, whoever else edits addresses."""
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


class ResetCode(Base):
    """A code by which an account gets a new password, once; stored only as a hash."""

    __tablename__ = "reset_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
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


class UndoStep(Base):
    """What leads back from one operation of an account, until it is taken or forgotten.

    Beside the audit trail and not in it: the way back may hold what was typed, and is thrown
    away once nobody will go it any more.
    """

    __tablename__ = "undo_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    operation: Mapped[str]
    way_back: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "account_id", "id"), Index(None, "at"))


class Carried(Base):
    """A visit on somebody's carry tray: it stays booked until it is put down elsewhere.

    It is tied to the account and not to the terminal, so that it survives a sign-out; nobody
    else can lift the same visit meanwhile. ``sequence`` is the visit's as it was lifted.
    """

    __tablename__ = "tray"

    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    sequence: Mapped[int]
    lifted_at: Mapped[datetime]

    __table_args__ = (Index(None, "account_id", "lifted_at"),)


for _statement in guards.audit_is_append_only():
    event.listen(AuditEntry.__table__, "after_create", _statement)
