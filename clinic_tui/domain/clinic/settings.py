"""The clinic's own settings: its name, zone, region, holidays and small rules. One row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..audit import record
from ..errors import AlreadyExists, BadInput, NotFound
from ..models import Clinic, table
from ..text import clean_text
from ..times.walltime import zone
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack
from .clinic_days import public_holidays
from .writing import DateOrder, Writing, write_as

_CLINIC = table(Clinic)
_GRIDS = (5, 10, 15, 20, 30, 60)


@dataclass(frozen=True, slots=True)
class ClinicSettings:
    """What a clinic is called, where its clock stands, and its small rules.

    ``region`` (ISO 3166) says how phone numbers without + are read; openings start on multiples
    of ``grid_minutes`` of the hour; notices wait ``grace_seconds``; a reminder leaves
    ``reminder_hours`` before the visit. Clocks show ``clock_hours``, weeks begin on
    ``first_weekday`` (0 = Monday), ``date_order`` is a ``DateOrder``.
    """

    name: str
    zone: str
    region: str
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    language: str = "en"
    phone: str = ""
    address: str = ""
    grid_minutes: int = 10
    grace_seconds: int = 180
    reminder_hours: int = 24
    clock_hours: int = 24
    first_weekday: int = 0
    date_order: str | None = None

    @property
    def writing(self) -> Writing:
        """How the clinic writes clocks and dates."""
        order = DateOrder(self.date_order) if self.date_order is not None else None
        return Writing(self.clock_hours, self.first_weekday, order)


_SETTINGS = select(*(_CLINIC.c[name] for name in ClinicSettings.__dataclass_fields__))
"""Asked for by every operation: put together once."""


def clinic_settings(session: Session, actor: Actor) -> ClinicSettings:
    """The settings; every role may read them."""
    require_some(actor, Permission.SEE_OPENINGS)
    return load_settings(session)


def load_settings(session: Session) -> ClinicSettings:
    """The settings, for other operations; refused where ``clinic init`` never ran.

    What is written from then on is written as they say.
    """
    row = session.execute(_SETTINGS).one_or_none()
    if row is None:
        raise NotFound("This clinic has no settings yet: “clinic init” makes them.")
    settings = ClinicSettings(**row._mapping)
    write_as(settings.writing)
    return settings


def found_clinic(session: Session, settings: ClinicSettings) -> None:
    """Write the first settings; refused when there are some (“clinic init” founds once)."""
    if session.scalar(select(_CLINIC.c.id)) is not None:
        raise AlreadyExists("This database already holds a clinic.")
    session.execute(insert(_CLINIC).values(id=1, **asdict(check_settings(settings))))


def change_settings(
    session: Session, actor: Actor, settings: ClinicSettings, now: datetime
) -> ClinicSettings:
    """Replace the settings; refused with ``BadInput`` naming the first field that is wrong."""
    require(actor, Permission.MANAGE_CLINIC)
    checked = check_settings(settings)
    found = found_rows(session, _CLINIC, id=1)
    session.execute(update(_CLINIC).values(**asdict(checked)))
    way_back = WayBack(rows=(left_rows(session, _CLINIC, found),))
    record(session, actor, "change_settings", now, way_back=way_back)
    return checked


def check_settings(settings: ClinicSettings) -> ClinicSettings:
    """The settings as they will be stored; ``BadInput`` naming the first field that is wrong."""
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415 - only where settings change

    zone(settings.zone)
    region = settings.region.strip().upper()
    if region not in SUPPORTED_REGIONS:
        raise BadInput("Region", f"Region: “{region}” is no country code; one looks like US.")
    country = settings.holiday_country.strip().upper() if settings.holiday_country else None
    subdivision = settings.holiday_subdivision.strip() if settings.holiday_subdivision else None
    _check_holidays(country, subdivision)
    _check_numbers(settings)
    return ClinicSettings(
        name=clean_text(settings.name, "Clinic name", required=True, max_length=80),
        zone=settings.zone,
        region=region,
        holiday_country=country,
        holiday_subdivision=subdivision or None,
        language=clean_text(settings.language, "Language", required=True, max_length=12),
        phone=clean_text(settings.phone, "Phone", max_length=40),
        address=clean_text(settings.address, "Address"),
        grid_minutes=settings.grid_minutes,
        grace_seconds=settings.grace_seconds,
        reminder_hours=settings.reminder_hours,
        clock_hours=settings.clock_hours,
        first_weekday=settings.first_weekday,
        date_order=settings.date_order,
    )


def _check_holidays(country: str | None, subdivision: str | None) -> None:
    if subdivision and not country:
        raise BadInput("Holidays", "Holidays of a part of a country need the country: DE and BE.")
    if country:
        try:
            public_holidays(country, subdivision or None, 2026)
        except NotImplementedError as error:
            raise BadInput(
                "Holidays", f"No holidays are known for “{country} {subdivision or ''}”."
            ) from error


def _check_numbers(settings: ClinicSettings) -> None:
    if settings.grid_minutes not in _GRIDS:
        raise BadInput("Grid", "Openings may start every 5, 10, 15, 20, 30 or 60 minutes.")
    if not 0 <= settings.grace_seconds <= 3600:
        raise BadInput("Grace", "Notices may wait 0 to 3600 seconds.")
    if not 1 <= settings.reminder_hours <= 336:
        raise BadInput("Reminder", "A reminder leaves 1 to 336 hours before the visit.")
    if settings.clock_hours not in (12, 24):
        raise BadInput("Clock", "A clock has 12 or 24 hours.")
    if settings.first_weekday not in range(7):
        raise BadInput("Week", "A week begins on a day from 0, Monday, to 6, Sunday.")
    if settings.date_order is not None and settings.date_order not in set(DateOrder):
        raise BadInput("Dates", "Dates are written dmy, mdy or ymd.")
