"""Doctors: by specialty or name; profile, weekly hours, extra hours, time off."""

from __future__ import annotations

from typing import ClassVar

from .base import ClinicScreen


class DoctorsScreen(ClinicScreen):
    """Find a doctor and see when they work."""

    TITLE_IN_HELP: ClassVar[str] = "Doctors"

    def show_doctor(self, doctor_id: int) -> None:
        """Show that doctor's profile and hours, whoever is looked for at the moment."""
        self._wanted: int | None = doctor_id
