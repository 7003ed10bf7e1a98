"""Which numbers are texted at all: those of mobiles, in the countries the clinic allows."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Clinic, table

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_OF_NO_COUNTRY = "001"
"""What phonenumbers calls the world: satellites, and numbers that cost the same everywhere."""
_CLINIC = table(Clinic)


def sms_countries(session: Session) -> frozenset[str]:
    """The ISO 3166 codes to which SMS may go: the clinic's list, else its own region."""
    row = session.execute(select(_CLINIC.c.sms_countries, _CLINIC.c.region)).one()
    return frozenset(row.sms_countries.upper().split() or [row.region])


def why_not_texted(number: str, countries: Collection[str]) -> str:
    """Why this number is not texted, as a sentence without the number; empty if it may be.

    Texts to premium-rate numbers and abroad are how a stranger makes a clinic pay, so that what
    is no mobile in one of ``countries`` (ISO 3166) is refused.
    """
    import phonenumbers  # noqa: PLC0415 - only where something is about to be texted

    if not _E164.fullmatch(number):
        return "The number is not written with its country, as in +15551234567."
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return "The number belongs to no country."
    types = phonenumbers.PhoneNumberType
    kind = phonenumbers.number_type(parsed)
    if kind in (types.PREMIUM_RATE, types.SHARED_COST):
        return "It is a premium-rate number, and these are never texted."
    region = phonenumbers.region_code_for_number(parsed)
    if region not in countries:
        allowed = ", ".join(sorted(countries)) or "nowhere"
        where = "no country" if region in (None, _OF_NO_COUNTRY) else region
        return f"It is a number in {where}; the clinic texts to {allowed} only."
    if kind not in (types.MOBILE, types.FIXED_LINE_OR_MOBILE):
        return "It is no mobile number, and a text would not arrive."
    return ""
