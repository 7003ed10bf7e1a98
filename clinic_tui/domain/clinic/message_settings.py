"""How much is said, when and where to: quiet hours, caps, and the countries that are texted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import record
from ..errors import BadInput
from ..models import Clinic, table
from ..times.walltime import MINUTES_PER_DAY
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack

_CLINIC = table(Clinic)
MAX_CAP = 1_000_000


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """Between ``quiet_from`` and ``quiet_until`` (wall minutes, also across midnight) only what is
    pressing leaves; None: at any time.

    At most ``daily_cap`` messages leave a day, ``patient_cap`` of them to one patient, and
    ``actor_cap`` an hour by the acts of one account. At ``agenda_minute`` (wall minute) doctors
    are told of their day, from noon on of the next one; None: they are not. Texts go to
    ``sms_countries`` (ISO 3166 codes with blanks between); none: the clinic's own alone.
    """

    quiet_from: int | None
    quiet_until: int | None
    daily_cap: int
    patient_cap: int
    actor_cap: int
    agenda_minute: int | None
    sms_countries: str = ""


_NAMES = tuple(MessageSettings.__dataclass_fields__)


def message_settings(session: Session, actor: Actor) -> MessageSettings:
    """As they are."""
    require(actor, Permission.MANAGE_CLINIC)
    row = session.execute(select(*(_CLINIC.c[name] for name in _NAMES))).one()
    return MessageSettings(*row)


def change_message_settings(
    session: Session, actor: Actor, settings: MessageSettings, now: datetime
) -> None:
    """Replace them. Refused with ``BadInput``: half of the quiet hours, a cap below one, or a
    country that has no telephone numbers.
    """
    require(actor, Permission.MANAGE_CLINIC)
    _check(settings)
    settings = replace(settings, sms_countries=_countries(settings.sms_countries))
    found = found_rows(session, _CLINIC, id=1)
    session.execute(update(_CLINIC).values(asdict(settings)))
    way_back = WayBack(rows=(left_rows(session, _CLINIC, found),))
    record(session, actor, "change_message_settings", now, way_back=way_back)


def _check(settings: MessageSettings) -> None:
    quiet = settings.quiet_from, settings.quiet_until
    if None in quiet and quiet != (None, None):
        raise BadInput("Quiet", "Quiet hours have a beginning and an end.")
    for minute, field in (*((one, "Quiet") for one in quiet), (settings.agenda_minute, "Agenda")):
        if minute is not None and not 0 <= minute < MINUTES_PER_DAY:
            raise BadInput(field, f"{field}: a time of day lies between 0:00 and 23:59.")
    if quiet[0] is not None and quiet[0] == quiet[1]:
        raise BadInput("Quiet", "Quiet hours end at another time than they begin.")
    for cap in (settings.daily_cap, settings.patient_cap, settings.actor_cap):
        if not 1 <= cap <= MAX_CAP:
            raise BadInput("Cap", f"A cap is a number from 1 to {MAX_CAP}.")


def _countries(text: str) -> str:
    """The codes in capitals, each once, in their order."""
    import phonenumbers  # noqa: PLC0415 - only where countries are named

    codes = dict.fromkeys(text.upper().replace(",", " ").split())
    if unknown := [code for code in codes if code not in phonenumbers.SUPPORTED_REGIONS]:
        raise BadInput(
            "Countries", f"Countries: “{unknown[0]}” is no country's code, as DE and US are."
        )
    return " ".join(codes)
