"""Who hears of a visit, and by which channels: the patient who agreed to it, and the doctor."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..codes import Channel
from ..models import Doctor, table

_DOCTORS = table(Doctor)

Listener = tuple[Channel, int | None]
"""A channel, and the doctor to whom it leads (None: to the patient)."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """On which channels a visit's patient agreed to be told, and the doctor if there is e-mail."""

    patient: tuple[Channel, ...]
    doctor_id: int | None

    def listeners(self) -> list[Listener]:
        """Everybody who is told, by every channel on which they are."""
        told: list[Listener] = [(channel, None) for channel in self.patient]
        return told if self.doctor_id is None else [*told, (Channel.EMAIL, self.doctor_id)]


NOBODY = Reachable((), None)
"""Nobody is told, as of a visit that is only asked for."""


def reachable(
    prefers: Channel | None, *, email: bool, sms: bool, doctor_id: int | None
) -> Reachable:
    """Who hears of a visit: ``email`` and ``sms`` say that there is an address and consent,
    ``doctor_id`` is given where the doctor has e-mail.

    A patient who prefers a channel that is open is told on that one alone, else on every open one.
    """
    is_open = {Channel.EMAIL: email, Channel.SMS: sms}
    if prefers is not None and is_open[prefers]:
        return Reachable((prefers,), doctor_id)
    return Reachable(tuple(channel for channel in Channel if is_open[channel]), doctor_id)


def has_email(session: Session, doctor_id: int) -> bool:
    """Whether a doctor can be written to."""
    return bool(session.scalar(select(_DOCTORS.c.email).where(_DOCTORS.c.id == doctor_id)))
