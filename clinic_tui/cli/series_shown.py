"""A series as the command line shows it: its dates before it is booked, its visits afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .output import echo, echo_json, iso, opening_json, say_opening
from .visit_shown import freed_json, tell_freed

if TYPE_CHECKING:
    from ..domain.series.details import SeriesDetails
    from ..domain.series.plan import SeriesDate


def say_date(one: SeriesDate, zone: str) -> str:
    """A date and what becomes of it, in one line."""
    from ..domain.times.walltime import say_day, say_span  # noqa: PLC0415

    if one.starts_at is None or one.ends_at is None:
        return f"–  {say_day(one.day)}  skipped. {one.note}"
    said = say_span(one.starts_at, one.ends_at, zone)
    parts: Iterable[str] = (
        one.note,
        str(one.refusal) if one.refusal else "",
        f"Nearest: {say_opening(one.alternative, zone)}." if one.alternative else "",
    )
    rest = " ".join(part for part in parts if part)
    return f"{'+' if one.fits else '!'}  {said}  {rest}".rstrip()


def date_json(one: SeriesDate, zone: str) -> dict[str, Any]:
    """A date as --json prints it."""
    return {
        "day": one.day.isoformat(),
        "starts_at": iso(one.starts_at, zone) if one.starts_at else None,
        "ends_at": iso(one.ends_at, zone) if one.ends_at else None,
        "fits": one.fits,
        "note": one.note,
        "refused": str(one.refusal) if one.refusal else None,
        "kind": type(one.refusal).__name__ if one.refusal else None,
        "nearest": opening_json(one.alternative, zone) if one.alternative else None,
    }


def tell(series: SeriesDetails, zone: str, *, as_json: bool) -> None:
    """Say where the visits of a series stand now, and whom the times would suit that they left."""
    from ..domain.times.walltime import say_span  # noqa: PLC0415
    from ..domain.visits.status_words import STATUS_WORDS  # noqa: PLC0415

    if as_json:
        visits = [
            {
                "visit": one.visit.appointment_id,
                "day": one.day.isoformat(),
                "doctor_id": one.visit.doctor_id,
                "doctor": one.visit.doctor,
                "room": one.visit.room,
                "starts_at": iso(one.visit.starts_at, zone),
                "ends_at": iso(one.visit.ends_at, zone),
                "status": one.visit.status,
                "messages": one.visit.notices,
                "freed": one.visit.freed and freed_json(one.visit.freed, zone),
            }
            for one in series.visits
        ]
        echo_json({"series": series.series_id, "rule": series.rule, "visits": visits})
        return
    for one in series.visits:
        visit = one.visit
        place = f", {visit.room}" if visit.room else ""
        span = say_span(visit.starts_at, visit.ends_at, zone)
        echo(f"{visit.appointment_id}  {span}  {visit.doctor}{place}  {STATUS_WORDS[visit.status]}")
    if series.notices:
        echo(f"{series.notices} messages queued.")
    for freed in series.freed:
        tell_freed(freed, zone)
