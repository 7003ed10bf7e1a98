"""What is offered while a booking is put together agrees with what booking then answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.errors import BadInput, CannotBook, NotFound, NotPermitted
from clinic_tui.domain.openings.offers import Asked, Offer, offer_openings
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.domain.given import add_visit, at, booking
from tests.small_clinic import NOW, SmallClinic


def asked(clinic: SmallClinic, **given: Any) -> Asked:
    """Maria's follow-up with Lee on Monday at exactly 10:00, unless something else is given."""
    wanted: dict[str, Any] = {
        "visit_type_id": clinic.follow_up,
        "from_at": at("10:00"),
        "exactly": True,
        "doctor_id": clinic.lee,
        "patient_id": clinic.maria,
    }
    return Asked(**(wanted | given))


def offered(database: Database, clinic: SmallClinic, **given: Any) -> Offer:
    """The offer made to the receptionist."""
    return database.read(offer_openings, clinic.receptionist, asked(clinic, **given), NOW)


def starts(offer: Offer) -> list[str]:
    """When the openings start, and with whom."""
    return [f"{one.starts_at:%d %H:%M} {one.doctor}" for one in offer.openings]


def test_a_free_start_is_free_and_the_next_ones_follow_it(
    database: Database, clinic: SmallClinic
) -> None:
    offer = offered(database, clinic)
    assert offer.why_not == ""
    assert offer.minutes == 20
    assert starts(offer) == ["23 09:20 Dr Lee", "23 09:40 Dr Lee", "23 10:00 Dr Lee"]


def test_a_start_between_two_steps_of_the_grid_is_free_too(
    database: Database, clinic: SmallClinic
) -> None:
    assert offered(database, clinic, from_at=at("10:03")).why_not == ""


def test_what_is_in_the_way_is_said_as_booking_says_it(
    database: Database, clinic: SmallClinic
) -> None:
    database.transact(add_visit, clinic, at("10:00"))
    offer = offered(database, clinic)
    with pytest.raises(CannotBook) as caught:
        database.transact(book_appointment, clinic.receptionist, booking(clinic), NOW)
    assert offer.why_not == str(caught.value)
    assert offer.openings == caught.value.alternatives


@pytest.mark.parametrize(
    ("clock", "day", "sentence"),
    [
        ("08:40", 0, "That time has passed."),
        ("12:10", 0, "Dr Lee works 09:00–12:00, 13:00–17:00 on Mon 23 Nov 2026."),
        ("10:00", 5, "Dr Lee does not work on Sat 28 Nov 2026."),
    ],
)
def test_a_start_out_of_reach_says_why_and_offers_others(
    database: Database, clinic: SmallClinic, clock: str, day: int, sentence: str
) -> None:
    offer = offered(database, clinic, from_at=at(clock, day))
    assert offer.why_not == sentence
    assert len(offer.openings) == 3
    assert all(opening.starts_at >= NOW for opening in offer.openings)


def test_openings_keep_clear_of_the_patient_and_of_the_room(
    database: Database, clinic: SmallClinic
) -> None:
    database.transact(
        add_visit, clinic, at("10:00"), doctor_id=clinic.park, patient_id=clinic.maria
    )
    database.transact(
        add_visit, clinic, at("10:20"), doctor_id=clinic.okafor, room_id=clinic.room_one
    )
    offer = offered(database, clinic, exactly=False, room_id=clinic.room_one, from_at=at("10:00"))
    assert starts(offer)[0] == "23 09:40 Dr Lee"


def test_any_doctor_who_does_the_type_is_offered(database: Database, clinic: SmallClinic) -> None:
    offer = offered(
        database, clinic, doctor_id=None, exactly=False, visit_type_id=clinic.new_patient
    )
    assert {opening.doctor_id for opening in offer.openings} == {clinic.lee, clinic.okafor}


def test_later_ones_follow_those_already_offered(database: Database, clinic: SmallClinic) -> None:
    first = offered(database, clinic, exactly=False)
    later = offered(database, clinic, exactly=False, after=first.openings[-1].ends_at)
    assert first.openings[-1].ends_at == later.openings[0].starts_at


def test_a_visit_that_moves_is_not_in_its_own_way_and_keeps_its_buffers(
    database: Database, clinic: SmallClinic
) -> None:
    visit = database.transact(
        add_visit, clinic, at("10:00"), patient_id=clinic.maria, before=5, after=10
    )
    database.transact(add_visit, clinic, at("11:00"))
    moving = asked(clinic, appointment_id=visit, from_at=at("10:10"))
    offer = database.read(offer_openings, clinic.receptionist, moving, NOW)
    assert offer.why_not == ""
    offer = database.read(
        offer_openings, clinic.receptionist, replace(moving, from_at=at("10:31")), NOW
    )
    assert offer.why_not.startswith("Dr Lee is taken Mon 23 Nov 2026 11:00")
    request = MoveRequest(visit, clinic.lee, offer.openings[0].starts_at, 20, None)
    assert database.transact(move_appointment, clinic.receptionist, request, NOW)


def test_what_no_doctor_does_is_refused(database: Database, clinic: SmallClinic) -> None:
    with pytest.raises(NotFound, match="does not do this visit type"):
        offered(database, clinic, doctor_id=clinic.park, visit_type_id=clinic.new_patient)


@pytest.mark.parametrize("given", [{"minutes": 4}, {"from_at": NOW.replace(tzinfo=None)}])
def test_what_cannot_be_booked_is_refused(
    database: Database, clinic: SmallClinic, given: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        offered(database, clinic, **given)


def test_a_doctor_is_offered_only_own_time(database: Database, clinic: SmallClinic) -> None:
    mine = asked(clinic)
    assert database.read(offer_openings, clinic.doctor_lee, mine, NOW).openings
    with pytest.raises(NotPermitted):
        database.read(offer_openings, clinic.doctor_park, mine, NOW)
    anybodys = replace(mine, doctor_id=None, exactly=False)
    with pytest.raises(NotPermitted):
        database.read(offer_openings, clinic.doctor_lee, anybodys, NOW)


def test_the_search_reaches_sixty_days(database: Database, clinic: SmallClinic) -> None:
    far = at("10:00") + timedelta(days=56)
    assert starts(offered(database, clinic, from_at=far, exactly=False))[0].endswith("Dr Lee")
