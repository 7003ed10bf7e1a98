"""Rows of a file as patients, doctors and appointments: our own columns and Synthea's.

Nothing is decided here about what may be stored; that is the domain's. Here is only how a cell
is read: dates, times, yes and no, one person's name in one cell or in two.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from ..domain.codes import Channel, Sex, Status
from ..domain.errors import BadInput
from ..domain.intake.intake import Incoming, PassedOver
from ..domain.intake.sheet import SheetRow
from ..domain.intake.visits import IncomingVisit
from ..domain.patients.details import PatientDetails
from ..domain.staff.doctors import COLOURS, DoctorDetails
from ..domain.text import clean_text
from ..domain.times.dates import clean_birth_date, parse_date
from ..domain.times.walltime import instant
from .columns import DOCTOR_COLUMNS, PATIENT_COLUMNS
from .tables import Cells, CsvFile, must_lack, need

Row = TypeVar("Row", PatientDetails, DoctorDetails, IncomingVisit, SheetRow)

_SEXES = {
    "": Sex.UNKNOWN, "f": Sex.FEMALE, "female": Sex.FEMALE, "m": Sex.MALE, "male": Sex.MALE,
    "o": Sex.OTHER, "other": Sex.OTHER, "d": Sex.OTHER, "x": Sex.OTHER,
    "u": Sex.UNKNOWN, "unknown": Sex.UNKNOWN,
}  # fmt: skip
_STATUSES = tuple(status for status in Status if status is not Status.HELD)
_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"", "no", "n", "false", "0"})
_SEVERAL = re.compile(r"\s*[;|]\s*")
_WALL = re.compile(r"(.+?)[ T]+(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?")
_FULL_YEAR = re.compile(r"\d{4}")
_ENDS_A_GIVEN_NAME = re.compile(r"\d$")


@dataclass(frozen=True, slots=True)
class Clock:
    """What it takes to read dates and times: the clinic's region and zone, and today's date."""

    region: str
    zone: str
    today: date


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """The rows of a file as what they are of; it may be gone through any number of times.

    ``seen`` is called with every row's line, so that a long intake can show how far it is.
    """

    file: CsvFile
    clock: Clock
    read: Callable[[Cells, Clock], Row | PassedOver]
    seen: Callable[[int], None] | None = None

    def __iter__(self) -> Iterator[Incoming[Row]]:
        """Each row, read, or the reason why it cannot be."""
        for cells in self.file.rows():
            if self.seen is not None:
                self.seen(cells.line)
            yield Incoming(cells.line, self._read(cells))

    def _read(self, cells: Cells) -> Row | BadInput | PassedOver:
        if cells.fault:
            return BadInput("Row", cells.fault)
        try:
            return self.read(cells, self.clock)
        except BadInput as wrong:
            return wrong


def patients_in(file: CsvFile, clock: Clock) -> Rows[PatientDetails]:
    """A file of patients; refused without a column for a name, or with one of doctors only."""
    need(file, "family_name", "given_name")
    must_lack(file, DOCTOR_COLUMNS["specialty"], "doctors")
    return Rows(file, clock, _patient)


def doctors_in(file: CsvFile, clock: Clock) -> Rows[DoctorDetails]:
    """A file of doctors; refused without a column for a name, or with one of patients only."""
    need(file, "family_name", "name")
    must_lack(file, PATIENT_COLUMNS["birth_date"], "patients")
    return Rows(file, clock, _doctor)


def appointments_in(file: CsvFile, clock: Clock) -> Rows[IncomingVisit]:
    """A file of appointments; refused without patient, doctor, start or visit type."""
    for column in ("patient", "doctor", "starts_at", "visit_type"):
        need(file, column)
    return Rows(file, clock, _visit)


def watched(rows: Rows[Row], seen: Callable[[int], None]) -> Rows[Row]:
    """The same rows, with somebody looking on."""
    return replace(rows, seen=seen)


def _patient(cells: Cells, clock: Clock) -> PatientDetails | PassedOver:
    if cells["death_date"]:
        return PassedOver("has died")
    sex = _SEXES.get(cells["sex"].casefold())
    if sex is None:
        raise BadInput("Sex", f"Sex: “{cells['sex']}” is none of female, male, other, unknown.")
    return PatientDetails(
        family_name=cells["family_name"],
        given_name=cells["given_name"],
        birth_date=clean_birth_date(cells["birth_date"], clock.region, clock.today),
        sex=sex,
        phones=_split(cells.all("phone")),
        email=cells["email"],
        address=_address(cells),
        language=cells["language"],
        prefers=_channel(cells["prefers"]),
        email_consent=_yes(cells["email_consent"], "E-mail consent"),
        sms_consent=_yes(cells["sms_consent"], "SMS consent"),
        alert=cells["alert"],
        record_number=cells["record_number"],
        outside_id=_outside_id(cells),
    )


def _doctor(cells: Cells, _clock: Clock) -> DoctorDetails:
    family_name, given_name = cells["family_name"], cells["given_name"]
    if not family_name:
        given_name, family_name = _given_and_family(cells["name"])
    return DoctorDetails(
        family_name=family_name,
        given_name=given_name,
        title=cells["title"] or "Dr",
        specialties=_split(cells.all("specialty")),
        email=cells["email"],
        phone=cells["phone"],
        colour=cells["colour"].lower() or COLOURS[cells.line % len(COLOURS)],
        profile=cells["profile"],
        outside_id=_outside_id(cells),
    )


def _visit(cells: Cells, clock: Clock) -> IncomingVisit:
    starts_at = _moment(cells["starts_at"], "Start", clock)
    ends_at = None
    if cells["ends_at"]:
        ends_at = _moment(cells["ends_at"], "End", clock)
        if ends_at < starts_at:
            raise BadInput("End", "The visit ends before it starts.")
    elif cells["minutes"]:
        if not cells["minutes"].isdecimal() or len(cells["minutes"]) > 5:
            raise BadInput("Minutes", f"Minutes: “{cells['minutes']}” is no number of minutes.")
        ends_at = starts_at + timedelta(minutes=int(cells["minutes"]))
    status = cells["status"].casefold()
    if status and status not in _STATUSES:
        known = ", ".join(_STATUSES)
        raise BadInput("Status", f"Status: “{cells['status']}” is none of {known}.")
    return IncomingVisit(
        patient=cells["patient"],
        doctor=cells["doctor"],
        visit_type=cells["visit_type"],
        starts_at=starts_at,
        ends_at=ends_at,
        room=cells["room"],
        status=Status(status) if status else None,
        note=cells["note"],
        outside_id=_outside_id(cells),
    )


def _outside_id(cells: Cells) -> str:
    """The other system's identifier, or one made of the whole row where it gives none.

    Either way the same row has the same one tomorrow, and is not added twice.
    """
    if cells["id"]:
        return clean_text(cells["id"], "Id", max_length=100)
    whole = "\x1f".join(cells.everything())
    return f"row-{hashlib.sha256(whole.encode(errors='replace')).hexdigest()[:32]}"


def _given_and_family(name: str) -> tuple[str, str]:
    """ "Ana Brandt" and "Brandt, Ana" → given and family name.

    Synthea ends each part of a name with a number, which tells where a given name of several
    words ends ("María José279 de Jesús414"); otherwise the last word is the family name.
    """
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip(), family.strip()
    words = name.split()
    numbered = [at for at, word in enumerate(words) if _ENDS_A_GIVEN_NAME.search(word)]
    end = numbered[0] + 1 if len(numbered) > 1 else len(words) - 1
    return " ".join(words[:end]), " ".join(words[end:])


def _address(cells: Cells) -> str:
    place = " ".join(part for part in (cells["state"], cells["postal_code"]) if part)
    parts = (", ".join(cells.all("address")), cells["city"], place)
    return ", ".join(part for part in parts if part)


def _split(cells: list[str]) -> tuple[str, ...]:
    """Several in one cell are parted by ; or |."""
    return tuple(part for cell in cells for part in _SEVERAL.split(cell) if part)


def _channel(text: str) -> Channel | None:
    if not text:
        return None
    word = text.casefold().replace("-", "")
    if word not in set(Channel):
        raise BadInput("Prefers", f"Prefers: “{text}” is neither email nor sms.")
    return Channel(word)


def _yes(text: str, field: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise BadInput(field, f"{field}: “{text}” is neither yes nor no.")
    return word in _YES


def _moment(text: str, field: str, clock: Clock) -> datetime:
    """An instant on a whole minute; seconds are dropped, the book does not count them.

    ISO 8601 with an offset, or the clinic's wall time with a date in any form ``parse_date``
    reads: 2026-11-24 15:00, 24.11.2026 15:00.
    """
    try:
        at = _iso(text) or _wall_time(text, clock)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise BadInput(
            field, f"{field}: “{text}” is no date and time; one looks like 2026-11-24 15:00."
        )
    return at


def _iso(text: str) -> datetime | None:
    """The instant, where the text is ISO 8601 and says its offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC).replace(second=0, microsecond=0) if at.tzinfo else None


def _wall_time(text: str, clock: Clock) -> datetime | None:
    """The instant of a wall time; the year in full, because two digits mean a birth date."""
    match = _WALL.fullmatch(text)
    if match is None or not _FULL_YEAR.search(match[1]):
        return None
    day = parse_date(match[1], clock.region, clock.today)
    hour, minute = int(match[2]), int(match[3])
    if day is None or hour > 23 or minute > 59:
        return None
    return instant(day, hour * 60 + minute, clock.zone)
