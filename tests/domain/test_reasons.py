"""Why a search finds nothing; how near and how far ahead a visit type is booked; three to offer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.clinic.closures import close_clinic
from clinic_tui.domain.clinic.visit_types import VisitTypeDetails, add_visit_type, change_visit_type
from clinic_tui.domain.codes import Pick, Reason, Spread, Status
from clinic_tui.domain.errors import BadInput, BeyondHorizon, NotPermitted, TooSoon
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.openings.openings import FoundOpenings, OpeningSearch, find_openings
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, booking, refused

_FOLLOW_UP = VisitTypeDetails("Follow-up", "f/up", 20)


def sought(database: Database, clinic: SmallClinic, **given: Any) -> FoundOpenings:
    """Lee's Tuesday, unless something else is given."""
    wanted: dict[str, Any] = {
        "visit_type_id": clinic.follow_up,
        "from_at": at("00:00", 1),
        "until": at("00:00", 2),
        "doctor_ids": (clinic.lee,),
    }
    search = OpeningSearch(**(wanted | given))
    return database.read(find_openings, clinic.receptionist, search, NOW)


def bound(database: Database, clinic: SmallClinic, **given: Any) -> None:
    """Change how near and how far ahead follow-ups are booked."""
    details = replace(_FOLLOW_UP, **given)
    database.transact(change_visit_type, clinic.admin, clinic.follow_up, details, NOW)


def none_because(found: FoundOpenings, reason: Reason, sentence: str) -> None:
    assert found == FoundOpenings((), reason, sentence)


def test_nobody_works(database: Database, clinic: SmallClinic) -> None:
    found = sought(database, clinic, from_at=at("00:00", 5), until=at("00:00", 7))
    none_because(found, Reason.NO_HOURS, "Dr Lee does not work then.")
    found = sought(database, clinic, doctor_ids=(), specialty_id=NOBODY)
    none_because(found, Reason.NO_HOURS, "No doctor asked for does that visit type.")
    found = sought(database, clinic, day_from=12 * 60, day_until=13 * 60)
    assert found.reason is Reason.NO_HOURS


def test_away_and_holidays(database: Database, clinic: SmallClinic) -> None:
    database.transact(add_time_off, clinic.admin, clinic.lee, at("00:00", 1), at("00:00", 2), NOW)
    none_because(sought(database, clinic), Reason.AWAY, "Dr Lee is away then.")
    day = at("12:00", 2).date()
    database.transact(close_clinic, clinic.admin, day, day, "Stocktaking", NOW)
    found = sought(database, clinic, from_at=at("00:00", 2), until=at("00:00", 3), doctor_ids=())
    none_because(found, Reason.HOLIDAY, "There are only holidays or closed days then.")


def test_booked_up_and_too_short(database: Database, clinic: SmallClinic) -> None:
    for clock, minutes in (("09:00", 180), ("13:00", 225)):
        database.transact(add_visit, clinic, at(clock, 1), minutes=minutes)
    found = sought(database, clinic)
    none_because(
        found,
        Reason.NO_GAP_LONG_ENOUGH,
        "The longest time free then is 15 min; the visit needs 20.",
    )
    database.transact(add_visit, clinic, at("16:45", 1), minutes=15)
    none_because(sought(database, clinic), Reason.FULLY_BOOKED, "Dr Lee is fully booked then.")


def test_no_room(database: Database, clinic: SmallClinic) -> None:
    database.transact(
        add_visit, clinic, at("09:00", 1), minutes=480, doctor_id=clinic.park,
        room_id=clinic.room_one,
    )  # fmt: skip
    found = sought(database, clinic, room_id=clinic.room_one)
    sentence = "Room 1 is taken whenever there is time free then."
    none_because(found, Reason.FULLY_BOOKED, sentence)
    other = sought(database, clinic, any_room=True).openings[0]
    assert (other.room_id, other.room) == (clinic.room_two, "Room 2")


def test_too_soon_and_beyond(database: Database, clinic: SmallClinic) -> None:
    gone = sought(database, clinic, from_at=at("09:00", -2), until=at("09:00", -1))
    none_because(gone, Reason.TOO_SOON, "That time has passed.")
    bound(database, clinic, notice_minutes=48 * 60, horizon_days=7)
    found = sought(database, clinic)
    none_because(
        found,
        Reason.TOO_SOON,
        "That visit type is booked at least 2 days ahead: from Wed 25 Nov 2026 09:00 on.",
    )
    week = sought(database, clinic, until=at("00:00", 9), limit=200, spread=Spread.PLAIN)
    assert week.openings[0].starts_at == at("09:00", 2)
    assert week.openings[-1].starts_at == at("16:40", 7)
    late = sought(database, clinic, from_at=at("00:00", 8), until=at("00:00", 9))
    assert late.reason is Reason.BEYOND_HORIZON


@pytest.mark.parametrize(
    ("expected", "day", "first"), [(TooSoon, 1, at("09:00", 2)), (BeyondHorizon, 8, at("09:00", 1))]
)
def test_booking_and_moving_are_bound(
    database: Database, clinic: SmallClinic, expected: Any, day: int, first: Any
) -> None:
    standing = database.transact(add_visit, clinic, at("09:00", day))
    bound(
        database, clinic,
        **({"notice_minutes": 48 * 60} if expected is TooSoon else {"horizon_days": 7}),
    )  # fmt: skip
    wanted = booking(clinic, starts_at=at("15:00", day))
    refusal = refused(database, expected, book_appointment, clinic.receptionist, wanted, NOW)
    assert len(refusal.alternatives) == 3
    assert refusal.alternatives[0].starts_at == first
    later = MoveRequest(standing, clinic.lee, at("15:00", day), 20, None)
    refused(database, expected, move_appointment, clinic.receptionist, later, NOW)
    # At the same start with somebody else: nothing that the notice is for.
    colleague = MoveRequest(standing, clinic.okafor, at("09:00", day), 20, None)
    assert database.transact(move_appointment, clinic.receptionist, colleague, NOW)


@pytest.mark.parametrize(
    "given",
    [
        {"notice_minutes": -1},
        {"notice_minutes": 366 * 1440},
        {"horizon_days": 0},
        {"horizon_days": 3651},
        {"horizon_days": 1, "notice_minutes": 1440},
    ],
)
def test_bounds_that_cannot_be(
    database: Database, clinic: SmallClinic, given: dict[str, Any]
) -> None:
    details = replace(_FOLLOW_UP, name="Other", **given)
    refused(database, BadInput, add_visit_type, clinic.admin, details, NOW)


def test_three_to_offer(database: Database, clinic: SmallClinic) -> None:
    """Maria came on three Thursdays at about eleven, and once on a Monday."""
    for days_ago, clock in ((4, "11:00"), (11, "11:10"), (18, "10:50"), (7, "09:00")):
        database.transact(
            add_visit, clinic, at(clock, -days_ago), patient_id=clinic.maria,
            status=Status.FULFILLED,
        )  # fmt: skip
    three = {"until": None, "spread": Spread.THREE, "patient_id": clinic.maria}
    found = sought(database, clinic, **three).openings
    assert [(one.pick, one.starts_at) for one in found] == [
        (Pick.SOONEST, at("09:00", 1)),
        (Pick.LATER, at("09:00", 8)),
        (Pick.USUAL, at("10:00", 3)),
    ]
    mornings = sought(database, clinic, **three, day_from=8 * 60, day_until=10 * 60).openings
    assert [one.pick for one in mornings] == [Pick.SOONEST, Pick.LATER]
    unknown = sought(database, clinic, **(three | {"patient_id": clinic.sam})).openings
    assert [one.pick for one in unknown] == [Pick.SOONEST, Pick.LATER]


def test_openings_keep_clear_of_the_patient(database: Database, clinic: SmallClinic) -> None:
    database.transact(
        add_visit, clinic, at("09:00", 1), doctor_id=clinic.park, patient_id=clinic.maria
    )
    found = sought(database, clinic, patient_id=clinic.maria).openings
    assert found[0].starts_at == at("09:20", 1)
    search = OpeningSearch(clinic.follow_up, NOW, patient_id=clinic.maria)
    for actor in (clinic.doctor_lee, clinic.admin, replace(clinic.patient, patient_id=NOBODY)):
        with pytest.raises(NotPermitted):
            database.read(find_openings, actor, search, NOW)


@pytest.mark.parametrize(
    "given",
    [
        {"weekdays": frozenset({7})},
        {"day_from": 600, "day_until": 600},
        {"day_until": 1441},
        {"room_id": 1, "any_room": True},
    ],
)
def test_what_cannot_be_asked_for(
    database: Database, clinic: SmallClinic, given: dict[str, Any]
) -> None:
    search = OpeningSearch(clinic.follow_up, NOW, **given)
    refused(database, BadInput, find_openings, clinic.receptionist, search, NOW)


def test_a_notice_of_seconds_is_rounded_up_to_the_minute(
    database: Database, clinic: SmallClinic
) -> None:
    bound(database, clinic, notice_minutes=60)
    now = NOW + timedelta(seconds=30)
    search = OpeningSearch(clinic.follow_up, now, (clinic.lee,))
    found = database.read(find_openings, clinic.receptionist, search, now).openings
    assert found[0].starts_at == at("10:10")
    # Found a moment ago, at 10:00 exactly an hour ahead, it can still be booked.
    request = booking(clinic, starts_at=at("10:00"))
    assert database.transact(book_appointment, clinic.receptionist, request, now)
