"""What the made-up clinic is made of: ``data/demo.toml``, read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent.parent
_PLACES = (_PACKAGE / "data" / "demo.toml", _PACKAGE.parent / "data" / "demo.toml")
"""In an installed package, and in a checkout."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The file's tables, as they stand in it."""

    clinic: dict[str, Any]
    rooms: tuple[str, ...]
    doctors: tuple[dict[str, Any], ...]
    visit_types: tuple[dict[str, Any], ...]
    accounts: tuple[dict[str, Any], ...]
    people: tuple[dict[str, Any], ...]
    waiting: tuple[dict[str, Any], ...]
    tour: tuple[dict[str, Any], ...]
    names: dict[str, list[str]]


def plan_bytes() -> bytes:
    """The file itself: what is built from it is as old as it is."""
    place = next(place for place in _PLACES if place.is_file())
    return place.read_bytes()


def load_plan() -> Plan:
    """The plan of the made-up clinic."""
    found = tomllib.loads(plan_bytes().decode())
    clinic = found["clinic"]
    return Plan(
        clinic=clinic,
        rooms=tuple(clinic.pop("rooms")),
        doctors=tuple(found["doctors"]),
        visit_types=tuple(found["visit_types"]),
        accounts=tuple(found["accounts"]),
        people=tuple(found["people"]),
        waiting=tuple(found["waiting"]),
        tour=tuple(found["tour"]),
        names=found["names"],
    )
