"""Rooms: where visits happen. A room takes one visit at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require, require_some
from ..audit import record
from ..errors import AlreadyExists, NotFound
from ..models import Room, table
from ..text import clean_name, search_key
from ..undo.row_changes import found_rows, left_rows, new_rows
from ..undo.ways_back import WayBack

_ROOMS = table(Room)


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """A room on record."""

    room_id: int
    name: str
    active: bool


def list_rooms(session: Session, actor: Actor, *, retired: bool = False) -> tuple[ListedRoom, ...]:
    """The rooms by name, without the ones not used any more unless asked for."""
    require_some(actor, Permission.SEE_OPENINGS)
    query = select(_ROOMS.c.id, _ROOMS.c.name, _ROOMS.c.active).order_by(_ROOMS.c.name)
    if not retired:
        query = query.where(_ROOMS.c.active)
    return tuple(ListedRoom(*row) for row in session.execute(query))


def add_room(session: Session, actor: Actor, name: str, now: datetime) -> int:
    """Add a room; returns its id. Refused when the name is empty or taken."""
    require(actor, Permission.MANAGE_CLINIC)
    clean = clean_name(name, "Room", max_length=40)
    _refuse_taken(session, clean, 0)
    room_id: int = session.execute(
        insert(_ROOMS)
        .values(name=clean, name_key=search_key(clean), active=True)
        .returning(_ROOMS.c.id)
    ).scalar_one()
    way_back = WayBack(rows=(new_rows(session, _ROOMS, id=room_id),))
    record(session, actor, "add_room", now, way_back=way_back, room=room_id)
    return room_id


def change_room(
    session: Session, actor: Actor, room_id: int, name: str, now: datetime, *, active: bool
) -> None:
    """Rename a room, or retire it: visits already booked in it stay."""
    require(actor, Permission.MANAGE_CLINIC)
    clean = clean_name(name, "Room", max_length=40)
    _refuse_taken(session, clean, room_id)
    found = found_rows(session, _ROOMS, id=room_id)
    changed = session.execute(
        update(_ROOMS)
        .where(_ROOMS.c.id == room_id)
        .values(name=clean, name_key=search_key(clean), active=active)
        .returning(_ROOMS.c.id)
    ).one_or_none()
    if changed is None:
        raise NotFound("There is no such room.")
    way_back = WayBack(rows=(left_rows(session, _ROOMS, found),))
    record(session, actor, "change_room", now, way_back=way_back, room=room_id)


def _refuse_taken(session: Session, name: str, room_id: int) -> None:
    query = select(_ROOMS.c.id).where(_ROOMS.c.name_key == search_key(name), _ROOMS.c.id != room_id)
    if session.scalar(query) is not None:
        raise AlreadyExists(f"There is a room “{name}” already.")
