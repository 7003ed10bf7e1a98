"""A room out of use: which, until when; the visits in it planned, and the room taken out of use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ...domain.absence.causes import RoomOut
from ...domain.access import Permission, may
from ...domain.clinic.rooms import ListedRoom, change_room, list_rooms
from ...domain.errors import BadInput, NotFound, Refusal
from ...domain.times.walltime import local_day, say_moment
from ..base import ClinicScreen
from ..doctors.changes import Drafts
from ..doctors.time_off import read_end
from ..filling_in import fill_in
from ..form import Form, Typed
from ..saving import saved
from .planning import plan_and_accept

if TYPE_CHECKING:
    from ...desk import Desk

_OUT, _IN = "out", "in"
_WHAT = ((_OUT, "out of use"), (_IN, "in use again"))


class RoomForm(Form):
    """The room, whether it goes out of use or comes back, and until when it is away."""

    TITLE_IN_HELP = "a room out of use"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", "Go on", id="room-out.go-on", priority=True,
            tooltip="What becomes of its visits is shown before it is done",
        ),
    ]  # fmt: skip
    LABELS: ClassVar[Mapping[str, str]] = {"room": "Room", "what": "Is", "until": "Until"}
    FIELDS: ClassVar[Mapping[str, str]] = {"Room": "room", "Until": "until"}
    HINTS: ClassVar[Mapping[str, str]] = {
        "room": "← → or a first letter: which room.",
        "what": "← →: out of use from now on; visits in it are planned. Or in use again.",
        "until": "Visits that start later stay in it: fri, 30nov 14:00. Empty: none does.",
    }

    def __init__(
        self,
        desk: Desk,
        rooms: Sequence[ListedRoom],
        original: Typed,
        *,
        draft: Typed | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(desk, "A room out of use", original, draft=draft, refusal=refusal)
        self._rooms = rooms

    def compose_fields(self) -> ComposeResult:
        """Two choices and a day."""
        yield self.field(
            self.choice("room", [(str(one.room_id), _said(one)) for one in self._rooms])
        )
        manages = may(self.desk.actor, Permission.MANAGE_CLINIC)
        yield self.field(self.choice("what", _WHAT if manages else _WHAT[:1]))
        yield self.field(self.text("until"))

    def check(self, typed: Typed) -> None:
        """The end must be readable and lie ahead; only what is out of use comes back."""
        _until(self.desk, typed)
        room = _room(self._rooms, typed)
        if typed["what"] == _IN and room.active:
            raise BadInput("Room", f"{room.name} is in use.")

    def hint(self, key: str, value: str) -> str:
        """What was understood of the end."""
        if key != "until" or not value.strip():
            return super().hint(key, value)
        try:
            until = _until(self.desk, {"until": value, "what": _OUT})
        except BadInput as refusal:
            return str(refusal)
        return (
            f"Visits that start from {say_moment(until, self.desk.zone)} on stay." if until else ""
        )


async def take_room_out(screen: ClinicScreen, drafts: Drafts) -> bool:
    """Take a room out of use and plan the visits in it, or take it into use again.

    Whoever is left to be called is planned again when the same room is taken out once more, also
    by who may take none out.
    """
    desk = screen.desk
    try:
        rooms = await _rooms(desk)
    except Refusal as refusal:
        screen.refuse(refusal)
        return False

    async def save(typed: Typed) -> bool | None:
        room = _room(rooms, typed)
        if typed["what"] == _IN:
            await saved(screen, change_room, room.room_id, room.name, desk.now(), active=True)
            screen.tell(f"{room.name} is in use again. u takes it back.")
            return True
        cause = RoomOut(room.room_id, _until(desk, typed))
        return await plan_and_accept(screen, cause, f"{room.name} out of use", unasked=True) or None

    done = await fill_in(
        screen,
        drafts,
        ("room", 0),
        {"room": str(rooms[0].room_id), "what": _OUT, "until": ""},
        lambda was, draft, refusal: RoomForm(desk, rooms, was, draft=draft, refusal=refusal),
        save,
    )
    return bool(done)


async def _rooms(desk: Desk) -> Sequence[ListedRoom]:
    """Those that there is something to choose about."""
    rooms = await desk.read(list_rooms, retired=True)
    if not rooms:
        raise NotFound("There is no room yet: “clinic room add” adds the first.")
    if may(desk.actor, Permission.MANAGE_CLINIC):
        return rooms
    out = [one for one in rooms if not one.active]
    if not out:
        raise NotFound("Every room is in use: who manages the clinic takes one out.")
    return out


def _room(rooms: Sequence[ListedRoom], typed: Typed) -> ListedRoom:
    return next(one for one in rooms if str(one.room_id) == typed["room"])


def _said(room: ListedRoom) -> str:
    return room.name if room.active else f"{room.name} (out of use)"


def _until(desk: Desk, typed: Typed) -> datetime | None:
    """When it is expected back; a day means its end. ``BadInput`` naming the field."""
    if typed["what"] == _IN or not typed["until"].strip():
        return None
    today = local_day(desk.now(), desk.zone)
    at, end = read_end(typed["until"], "Until", today, desk.zone, desk.settings.region)
    until = end or at
    if until <= desk.now():
        raise BadInput("Until", "That has gone by.")
    return until
