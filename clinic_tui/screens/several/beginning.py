"""What several visits begin with: for whom they are, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.access import Permission
from ...domain.bar.bar import Meaning
from ...domain.clinic.rooms import ListedRoom, list_rooms
from ...domain.errors import Refusal
from ...domain.patients.history import patient_record
from ..base import ClinicScreen
from ..booking.draft import BookingDraft
from ..waitlist.whom import Known
from ..waitlist.wishing import read_known
from ..who.who_it_is import ask_who


@dataclass(frozen=True, slots=True)
class Beginning:
    """The patient, what was typed beside the name, and what the words of a form may name."""

    patient_id: int
    name: str
    meaning: Meaning
    known: Known
    rooms: Sequence[ListedRoom]


async def begin_with(screen: ClinicScreen, question: str, draft: BookingDraft) -> Beginning | None:
    """Ask for whom, unless that is known; None where it is left or refused."""
    patient_id, meaning = draft.patient_id, Meaning()
    if patient_id is None:
        who = await ask_who(screen, question, Permission.BOOK)
        if who is None:
            return None
        patient_id, meaning = who
    desk = screen.desk
    try:
        name = (await desk.read(patient_record, patient_id, desk.now())).name
        known = await read_known(screen)
        rooms = await desk.read(list_rooms)
    except Refusal as refusal:
        screen.refuse(refusal)
        return None
    return Beginning(patient_id, name, meaning, known, rooms)
