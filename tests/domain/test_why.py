"""The line under the cursor: why a cell of the calendar is as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic_tui.domain.clinic.terms import Fit
from clinic_tui.domain.codes import Status
from clinic_tui.domain.hours.reserved import Reserved
from clinic_tui.domain.openings.why import Asked, explain
from clinic_tui.domain.overview.calendar import DayColumn
from clinic_tui.domain.overview.calendar_visits import CalendarVisit
from clinic_tui.domain.visits.status_words import STATUS_WORDS, visit_stands
from tests.small_clinic import NOW, ZONE

from .given import at

CODES = {"pending", "checked-in", "fulfilled", "noshow", "entered-in-error"}


def _visit(clock: str, minutes: int = 20, before: int = 0, after: int = 0, **given: Any) -> Any:
    starts_at = at(clock)
    ends_at = starts_at + timedelta(minutes=minutes)
    wanted: dict[str, Any] = {
        "appointment_id": 1,
        "doctor_id": 1,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "blocked_from": starts_at - timedelta(minutes=before),
        "blocked_until": ends_at + timedelta(minutes=after),
        "status": Status.BOOKED,
        "overbooked": False,
        "confirmed": False,
        "busy": False,
        "patient_id": 1,
        "family_name": "Lind",
        "given_name": "Jonas",
        "visit_type": "Follow-up",
        "short_name": "f/up",
        "colour": "blue",
        "room": "",
    }
    return CalendarVisit(**(wanted | given))


_BUSY: dict[str, Any] = {"busy": True, "family_name": "", "given_name": "", "visit_type": ""}
_HELD: dict[str, Any] = {
    "status": Status.HELD,
    "held_by": "ben",
    "held_until": NOW + timedelta(seconds=100),
    "family_name": "",
    "given_name": "",
    "visit_type": "",
}
DAY = DayColumn(
    day=NOW.date(),
    doctor_id=1,
    doctor="Dr Lee",
    specialty="General practice",
    colour="blue",
    midnight=at("00:00"),
    next_midnight=at("00:00", 1),
    open=((at("09:00"), at("12:00")), (at("13:00"), at("17:00"))),
    closed_because="",
    visits=(
        _visit("09:20", 40, before=5, after=10, room="Room 1", confirmed=True),
        _visit("10:30", **_BUSY),
        _visit("11:00", status=Status.NOSHOW, after=10),
        _visit("11:20", **_HELD),
        _visit("13:00", status=Status.NOSHOW),
        _visit("13:00", given_name="Sam", family_name="Okoye", overbooked=True),
        _visit("18:00", 60),
    ),
)


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        ("08:00", "closed until 09:00"),
        ("09:00", "free for 15 min"),
        ("09:14", "free for 1 min"),
        ("09:15", "buffer of the visit at 09:20, to 10:10"),
        ("09:20", "Jonas Lind, Follow-up, 09:20–10:00, Room 1, booked, will come"),
        ("09:59", "Jonas Lind, Follow-up, 09:20–10:00, Room 1, booked, will come"),
        ("10:00", "buffer of the visit at 09:20, to 10:10"),
        ("10:10", "free for 20 min"),
        ("10:30", "busy 10:30–10:50"),
        ("11:00", "Jonas Lind, Follow-up, 11:00–11:20, did not come; free for 20 min"),
        ("11:20", "held by ben, 1:40 left"),
        ("11:45", "free for 15 min"),
        ("12:00", "closed 12:00–13:00"),
        (
            "13:00",
            "Jonas Lind, Follow-up, 13:00–13:20, did not come;"
            " Sam Okoye, Follow-up, 13:00–13:20, booked, overbooked",
        ),
        ("13:20", "free for 3 h 40 min"),
        ("15:00", "free for 2 h"),
        ("15:01", "free for 1 h 59 min"),
        ("15:29", "free for 1 h 31 min"),
        ("15:30", "free for 90 min"),
        ("17:00", "closed since 17:00"),
        ("18:30", "Jonas Lind, Follow-up, 18:00–19:00, booked"),
    ],
)
def test_what_is_there(clock: str, sentence: str) -> None:
    assert explain(DAY, at(clock), ZONE, NOW) == f"Dr Lee {clock} — {sentence}"


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        ("10:10", "free for 20 min. Follow-up (20 min) fits."),
        ("10:11", "free for 19 min, Follow-up needs 20."),
        ("11:00", "Jonas Lind, Follow-up, 11:00–11:20, did not come; free for 20 min."
                  " Follow-up (20 min) fits."),
        ("12:00", "closed 12:00–13:00"),
    ],
)  # fmt: skip
def test_whether_it_fits(clock: str, sentence: str) -> None:
    wanted = Asked("Follow-up", 20)
    assert explain(DAY, at(clock), ZONE, NOW, wanted) == f"Dr Lee {clock} — {sentence}"


def test_what_would_be_over_by_now_is_not_said_to_be_free() -> None:
    """Somebody may still be booked who walked in while the visit would last."""
    over = "Dr Lee 10:10 — that time has passed"
    assert explain(DAY, at("10:10"), ZONE, at("10:29"), Asked("Follow-up", 20)).endswith(" fits.")
    assert explain(DAY, at("10:10"), ZONE, at("10:30"), Asked("Follow-up", 20)) == over
    assert explain(DAY, at("10:10"), ZONE, at("10:11")) == over


def test_a_day_on_which_nobody_works() -> None:
    because = "Dr Lee is away to Fri 27 Nov 2026"
    away = replace(DAY, open=(), closed_because=because)
    assert explain(away, at("10:10"), ZONE, NOW) == because
    assert explain(away, at("10:30"), ZONE, NOW) == "Dr Lee 10:30 — busy 10:30–10:50"
    assert explain(away, at("11:00"), ZONE, NOW).endswith(f"did not come; {because}")
    shut = replace(DAY, open=(), visits=())
    assert explain(shut, at("10:00"), ZONE, NOW) == "Dr Lee 10:00 — closed"


@pytest.mark.parametrize("status", Status)
def test_people_read_words_and_no_codes(status: Status) -> None:
    said = visit_stands(status)
    assert not any(code in said for code in CODES), said
    assert STATUS_WORDS[status] in said


KEPT = replace(DAY, reserved=(Reserved(0, 13 * 60, 14 * 60, 2, release_minute=12 * 60),))
"""For new patients from one to two, until noon; one visit ends at 13:20."""


@pytest.mark.parametrize(
    ("clock", "asked", "sentence"),
    [
        (
            "13:20",
            (1, Fit(20, 0, 0)),
            "free for 3 h 40 min, reserved for other visit types than X.",
        ),
        ("13:20", (2, Fit(20, 0, 0)), "free for 3 h 40 min. X (20 min) fits."),
        ("14:00", (1, Fit(20, 0, 0)), "free for 3 h. X (20 min) fits."),
        (
            "10:10",
            (1, Fit(20, 10, 5)),
            "free for 20 min, X needs 10 before it and 5 after it, too.",
        ),
        ("10:10", (1, Fit(20, 0, 5)), "free for 20 min, X needs 5 after it, too."),
        ("09:00", (1, Fit(15, 10, 0)), "free for 15 min. X (15 min) fits."),
        ("14:00", (1, Fit(20, 0, 0, notice=600)), "free for 3 h, too soon for X."),
        ("14:00", (1, Fit(20, 0, 0, horizon=0)), "free for 3 h. X (20 min) fits."),
    ],
)
def test_what_such_a_visit_may_not_have_does_not_fit(
    clock: str, asked: tuple[int, Fit], sentence: str
) -> None:
    """What would be refused is not said to fit: reserved hours, notice, what is kept around it."""
    kind, fit = asked
    wanted = Asked("X", fit.minutes, kind, fit)
    assert explain(KEPT, at(clock), ZONE, NOW, wanted) == f"Dr Lee {clock} — {sentence}"


def test_hours_that_are_kept_from_then_on_end_what_is_free_for_others() -> None:
    kept = replace(KEPT, reserved=(Reserved(0, 15 * 60, 16 * 60, 2),))
    told = "Dr Lee 14:50 — free for 10 min, X needs 20."
    assert explain(kept, at("14:50"), ZONE, NOW, Asked("X", 20, 1, Fit(20, 0, 0))) == told


def test_hours_open_to_all_and_days_past_the_horizon() -> None:
    late = at("12:00")
    fits = explain(KEPT, at("13:20"), ZONE, late, Asked("X", 20, 1, Fit(20, 0, 0)))
    assert fits.endswith("fits.")
    early = at("14:00", -30)
    far = explain(KEPT, at("14:00"), ZONE, early, Asked("X", 20, 1, Fit(20, 0, 0, horizon=7)))
    assert far.endswith("free for 3 h, too far ahead for X.")
