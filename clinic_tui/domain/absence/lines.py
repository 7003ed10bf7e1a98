"""The lines of an absence plan: what becomes of each visit, as proposed and as decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..codes import HERE, Fate, Prefer, Status
from ..errors import Opening
from .causes import Cause


@dataclass(frozen=True, slots=True)
class PlanWish:
    """How to plan: the same doctor's next opening within so many days after the visit's own, and
    a colleague of the same specialty on the same day; which of the two first, or neither.

    Who has arrived already is proposed to a colleague first, and to nobody on another day.
    """

    prefer: Prefer = Prefer.SAME_DOCTOR
    days: int = 14


AS_USUAL = PlanWish()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a visit as it stood at ``sequence``.

    A move says with whom, when and where. ``tell``: the patient of a visit that stays, or about
    which somebody will call, is written to that it cannot be as it was booked. ``here``: that the
    patient had come was known.
    """

    appointment_id: int
    sequence: int
    fate: Fate
    doctor_id: int | None = None
    starts_at: datetime | None = None
    room_id: int | None = None
    tell: bool = False
    here: bool = False


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A visit in the way, and what becomes of it: ``to`` where it is moved, ``why`` where not."""

    number: int
    appointment_id: int
    sequence: int
    status: Status
    patient_id: int
    patient: str
    visit_type: str
    doctor_id: int
    doctor: str
    room: str | None
    starts_at: datetime
    ends_at: datetime
    fate: Fate
    to: Opening | None = None
    why: str = ""
    tell: bool = False

    @property
    def here(self) -> bool:
        """Whether the patient has come: is waiting, or in the room."""
        return self.status in HERE

    def decision(self) -> Decision:
        """The line as it is accepted."""
        to = self.to
        return Decision(
            self.appointment_id,
            self.sequence,
            self.fate,
            None if to is None else to.doctor_id,
            None if to is None else to.starts_at,
            None if to is None else to.room_id,
            self.tell,
            self.here,
        )


@dataclass(frozen=True, slots=True)
class AbsencePlan:
    """The cause, completed, and a line for every visit in its way, the earliest first."""

    cause: Cause
    lines: tuple[PlanLine, ...]

    def decisions(self) -> tuple[Decision, ...]:
        """All lines as they are accepted."""
        return tuple(line.decision() for line in self.lines)
