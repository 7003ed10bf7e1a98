"""The fields that say with whom, when, how long and where a visit is to stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

from ...domain.bar.words import Word
from ...domain.clinic.rooms import list_rooms
from ...domain.clinic.visit_types import ListedVisitType, list_visit_types
from ...domain.errors import BadInput, Opening
from ...domain.times.timeofday import read_length
from ..doctors.field import DoctorField
from ..reading import read_for
from ..safe import own
from ..typed import typed_in
from ..widgets.pick_field import Pick, PickField, among
from ..widgets.steady import SteadyInput
from .start_fields import StartFields

if TYPE_CHECKING:
    from ...desk import Desk
    from ..booking.draft import BookingDraft


class PlaceFields(Vertical):
    """Doctor, day, time, length and room; for a booking also the visit type and a note."""

    class Changed(Message):
        """Something else stands in the field of that id."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    class Entered(Message):
        """Enter was pressed in the field of that id."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def __init__(self, desk: Desk, draft: BookingDraft, *, moving: bool) -> None:
        super().__init__()
        self._desk = desk
        self._draft = draft
        self._moving = moving
        self._types: dict[int, ListedVisitType] = {}
        self._type_was_chosen = draft.visit_type_id is not None
        self._length_was_said = False
        self.specialty_id: int | None = None
        self.start = StartFields(desk, draft.search_from)
        self.doctor = DoctorField(desk)

    def compose(self) -> ComposeResult:
        """Two or three lines; a visit that moves keeps its type and its note."""
        with Horizontal(classes="row"):
            if not self._moving:
                yield Label(own("Visit"))
                yield PickField(among(()), id="type")
            yield Label(own("Doctor"), classes="" if self._moving else "next")
            yield self.doctor
        with Horizontal(classes="row"):
            yield Label(own("Start"))
            yield self.start
            yield Label(own("Length"), classes="next")
            yield SteadyInput(id="length", placeholder="20")
            yield Label(own("Room"), classes="next")
            yield PickField(among(()), id="room", placeholder="none")
        if not self._moving:
            with Horizontal(classes="row"):
                yield Label(own("Note"))
                yield SteadyInput(id="note", placeholder="why they come, in a few words")

    def on_mount(self) -> None:
        """What the draft says by itself stands there whether the database answers or not."""
        draft = self._draft
        if draft.starts_at is not None:
            self.start.put(draft.starts_at)
        if draft.minutes is not None:
            self._put("length", str(draft.minutes))
        for line in self.query(Input):
            if line.id is not None and line.id in draft.typed:
                self._put(line.id, draft.typed[line.id])

    async def load(self) -> None:
        """Read what can be picked, and pick what the draft says; refused like the reads."""
        draft, desk = self._draft, self._desk
        types = await read_for(self, desk, list_visit_types)
        listed = await read_for(self, desk, list_rooms)
        doctor_id = draft.doctor_id or self.doctor.own
        if doctor_id is not None:
            self.doctor.fill(await self.doctor.meet(doctor_id))
        rooms = [Pick(room.room_id, room.name) for room in listed]
        self._pick("room").look_among(among(rooms))
        if draft.room_id is not None:
            known = next((room for room in rooms if room.value == draft.room_id), None)
            self._pick("room").fill(known)
        self._types = {one.visit_type_id: one for one in types}
        if draft.specialty is not None and self.specialty_id is None:
            self.narrow_to(draft.specialty)
        if not self._moving:
            self._pick("type").look_among(among([_type_pick(one) for one in types]))
            if draft.visit_type_id is not None or not self._pick("type").text:
                self._put_type(draft.visit_type_id, keep_length=bool(self._text("length")))

    def narrow_to(self, specialty: Word | None) -> None:
        """Seek any doctor of that specialty only, where none is named."""
        self.specialty_id = specialty.id if specialty else None
        self.doctor.invite_one_of(specialty.name if specialty else "")

    def pick_in(self, field: str) -> Pick | None:
        """What is picked there."""
        return self._pick(field).picked

    def put_pick(self, field: str, pick: Pick | None) -> None:
        """Pick that, telling nobody; a doctor brings a visit type along."""
        self._pick(field).fill(pick)
        if field == "type":
            self._type_was_chosen = pick is not None
        else:
            self.doctor.is_proposed = False
            if not self._type_was_chosen:
                self._put_type(None)

    def put_length(self, minutes: int | None) -> None:
        """That long, or as long as the visit type says."""
        self._length_was_said = minutes is not None
        if minutes is None:
            self._put_length()
        else:
            self._put("length", str(minutes))

    def put(self, opening: Opening, *, proposed: bool) -> None:
        """Write an opening into the fields, telling nobody.

        A doctor who is only ``proposed`` does not narrow the next search.
        """
        self.start.put(opening.starts_at)
        self.doctor.put(opening, proposed=proposed)

    # What stands in the fields; each refuses with ``BadInput`` what it cannot read.

    @property
    def visit_type_id(self) -> int:
        """The visit type; of a visit that moves, its own."""
        picked = (
            self._draft.visit_type_id if self._moving else self._pick("type").read("Visit type")
        )
        if picked is None and not self._types:
            how = "There is no visit type yet: “clinic visit-type add” adds the first."
            raise BadInput("Visit type", how)
        if picked is None:
            raise BadInput("Visit type", "Visit type: which one? Type a part of its name.")
        return picked

    @property
    def doctor_id(self) -> int | None:
        """The doctor; None is any."""
        return self.doctor.read("Doctor")

    @property
    def doctor_sought(self) -> int | None:
        """The doctor whose openings are sought; None is any."""
        return None if self.doctor.is_proposed else self.doctor_id

    def typed(self) -> dict[str, str]:
        """What stands in the fields, for a draft; a doctor only proposed was not named."""
        unnamed = {"doctor-text": ""} if self.doctor.is_proposed else {}
        return typed_in(self) | unnamed

    @property
    def doctor_name(self) -> str:
        """How the desk says the doctor."""
        return self.doctor.picked_name

    @property
    def type_name(self) -> str:
        """The visit type's name."""
        return "" if self._moving else self._pick("type").picked_name

    @property
    def room_id(self) -> int | None:
        """The room, if one was named."""
        return self._pick("room").read("Room")

    @property
    def room_name(self) -> str:
        """The room's name."""
        return self._pick("room").picked_name

    @property
    def minutes(self) -> int | None:
        """The length, if one was typed."""
        text = self._text("length")
        return read_length(text) if text else None

    @property
    def note(self) -> str:
        """What was typed as a note."""
        return "" if self._moving else self.query_one("#note", Input).value

    def picked(self, field: str) -> int | None:
        """The id picked in that field, for a draft; a doctor only proposed is none.

        Before anything could be read, it is what the draft says.
        """
        if not self._types:
            draft = self._draft
            ids = {"doctor": draft.doctor_id, "type": draft.visit_type_id, "room": draft.room_id}
            return ids[field]
        if field == "doctor" and self.doctor.is_proposed:
            return None
        return self._pick(field).value

    # What happens in the fields

    @on(Input.Changed)
    def on_typed(self, event: Input.Changed) -> None:
        """Tell that a field changed; a note changes nothing about the place."""
        event.stop()
        if event.input.id == "length":
            self._length_was_said = bool(event.value.strip())
        if event.input.id != "note":
            self.post_message(self.Changed(event.input.id or ""))

    @on(PickField.Changed)
    def on_picked(self, event: PickField.Changed) -> None:
        """A doctor brings a visit type along, a visit type its length."""
        event.stop()
        if event.field.id == "doctor":
            self.doctor.is_proposed = False
        if event.field.id == "type":
            self._type_was_chosen, self._length_was_said = True, False
            self._put_length()
        elif event.field.id == "doctor" and not self._moving and not self._type_was_chosen:
            self._put_type(None)
        self.post_message(self.Changed(event.field.id or ""))

    @on(Input.Submitted)
    @on(PickField.Entered)
    def entered(self, event: Input.Submitted | PickField.Entered) -> None:
        """Tell that a field is done with."""
        event.stop()
        self.post_message(self.Entered(event.control.id or ""))

    def _put_type(self, type_id: int | None, *, keep_length: bool = False) -> None:
        """The type asked for, or the first that the doctor does."""
        theirs = self.doctor.specialties
        if self.doctor.value is None and self._draft.specialty is not None:
            theirs = (self._draft.specialty.name,)
        done = (one for one in self._types.values() if theirs is None or one.done_by(theirs))
        chosen = self._types.get(type_id or 0) or next(done, None)
        self._pick("type").fill(_type_pick(chosen) if chosen else None)
        if not keep_length and not self._length_was_said:
            self._put_length()

    def _put_length(self) -> None:
        chosen = self._types.get(self._pick("type").value or 0)
        if chosen is not None:
            self._put("length", str(chosen.details.minutes))

    def _put(self, field: str, text: str) -> None:
        with self.prevent(Input.Changed):
            self.query_one(f"#{field}", Input).value = text

    def _text(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    def _pick(self, field: str) -> PickField:
        return self.query_one(f"#{field}", PickField)


def _type_pick(one: ListedVisitType) -> Pick:
    return Pick(one.visit_type_id, one.details.name, f"{one.details.minutes} min")
