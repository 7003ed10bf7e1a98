"""Phone numbers, e-mail addresses and languages: one spelling each, or a sentence why not."""

from __future__ import annotations

import re

from ..errors import BadInput
from ..text import clean_text

_DIALLED = re.compile(r"[+＋]?[\d\s()./\-\u2010-\u2015]*")
_NO_ADDRESS = re.compile(r'[\s<>()\[\]\\,;:"]|=\?')
"""Of an address: what parts it from others, and what a mail program would decode (RFC 2047)."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MAX_EMAIL = 254


def clean_phone(value: str, region: str, field: str = "Phone") -> str:
    """The number in E.164, read as dialled in ``region`` (ISO 3166) unless it begins with +.

    Refused with ``BadInput``: what is no valid number there, and a number with an extension,
    which no message could reach.
    """
    import phonenumbers  # noqa: PLC0415 - only where there are numbers to read or show

    text = clean_text(value, field, required=True, max_length=40)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise BadInput(field, f"{field}: “{text}” is no phone number.") from error
    if number.extension:
        raise BadInput(field, f"{field}: leave the extension out; a note can hold it.")
    if not _DIALLED.fullmatch(text):
        raise BadInput(field, f"{field}: “{text}” is more than a number; a note can hold the rest.")
    if not phonenumbers.is_valid_number(number):
        raise BadInput(field, f"{field}: “{text}” is no valid number in {region} or abroad.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(number: str, region: str) -> str:
    """An E.164 number as people of ``region`` write it: national there, international elsewhere.

    What came into the database by another way and is no number stays as it is.
    """
    import phonenumbers  # noqa: PLC0415

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    at_home = phonenumbers.region_code_for_number(parsed) == region
    styles = phonenumbers.PhoneNumberFormat
    style = styles.NATIONAL if at_home else styles.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def reversed_digits(number: str) -> str:
    """The digits of a number, last first, so that an index serves “ends with”."""
    return "".join(char for char in number if char.isdigit())[::-1]


def clean_email(value: str, field: str = "E-mail") -> str:
    """One address that a message can go to, without a name or a second one beside it; empty
    stays empty.
    """
    text = clean_text(value, field, max_length=_MAX_EMAIL)
    if text and not (_is_address(text) and _is_address(_as_sent(text))):
        raise BadInput(field, f"{field}: “{text}” is no address; one looks like ana@example.org.")
    return text


def sendable_email(value: str, field: str = "E-mail") -> str:
    """The address as a mail server is told of it: its domain as DNS knows it.

    Letters beyond ASCII before the @ stay; not every server takes these (RFC 6531).
    """
    return _as_sent(clean_email(value, field))


def _as_sent(address: str) -> str:
    """Empty for what can be no domain. To DNS a full-width comma is a comma."""
    name, at, domain = address.rpartition("@")
    try:
        return name + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _is_address(text: str) -> bool:
    name, at, domain = text.partition("@")
    labels = domain.split(".")
    return (
        at == "@"
        and "@" not in domain
        and not _NO_ADDRESS.search(text)
        and len(name) <= 64
        and all(name.split("."))
        and len(labels) > 1
        and all(label and label.strip("-") == label and "_" not in label for label in labels)
        and len(labels[-1]) > 1
        and not labels[-1].isdigit()
    )


def clean_language(value: str, field: str = "Language") -> str:
    """A language tag (RFC 5646) such as "es" or "pt-BR"; empty stays empty."""
    text = clean_text(value, field, max_length=24)
    if text and not _LANGUAGE.fullmatch(text):
        raise BadInput(field, f"{field}: “{text}” is no language code; one looks like es or pt-BR.")
    return text
