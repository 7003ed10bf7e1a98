"""The waitlist: who may want what, how it is read, and when a place on it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.absence.absence import Acceptance, accept_plan, plan_absence
from clinic_tui.domain.absence.causes import DoctorAway
from clinic_tui.domain.absence.lines import Decision
from clinic_tui.domain.access import Actor
from clinic_tui.domain.codes import CancelledBy, Fate, Urgency, WaitlistStatus
from clinic_tui.domain.errors import (
    AlreadyExists,
    BadInput,
    NotFound,
    NotPermitted,
    Refusal,
    WrongStatus,
)
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.waitlist.declining import decline_offer
from clinic_tui.domain.waitlist.waitlist import (
    Wish,
    add_to_waitlist,
    change_waitlist_entry,
    withdraw_from_waitlist,
)
from clinic_tui.domain.waitlist.what_fits import openings_wanted
from clinic_tui.domain.waitlist.who_waits import Waiting, list_waitlist
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, booking, refused
from .waiting import entry, offer, wait, wish

_TODAY = NOW.date()


def _listed(clinic: SmallClinic, database: Database, **given: Any) -> tuple[Waiting, ...]:
    return database.read(list_waitlist, clinic.receptionist, NOW, **given)


def test_who_waits_for_what(clinic: SmallClinic, database: Database) -> None:
    """The urgent first, then who has waited longest; with what next fits each."""
    add = database.transact
    first = add(
        add_to_waitlist, clinic.receptionist,
        wish(clinic, note="hip", doctor_ids=(clinic.lee, clinic.okafor), weekdays=frozenset({2}),
             from_minute=14 * 60, until_minute=15 * 60),
        NOW - timedelta(days=3),
    )  # fmt: skip
    second = wait(clinic, database, patient_id=clinic.ozlem, urgency=Urgency.URGENT)
    listed = _listed(clinic, database)
    assert [one.entry_id for one in listed] == [second, first]
    sam = listed[1]
    assert (sam.patient, sam.visit_type, sam.minutes, sam.note) == (
        "Sam Okoye", "Follow-up", 20, "hip",
    )  # fmt: skip
    assert set(sam.doctors) == {clinic.lee, clinic.okafor}
    assert sam.waiting_since == NOW - timedelta(days=3)
    assert sam.next_fits is not None
    assert sam.next_fits.starts_at == at("14:00", 2)
    assert listed[0].next_fits is not None
    assert listed[0].next_fits.starts_at == at("09:10")
    assert all(one.next_fits is None for one in _listed(clinic, database, next_for=0))


def test_what_is_being_offered_is_listed(clinic: SmallClinic, database: Database) -> None:
    made = offer(clinic, database, wait(clinic, database))
    (one,) = _listed(clinic, database)
    assert one.offer is not None
    assert (one.offer.offer_id, one.offer.expires_at) == (made.offer_id, at("10:00"))
    assert one.next_fits is None


def test_what_fits_somebody(clinic: SmallClinic, database: Database) -> None:
    """Three at a time, then later ones; not what they said no to, nor what others would offer."""
    times = {"weekdays": frozenset({2}), "from_minute": 9 * 60, "until_minute": 10 * 60}
    number = wait(clinic, database, doctor_ids=(clinic.lee, clinic.okafor), **times)

    def fits(actor: Actor = clinic.receptionist, **given: Any) -> list[tuple[int, datetime]]:
        found = database.read(openings_wanted, actor, number, NOW, **given)
        return [(one.doctor_id, one.starts_at) for one in found]

    first = [(doctor, at("09:00", 2)) for doctor in (clinic.lee, clinic.okafor)]
    second = [(doctor, at("09:20", 2)) for doctor in (clinic.lee, clinic.okafor)]
    assert fits() == [*first, second[0]]
    assert fits(after=at("09:20", 2))[:2] == second
    made = offer(clinic, database, number, starts_at=at("09:00", 2))
    assert fits() == []
    database.transact(decline_offer, clinic.receptionist, made.offer_id, NOW, "no")
    assert fits() == [first[1], *second]
    only_lee = wait(clinic, database, doctor_ids=(clinic.lee, clinic.park))
    found = database.read(openings_wanted, clinic.doctor_park, only_lee, NOW)
    assert {one.doctor_id for one in found} == {clinic.park}
    refused(database, NotFound, openings_wanted, clinic.receptionist, NOBODY, NOW)


def test_the_same_request_again(clinic: SmallClinic, database: Database) -> None:
    request = wish(clinic, doctor_ids=(clinic.lee,))
    numbers = {
        database.transact(add_to_waitlist, clinic.receptionist, request, NOW) for _ in range(2)
    }
    assert len(numbers) == 1
    assert len(_listed(clinic, database)) == 1
    refused(database, BadInput, add_to_waitlist, clinic.doctor_lee, request, NOW)


def test_a_wish_is_changed(clinic: SmallClinic, database: Database) -> None:
    number = wait(clinic, database, doctor_ids=(clinic.lee,))
    changed = wish(
        clinic, visit_type_id=clinic.vaccination, specialty_id=None, doctor_ids=(clinic.park,),
        last_day=_TODAY + timedelta(days=9), minutes=15, urgency=Urgency.SOON, note="flu",
    )  # fmt: skip
    database.transact(change_waitlist_entry, clinic.receptionist, number, changed, NOW)
    (one,) = _listed(clinic, database)
    assert (one.visit_type, one.minutes, one.urgency, one.note) == (
        "Vaccination", 15, Urgency.SOON, "flu",
    )  # fmt: skip
    assert set(one.doctors) == {clinic.park}
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    (one,) = _listed(clinic, database)
    assert (one.visit_type, set(one.doctors)) == ("Follow-up", {clinic.lee})
    other = wish(clinic, patient_id=clinic.maria)
    refused(database, BadInput, change_waitlist_entry, clinic.receptionist, number, other, NOW)
    offer(clinic, database, number)
    refused(database, WrongStatus, change_waitlist_entry, clinic.receptionist, number, changed, NOW)


def test_withdrawn_and_undone(clinic: SmallClinic, database: Database) -> None:
    """Both adding and withdrawing lead back."""
    number = wait(clinic, database, doctor_ids=(clinic.lee,))
    database.transact(withdraw_from_waitlist, clinic.receptionist, number, NOW)
    assert _listed(clinic, database) == ()
    refused(database, WrongStatus, withdraw_from_waitlist, clinic.receptionist, number, NOW)
    undone = database.transact(undo_last, clinic.receptionist, NOW, "one")
    assert undone.sentence == "Undone: took off the waitlist: Sam Okoye."
    assert [one.entry_id for one in _listed(clinic, database)] == [number]
    undone = database.transact(undo_last, clinic.receptionist, NOW, "two")
    assert undone.sentence == "Undone: put on the waitlist: Sam Okoye."
    assert _listed(clinic, database) == ()
    assert database.read(entry, number).status is WaitlistStatus.WITHDRAWN


_WRONG: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "no type": (BadInput, {"visit_type_id": None}),
    "unknown type": (NotFound, {"visit_type_id": NOBODY}),
    "unknown patient": (NotFound, {"patient_id": NOBODY}),
    "no patient": (NotFound, {"patient_id": None}),
    "unknown doctor": (NotFound, {"doctor_ids": (NOBODY,)}),
    "one doctor unknown": (NotFound, {"doctor_ids": (1, NOBODY)}),
    "unknown specialty": (NotFound, {"specialty_id": NOBODY}),
    "doctors and a specialty": (BadInput, {"doctor_ids": (1,), "specialty_id": 1}),
    "too many doctors": (BadInput, {"doctor_ids": tuple(range(1, 60))}),
    "no length": (BadInput, {"minutes": 0}),
    "13 hours": (BadInput, {"minutes": 780}),
    "longer than the hours": (BadInput, {"from_minute": 540, "until_minute": 555}),
    "times that end before they start": (BadInput, {"from_minute": 600, "until_minute": 540}),
    "after midnight": (BadInput, {"until_minute": 1441}),
    "a weekday that is none": (BadInput, {"weekdays": frozenset({7})}),
    "last before first": (
        BadInput,
        {"first_day": _TODAY + timedelta(days=2), "last_day": _TODAY + timedelta(days=1)},
    ),
    "a past day": (BadInput, {"first_day": date(2020, 1, 1), "last_day": date(2020, 1, 2)}),
    "another century": (BadInput, {"first_day": date(1800, 1, 1)}),
    "no such weekday": (
        BadInput,
        {"first_day": _TODAY, "last_day": _TODAY, "weekdays": frozenset({4})},
    ),
    "unknown visit": (NotFound, {"appointment_id": NOBODY}),
    "a note with a code in it": (BadInput, {"note": "\x1b[2J"}),
}


@pytest.mark.parametrize("name", _WRONG)
def test_wishes_that_cannot_be(clinic: SmallClinic, database: Database, name: str) -> None:
    kind, given = _WRONG[name]
    refused(database, kind, add_to_waitlist, clinic.receptionist, wish(clinic, **given), NOW)


def test_a_doctor_who_does_not_do_it(clinic: SmallClinic, database: Database) -> None:
    request = wish(clinic, visit_type_id=clinic.new_patient, doctor_ids=(clinic.park,))
    refused(database, NotFound, add_to_waitlist, clinic.receptionist, request, NOW)


def test_a_patient_waits_for_themselves_alone(clinic: SmallClinic, database: Database) -> None:
    """And it is for the clinic to say how urgent that is."""
    mine = wish(clinic, patient_id=clinic.maria)
    urgent = replace(mine, urgency=Urgency.URGENT)
    refused(database, NotPermitted, add_to_waitlist, clinic.patient, urgent, NOW)
    number = database.transact(add_to_waitlist, clinic.patient, mine, NOW)
    refused(database, NotPermitted, change_waitlist_entry, clinic.patient, number, urgent, NOW)
    others = wait(clinic, database)
    refused(database, NotPermitted, withdraw_from_waitlist, clinic.patient, others, NOW)
    refused(database, NotPermitted, withdraw_from_waitlist, clinic.patient, NOBODY, NOW)
    listed = database.read(list_waitlist, clinic.patient, NOW)
    assert [one.entry_id for one in listed] == [number]


def test_a_doctor_sees_patients_of_theirs_and_who_names_them(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(add_visit, clinic, at("10:00"), patient_id=clinic.jonas)
    theirs = wait(clinic, database, patient_id=clinic.jonas)
    named = wait(clinic, database, doctor_ids=(clinic.lee, clinic.park))
    wait(clinic, database, patient_id=clinic.thuy)
    listed = database.read(list_waitlist, clinic.doctor_lee, NOW)
    assert {one.entry_id for one in listed} == {theirs, named}


# Wanting an earlier time than that of a visit.


def _earlier(clinic: SmallClinic, database: Database, **given: Any) -> tuple[int, int]:
    """Jonas has a visit with Lee on Wednesday at 10:00, and wants an earlier one."""
    visit = database.transact(add_visit, clinic, at("10:00", 2))
    number = database.transact(
        add_to_waitlist, clinic.receptionist, Wish(appointment_id=visit, **given), NOW
    )
    return visit, number


def test_wants_earlier(clinic: SmallClinic, database: Database) -> None:
    visit, _ = _earlier(clinic, database, doctor_ids=(clinic.lee,))
    (one,) = _listed(clinic, database)
    assert (one.patient, one.visit_type, one.minutes) == ("Jonas Lind", "Follow-up", 20)
    assert (one.appointment_id, one.earlier_than) == (visit, at("10:00", 2))
    assert one.next_fits is not None
    assert one.next_fits.starts_at == at("09:10")
    again = Wish(appointment_id=visit)
    refused(database, AlreadyExists, add_to_waitlist, clinic.receptionist, again, NOW)
    for given in ({"patient_id": clinic.sam}, {"visit_type_id": clinic.vaccination},
                  {"minutes": 30}):  # fmt: skip
        other = Wish(appointment_id=visit, **given)  # type: ignore[arg-type]
        refused(database, BadInput, add_to_waitlist, clinic.receptionist, other, NOW)


def test_nothing_is_earlier_than_what_has_begun(clinic: SmallClinic, database: Database) -> None:
    visit, _ = _earlier(clinic, database)
    later = at("10:00", 2)
    assert database.read(list_waitlist, clinic.receptionist, later) == ()
    begun = database.transact(add_visit, clinic, at("09:00"), patient_id=clinic.sam)
    request = Wish(appointment_id=begun)
    refused(database, WrongStatus, add_to_waitlist, clinic.receptionist, request, NOW)
    assert visit


def test_cancelled_it_waits_no_more(clinic: SmallClinic, database: Database) -> None:
    """What was being offered is free at once; undone, it waits again."""
    visit, number = _earlier(clinic, database)
    made = offer(clinic, database, number)
    cancel = CancelRequest(visit, CancelledBy.PATIENT)
    database.transact(cancel_appointment, clinic.receptionist, cancel, NOW)
    row = database.read(entry, number)
    assert (row.status, row.closed_at) == (WaitlistStatus.WITHDRAWN, NOW)
    other = wait(clinic, database)
    assert offer(clinic, database, other).starts_at == made.starts_at
    database.transact(undo_last, clinic.receptionist, NOW, "the offer")
    database.transact(undo_last, clinic.receptionist, NOW, "the wish")
    database.transact(undo_last, clinic.receptionist, NOW, "the cancellation")
    row = database.read(entry, number)
    assert (row.status, row.closed_at) == (WaitlistStatus.WAITING, None)


def test_called_off_by_a_plan_it_waits_no_more(clinic: SmallClinic, database: Database) -> None:
    visit, number = _earlier(clinic, database)
    away, ana = DoctorAway(clinic.lee, at("00:00", 2), at("00:00", 3)), clinic.receptionist
    plan = database.read(plan_absence, ana, away, NOW)
    off = tuple(Decision(one.appointment_id, one.sequence, Fate.CANCEL) for one in plan.decisions())
    database.transact(accept_plan, ana, Acceptance(plan.cause, off), NOW)
    assert [one.appointment_id for one in off] == [visit]
    assert database.read(entry, number).status is WaitlistStatus.WITHDRAWN
    database.transact(undo_last, ana, NOW, "undo")
    assert database.read(entry, number).status is WaitlistStatus.WAITING


def test_of_a_booking_that_is_undone_nothing_is_waited_for(
    clinic: SmallClinic, database: Database
) -> None:
    ana, request = clinic.receptionist, booking(clinic, starts_at=at("10:00", 2))
    visit = database.transact(book_appointment, ana, request, NOW).appointment_id
    number = database.transact(add_to_waitlist, clinic.patient, Wish(appointment_id=visit), NOW)
    database.transact(undo_last, ana, NOW, "undo")
    assert database.read(entry, number).status is WaitlistStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("to", "status"),
    [
        (("09:00", 1), WaitlistStatus.BOOKED),
        (("14:00", 1), WaitlistStatus.WAITING),
        (("09:00", 3), WaitlistStatus.WAITING),
    ],
    ids=["earlier as wanted", "earlier but not wanted", "later"],
)
def test_moved_to_satisfaction(
    clinic: SmallClinic, database: Database, to: tuple[str, int], status: WaitlistStatus
) -> None:
    visit, number = _earlier(clinic, database, until_minute=12 * 60)
    move = MoveRequest(visit, clinic.lee, at(*to), 20, None)
    database.transact(move_appointment, clinic.receptionist, move, NOW)
    assert database.read(entry, number).status is status
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert database.read(entry, number).status is WaitlistStatus.WAITING
