"""Taking in doctors from another system's file, with the specialties that are new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ..access import Actor
from ..audit import record
from ..clinic.settings import load_settings
from ..errors import BadInput
from ..models import Doctor, DoctorSpecialty, table
from ..staff.doctor_names import keep_names, name_doctors
from ..staff.doctors import DoctorDetails, doctor_columns, tidy_doctor
from ..staff.specialties import specialty_ids
from ..text import search_key
from .intake import Incoming, Taken, batches, new_ids, not_yet_known, start_intake

_DOCTORS, _LINKS = table(Doctor), table(DoctorSpecialty)


def take_doctors(
    session: Session,
    actor: Actor,
    rows: Iterable[Incoming[DoctorDetails]],
    now: datetime,
    *,
    partial: bool = False,
) -> Taken:
    """Add the doctors of a file, and the specialties that are new.

    Refused with ``RowsRefused`` when a row is and not ``partial``.
    """
    tally = start_intake(session, actor)
    region = load_settings(session).region
    keep_names(session)
    known: dict[str, int] = {}
    for batch in batches(rows, tally):
        clean: list[tuple[int, DoctorDetails]] = []
        for line, details in batch:
            try:
                clean.append((line, tidy_doctor(details, region)))
            except BadInput as wrong:
                tally.refuse(line, wrong)
        new = [details for _, details in not_yet_known(session, _DOCTORS, clean, tally)]
        _insert_doctors(session, new, known)
        tally.added += len(new)
    name_doctors(session)
    record(session, actor, "import_doctors", now, added=tally.added, refused=len(tally.refused))
    return tally.taken(partial=partial)


def _insert_doctors(session: Session, doctors: list[DoctorDetails], known: dict[str, int]) -> None:
    """``known`` keeps the ids of specialties met so far, by comparable name."""
    if not doctors:
        return
    rows: list[dict[str, Any]] = []
    links: list[dict[str, int]] = []
    for doctor_id, clean in zip(new_ids(session, _DOCTORS, len(doctors)), doctors, strict=True):
        rows.append(doctor_columns(clean) | {"id": doctor_id, "outside_id": clean.outside_id})
        for name in clean.specialties:
            key = search_key(name)
            if key not in known:
                [known[key]] = specialty_ids(session, (name,))
            links.append({"doctor_id": doctor_id, "specialty_id": known[key]})
    session.execute(insert(_DOCTORS), rows)
    if links:
        session.execute(insert(_LINKS), links)
