"""Bad input, in every field of every operation: a refusal in a sentence, and nothing is changed.

Each request that is good is spoiled in one place after another: numbers of no row and greater
than a column holds, lengths of nothing and of 13 hours, instants without a zone, in the past and
beyond the calendar, ends before their starts, ten thousand of what may be several, text that no
terminal may see.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.access import Actor
from clinic_tui.domain.codes import Status
from clinic_tui.domain.errors import Refusal
from clinic_tui.domain.messages import templates
from clinic_tui.domain.patients import merging
from clinic_tui.domain.undo import undo
from clinic_tui.domain.visits import tray
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, NOBODY, at, everything
from .test_access import TABLE, Operation, world_of
from .undoing import both_of

_BAD: dict[str, dict[str, Any]] = {
    "datetime": {
        "naive": datetime(2026, 11, 24, 15),  # noqa: DTZ001 - the very thing that is refused
        "first": datetime(1, 1, 1, tzinfo=UTC),
        "past": datetime(2026, 11, 22, 15, tzinfo=UTC),
        "last": datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    },
    "date": {"first": date.min, "last": date.max},
    "number": {"nobody's": NOBODY, "0": 0, "-1": -1},
    "minutes": {"0": 0, "-1": -1, "13 h": 780, "int8": 2**63},
    "int": {"0": 0, "-1": -1, "int4": 2**31, "int8": 2**63, "huge": 10**30},
    "str": {"long": "x" * 100_000, "escape": "a\x1b[2J", "half": "\udce9", "nul": "a\0"},
}  # fmt: skip
_ORDERED: dict[str, tuple[Any, Any]] = {
    "datetime": (datetime(2026, 11, 25, 15, tzinfo=UTC), timedelta(hours=1)),
    "date": (date(2026, 12, 1), timedelta(days=1)),
    "minute": (600, 10),
}  # fmt: skip
"""Of two such fields in a row the second ends what the first begins: when, and how much less."""
_BEGIN_AND_END = dict.fromkeys(
    (("starts", "ends"), ("from_minute", "until_minute"), ("day_from", "day_until")), "minute"
)
_COUNTED = ("replaces", "seen_sequence", "other_seen")
"""Numbers that the program gives: a greater one than a column holds never gets so far."""
_GOOD = "as it is"
_NOTHING_THERE = (merging.part_patients, templates.reset_wording, undo.leave_last)
"""Of these the table of permissions asks for what is not there."""
_NOT_TYPED = {"now", "key", "request_key", "desk", "limit", "password_hash"}
"""What nobody types and no screen asks for: the program's own."""
_GONE = {f"request hold_id {number}" for number in _BAD["number"]}
_NO_BOUNDS = {
    *(f"details {name} 0" for name in ("buffer_before", "buffer_after", "notice_minutes")),
    "details notice_minutes 13 h",
}
_ALL_THE_SAME = {
    "absence.accept_plan": {"acceptance wish days 0"},
    "booking.book_appointment": _GONE,
    "booking.overbook_appointment": _GONE,
    "holds.hold_opening": {f"request replaces {number}" for number in _BAD["number"]},
    "hours.add_extra_hours": {"starts 0"},
    "time_off.add_time_off": {"starts_at past"},
    "hours.set_weekly_hours": {"weekly [0] weekday 0", "weekly [0] starts 0"},
    "message_settings.change_message_settings": {
        f"settings {name} 0" for name in ("quiet_from", "quiet_until", "agenda_minute")
    },
    "moving.move_appointment": {"request seen_sequence 0"},
    "reserving.set_reserved_hours": {
        "reserved [0] weekday 0", "reserved [0] starts 0", "reserved [0] release_minute 0"},
    "settings.change_settings": {"settings grace_seconds 0", "settings first_weekday 0"},
    "swapping.swap_appointments": {"request seen_sequence 0", "request other_seen 0"},
    "tray.put_down": {"request seen_sequence 0"},
    "visit_types.add_visit_type": _NO_BOUNDS,
    "visit_types.change_visit_type": _NO_BOUNDS,
    "waitlist.add_to_waitlist": {"wish doctor_ids 10,000", "wish from_minute 0"},
    "waitlist.change_waitlist_entry": {"wish from_minute 0"},
}  # fmt: skip
"""What is done all the same, because it is not wrong there: an absence that has begun, a hold
that is gone where the time is free, midnight, Monday, the same doctor ten thousand times."""


def _spoiled(name: str, value: Any, declared: str) -> Iterator[tuple[str, Any]]:
    """The value with one thing wrong in it, and what that is."""
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in _NOT_TYPED:
                inner = getattr(value, field.name)
                for what, bad in _spoiled(field.name, inner, str(field.type)):
                    yield f"{field.name} {what}", replace(value, **{field.name: bad})  # type: ignore[type-var]
        for what, ends in _backwards([(one.name, str(one.type)) for one in fields(value)]):
            yield what, replace(value, **ends)  # type: ignore[type-var]
        return
    words = re.findall(r"\w+", declared)
    wrong = _BAD.get(_kind(name, words), {})
    if "tuple" not in words:
        yield from wrong.items() if "frozenset" not in words else ()
        return
    for what, bad in _spoiled(name, value[0], words[-1]) if value else wrong.items():
        yield f"[0] {what}", (bad, *value[1:])
    if value:
        yield "10,000", value * 10_000


def _backwards(declared: list[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What ends before it starts, of fields in a row, each with the type that it is declared as."""
    for (first, one), (second, other) in pairwise(declared):
        kind = _BEGIN_AND_END.get((first, second)) or _time_of(one)
        typed = not {first, second} & _NOT_TYPED
        if typed and kind in _ORDERED and kind in ("minute", _time_of(other)):
            begins, less = _ORDERED[kind]
            yield f"{second} before {first}", {first: begins, second: begins - less}


def _time_of(declared: str) -> str:
    """Whether that type is an instant or a date; else empty."""
    return next((one for one in ("datetime", "date") if one in re.findall(r"\w+", declared)), "")


def _kind(name: str, words: list[str]) -> str:
    """What a field of that name and type holds, among what is spoiled here."""
    kind = next((word for word in words if word in _BAD), "")
    if kind == "int" and ("_id" in name or name in _COUNTED):
        return "number"
    return "minutes" if kind == "int" and "minutes" in name else kind


def _calls(operation: Operation, args: tuple[Any, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The call as it is, then spoiled in one place after another."""
    named = args[-1] if args and isinstance(args[-1], dict) else {}
    signature = inspect.signature(operation)
    bound = signature.bind(None, None, *(args[:-1] if named else args), **named)
    bound.apply_defaults()
    given = dict(list(bound.arguments.items())[2:])
    yield _GOOD, given
    for name, value in given.items():
        if name not in _NOT_TYPED:
            annotation = str(signature.parameters[name].annotation)
            for what, bad in _spoiled(name, value, annotation):
                yield f"{name} {what}", given | {name: bad}
    declared = [(name, str(signature.parameters[name].annotation)) for name in given]
    for what, ends in _backwards(declared):
        yield what, given | ends


def _done(session: Session, actor: Actor, operation: Operation, given: dict[str, Any]) -> bool:
    """Whether it was done; else it was refused in a sentence."""
    try:
        operation(session, actor, **given)
    except Refusal as refusal:
        said = str(refusal)
    else:
        return True
    assert said.endswith((".", "!")), said
    return False


@pytest.mark.parametrize("status", sorted({row.status for row in TABLE.values()}))
def test_whatever_is_wrong_is_refused(
    clinic: SmallClinic, database: Database, status: Status
) -> None:
    """For all operations that begin with a visit of that status."""
    actor = both_of(clinic)
    with Session(database.engine) as session:
        whose = world_of(session, clinic, status)["receptionist"]["own"]
        if status is Status.HELD:
            mine = {"held_by": actor.account_id, "held_until": at("23:00")}
            session.execute(update(APPOINTMENTS).values(mine))
        for operation, row in TABLE.items():
            if row.status is status:
                lifted = session.begin_nested()
                if operation in (tray.put_down, tray.put_back):
                    tray.lift(session, actor, whose.visit, NOW)
                _try_out(session, actor, operation, row.call(clinic, whose))
                lifted.rollback()
        session.rollback()


def _try_out(session: Session, actor: Actor, operation: Operation, args: tuple[Any, ...]) -> None:
    """See what is good done, and what is wrong refused with nothing written."""
    name = f"{operation.__module__.rpartition('.')[2]}.{operation.__name__}"
    before, writes, done = everything(session), True, set()
    for what, given in _calls(operation, args):
        attempt = session.begin_nested()
        if _done(session, actor, operation, given):
            done.add(what)
        if what == _GOOD:
            writes = everything(session) != before
        attempt.rollback()
    assert everything(session) == before, name
    assert _GOOD in done or operation in _NOTHING_THERE, name
    if writes:
        assert done - {_GOOD} == _ALL_THE_SAME.get(name, set()), name
    assert not [what for what in done if what.endswith("naive") or " before " in what], name
