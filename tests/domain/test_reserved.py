"""Hours kept for a visit type: who may have them, when they open, how they are set."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.clinic.clinic_days import ClinicDays
from clinic_tui.domain.codes import Reason
from clinic_tui.domain.errors import BadInput, KeptForOthers, NotFound, ObstacleKind
from clinic_tui.domain.hours.reserved import Reserved
from clinic_tui.domain.hours.reserving import reserved_hours, set_reserved_hours
from clinic_tui.domain.hours.schedule import DoctorSchedule
from clinic_tui.domain.openings.offers import Asked, offer_openings
from clinic_tui.domain.openings.openings import OpeningSearch, find_openings
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, booking, refused

_TUESDAY = 1


def keep(database: Database, clinic: SmallClinic, *kept: Reserved) -> None:
    """Set Lee's reserved hours."""
    database.transact(set_reserved_hours, clinic.receptionist, clinic.lee, kept, NOW)


def tuesday(clinic: SmallClinic, **given: Any) -> Reserved:
    """Lee's Tuesday from 10 to 11, kept for vaccinations."""
    wanted: dict[str, Any] = {
        "weekday": _TUESDAY,
        "starts": 600,
        "ends": 660,
        "visit_type_id": clinic.vaccination,
    }
    return Reserved(**(wanted | given))


def starts(database: Database, clinic: SmallClinic, kind: int, **given: Any) -> list[str]:
    """When Lee's openings of Tuesday begin, from half past nine."""
    wanted: dict[str, Any] = {"until": at("11:30", 1), "limit": 50}
    search = OpeningSearch(kind, at("09:30", 1), (clinic.lee,), **(wanted | given))
    found = database.read(find_openings, clinic.receptionist, search, given.pop("now", NOW))
    return [f"{one.starts_at:%H:%M}" for one in found.openings]


def test_only_their_type_is_found_and_booked_there(database: Database, clinic: SmallClinic) -> None:
    keep(database, clinic, tuesday(clinic))
    # Berlin is an hour ahead.
    assert starts(database, clinic, clinic.follow_up) == ["08:30", "10:00", "10:20"]
    assert starts(database, clinic, clinic.vaccination)[3:9] == [
        f"09:{minute}0" for minute in range(6)
    ]
    wrong = booking(clinic, starts_at=at("10:50", 1))
    refusal = refused(database, KeptForOthers, book_appointment, clinic.receptionist, wrong, NOW)
    assert str(refusal) == (
        "Dr Lee's hours at 10:50 on Tue 24 Nov 2026 are reserved for other visit types."
    )
    assert [one.kind for one in refusal.obstacles] == [ObstacleKind.RESERVED]
    assert [f"{one.starts_at:%H:%M}" for one in refusal.alternatives] == ["10:00", "10:20", "09:50"]
    assert {one.doctor_id for one in refusal.alternatives} == {clinic.lee, clinic.okafor}
    right = booking(clinic, starts_at=at("10:50", 1), visit_type_id=clinic.vaccination)
    assert database.transact(book_appointment, clinic.receptionist, right, NOW)
    asked = Asked(clinic.follow_up, at("10:20", 1), exactly=True, doctor_id=clinic.lee)
    offer = database.read(offer_openings, clinic.receptionist, asked, NOW)
    assert offer.why_not.startswith("Dr Lee's hours at 10:20")


def test_a_visit_moves_into_them_only_from_within(database: Database, clinic: SmallClinic) -> None:
    outside = database.transact(add_visit, clinic, at("11:00", 1))
    inside = database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.maria)
    keep(database, clinic, tuesday(clinic))
    into = MoveRequest(outside, clinic.lee, at("10:40", 1), 20, None)
    refused(database, KeptForOthers, move_appointment, clinic.receptionist, into, NOW)
    room = MoveRequest(inside, clinic.lee, at("10:00", 1), 20, clinic.room_one)
    assert database.transact(move_appointment, clinic.receptionist, room, NOW)


def test_several_types_share_them(database: Database, clinic: SmallClinic) -> None:
    both = tuesday(clinic), tuesday(clinic, visit_type_id=clinic.new_patient, ends=630)
    keep(database, clinic, *both)
    shared = starts(database, clinic, clinic.new_patient, minutes=20)
    assert shared[:4] == ["08:30", "08:50", "09:10", "10:00"]
    assert "09:00" in starts(database, clinic, clinic.vaccination)
    assert "09:00" not in starts(database, clinic, clinic.follow_up)


@pytest.mark.parametrize(
    ("release", "closed", "opened"),
    [
        ({"release_minute": 480}, at("07:59", 1), at("08:00", 1)),
        ({"release_hours": 48}, at("09:59", -1), at("10:00", -1)),
        ({}, at("08:00", 1), None),
    ],
)
def test_they_open_to_all(
    database: Database, clinic: SmallClinic, release: dict[str, int], closed: Any, opened: Any
) -> None:
    keep(database, clinic, tuesday(clinic, **release))

    def is_open(now: Any) -> bool:
        search = OpeningSearch(
            clinic.follow_up, at("10:00", 1), (clinic.lee,), until=at("10:30", 1)
        )
        found = database.read(find_openings, clinic.receptionist, search, now)
        assert found.openings or found.reason is Reason.RESERVED
        return bool(found.openings)

    assert not is_open(closed)
    if opened is not None:
        assert is_open(opened)


def test_the_clock_on_the_wall_opens_them_and_hours_are_counted() -> None:
    """On the day of New York's change to summer time, and before it."""
    days = ClinicDays("America/New_York")
    sunday = date(2027, 3, 14)
    clock = Reserved(6, 600, 660, 1, release_minute=480)
    hours = Reserved(6, 600, 660, 1, release_hours=48)
    assert f"{clock.opens_at(sunday, days.zone):%d %H:%M}" == "14 12:00"
    assert f"{hours.opens_at(sunday, days.zone):%d %H:%M}" == "12 14:00"
    schedule = DoctorSchedule(days, reserved=(clock,))
    opens = clock.opens_at(sunday, days.zone)
    assert opens is not None
    assert schedule.kept(sunday, 2, opens) == []
    assert len(schedule.kept(sunday, 2, opens - timedelta(seconds=1))) == 1


def test_setting_them_is_undone(database: Database, clinic: SmallClinic) -> None:
    keep(database, clinic, tuesday(clinic, valid_from=date(2026, 11, 1)))
    first = database.read(reserved_hours, clinic.receptionist, clinic.lee)
    keep(database, clinic)
    assert database.read(reserved_hours, clinic.receptionist, clinic.lee) == ()
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert database.read(reserved_hours, clinic.receptionist, clinic.lee) == first


WRONG: dict[str, tuple[type[Any], list[dict[str, Any]]]] = {
    "no weekday": (BadInput, [{"weekday": 7}]),
    "backwards": (BadInput, [{"ends": 600}]),
    "past midnight": (BadInput, [{"ends": 1441}]),
    "two releases": (BadInput, [{"release_minute": 0, "release_hours": 1}]),
    "no time": (BadInput, [{"release_minute": 1441}]),
    "at once": (BadInput, [{"release_hours": 0}]),
    "years before": (BadInput, [{"release_hours": 8761}]),
    "never": (BadInput, [{"valid_from": date(2027, 1, 2), "valid_until": date(2027, 1, 1)}]),
    "no such type": (NotFound, [{"visit_type_id": NOBODY}]),
    "twice": (BadInput, [{}, {"starts": 630}]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_reserved_hours(database: Database, clinic: SmallClinic, case: str) -> None:
    kind, given = WRONG[case]
    kept = tuple(tuesday(clinic, **one) for one in given)
    refused(database, kind, set_reserved_hours, clinic.receptionist, clinic.lee, kept, NOW)


def test_of_no_doctor(database: Database, clinic: SmallClinic) -> None:
    refused(database, NotFound, set_reserved_hours, clinic.receptionist, NOBODY, (), NOW)
