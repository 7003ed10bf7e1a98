"""How places on the waitlist and offers are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..domain.codes import Urgency
from ..domain.times.walltime import clock, plain_clock, say_day, say_moment, say_span, say_weekdays
from .output import iso, opening_json, say_opening

if TYPE_CHECKING:
    from ..domain.waitlist.offering import OfferedOpening
    from ..domain.waitlist.who_waits import Waiting


def say_waiting(one: Waiting, now: datetime, zone: str) -> Iterator[str]:
    """Who waits for what and for how long; then what is offered to them or would fit."""
    days = (now - one.waiting_since) // timedelta(days=1)
    urgency = "" if one.urgency is Urgency.ROUTINE else f" {one.urgency},"
    whom = ", ".join(one.doctors.values()) or one.specialty or "anybody"
    wanted = f"{one.visit_type}, {one.minutes} min, {whom}"
    yield f"{one.entry_id:>7}  {one.patient},{urgency} {days} d: {wanted}{_when(one, zone)}"
    if one.note:
        yield f"{'':9}{one.note}"
    if one.offer is not None:
        span = say_span(one.offer.starts_at, one.offer.ends_at, zone)
        until = say_moment(one.offer.expires_at, zone)
        yield f"{'':9}offer {one.offer.offer_id}: {span}, until {until}"
    elif one.next_fits is not None:
        yield f"{'':9}next: {say_opening(one.next_fits, zone)}"


def _when(one: Waiting, zone: str) -> str:
    times, parts = one.times, []
    if one.earlier_than is not None:
        parts.append(f"earlier than {say_moment(one.earlier_than, zone)}")
    if len(one.weekdays) < 7:
        parts.append(say_weekdays(one.weekdays))
    if (times.from_minute, times.until_minute) != (0, 1440):
        parts.append(f"{clock(times.from_minute)}–{clock(times.until_minute)}")
    if times.last_day is not None:
        parts.append(f"to {say_day(times.last_day)}")
    return "".join(f", {part}" for part in parts)


def waiting_json(one: Waiting, zone: str) -> dict[str, Any]:
    """A place on the waitlist as --json prints it."""
    times, offer = one.times, one.offer
    return {
        "place": one.entry_id,
        "patient_id": one.patient_id,
        "patient": one.patient,
        "visit_type": one.visit_type,
        "minutes": one.minutes,
        "doctors": [{"doctor_id": key, "doctor": name} for key, name in one.doctors.items()],
        "specialty": one.specialty,
        "first_day": times.first_day.isoformat(),
        "last_day": times.last_day and times.last_day.isoformat(),
        "weekdays": sorted(one.weekdays),
        "from": plain_clock(times.from_minute),
        "until": plain_clock(times.until_minute),
        "urgency": one.urgency,
        "note": one.note,
        "waiting_since": iso(one.waiting_since, zone),
        "visit": one.appointment_id,
        "earlier_than": one.earlier_than and iso(one.earlier_than, zone),
        "offer": offer
        and {
            "offer": offer.offer_id,
            "doctor_id": offer.doctor_id,
            "starts_at": iso(offer.starts_at, zone),
            "ends_at": iso(offer.ends_at, zone),
            "expires_at": iso(offer.expires_at, zone),
        },
        "next": one.next_fits and opening_json(one.next_fits, zone),
    }


def say_offered(made: OfferedOpening, zone: str) -> str:
    """What is kept for whom, and until when."""
    span = say_span(made.starts_at, made.ends_at, zone)
    until = say_moment(made.expires_at, zone)
    told = {0: "nobody is told", 1: "1 message queued"}.get(
        made.notices, f"{made.notices} messages queued"
    )
    kept = f"kept for {made.patient} until {until}, {told}"
    return f"Offer {made.offer_id}: {span}, {made.doctor}, {kept}."


def offered_json(made: OfferedOpening, zone: str) -> dict[str, Any]:
    """An offer as --json prints it."""
    return {
        "offer": made.offer_id,
        "place": made.entry_id,
        "patient_id": made.patient_id,
        "patient": made.patient,
        "doctor_id": made.doctor_id,
        "doctor": made.doctor,
        "visit_type": made.visit_type,
        "room": made.room,
        "starts_at": iso(made.starts_at, zone),
        "ends_at": iso(made.ends_at, zone),
        "expires_at": iso(made.expires_at, zone),
        "messages": made.notices,
    }
