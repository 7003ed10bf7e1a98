"""Refusals in a dialog about a visit: the field they name, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from ...domain.errors import ClinicUnavailable, Refusal

FIELDS: Mapping[str, str] = {
    "Patient": "patient",
    "Family name": "family",
    "Given name": "given",
    "Birth date": "born",
    "Phone": "phone",
    "E-mail": "email",
    "Visit type": "type-text",
    "Doctor": "doctor-text",
    "Day": "day",
    "Time": "time",
    "Start": "day",
    "Length": "length",
    "Room": "room-text",
    "Note": "note",
    "Reason": "reason",
}
"""The id of the field that ``BadInput`` names."""


class Refused(Message):
    """Posted upwards by a part of a dialog or screen: what it was asked for cannot be."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__()
        self.refusal = refusal


def outcome_unknown(refusal: Refusal | None) -> bool:
    """Whether what was refused may have been saved all the same."""
    return isinstance(refusal, ClinicUnavailable) and not refusal.outcome_known


def sentence(refusal: Refusal) -> str:
    """Why not, and what to do where it is not known whether it was saved."""
    again = " Enter again asks: nothing is done twice." if outcome_unknown(refusal) else ""
    return f"{refusal}{again}"
