"""An absence plan as JSON: ``absence plan`` writes it, ``absence accept --plan`` reads it."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..domain.codes import Fate
from ..domain.errors import BadInput
from .output import iso

if TYPE_CHECKING:
    from ..domain.absence.causes import Cause
    from ..domain.absence.lines import AbsencePlan, Decision
    from ..domain.hours.schedule import Hours

_MOST_BYTES = 5_000_000


def plan_json(plan: AbsencePlan, zone: str) -> dict[str, Any]:
    """The plan as --json prints it; of each line, what accepting it takes and what people read."""
    return {
        "cause": _cause_json(plan.cause, zone),
        "lines": [
            {
                "visit": line.appointment_id,
                "sequence": line.sequence,
                "patient": line.patient,
                "visit_type": line.visit_type,
                "doctor": line.doctor,
                "room": line.room,
                "status": line.status,
                "starts_at": iso(line.starts_at, zone),
                "ends_at": iso(line.ends_at, zone),
                "fate": line.fate,
                "to": None
                if line.to is None
                else {
                    "doctor_id": line.to.doctor_id,
                    "doctor": line.to.doctor,
                    "starts_at": iso(line.to.starts_at, zone),
                    "room_id": line.to.room_id,
                    "room": line.to.room,
                },
                "here": line.here,
                "why": line.why,
                "tell": line.tell,
            }
            for line in plan.lines
        ],
    }


def _cause_json(cause: Cause, zone: str) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return iso(value, zone)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        return value

    return {"kind": type(cause).__name__, **plain(asdict(cause))}


def read_plan(file: Path) -> tuple[Cause, tuple[Decision, ...]]:
    """The cause and the decisions out of a file ("-" is stdin); ``BadInput`` for anything else."""
    try:
        if str(file) == "-":
            text = sys.stdin.read(_MOST_BYTES + 1)
        else:
            with file.open(encoding="utf-8") as stream:
                text = stream.read(_MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("Plan", f"The plan cannot be read from {file}.") from error
    if len(text) > _MOST_BYTES:
        raise BadInput("Plan", "That file is longer than any plan.")
    try:
        read = json.loads(text)
        return _cause(dict(read["cause"])), tuple(_decision(line) for line in read["lines"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadInput(
            "Plan", "That file is no plan as “absence plan --json” writes it."
        ) from error


def _cause(read: dict[str, Any]) -> Cause:
    from ..domain.absence.causes import ClinicClosed, DoctorAway, HoursChanged, RoomOut  # noqa: PLC0415

    kind = read.pop("kind")
    if kind == "DoctorAway":
        starts_at, ends_at = _moment(read["starts_at"]), _moment(read["ends_at"])
        return DoctorAway(_number(read["doctor_id"]), starts_at, ends_at, str(read["reason"]))
    if kind == "ClinicClosed":
        first, last = (date.fromisoformat(read[name]) for name in ("first_day", "last_day"))
        return ClinicClosed(first, last, str(read["name"]))
    if kind == "HoursChanged":
        seen = read["seen"]
        return HoursChanged(
            _number(read["doctor_id"]),
            tuple(_hours(one) for one in read["weekly"]),
            None if seen is None else tuple(_hours(one) for one in seen),
        )
    if kind == "RoomOut":
        until = read["until"]
        return RoomOut(_number(read["room_id"]), None if until is None else _moment(until))
    raise ValueError(kind)


def _hours(read: dict[str, Any]) -> Hours:
    from ..domain.hours.schedule import Hours  # noqa: PLC0415

    first, last = (
        None if read[name] is None else date.fromisoformat(read[name])
        for name in ("valid_from", "valid_until")
    )
    weekday, starts, ends = (_number(read[name]) for name in ("weekday", "starts", "ends"))
    return Hours(weekday, starts, ends, first, last, _number(read["every_weeks"]))


def _decision(read: dict[str, Any]) -> Decision:
    from ..domain.absence.lines import Decision  # noqa: PLC0415

    to, fate = read["to"], Fate(read["fate"])
    if fate is not Fate.MOVE or to is None:
        to = {"doctor_id": None, "starts_at": None, "room_id": None}
    return Decision(
        _number(read["visit"]),
        _number(read["sequence"]),
        fate,
        None if to["doctor_id"] is None else _number(to["doctor_id"]),
        None if to["starts_at"] is None else _moment(to["starts_at"]),
        None if to["room_id"] is None else _number(to["room_id"]),
        read["tell"] is True,
        read.get("here") is True,
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _number(value: Any) -> int:
    """A number that the tables can hold."""
    if type(value) is not int or abs(value) >= 2**31:
        raise ValueError(value)
    return value
