"""The fields that say with whom, when, how long and where a visit is to stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

from ..domain.access import Permission, Reach, reach
from ..domain.bar_words import Word
from ..domain.doctors import find_doctors, listed_doctor
from ..domain.errors import BadInput, Opening, Refusal
from ..domain.rooms import list_rooms
from ..domain.text import search_key, showable
from ..domain.timeofday import read_length
from ..domain.visit_types import ListedVisitType, list_visit_types
from .reading import read_for
from .start_fields import StartFields
from .typed import typed_in
from .widgets.pick_field import Pick, PickField, among

if TYPE_CHECKING:
    from ..desk import Desk
    from .booking_draft import BookingDraft

_MANY = 100
_ANYBODY = "any doctor"


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

    class Refused(Message):
        """Something could not be looked up."""

        def __init__(self, refusal: Refusal) -> None:
            super().__init__()
            self.refusal = refusal

    def __init__(self, desk: Desk, draft: BookingDraft, *, moving: bool) -> None:
        super().__init__()
        self._desk = desk
        self._draft = draft
        self._moving = moving
        self._types: dict[int, ListedVisitType] = {}
        self._specialties: dict[int, tuple[str, ...]] = {}
        self._doctor_is_proposed = False
        self._type_was_chosen = draft.visit_type_id is not None
        self.specialty_id: int | None = None
        self.start = StartFields(desk, draft.search_from)

    def compose(self) -> ComposeResult:
        """Two or three lines; a visit that moves keeps its type and its note."""
        doctor = PickField(self._find_doctors, id="doctor", placeholder=_ANYBODY)
        with Horizontal(classes="row"):
            if not self._moving:
                yield Label("Visit")
                yield PickField(among(()), id="type")
            yield Label("Doctor", classes="" if self._moving else "next")
            yield doctor
        with Horizontal(classes="row"):
            yield Label("Start")
            yield self.start
            yield Label("Length", classes="next")
            yield Input(id="length", placeholder="20")
            yield Label("Room", classes="next")
            yield PickField(among(()), id="room", placeholder="none")
        if not self._moving:
            with Horizontal(classes="row"):
                yield Label("Note")
                yield Input(id="note", placeholder="why they come, in a few words")

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
        doctor_id = draft.doctor_id or self._own_doctor()
        if doctor_id is not None:
            self._pick("doctor").fill(Pick(doctor_id, await self.load_doctor(doctor_id)))
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

    async def load_doctor(self, doctor_id: int) -> str:
        """How the desk says that doctor; what they do is known from then on."""
        doctor = await read_for(self, self._desk, listed_doctor, doctor_id)
        self._specialties[doctor_id] = doctor.specialties
        return doctor.name

    def narrow_to(self, specialty: Word | None) -> None:
        """Seek any doctor of that specialty only, where none is named."""
        self.specialty_id = specialty.id if specialty else None
        whom = f"any in {showable(specialty.name)}" if specialty else _ANYBODY
        self._pick("doctor").invite(whom)

    def pick_in(self, field: str) -> Pick | None:
        """What is picked there."""
        return self._pick(field).picked

    def put_pick(self, field: str, pick: Pick | None) -> None:
        """Pick that, telling nobody; a doctor brings a visit type along."""
        self._pick(field).fill(pick)
        if field == "type":
            self._type_was_chosen = pick is not None
        else:
            self._doctor_is_proposed = False
            if not self._type_was_chosen:
                self._put_type(None)

    def put_length(self, minutes: int | None) -> None:
        """That long, or as long as the visit type says."""
        if minutes is None:
            self._put_length()
        else:
            self._put("length", str(minutes))

    def put(self, opening: Opening, *, proposed: bool) -> None:
        """Write an opening into the fields, telling nobody.

        A doctor who is only ``proposed`` does not narrow the next search.
        """
        self.start.put(opening.starts_at)
        doctor = self._pick("doctor")
        self._doctor_is_proposed &= proposed
        if doctor.value != opening.doctor_id:
            self._doctor_is_proposed = proposed
            doctor.fill(Pick(opening.doctor_id, opening.doctor))

    # What stands in the fields; each refuses with ``BadInput`` what it cannot read.

    @property
    def visit_type_id(self) -> int:
        """The visit type; of a visit that moves, its own."""
        picked = self._draft.visit_type_id if self._moving else self._read("type", "Visit type")
        if picked is None and not self._types:
            how = "There is no visit type yet: “clinic visit-type add” adds the first."
            raise BadInput("Visit type", how)
        if picked is None:
            raise BadInput("Visit type", "Visit type: which one? Type a part of its name.")
        return picked

    @property
    def doctor_id(self) -> int | None:
        """The doctor; None is any."""
        return self._read("doctor", "Doctor")

    @property
    def doctor_sought(self) -> int | None:
        """The doctor whose openings are sought; None is any."""
        return None if self._doctor_is_proposed else self.doctor_id

    def typed(self) -> dict[str, str]:
        """What stands in the fields, for a draft; a doctor only proposed was not named."""
        unnamed = {"doctor-text": ""} if self._doctor_is_proposed else {}
        return typed_in(self) | unnamed

    @property
    def doctor_name(self) -> str:
        """How the desk says the doctor."""
        picked = self._pick("doctor").picked
        return picked.name if picked else ""

    @property
    def type_name(self) -> str:
        """The visit type's name."""
        picked = None if self._moving else self._pick("type").picked
        return picked.name if picked else ""

    @property
    def room_id(self) -> int | None:
        """The room, if one was named."""
        return self._read("room", "Room")

    @property
    def room_name(self) -> str:
        """The room's name."""
        picked = self._pick("room").picked
        return picked.name if picked else ""

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
        if field == "doctor" and self._doctor_is_proposed:
            return None
        return self._pick(field).value

    # What happens in the fields

    @on(Input.Changed)
    def on_typed(self, event: Input.Changed) -> None:
        """Tell that a field changed; a note changes nothing about the place."""
        event.stop()
        if event.input.id != "note":
            self.post_message(self.Changed(event.input.id or ""))

    @on(PickField.Changed)
    def on_picked(self, event: PickField.Changed) -> None:
        """A doctor brings a visit type along, a visit type its length."""
        event.stop()
        if event.field.id == "doctor":
            self._doctor_is_proposed = False
        if event.field.id == "type":
            self._type_was_chosen = True
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

    async def _find_doctors(self, text: str) -> Sequence[Pick]:
        own = self._own_doctor()
        if text.strip() and not search_key(text):
            return ()
        try:
            found = await read_for(self, self._desk, find_doctors, text, limit=_MANY)
            if not found and " " in text.strip():
                # As they are spoken of, with the title before the name: "Dr Lee".
                name = text.strip().partition(" ")[2]
                found = await read_for(self, self._desk, find_doctors, name, limit=_MANY)
        except Refusal as refusal:
            self.post_message(self.Refused(refusal))
            return ()
        self._specialties |= {one.doctor_id: one.specialties for one in found}
        return [
            Pick(one.doctor_id, one.name, " · ".join((one.given_name, *one.specialties)))
            for one in found
            if own in (None, one.doctor_id)
        ]

    def _own_doctor(self) -> int | None:
        """The one doctor for whom the actor books, where it is one."""
        actor = self._desk.actor
        own = reach(actor, Permission.BOOK) is Reach.OWN
        return actor.doctor_id if own else None

    def _put_type(self, type_id: int | None, *, keep_length: bool = False) -> None:
        """The type asked for, or the first that the doctor does."""
        doctor_id = self._pick("doctor").value
        theirs = self._specialties.get(doctor_id or 0)
        if doctor_id is None and self._draft.specialty is not None:
            theirs = (self._draft.specialty.name,)
        done = (one for one in self._types.values() if theirs is None or _does(one, theirs))
        chosen = self._types.get(type_id or 0) or next(done, None)
        self._pick("type").fill(_type_pick(chosen) if chosen else None)
        if not keep_length:
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

    def _read(self, field: str, name: str) -> int | None:
        picked = self._pick(field)
        if picked.value is None and picked.text.strip():
            raise BadInput(name, f"{name}: nothing is called “{picked.text.strip()}”.")
        return picked.value


def _type_pick(one: ListedVisitType) -> Pick:
    return Pick(one.visit_type_id, one.details.name, f"{one.details.minutes} min")


def _does(one: ListedVisitType, specialties: Iterable[str]) -> bool:
    """Whether doctors of those specialties do that visit type."""
    asked = one.details.specialties
    return not asked or bool(set(asked) & set(specialties))
