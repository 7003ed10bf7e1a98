"""Doctors and patients."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from ..codes import Channel, Sex
from .base import KEY, Base, PersonalDate, PersonalKey, PersonalNote, PersonalText, choice


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
    shown_name: Mapped[str] = mapped_column(default="", server_default="")
    """How the desk calls them: see ``doctor_names``, which alone writes it."""
    active: Mapped[bool] = mapped_column(default=True)
    wants_agenda: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether they are told of their day by e-mail, where the clinic does that."""
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
    record_number: Mapped[str] = mapped_column(PersonalKey, unique=True)
    family_name: Mapped[str] = mapped_column(PersonalText)
    given_name: Mapped[str] = mapped_column(PersonalText)
    birth_date: Mapped[date | None] = mapped_column(PersonalDate)
    sex: Mapped[Sex] = mapped_column(choice(Sex, "sex"), default=Sex.UNKNOWN)
    email: Mapped[str] = mapped_column(PersonalText, default="")
    address: Mapped[str] = mapped_column(PersonalNote, default="")
    language: Mapped[str] = mapped_column(default="")
    prefers: Mapped[Channel | None] = mapped_column(choice(Channel, "prefers"))
    email_consent_at: Mapped[datetime | None]
    sms_consent_at: Mapped[datetime | None]
    alert: Mapped[str] = mapped_column(PersonalNote, default="")
    outside_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    merged_into: Mapped[int | None]
    """The patient who this one turned out to be: kept only so that the merge can be reversed."""

    __table_args__ = (Index(None, "birth_date"),)


class PatientMerge(Base):
    """Two records that were one person's: what moved from one to the other, and what was filled.

    ``moved`` holds the numbers of the rows that followed, by table; ``filled`` what the kept
    record had before, and ``left`` what it had after. Whoever reverses it needs all three.
    """

    __tablename__ = "patient_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    merged_at: Mapped[datetime]
    moved: Mapped[dict[str, Any]]
    filled: Mapped[dict[str, Any]]
    left: Mapped[dict[str, Any]]
    reversed_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "merged_id"), Index(None, "kept_id"))


class PatientWord(Base):
    """One word of a patient's name, comparable, so that any of several is found by its start.

    ``name_key`` is the whole name, family name first: it orders equals and narrows a search
    for several words without leaving the index.
    """

    __tablename__ = "patient_words"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    word: Mapped[str] = mapped_column(KEY, primary_key=True)
    name_key: Mapped[str] = mapped_column(KEY)

    __table_args__ = (Index(None, "word", "name_key", "patient_id"),)


class PatientPhone(Base):
    """A number of a patient in E.164, reversed too: callers give the last digits."""

    __tablename__ = "patient_phones"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(PersonalText)
    reversed_digits: Mapped[str] = mapped_column(KEY)

    __table_args__ = (Index(None, "reversed_digits"),)
