"""The field in which a doctor is named, or left to whoever is free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...domain.access import Permission, Reach, reach
from ...domain.errors import Opening, Refusal
from ...domain.staff.doctors import find_doctors, listed_doctor
from ...domain.text import search_key, showable
from ..reading import read_for
from ..widgets.pick_field import Pick, PickField

if TYPE_CHECKING:
    from ...desk import Desk

_MANY = 100
_ANYBODY = "any doctor"


class DoctorField(PickField):
    """Finds doctors as one types; knows what those do whom it has met.

    ``is_proposed`` where the doctor is the program's own idea, which nobody has named.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(self._find_doctors, id="doctor", placeholder=_ANYBODY)
        self._desk = desk
        self._specialties: dict[int, tuple[str, ...]] = {}
        self.is_proposed = False

    @property
    def own(self) -> int | None:
        """The one doctor for whom the actor books, where it is one."""
        actor = self._desk.actor
        return actor.doctor_id if reach(actor, Permission.BOOK) is Reach.OWN else None

    @property
    def specialties(self) -> tuple[str, ...] | None:
        """What the doctor picked does, once that is known."""
        return self._specialties.get(self.value or 0)

    async def meet(self, doctor_id: int) -> Pick:
        """That doctor as the desk says the name; what they do is known from then on."""
        doctor = await read_for(self, self._desk, listed_doctor, doctor_id)
        self._specialties[doctor_id] = doctor.specialties
        return Pick(doctor_id, doctor.name)

    def invite_one_of(self, specialty: str) -> None:
        """Say whom an empty field means: any doctor, or any of that specialty."""
        self.invite(f"any in {showable(specialty)}" if specialty else _ANYBODY)

    def put(self, opening: Opening, *, proposed: bool) -> None:
        """Fill in the doctor of an opening, who is named already, or ``proposed`` only."""
        self.is_proposed &= proposed
        if self.value != opening.doctor_id:
            self.is_proposed = proposed
            self.fill(Pick(opening.doctor_id, opening.doctor))

    async def _find_doctors(self, text: str) -> Sequence[Pick]:
        own = self.own
        if text.strip() and not search_key(text):
            return ()
        try:
            found = await read_for(self, self._desk, find_doctors, text, limit=_MANY)
            if not found and " " in text.strip():
                # As they are spoken of, with the title before the name: "Dr Lee".
                name = text.strip().partition(" ")[2]
                found = await read_for(self, self._desk, find_doctors, name, limit=_MANY)
        except Refusal:
            # Nobody is picked, and what is free is asked anew: that says why not.
            return ()
        self._specialties |= {one.doctor_id: one.specialties for one in found}
        # First whoever is called so: the letter of "lee a" may begin a specialty, too.
        words = set(search_key(text).split())
        called = sorted(found, key=lambda one: not words <= set(search_key(one.name).split()))
        return [
            Pick(one.doctor_id, one.name, " · ".join((one.given_name, *one.specialties)))
            for one in called
            if own in (None, one.doctor_id)
        ]
