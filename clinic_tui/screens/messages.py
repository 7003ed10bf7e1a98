"""What one screen asks of the program as a whole: to go somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from textual.message import Message


@dataclass
class OpenDay(Message):
    """Show that day in the calendar, at a doctor if one is named."""

    day: date
    doctor_id: int | None = None


@dataclass
class OpenPatient(Message):
    """Show that patient's record."""

    patient_id: int


@dataclass
class OpenDoctor(Message):
    """Show that doctor's profile and hours."""

    doctor_id: int


class LockRequested(Message):
    """Hide everything until the password is typed again."""


class SignedOut(Message):
    """Nobody sits at this desk any more."""
