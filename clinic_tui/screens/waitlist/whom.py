"""With whom somebody wants their visit: doctors by name, a specialty, or anybody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...domain.bar.words import Names, Word, names_of
from ...domain.clinic.visit_types import ListedVisitType
from ...domain.errors import BadInput
from ...domain.staff.doctors import ListedDoctor
from ...domain.staff.specialties import ListedSpecialty
from ...domain.text import search_key

_PIECES = re.compile(r"\s*(?:[,;&]|\bor\b)\s*")
_DR = re.compile(r"^dr\.?\s+", re.IGNORECASE)
_ANYBODY = frozenset({"any", "anybody", "any doctor"})


@dataclass(frozen=True, slots=True)
class Whom:
    """With whom: doctors by name, or a specialty; neither is anybody."""

    doctor_ids: tuple[int, ...] = ()
    specialty_id: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a clinic has to wait for: its doctors, specialties and visit types."""

    doctors: Sequence[ListedDoctor]
    specialties: Sequence[ListedSpecialty]
    types: Sequence[ListedVisitType]
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", names_of(self.doctors, self.specialties, self.types))

    def doctor(self, doctor_id: int) -> str:
        """A doctor as one types them: how the desk calls them, as nobody else is called."""
        return next((one.name for one in self.doctors if one.doctor_id == doctor_id), "")

    def whom(self, text: str) -> Whom:
        """Whom the words mean: "lee, okafor", "derm"; ``BadInput`` for what means nobody."""
        pieces = [piece for piece in _PIECES.split(text.strip()) if piece]
        if not pieces or search_key(text) in _ANYBODY:
            return Whom()
        found = [self._one(piece) for piece in pieces]
        specialties = [one for one in found if isinstance(one, ListedSpecialty)]
        if specialties and len(found) > 1:
            raise BadInput("Doctor", "With: doctors by name or one specialty, not both.")
        if specialties:
            return Whom(specialty_id=specialties[0].specialty_id)
        return Whom(tuple(dict.fromkeys(one.id for one in found if isinstance(one, Word))))

    def _one(self, text: str) -> Word | ListedSpecialty:
        name = _DR.sub("", text)
        doctors = self.names.doctors.called(text) or self.names.doctors.called(name)
        fields = () if doctors else self.names.specialties.called(text)
        if not (doctors or fields):
            doctors = self.names.doctors.begun(name)
            fields = () if doctors else self.names.specialties.begun(text)
        if len(doctors) == 1:
            return doctors[0]
        if len(fields) == 1:
            return next(one for one in self.specialties if one.specialty_id == fields[0].id)
        several = " or ".join(one.short or one.name for one in (*doctors, *fields)[:3])
        if several:
            raise BadInput("Doctor", f"With: “{text}” may be {several}.")
        raise BadInput("Doctor", f"With: nobody is called “{text}”; empty means anybody.")
