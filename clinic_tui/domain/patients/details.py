"""What is known of a patient: cleaned before it is stored, and read as it was stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..clinic.settings import load_settings
from ..codes import Channel, Sex
from ..errors import BadInput
from ..text import clean_identifier, clean_text, search_key
from ..times.dates import check_birth_date
from ..times.walltime import local_day
from .contact import clean_email, clean_language, clean_phone
from .phones import phones_of

MAX_PHONES = 5


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What is known of a patient, as typed or as stored: the same shape both ways.

    ``phones`` in any form that the clinic's region dials; stored in E.164, the first is the one
    that gets messages. ``record_number`` empty lets the clinic number the patient. ``alert`` is
    what the desk must see before it books, and only staff who may see it change it.
    """

    family_name: str
    given_name: str
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    phones: tuple[str, ...] = ()
    email: str = ""
    address: str = ""
    language: str = ""
    prefers: Channel | None = None
    email_consent: bool = False
    sms_consent: bool = False
    alert: str = ""
    record_number: str = ""
    outside_id: str | None = None


def clean_details(session: Session, details: PatientDetails, now: datetime) -> PatientDetails:
    """The details in the one spelling that is stored; ``BadInput`` naming the first wrong field.

    A name may be a single one: of family and given name, one is needed.
    """
    settings = load_settings(session)
    return tidy_details(details, settings.region, local_day(now, settings.zone))


def tidy_details(details: PatientDetails, region: str, today: date) -> PatientDetails:
    """``clean_details`` for whoever knows the region and the date already."""
    family = clean_text(details.family_name, "Family name", max_length=80)
    given = clean_text(details.given_name, "Given name", max_length=80)
    if not search_key(f"{family} {given}"):
        raise BadInput("Family name", "A patient needs a name.")
    if details.birth_date is not None:
        check_birth_date(details.birth_date, today)
    numbers = dict.fromkeys(clean_phone(phone, region) for phone in details.phones if phone)
    if len(numbers) > MAX_PHONES:
        raise BadInput("Phone", f"At most {MAX_PHONES} phone numbers are kept.")
    return replace(
        details,
        family_name=family,
        given_name=given,
        phones=tuple(numbers),
        email=clean_email(details.email),
        address=clean_text(details.address, "Address"),
        language=clean_language(details.language),
        alert=clean_text(details.alert, "Alert"),
        record_number=clean_text(details.record_number, "Record number", max_length=40),
        outside_id=clean_identifier(details.outside_id),
    )


def words_of(details: PatientDetails) -> tuple[str, list[str]]:
    """The comparable whole name, family name first, and its words, each once."""
    name_key = search_key(f"{details.family_name} {details.given_name}")
    return name_key, list(dict.fromkeys(name_key.split()))


def stored_details(session: Session, row: Row[Any]) -> PatientDetails:
    """The details in a patient's row, and their phones."""
    return PatientDetails(
        family_name=row.family_name,
        given_name=row.given_name,
        birth_date=row.birth_date,
        sex=row.sex,
        phones=tuple(phones_of(session, row.id)),
        email=row.email,
        address=row.address,
        language=row.language,
        prefers=row.prefers,
        email_consent=row.email_consent_at is not None,
        sms_consent=row.sms_consent_at is not None,
        alert=row.alert,
        record_number=row.record_number,
        outside_id=row.outside_id,
    )


def patient_columns(clean: PatientDetails) -> dict[str, Any]:
    """The columns that registering, changing and taking in from a file write alike."""
    return {
        "family_name": clean.family_name,
        "given_name": clean.given_name,
        "birth_date": clean.birth_date,
        "sex": clean.sex,
        "email": clean.email,
        "address": clean.address,
        "language": clean.language,
        "prefers": clean.prefers,
    }
