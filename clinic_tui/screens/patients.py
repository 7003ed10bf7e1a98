"""Patients: found as one types, their record beside the list."""

from __future__ import annotations

from typing import ClassVar

from .base import ClinicScreen


class PatientsScreen(ClinicScreen):
    """Find a patient and see what is known of them."""

    TITLE_IN_HELP: ClassVar[str] = "Patients"

    def show_patient(self, patient_id: int) -> None:
        """Show that patient's record, whoever is looked for at the moment."""
        self._wanted: int | None = patient_id
