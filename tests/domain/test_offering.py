"""Offers: kept for one who waits; accepted, declined, run out; and raced for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy, OfferStatus, Status, WaitlistStatus
from clinic_tui.domain.errors import (
    BadInput,
    ChangedMeanwhile,
    NotFound,
    NotPermitted,
    NotWanted,
    OfferOver,
    OutsideHours,
    Refusal,
    SlotTaken,
    WrongStatus,
)
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.appointments import BookedAppointment
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.waitlist.accepting import accept_offer
from clinic_tui.domain.waitlist.declining import decline_offer, expire_offers
from clinic_tui.domain.waitlist.offering import OfferRequest, offer_opening
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist, withdraw_from_waitlist
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, NOBODY, add_visit, at, at_once, booking, refused, told, visit
from .waiting import entry, holds, offer, offer_row, told_of, wait

_SOON = NOW + timedelta(minutes=20)


def _accept(
    clinic: SmallClinic, database: Database, offer_id: int, now: datetime = _SOON, key: str = "a"
) -> BookedAppointment:
    return database.transact(accept_offer, clinic.receptionist, offer_id, now, key)


def test_an_offer_is_a_hold_and_a_message(clinic: SmallClinic, database: Database) -> None:
    """Nobody else can have the time, and only those are told who agreed to be."""
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria, minutes=30))
    assert (made.patient, made.doctor, made.visit_type) == ("Maria Garcia", "Dr Lee", "Follow-up")
    assert (made.starts_at, made.ends_at) == (at("10:00"), at("10:30"))
    assert (made.expires_at, made.notices) == (at("10:00"), 2)
    (hold,) = database.read(holds)
    assert (hold.patient_id, hold.held_by, hold.held_desk) == (clinic.maria, None, None)
    assert hold.held_until == made.expires_at
    assert database.read(entry, made.entry_id).status is WaitlistStatus.OFFERED
    assert database.read(told_of, made.offer_id) == ["email queued", "sms queued"]
    other = booking(clinic, patient_id=clinic.sam)
    refusal = refused(database, SlotTaken, book_appointment, clinic.receptionist, other, NOW)
    assert str(refusal) == "Dr Lee is held by the waitlist Mon 23 Nov 2026 10:00–10:30."
    silent = offer(clinic, database, wait(clinic, database), starts_at=at("11:00"))
    assert silent.notices == 0


def test_two_hours_unless_it_starts_before(clinic: SmallClinic, database: Database) -> None:
    tomorrow = offer(clinic, database, wait(clinic, database), starts_at=at("10:00", 1))
    assert tomorrow.expires_at == NOW + timedelta(hours=2)
    chosen = offer(
        clinic, database, wait(clinic, database, patient_id=clinic.thuy),
        starts_at=at("11:00", 1), expires_at=at("10:59", 1),
    )  # fmt: skip
    assert chosen.expires_at == at("10:59", 1)


def test_the_same_offer_again(clinic: SmallClinic, database: Database) -> None:
    number = wait(clinic, database, patient_id=clinic.maria)
    first, second = (offer(clinic, database, number, key="one") for _ in range(2))
    assert first == second
    assert len(database.read(holds)) == 1


_WRONG: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "unknown entry": (NotFound, {"entry_id": NOBODY}),
    "unknown doctor": (NotFound, {"doctor_id": NOBODY}),
    "unknown room": (NotFound, {"room_id": NOBODY}),
    "without a zone": (BadInput, {"starts_at": datetime(2026, 11, 24, 10)}),  # noqa: DTZ001
    "between minutes": (BadInput, {"starts_at": at("10:00") + timedelta(seconds=1)}),
    "begun": (BadInput, {"starts_at": NOW - timedelta(minutes=10)}),
    "past": (BadInput, {"starts_at": at("10:00", -7)}),
    "at night": (OutsideHours, {"starts_at": at("22:00")}),
    "an expiry without a zone": (BadInput, {"expires_at": datetime(2026, 11, 23, 9, 30)}),  # noqa: DTZ001
    "an expiry that has passed": (BadInput, {"expires_at": NOW}),
    "an expiry after the start": (BadInput, {"expires_at": at("10:01")}),
}


@pytest.mark.parametrize("name", _WRONG)
def test_offers_that_cannot_be(clinic: SmallClinic, database: Database, name: str) -> None:
    kind, given = _WRONG[name]
    number = wait(clinic, database)
    wanted: dict[str, Any] = {"entry_id": number, "doctor_id": clinic.lee} | given
    request = OfferRequest(**({"starts_at": at("10:00")} | wanted))
    refused(database, kind, offer_opening, clinic.receptionist, request, NOW)


def test_only_what_is_wanted_is_offered(clinic: SmallClinic, database: Database) -> None:
    afternoons = wait(clinic, database, from_minute=13 * 60)
    request = OfferRequest(afternoons, clinic.lee, at("10:00"))
    refusal = refused(database, NotWanted, offer_opening, clinic.receptionist, request, NOW)
    assert str(refusal) == "Sam Okoye waits for a time between 13:00 and 24:00."
    by_name = wait(clinic, database, doctor_ids=(clinic.okafor,))
    request = OfferRequest(by_name, clinic.lee, at("10:00"))
    refusal = refused(database, NotWanted, offer_opening, clinic.receptionist, request, NOW)
    assert str(refusal) == "Sam Okoye waits for somebody else than Dr Lee."


def test_one_offer_at_a_time(clinic: SmallClinic, database: Database) -> None:
    """Of one opening, and to one who waits."""
    first, second = wait(clinic, database), wait(clinic, database, patient_id=clinic.thuy)
    made = offer(clinic, database, first)
    request = OfferRequest(second, clinic.lee, at("10:00"))
    refused(database, SlotTaken, offer_opening, clinic.receptionist, request, NOW)
    request = OfferRequest(first, clinic.lee, at("11:00"))
    refused(database, WrongStatus, offer_opening, clinic.receptionist, request, NOW)
    freed = database.transact(decline_offer, clinic.receptionist, made.offer_id, NOW, "d")
    assert freed is not None
    assert [one.entry_id for one in freed.fits] == [second]
    assert offer(clinic, database, second).starts_at == made.starts_at


def test_accepted_it_is_a_visit(clinic: SmallClinic, database: Database) -> None:
    """The same row that held it, confirmed by messages; the offer's own are withdrawn."""
    number = wait(clinic, database, patient_id=clinic.maria, minutes=30)
    made = offer(clinic, database, number, room_id=clinic.room_one)
    (hold,) = database.read(holds)
    answer = _accept(clinic, database, made.offer_id)
    assert (answer.appointment_id, answer.status, answer.freed) == (hold.id, Status.BOOKED, None)
    row = database.read(visit, hold.id)
    assert (row.starts_at, row.ends_at, row.room_id) == (at("10:00"), at("10:30"), clinic.room_one)
    assert (row.held_until, row.held_by) == (None, None)
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms withdrawn"]
    assert "confirmation sms" in database.read(told, hold.id)
    assert database.read(entry, number).status is WaitlistStatus.BOOKED
    assert database.read(offer_row, made.offer_id).status is OfferStatus.ACCEPTED
    again = _accept(clinic, database, made.offer_id)
    assert again.appointment_id == answer.appointment_id
    for operation in (accept_offer, decline_offer):
        refused(database, WrongStatus, operation, clinic.receptionist, made.offer_id, NOW, "b")
    refused(database, WrongStatus, withdraw_from_waitlist, clinic.receptionist, number, NOW)


def test_a_patient_accepts_what_the_clinic_offered(clinic: SmallClinic, database: Database) -> None:
    """It is booked and not asked for again; others' offers are none of their business."""
    mine = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    others = offer(clinic, database, wait(clinic, database), starts_at=at("11:00"))
    answer = database.transact(accept_offer, clinic.patient, mine.offer_id, NOW, "a")
    assert answer.status is Status.BOOKED
    for operation in (accept_offer, decline_offer):
        for number in (others.offer_id, NOBODY):
            refused(database, NotPermitted, operation, clinic.patient, number, NOW, "b")


def test_undone_it_is_waited_for_again(clinic: SmallClinic, database: Database) -> None:
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    answer = _accept(clinic, database, made.offer_id, now=NOW)
    database.transact(undo_last, clinic.receptionist, NOW, "u")
    assert database.read(visit, answer.appointment_id).status is Status.ENTERED_IN_ERROR
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING
    assert database.read(offer_row, made.offer_id).status is OfferStatus.EXPIRED
    assert database.read(told, answer.appointment_id) == []
    refused(database, OfferOver, accept_offer, clinic.receptionist, made.offer_id, NOW, "b")
    assert offer(clinic, database, made.entry_id).starts_at == at("10:00")


def test_an_offer_is_undone(clinic: SmallClinic, database: Database) -> None:
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    undone = database.transact(undo_last, clinic.receptionist, NOW, "u")
    assert undone.sentence.startswith("Undone: the offer of Maria Garcia, Mon 23 Nov 2026 10:00")
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms withdrawn"]
    assert database.read(holds) == []
    other = booking(clinic, patient_id=clinic.sam)
    assert database.transact(book_appointment, clinic.receptionist, other, NOW)


def test_declined_they_wait_on(clinic: SmallClinic, database: Database) -> None:
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    assert database.transact(decline_offer, clinic.patient, made.offer_id, NOW, "d") is None
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING
    assert database.read(offer_row, made.offer_id).status is OfferStatus.DECLINED
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms withdrawn"]
    assert database.read(holds) == []
    database.transact(decline_offer, clinic.patient, made.offer_id, NOW, "d")
    refused(database, WrongStatus, accept_offer, clinic.patient, made.offer_id, NOW, "b")


def test_withdrawn_while_offered(clinic: SmallClinic, database: Database) -> None:
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    database.transact(withdraw_from_waitlist, clinic.receptionist, made.entry_id, NOW)
    assert database.read(holds) == []
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms withdrawn"]
    refused(database, WrongStatus, accept_offer, clinic.receptionist, made.offer_id, NOW, "a")
    database.transact(undo_last, clinic.receptionist, NOW, "u")
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING


# An offer that ran out.


def test_it_ran_out(clinic: SmallClinic, database: Database) -> None:
    """The refusal says when, and whether the time is still to be had."""
    made = offer(clinic, database, wait(clinic, database), starts_at=at("15:00", 1))
    late = made.expires_at
    refusal = refused(
        database, OfferOver, accept_offer, clinic.receptionist, made.offer_id, late, "a"
    )
    assert str(refusal) == "That offer ran out at 11:00; that time is still free."
    assert refusal.alternatives[0].starts_at == made.starts_at
    assert database.transact(_let_go, late)
    database.transact(add_visit, clinic, at("15:10", 1), patient_id=clinic.ozlem)
    refusal = refused(
        database, OfferOver, accept_offer, clinic.receptionist, made.offer_id, late, "a"
    )
    assert str(refusal) == "That offer ran out at 11:00."
    assert refusal.alternatives[0].starts_at == at("15:30", 1)
    offered_again = OfferRequest(made.entry_id, clinic.lee, at("15:30", 1))
    again = database.transact(offer_opening, clinic.receptionist, offered_again, late)
    assert database.read(offer_row, made.offer_id).status is OfferStatus.EXPIRED
    assert _accept(clinic, database, again.offer_id, late).starts_at == at("15:30", 1)


def _let_go(session: Any, now: datetime) -> bool:
    gone = delete(APPOINTMENTS).where(APPOINTMENTS.c.held_until <= now)
    return bool(session.execute(gone).rowcount)


def test_the_day_it_ran_out(clinic: SmallClinic, database: Database) -> None:
    made = offer(clinic, database, wait(clinic, database))
    late = at("09:00", 3)
    refusal = refused(
        database, OfferOver, accept_offer, clinic.receptionist, made.offer_id, late, "a"
    )
    assert str(refusal) == "That offer ran out at Mon 23 Nov 2026 10:00."


def test_what_ran_out_is_over(clinic: SmallClinic, database: Database) -> None:
    """Whoever sweeps withdraws the messages; the hold stands in nobody's way meanwhile."""
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    running = offer(
        clinic, database, wait(clinic, database), starts_at=at("10:00", 1), expires_at=at("18:00")
    )
    assert database.transact(expire_offers, made.expires_at) == 1
    assert database.transact(expire_offers, made.expires_at) == 0
    assert database.read(offer_row, made.offer_id).status is OfferStatus.EXPIRED
    assert database.read(offer_row, running.offer_id).status is OfferStatus.OPEN
    assert database.read(entry, made.entry_id).status is WaitlistStatus.WAITING
    assert database.read(told_of, made.offer_id) == ["email withdrawn", "sms withdrawn"]
    late = booking(clinic, patient_id=clinic.thuy)
    answer = database.transact(book_appointment, clinic.receptionist, late, made.expires_at)
    assert answer.starts_at == at("10:00")


def test_its_hold_is_gone_but_not_the_time(clinic: SmallClinic, database: Database) -> None:
    """Accepted in time it is booked if it can be, and never what has the hold's number by now."""
    made = offer(clinic, database, wait(clinic, database))
    database.transact(lambda session: session.execute(delete(APPOINTMENTS)))
    other = database.transact(add_visit, clinic, at("14:00"), patient_id=clinic.ozlem)
    answer = _accept(clinic, database, made.offer_id)
    assert answer.starts_at == at("10:00")
    assert database.read(visit, other).starts_at == at("14:00")
    lost = offer(
        clinic, database, wait(clinic, database, patient_id=clinic.thuy), starts_at=at("11:00")
    )
    database.transact(
        lambda session: session.execute(delete(APPOINTMENTS).where(APPOINTMENTS.c.status == "held"))
    )
    database.transact(add_visit, clinic, at("11:10"), patient_id=clinic.ozlem)
    refused(database, SlotTaken, accept_offer, clinic.receptionist, lost.offer_id, _SOON, "b")


def test_the_doctor_is_away_by_then(clinic: SmallClinic, database: Database) -> None:
    from clinic_tui.domain.hours.time_off import add_time_off  # noqa: PLC0415

    made = offer(clinic, database, wait(clinic, database))
    database.transact(
        add_time_off, clinic.receptionist, clinic.lee, at("09:30"), at("12:00"), NOW, "flu"
    )
    refused(database, OutsideHours, accept_offer, clinic.receptionist, made.offer_id, _SOON, "a")


# An earlier time for a visit.


def _earlier(clinic: SmallClinic, database: Database, **given: Any) -> tuple[int, int]:
    """Maria has a visit with Okafor on Wednesday at 10:00, and wants an earlier one."""
    given = {"doctor_id": clinic.okafor, "patient_id": clinic.maria, "minutes": 30} | given
    number = database.transact(add_visit, clinic, at("10:00", 2), **given)
    wants = Wish(appointment_id=number)
    return number, database.transact(add_to_waitlist, clinic.receptionist, wants, NOW)


@pytest.mark.parametrize("by", ["receptionist", "patient"])
def test_the_visit_moves(clinic: SmallClinic, database: Database, by: str) -> None:
    """It stays the same visit; the time that it leaves is answered with who fits it."""
    number, place = _earlier(clinic, database)
    waits = wait(clinic, database, doctor_ids=(clinic.okafor,), first_day=at("00:00", 2).date())
    made = offer(clinic, database, place)
    assert (made.starts_at, made.ends_at) == (at("10:00"), at("10:30"))
    actor = getattr(clinic, by)
    answer = database.transact(accept_offer, actor, made.offer_id, _SOON, "a")
    assert (answer.appointment_id, answer.status, answer.sequence) == (number, Status.BOOKED, 1)
    row = database.read(visit, number)
    assert (row.doctor_id, row.starts_at, row.ends_at) == (clinic.lee, at("10:00"), at("10:30"))
    assert database.read(holds) == []
    assert "changed sms" in database.read(told, number)
    if by == "patient":
        assert answer.freed is None
        return
    assert answer.freed is not None
    assert (answer.freed.doctor, answer.freed.starts_at) == ("Dr Okafor", at("10:00", 2))
    assert [one.entry_id for one in answer.freed.fits] == [waits]
    chained = answer.freed.fits[0]
    next_offer = offer(
        clinic, database, waits, doctor_id=answer.freed.doctor_id, starts_at=chained.starts_at
    )
    assert next_offer.starts_at == at("10:00", 2)


def test_the_move_is_undone(clinic: SmallClinic, database: Database) -> None:
    number, place = _earlier(clinic, database)
    made = offer(clinic, database, place)
    _accept(clinic, database, made.offer_id)
    database.transact(undo_last, clinic.receptionist, _SOON, "u")
    row = database.read(visit, number)
    assert (row.doctor_id, row.starts_at, row.status) == (
        clinic.okafor, at("10:00", 2), Status.BOOKED,
    )  # fmt: skip
    assert database.read(entry, place).status is WaitlistStatus.WAITING


def test_what_was_asked_for_is_booked(clinic: SmallClinic, database: Database) -> None:
    number, place = _earlier(clinic, database, status=Status.PENDING)
    made = offer(clinic, database, place)
    assert _accept(clinic, database, made.offer_id).status is Status.BOOKED
    assert "confirmation sms" in database.read(told, number)


def test_no_earlier_than_it_is_by_now(clinic: SmallClinic, database: Database) -> None:
    number, place = _earlier(clinic, database)
    made = offer(clinic, database, place, starts_at=at("10:00", 1))
    stands = {"starts_at": at("09:00", 1), "ends_at": at("09:30", 1),
              "blocked_from": at("09:00", 1), "blocked_until": at("09:30", 1)}  # fmt: skip
    database.transact(
        lambda session: session.execute(
            update(APPOINTMENTS).where(APPOINTMENTS.c.id == number).values(stands)
        )
    )
    refused(
        database, ChangedMeanwhile, accept_offer, clinic.receptionist, made.offer_id, _SOON, "a"
    )


def test_it_is_earlier_or_it_is_not_offered(clinic: SmallClinic, database: Database) -> None:
    _, place = _earlier(clinic, database)
    for start in (at("09:40", 2), at("11:00", 2), at("10:00", 3)):
        request = OfferRequest(place, clinic.lee, start)
        refused(database, NotWanted, offer_opening, clinic.receptionist, request, NOW)
    assert offer(clinic, database, place, starts_at=at("09:30", 2)).starts_at == at("09:30", 2)


# What has become free.


def test_a_cancellation_says_who_fits(clinic: SmallClinic, database: Database) -> None:
    """With a phone number to call, in order, without the patient whose visit it was."""
    number = database.transact(add_visit, clinic, at("10:00", 1))
    wait(clinic, database, patient_id=clinic.jonas)
    maria = wait(clinic, database, patient_id=clinic.maria, doctor_ids=(clinic.lee,))
    sam = wait(clinic, database)
    wait(clinic, database, patient_id=clinic.ozlem, doctor_ids=(clinic.park,))
    cancel = CancelRequest(number, CancelledBy.PATIENT)
    answer = database.transact(cancel_appointment, clinic.receptionist, cancel, NOW)
    assert answer.freed is not None
    assert (answer.freed.doctor, answer.freed.starts_at, answer.freed.ends_at) == (
        "Dr Lee", at("10:00", 1), at("10:20", 1),
    )  # fmt: skip
    assert [one.entry_id for one in answer.freed.fits] == [maria, sam]
    first = answer.freed.fits[0]
    assert (first.patient, first.phone, first.starts_at) == (
        "Maria Garcia", "+4915123456789", at("10:00", 1),
    )  # fmt: skip
    assert first.reasons == ("waits since today", "asked for this doctor")


def test_longer_visits_use_the_time_around(clinic: SmallClinic, database: Database) -> None:
    """Where that is free, and only so as to use what has become free."""
    for clock in ("10:00", "10:20", "11:00"):
        database.transact(add_visit, clinic, at(clock, 1))
    long = wait(clinic, database, minutes=40)
    too_long = wait(clinic, database, patient_id=clinic.thuy, minutes=60)
    move = MoveRequest(2, clinic.lee, at("15:00", 3), 20, None)
    answer = database.transact(move_appointment, clinic.receptionist, move, NOW)
    assert answer.freed is not None
    assert [(one.entry_id, one.starts_at) for one in answer.freed.fits] == [(long, at("10:20", 1))]
    assert too_long


def test_nobody_is_looked_for_by_a_patient(clinic: SmallClinic, database: Database) -> None:
    number = database.transact(add_visit, clinic, at("10:00", 1), patient_id=clinic.maria)
    wait(clinic, database)
    cancel = CancelRequest(number, CancelledBy.PATIENT)
    assert database.transact(cancel_appointment, clinic.patient, cancel, NOW).freed is None


# Races.


def _one_won(answers: list[Any]) -> Any:
    won = [one for one in answers if not isinstance(one, Refusal)]
    assert len(won) == 1, answers
    return won[0]


def test_accepted_by_both_at_once(clinic: SmallClinic, database: Database) -> None:
    """At the desk and by the patient: one of them."""
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    answers = at_once(
        database,
        (accept_offer, clinic.receptionist, made.offer_id, NOW, "a"),
        (accept_offer, clinic.patient, made.offer_id, NOW, "b"),
        (decline_offer, clinic.receptionist, made.offer_id, NOW, "c"),
    )
    won = [one for one in answers if not isinstance(one, Refusal)]
    assert len(won) == 1
    stands = database.read(entry, made.entry_id).status
    assert stands is (WaitlistStatus.BOOKED if won[0] else WaitlistStatus.WAITING)


def test_accepted_while_it_runs_out(clinic: SmallClinic, database: Database) -> None:
    """By a clock that is a little behind, while others by clocks ahead take the time."""
    made = offer(clinic, database, wait(clinic, database, patient_id=clinic.maria))
    late = made.expires_at
    answers = at_once(
        database,
        (accept_offer, clinic.patient, made.offer_id, late - timedelta(seconds=1), "a"),
        (book_appointment, clinic.receptionist, booking(clinic, patient_id=clinic.sam), late),
        (book_appointment, clinic.doctor_lee, booking(clinic, patient_id=clinic.thuy), late),
    )
    _one_won(answers)


def test_the_move_while_it_runs_out(clinic: SmallClinic, database: Database) -> None:
    """And while the visit that is to move is cancelled or moved by others."""
    number, place = _earlier(clinic, database)
    made = offer(clinic, database, place)
    late = made.expires_at
    answers = at_once(
        database,
        (accept_offer, clinic.patient, made.offer_id, late - timedelta(seconds=1), "a"),
        (book_appointment, clinic.receptionist, booking(clinic, patient_id=clinic.sam), late),
        (cancel_appointment, clinic.receptionist, CancelRequest(number, CancelledBy.PATIENT), NOW),
    )
    accepted, booked, cancelled = (not isinstance(one, Refusal) for one in answers)
    # Moved first it is cancelled there, so that the time may be booked after all.
    assert cancelled
    assert accepted or booked
    assert database.read(holds) == []
    assert database.read(entry, place).status in (WaitlistStatus.BOOKED, WaitlistStatus.WITHDRAWN)


def test_offered_to_several_at_once(clinic: SmallClinic, database: Database) -> None:
    numbers = [
        wait(clinic, database, patient_id=one)
        for one in (clinic.maria, clinic.sam, clinic.thuy, clinic.ozlem)
    ]
    requests = [OfferRequest(one, clinic.lee, at("10:00")) for one in numbers]
    answers = at_once(
        database, *((offer_opening, clinic.receptionist, one, NOW) for one in requests)
    )
    won = _one_won(answers)
    (hold,) = database.read(holds)
    assert hold.patient_id == won.patient_id
