"""The beginning of a clinic: its settings and its first admin, both or neither."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from ..access import Actor
from ..staff.accounts import add_first_admin
from .settings import ClinicSettings, found_clinic

_FOUNDING_LOCK = 7423


def found(
    session: Session, settings: ClinicSettings, username: str, password_hash: str, now: datetime
) -> Actor:
    """Write the settings and the first admin's account; refused once there is a clinic.

    Of two who found at once the second is refused: SQLite has one writer, PostgreSQL a lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _FOUNDING_LOCK})
    found_clinic(session, settings)
    return add_first_admin(session, username, username, password_hash, now)
