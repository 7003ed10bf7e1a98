"""What a screen asks of the program as a whole, and what the program hears of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from ..changes import News


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


@dataclass
class Rang(Message):
    """The telephone system says who is calling: a number, made of nothing but digits and a +."""

    number: str


class LockRequested(Message):
    """Hide everything until the password is typed again."""


@dataclass
class ClinicChanged(Message):
    """Somebody changed something, at this terminal or at another."""

    news: News


class SignedOut(Message):
    """Nobody sits at this desk any more."""
