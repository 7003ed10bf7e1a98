"""An absence planned: a proposal for every visit in the way, accepted as a whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.absence.absence import Acceptance, PlanChanged, accept_plan, plan_absence
from clinic_tui.domain.absence.calls import visits_to_call
from clinic_tui.domain.absence.causes import Cause, ClinicClosed, DoctorAway, HoursChanged, RoomOut
from clinic_tui.domain.absence.lines import AbsencePlan, Decision, PlanLine, PlanWish
from clinic_tui.domain.access import Actor, Role
from clinic_tui.domain.clinic.closures import close_clinic, closures
from clinic_tui.domain.clinic.rooms import list_rooms
from clinic_tui.domain.codes import CancelledBy, Fate, Prefer, Status
from clinic_tui.domain.errors import BadInput, ChangedMeanwhile, NotFound, NotPermitted
from clinic_tui.domain.hours.hours import doctor_hours, set_weekly_hours
from clinic_tui.domain.hours.schedule import Hours
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.models import AuditEntry, Closure, Room, UndoStep, table
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.flow import arrive
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.races.racing import NO_OVERLAPS, overlaps
from tests.small_clinic import NOW, WEEK, SmallClinic

from .given import APPOINTMENTS, NOBODY, add_visit, at, booking, everything, refused, told, visit
from .undoing import as_it_was, both_of, send, untrue

_AUDIT, _STEPS, _ROOMS = table(AuditEntry), table(UndoStep), table(Room)
TUESDAY = date(2026, 11, 24)


def ill(clinic: SmallClinic, since: str = "00:00", until: str = "00:00") -> DoctorAway:
    """Lee is away on Tuesday, all day unless times are given."""
    ends_at = at(until, 2 if until == "00:00" else 1)
    return DoctorAway(clinic.lee, at(since, 1), ends_at, "flu")


def planned(
    database: Database,
    actor: Actor,
    cause: Cause,
    wish: PlanWish | None = None,
    now: datetime = NOW,
) -> AbsencePlan:
    return database.read(plan_absence, actor, cause, now, wish or PlanWish())


def accept(
    database: Database, actor: Actor, plan: AbsencePlan, *other: Decision, **more: Any
) -> Any:
    """Accept it, with other decisions than the proposed for some visits."""
    instead = {one.appointment_id: one for one in other}
    decisions = tuple(instead.get(one.appointment_id, one) for one in plan.decisions())
    return database.transact(accept_plan, actor, Acceptance(plan.cause, decisions, **more), NOW)


def goes(line: PlanLine) -> tuple[str, int | None, datetime | None]:
    """What becomes of a visit: how, to whom and when."""
    to = line.to
    return line.fate.value, to.doctor_id if to else None, to.starts_at if to else None


def _stays(decision: Decision, fate: Fate) -> Decision:
    """The visit is not moved after all."""
    return Decision(decision.appointment_id, decision.sequence, fate)


def fill(session: Session, clinic: SmallClinic, doctor: int, day: int, patient: int) -> None:
    """A doctor's day without a gap, all visits of one patient."""
    for hour in (9, 10, 11, 13, 14, 15, 16):
        add_visit(
            session, clinic, at(f"{hour:02}:00", day), minutes=60, doctor_id=doctor,
            patient_id=patient,
        )  # fmt: skip


def test_the_same_doctor_soonest(clinic: SmallClinic, database: Database) -> None:
    """In order of time, each after the one before, none before where it stood."""
    early = database.transact(add_visit, clinic, at("09:00", 1))
    late = database.transact(add_visit, clinic, at("16:00", 1), patient_id=clinic.sam)
    before = database.read(everything)
    plan = planned(database, clinic.receptionist, ill(clinic))
    assert [line.number for line in plan.lines] == [1, 2]
    assert [line.appointment_id for line in plan.lines] == [early, late]
    assert [goes(line) for line in plan.lines] == [
        ("move", clinic.lee, at("09:00", 2)),
        ("move", clinic.lee, at("09:20", 2)),
    ]
    assert (plan.lines[0].patient, plan.lines[0].visit_type) == ("Jonas Lind", "Follow-up")
    assert database.read(everything) == before


def test_half_a_day_goes_to_the_other_half(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("09:00", 1))
    (line,) = planned(database, clinic.receptionist, ill(clinic, "08:00", "12:30")).lines
    assert goes(line) == ("move", clinic.lee, at("13:00", 1))


def test_a_colleague_at_the_same_time(clinic: SmallClinic, database: Database) -> None:
    """Of the same specialty, and off the grid too: Park is a dermatologist."""
    database.transact(add_visit, clinic, at("10:05", 1))
    wish = PlanWish(Prefer.COLLEAGUE)
    (line,) = planned(database, clinic.receptionist, ill(clinic), wish).lines
    assert goes(line) == ("move", clinic.okafor, at("10:05", 1))


def test_a_colleague_as_near_as_can_be(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    for start in ("09:40", "10:00", "10:20"):
        taken = at(start, 1)
        database.transact(
            add_visit, clinic, taken, doctor_id=clinic.okafor, patient_id=clinic.maria
        )
    wish = PlanWish(Prefer.COLLEAGUE)
    (line,) = planned(database, clinic.receptionist, ill(clinic), wish).lines
    assert goes(line) == ("move", clinic.okafor, at("09:20", 1))


def test_who_has_arrived_goes_to_a_colleague(clinic: SmallClinic, database: Database) -> None:
    """And who is in the room stays; both on the day itself, where no notice is asked for."""
    here = database.transact(add_visit, clinic, at("10:00"), status=Status.ARRIVED)
    inside = database.transact(
        add_visit, clinic, at("09:00"), status=Status.CHECKED_IN, patient_id=clinic.sam
    )
    away = DoctorAway(clinic.lee, NOW, at("00:00", 1))
    plan = planned(database, clinic.receptionist, away)
    assert [(line.appointment_id, goes(line)) for line in plan.lines] == [
        (inside, ("keep", None, None)),
        (here, ("move", clinic.okafor, at("10:00"))),
    ]
    assert accept(database, clinic.receptionist, plan).moved == 1
    moved = database.read(visit, here)
    assert (moved.status, moved.doctor_id) == (Status.ARRIVED, clinic.okafor)


def test_who_is_here_is_never_sent_to_another_day(clinic: SmallClinic, database: Database) -> None:
    """Also whose visit should be over by now; and who has come since the plan was looked at."""
    overdue = database.transact(add_visit, clinic, at("08:20"), status=Status.ARRIVED)
    inside = database.transact(
        add_visit, clinic, at("08:40"), status=Status.CHECKED_IN, patient_id=clinic.sam
    )
    coming = database.transact(add_visit, clinic, at("16:00"), patient_id=clinic.maria)
    away = DoctorAway(clinic.lee, NOW, at("00:00", 1))
    first, second, third = planned(database, clinic.receptionist, away).lines
    assert (first.appointment_id, goes(first)) == (overdue, ("move", clinic.okafor, NOW))
    assert (second.appointment_id, goes(second)) == (inside, ("keep", None, None))
    assert goes(third) == ("move", clinic.lee, at("09:00", 1))
    assert [line.here for line in (first, second, third)] == [True, True, False]
    later = replace(away, starts_at=NOW + timedelta(hours=1))
    assert [one.appointment_id for one in planned(database, clinic.receptionist, later).lines] == [
        coming
    ]
    database.transact(fill, clinic, clinic.okafor, 0, clinic.thuy)
    plan = planned(database, clinic.receptionist, away)
    assert goes(plan.lines[0]) == ("call", None, None)
    assert plan.lines[0].why == "Dr Lee has no opening today, and no colleague one that day"
    afternoon = DoctorAway(clinic.lee, NOW, at("13:00"))
    (waits, _) = planned(database, clinic.receptionist, afternoon).lines
    assert goes(waits) == ("move", clinic.lee, at("13:00"))
    database.transact(arrive, clinic.receptionist, coming, NOW, "here")
    with pytest.raises(PlanChanged) as refusal:
        accept(database, clinic.receptionist, plan)
    assert [goes(line) for line in refusal.value.plan.lines][2] == ("call", None, None)
    accept(database, clinic.receptionist, refusal.value.plan)
    (left,) = database.read(visits_to_call, clinic.receptionist, (clinic.lee,), NOW)
    assert (left.appointment_id, left.here) == (coming, True)
    plan = planned(database, clinic.receptionist, away)
    by_hand = Decision(coming, plan.lines[2].sequence, Fate.MOVE, clinic.lee, at("09:00", 1),
                       None, here=True)  # fmt: skip
    assert accept(database, clinic.receptionist, plan, by_hand).moved == 1
    assert database.read(visit, coming).status is Status.BOOKED


def test_a_second_way_where_the_first_leads_nowhere(
    clinic: SmallClinic, database: Database
) -> None:
    """No opening within the days goes to the colleague, a full colleague is one to call about."""
    database.transact(add_visit, clinic, at("10:00", 1))
    database.transact(add_time_off, clinic.admin, clinic.lee, at("00:00", 2), at("00:00", 4), NOW)
    cause, wish = ill(clinic), PlanWish(days=2)
    (line,) = planned(database, clinic.receptionist, cause, wish).lines
    assert goes(line) == ("move", clinic.okafor, at("10:00", 1))
    database.transact(fill, clinic, clinic.okafor, 1, clinic.sam)
    (line,) = planned(database, clinic.receptionist, cause, wish).lines
    assert goes(line) == ("call", None, None)
    assert line.why == "Dr Lee has no opening within 2 days, and no colleague one that day"
    (line,) = planned(database, clinic.receptionist, cause, PlanWish(Prefer.COLLEAGUE, 3)).lines
    assert goes(line) == ("move", clinic.lee, at("09:00", 4))


def test_no_two_proposals_meet(clinic: SmallClinic, database: Database) -> None:
    """Nor does one meet the patient's other visits, the room's, or a hold; buffers count."""
    add = database.transact
    first = add(add_visit, clinic, at("09:00", 1), before=5, after=10, room_id=clinic.room_one)
    add(add_visit, clinic, at("11:00", 1), patient_id=clinic.sam)
    # Jonas is with Park until 9:30 on Wednesday; somebody has the room from then to 10.
    add(add_visit, clinic, at("09:00", 2), minutes=30, doctor_id=clinic.park)
    add(add_visit, clinic, at("09:30", 2), minutes=30, doctor_id=clinic.park,
        patient_id=clinic.ozlem, room_id=clinic.room_one)  # fmt: skip
    # Between them, the doctor's own time for a hold.
    add(add_visit, clinic, at("10:10", 2), patient_id=clinic.thuy, status=Status.HELD,
        held_until=NOW + timedelta(minutes=3), held_by=1, held_desk="desk")  # fmt: skip
    plan = planned(database, clinic.receptionist, ill(clinic))
    assert [goes(line)[2] for line in plan.lines] == [at("10:40", 2), at("09:00", 2)]
    assert plan.lines[0].to is not None
    assert plan.lines[0].to.room == "Room 1"
    accept(database, clinic.receptionist, plan)
    assert database.read(overlaps) == NO_OVERLAPS
    moved = database.read(visit, first)
    assert moved.starts_at - moved.blocked_from == timedelta(minutes=5)
    assert moved.blocked_until - moved.ends_at == timedelta(minutes=10)


def test_accepting_moves_cancels_keeps_and_leaves_to_call(
    clinic: SmallClinic, database: Database
) -> None:
    """With what has to be said, one entry, and one way back for all of it."""
    add, actor = database.transact, clinic.receptionist
    visits = [
        add(book_appointment, actor, booking(clinic, starts_at=at(start, 1), patient_id=who), NOW)
        for start, who in (
            ("09:00", clinic.maria), ("10:00", clinic.jonas), ("11:00", clinic.ozlem),
            ("14:00", clinic.maria), ("15:00", clinic.sam),
        )
    ]  # fmt: skip
    numbers = [one.appointment_id for one in visits]
    add(send, confirmations_only=True)
    before = database.read(as_it_was)
    plan = planned(database, actor, ill(clinic))
    lines = {line.appointment_id: line.decision() for line in plan.lines}
    done = accept(
        database, actor, plan,
        _stays(lines[numbers[1]], Fate.CANCEL),
        _stays(lines[numbers[2]], Fate.CALL),
        replace(_stays(lines[numbers[3]], Fate.CALL), tell=True),
        _stays(lines[numbers[4]], Fate.KEEP),
    )  # fmt: skip
    assert (done.moved, done.cancelled, done.kept, done.to_call) == (1, 1, 1, tuple(numbers[2:4]))
    stands = [database.read(visit, one) for one in numbers]
    assert [one.status for one in stands] == [
        Status.BOOKED, Status.CANCELLED, Status.BOOKED, Status.BOOKED, Status.BOOKED,
    ]  # fmt: skip
    assert (stands[0].starts_at, stands[0].sequence) == (at("09:00", 2), 1)
    assert (stands[1].cancelled_by, stands[1].sequence) == (CancelledBy.CLINIC, 1)
    assert [one.starts_at for one in stands[2:]] == [at("11:00", 1), at("14:00", 1), at("15:00", 1)]
    assert "changed sms" in database.read(told, numbers[0])
    assert "cancelled sms" in database.read(told, numbers[1])
    assert "reminder email" in database.read(told, numbers[2])
    assert database.read(told, numbers[3]) == ["absence email", "absence sms"]
    (off,) = database.read(doctor_hours, actor, clinic.lee).time_off
    assert (off.starts_at, off.ends_at, off.reason) == (at("00:00", 1), at("00:00", 2), "flu")
    entry = database.read(
        lambda s: s.execute(select(_AUDIT).where(_AUDIT.c.operation == "accept_plan")).one()
    )
    assert entry.doctor_id == clinic.lee
    assert (entry.details["moved"], entry.details["to_call"]) == (1, list(done.to_call))
    # Those to call about are what planning the same absence again lists.
    again = planned(database, actor, plan.cause, PlanWish(Prefer.CALL))
    assert [line.appointment_id for line in again.lines] == numbers[2:]
    database.transact(send, confirmations_only=True)
    database.transact(undo_last, actor, NOW, "undo")
    assert database.read(as_it_was, before) == before
    assert database.read(untrue, NOW) == []


def test_undone_after_the_patient_was_told(clinic: SmallClinic, database: Database) -> None:
    """Who was written to that the visit cannot be hears that it stands."""
    request = booking(clinic, starts_at=at("10:00", 1))
    number = database.transact(book_appointment, clinic.receptionist, request, NOW).appointment_id
    database.transact(send)
    plan = planned(database, clinic.receptionist, ill(clinic), PlanWish(Prefer.CALL))
    accept(database, clinic.receptionist, plan, replace(plan.decisions()[0], tell=True))
    database.transact(send)
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    queued = database.read(told, number)
    assert {"confirmation email", "confirmation sms"} <= set(queued)
    # And once more, all the way.
    plan = planned(database, clinic.receptionist, ill(clinic), PlanWish(Prefer.CALL))
    accept(database, clinic.receptionist, plan, replace(plan.decisions()[0], tell=True))
    assert database.read(told, number) == ["absence email", "absence sms"]


def _closed(clinic: SmallClinic) -> ClinicClosed:
    return ClinicClosed(TUESDAY, TUESDAY, "Staff day")


def test_a_closed_day(clinic: SmallClinic, database: Database) -> None:
    """Everybody's visits, each to its own doctor on another day."""
    for doctor, patient in ((clinic.lee, clinic.jonas), (clinic.park, clinic.sam)):
        database.transact(add_visit, clinic, at("10:00", 1), doctor_id=doctor, patient_id=patient)
    both = both_of(clinic)
    before = database.read(as_it_was)
    plan = planned(database, both, _closed(clinic), PlanWish(Prefer.COLLEAGUE))
    assert [goes(line) for line in plan.lines] == [
        ("move", clinic.lee, at("09:00", 2)),
        ("move", clinic.park, at("09:00", 2)),
    ]
    accept(database, both, plan)
    assert [one.name for one in database.read(closures, both)] == ["Staff day"]
    database.transact(undo_last, both, NOW, "undo")
    assert database.read(as_it_was, before) == before


def test_changed_hours(clinic: SmallClinic, database: Database) -> None:
    """What the new hours leave outside moves into them, and the way back leads out of them."""
    saturday = Hours(5, 540, 720)
    database.transact(add_visit, clinic, at("10:00", 1))
    database.transact(add_visit, clinic, at("10:00", 12), patient_id=clinic.sam)
    before = database.read(as_it_was)
    cause = HoursChanged(clinic.lee, (saturday,))
    plan = planned(database, clinic.receptionist, cause)
    assert [goes(line) for line in plan.lines] == [("move", clinic.lee, at("09:00", 5))]
    accept(database, clinic.receptionist, plan)
    assert database.read(doctor_hours, clinic.receptionist, clinic.lee).weekly == (saturday,)
    database.transact(undo_last, clinic.receptionist, NOW, "undo")
    assert database.read(as_it_was, before) == before
    # Somebody else's hours are not overwritten by a plan made over the old ones.
    other = (*WEEK, saturday)
    database.transact(set_weekly_hours, clinic.admin, clinic.lee, other, NOW)
    refused(database, ChangedMeanwhile, accept_plan, clinic.receptionist,
            Acceptance(plan.cause, plan.decisions()), NOW)  # fmt: skip


def test_a_room_out_of_use(clinic: SmallClinic, database: Database) -> None:
    """Another room at the same time, else the doctor's next opening with a room free."""
    first = database.transact(add_visit, clinic, at("10:00", 1), room_id=clinic.room_one)
    second = database.transact(
        add_visit, clinic, at("10:20", 1), patient_id=clinic.sam, room_id=clinic.room_one
    )
    later = database.transact(add_visit, clinic, at("10:00", 8), room_id=clinic.room_one)
    database.transact(add_visit, clinic, at("10:00", 1), doctor_id=clinic.park,
                      patient_id=clinic.thuy, room_id=clinic.room_two)  # fmt: skip
    before = database.read(as_it_was)
    both = both_of(clinic)
    plan = planned(database, both, RoomOut(clinic.room_one, at("00:00", 7)))
    assert [(line.appointment_id, goes(line)) for line in plan.lines] == [
        (first, ("move", clinic.lee, at("10:40", 1))),
        (second, ("move", clinic.lee, at("10:20", 1))),
    ]
    accept(database, both, plan)
    assert [one.name for one in database.read(list_rooms, both)] == ["Room 2"]
    rooms = [database.read(visit, one).room_id for one in (first, second, later)]
    assert rooms == [clinic.room_two, clinic.room_two, clinic.room_one]
    database.transact(undo_last, both, NOW, "undo")
    assert database.read(as_it_was, before) == before


def _add(session: Session, clinic: SmallClinic, numbers: list[int]) -> None:
    add_visit(session, clinic, at("12:00", 1) - timedelta(minutes=20), patient_id=clinic.thuy)


def _move(session: Session, clinic: SmallClinic, numbers: list[int]) -> None:
    request = MoveRequest(numbers[0], clinic.okafor, at("15:00", 3), 20, None)
    move_appointment(session, clinic.receptionist, request, NOW)


def _cancel(session: Session, clinic: SmallClinic, numbers: list[int]) -> None:
    request = CancelRequest(numbers[0], CancelledBy.PATIENT)
    cancel_appointment(session, clinic.receptionist, request, NOW)


def _take(session: Session, clinic: SmallClinic, numbers: list[int]) -> None:
    add_visit(session, clinic, at("09:00", 2), minutes=10, patient_id=clinic.thuy)


def _hours(session: Session, clinic: SmallClinic, numbers: list[int]) -> None:
    add_time_off(session, clinic.admin, clinic.lee, at("09:00", 2), at("09:10", 2), NOW)


@pytest.mark.parametrize(
    ("happens", "numbers", "words"),
    [
        (_add, 3, "1 come or changed"),
        (_move, 1, "1 gone"),
        (_cancel, 1, "1 gone"),
        (_take, 2, "1 without the place decided"),
        (_hours, 2, "1 without the place decided"),
    ],
)
def test_the_whole_is_refused_when_the_book_has_changed(
    clinic: SmallClinic, database: Database, happens: Any, numbers: int, words: str
) -> None:
    """Only what lost its place, or is new, is proposed anew; the refusal's plan can be had."""
    visits = [
        database.transact(add_visit, clinic, at(start, 1), patient_id=who)
        for start, who in (("09:00", clinic.jonas), ("10:00", clinic.sam))
    ]
    plan = planned(database, clinic.receptionist, ill(clinic))
    by_hand = replace(plan.lines[1].decision(), starts_at=at("14:00", 3))
    decisions = (plan.lines[0].decision(), by_hand)
    database.transact(happens, clinic, visits)
    refusal = refused(
        database, PlanChanged, accept_plan, clinic.receptionist,
        Acceptance(plan.cause, decisions), NOW,
    )  # fmt: skip
    assert words in str(refusal)
    assert len(refusal.plan.lines) == numbers
    kept = {line.appointment_id: goes(line) for line in refusal.plan.lines}
    assert kept[visits[1]] == ("move", clinic.lee, at("14:00", 3))
    assert accept(database, clinic.receptionist, refusal.plan).moved == numbers
    assert database.read(overlaps) == NO_OVERLAPS


def test_visits_may_change_places_by_a_plan(clinic: SmallClinic, database: Database) -> None:
    """What one of them leaves, another may have: all are lifted before the first is put down."""
    first = database.transact(add_visit, clinic, at("11:40", 1))
    database.transact(add_visit, clinic, at("11:40", 2), patient_id=clinic.sam)
    hours = tuple(one for one in WEEK if one.starts != 540) + tuple(
        Hours(day, 600, 700) for day in range(5)
    )
    plan = planned(database, clinic.receptionist, HoursChanged(clinic.lee, hours))
    assert [line.appointment_id for line in plan.lines] == [first, first + 1]
    one, two = plan.decisions()
    by_hand = replace(one, starts_at=at("13:00", 2)), replace(two, starts_at=at("13:00", 1))
    assert accept(database, clinic.receptionist, plan, *by_hand).moved == 2
    away = DoctorAway(clinic.lee, at("12:00", 1), at("00:00", 3))
    plan = planned(database, clinic.receptionist, away, PlanWish(Prefer.COLLEAGUE))
    assert [goes(line) for line in plan.lines] == [
        ("move", clinic.okafor, at("13:00", 1)),
        ("move", clinic.okafor, at("13:00", 2)),
    ]


def test_the_same_request_twice_is_done_once(clinic: SmallClinic, database: Database) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    plan = planned(database, clinic.receptionist, ill(clinic))
    first = accept(database, clinic.receptionist, plan, key="one")
    before = database.read(everything)
    assert accept(database, clinic.receptionist, plan, key="one") == first
    assert database.read(everything) == before
    refused(database, BadInput, accept_plan, clinic.admin, Acceptance(plan.cause, (), key="one"),
            NOW)  # fmt: skip


def test_an_absence_entered_already_is_not_entered_twice(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(add_visit, clinic, at("10:00", 1))
    database.transact(add_time_off, clinic.admin, clinic.lee, at("00:00", 1), at("00:00", 3), NOW)
    plan = planned(database, clinic.receptionist, ill(clinic))
    assert goes(plan.lines[0]) == ("move", clinic.lee, at("09:00", 3))
    assert accept(database, clinic.receptionist, plan).moved == 1
    assert len(database.read(doctor_hours, clinic.receptionist, clinic.lee).time_off) == 1
    database.transact(close_clinic, clinic.admin, TUESDAY, TUESDAY, "Fair", NOW)
    empty = planned(database, clinic.admin, _closed(clinic))
    assert empty.lines == ()
    accept(database, clinic.admin, empty)
    assert len(database.read(closures, clinic.admin)) == 1


def test_who_may_move_what(clinic: SmallClinic, database: Database) -> None:
    """A doctor moves own visits to nobody else; an admin moves none; the rest is to call about."""
    number = database.transact(add_visit, clinic, at("10:00", 1))
    (line,) = planned(database, clinic.doctor_lee, ill(clinic)).lines
    assert goes(line) == ("move", clinic.lee, at("09:00", 2))
    wish = PlanWish(Prefer.COLLEAGUE, 0)
    (line,) = planned(database, clinic.doctor_lee, ill(clinic), wish).lines
    assert (line.fate, line.why) == (
        Fate.CALL,
        "Dr Lee has no opening within 0 days, and only the front desk moves it to a colleague",
    )
    plan = planned(database, clinic.admin, ill(clinic))
    assert (plan.lines[0].fate, plan.lines[0].why) == (Fate.CALL, "you may not move that visit")
    moved = Decision(number, 0, Fate.MOVE, clinic.lee, at("09:00", 2))
    for actor, decision in (
        (clinic.admin, moved),
        (clinic.admin, Decision(number, 0, Fate.CANCEL)),
        (clinic.admin, Decision(number, 0, Fate.KEEP, tell=True)),
        (clinic.doctor_lee, replace(moved, doctor_id=clinic.okafor)),
    ):
        refused(database, NotPermitted, accept_plan, actor, Acceptance(plan.cause, (decision,)),
                NOW)  # fmt: skip
    assert accept(database, clinic.admin, plan).to_call == (number,)
    database.transact(undo_last, clinic.admin, NOW, "undo")
    assert database.read(doctor_hours, clinic.admin, clinic.lee).time_off == ()


def test_the_clinic_as_a_whole_is_the_admins(clinic: SmallClinic, database: Database) -> None:
    for cause in (_closed(clinic), RoomOut(clinic.room_one)):
        for actor in (clinic.receptionist, clinic.doctor_lee, clinic.patient):
            refused(database, NotPermitted, plan_absence, actor, cause, NOW)
            refused(database, NotPermitted, accept_plan, actor, Acceptance(cause, ()), NOW)
        assert database.read(plan_absence, clinic.admin, cause, NOW).lines == ()


@pytest.mark.parametrize("what", ["closed", "room"])
def test_who_books_plans_what_the_admin_has_left_to_call(
    clinic: SmallClinic, database: Database, what: str
) -> None:
    """Nothing is changed then but visits: the admin, who moves none, has entered the rest."""
    cause = _closed(clinic) if what == "closed" else RoomOut(clinic.room_one)
    number = database.transact(add_visit, clinic, at("10:00", 1), room_id=clinic.room_one)
    plan = planned(database, clinic.admin, cause)
    assert [goes(line)[0] for line in plan.lines] == ["call"]
    accept(database, clinic.admin, plan)
    entered = database.read(_closed_and_rooms)
    desk = clinic.receptionist
    plan = planned(database, desk, cause)
    assert [goes(line)[0] for line in plan.lines] == ["move"]
    accept(database, desk, plan)
    assert database.read(visit, number).sequence == 1
    assert database.read(_closed_and_rooms) == entered
    for actor in (clinic.doctor_lee, clinic.patient):
        refused(database, NotPermitted, plan_absence, actor, cause, NOW)


def _closed_and_rooms(session: Session) -> list[Any]:
    """What the admin has entered, as it stands in the tables."""
    return [session.execute(select(table(one))).all() for one in (Closure, Room)]


def test_bad_causes(clinic: SmallClinic, database: Database) -> None:
    """The same sentences as for time off, closed days and hours; nothing written."""
    tuesday, wednesday = at("00:00", 1), at("00:00", 2)
    everybody = replace(both_of(clinic), roles=frozenset(Role))
    for kind, cause in (
        (NotFound, DoctorAway(NOBODY, tuesday, wednesday)),
        (BadInput, DoctorAway(clinic.lee, wednesday, tuesday)),
        (BadInput, DoctorAway(clinic.lee, tuesday, tuesday)),
        (BadInput, DoctorAway(clinic.lee, tuesday.replace(tzinfo=None), wednesday)),
        (BadInput, DoctorAway(clinic.lee, at("00:00", -2), at("00:00", -1))),
        (BadInput, DoctorAway(clinic.lee, tuesday, wednesday, "a\tb")),
        (BadInput, DoctorAway(clinic.lee, tuesday, wednesday, "x" * 81)),
        (BadInput, ClinicClosed(TUESDAY, TUESDAY - timedelta(days=1), "Fair")),
        (BadInput, ClinicClosed(date(1, 1, 1), TUESDAY, "Fair")),
        (BadInput, ClinicClosed(TUESDAY, TUESDAY, " ")),
        (NotFound, HoursChanged(NOBODY, WEEK)),
        (BadInput, HoursChanged(clinic.lee, (Hours(0, 600, 540),))),
        (BadInput, HoursChanged(clinic.lee, (Hours(7, 540, 600),))),
        (NotFound, RoomOut(NOBODY)),
        (BadInput, RoomOut(clinic.room_one, NOW.replace(tzinfo=None))),
        (BadInput, RoomOut(clinic.room_one, NOW)),
    ):
        refused(database, kind, plan_absence, everybody, cause, NOW)
        refused(database, kind, accept_plan, everybody, Acceptance(cause, ()), NOW)
    for days in (-1, 91):
        refused(database, BadInput, plan_absence, everybody, ill(clinic), NOW, PlanWish(days=days))


def test_bad_decisions(clinic: SmallClinic, database: Database) -> None:
    number = database.transact(add_visit, clinic, at("10:00", 1))
    retired = database.transact(_retired_room)
    right = Decision(number, 0, Fate.MOVE, clinic.lee, at("09:00", 2))
    for kind, decisions in (
        (BadInput, (right, right)),
        (BadInput, (replace(right, doctor_id=None),)),
        (BadInput, (replace(right, starts_at=None),)),
        (BadInput, (replace(right, fate=Fate.KEEP),)),
        (BadInput, (replace(right, starts_at=at("09:00", 2).replace(tzinfo=None)),)),
        (BadInput, (replace(right, starts_at=at("09:00", 2) + timedelta(seconds=1)),)),
        (BadInput, (replace(right, starts_at=at("09:00", -3)),)),
        (BadInput, (replace(right, starts_at=at("09:00", 402)),)),
        (BadInput, (replace(right, tell=True),)),
        (BadInput, (replace(right, room_id=retired),)),
        (NotFound, (replace(right, doctor_id=NOBODY),)),
        (NotFound, (replace(right, room_id=NOBODY),)),
        (NotFound, (replace(right, appointment_id=NOBODY),)),
        (BadInput, tuple(replace(right, appointment_id=one) for one in range(1, 1002))),
        (PlanChanged, ()),
        (PlanChanged, (replace(right, sequence=1),)),
        (PlanChanged, (right, Decision(NOBODY, 0, Fate.KEEP))),
        (PlanChanged, (replace(right, starts_at=at("10:00", 1)),)),
        (PlanChanged, (replace(right, starts_at=at("12:30", 2)),)),
    ):
        refused(database, kind, accept_plan, clinic.receptionist,
                Acceptance(ill(clinic), decisions), NOW)  # fmt: skip


def _retired_room(session: Session) -> int:
    values = {"name": "Old", "name_key": "old", "active": False}
    return int(session.execute(insert(_ROOMS).values(values).returning(_ROOMS.c.id)).scalar_one())


def test_a_room_going_out_takes_nobody_in(clinic: SmallClinic, database: Database) -> None:
    number = database.transact(add_visit, clinic, at("10:00", 1), room_id=clinic.room_one)
    there = Decision(number, 0, Fate.MOVE, clinic.lee, at("09:00", 2), clinic.room_one)
    both = both_of(clinic)
    acceptance = Acceptance(RoomOut(clinic.room_one), (there,))
    refused(database, PlanChanged, accept_plan, both, acceptance, NOW)


def test_requests_stay_requests(clinic: SmallClinic, database: Database) -> None:
    """What a patient asked for is moved as a request and nobody is told."""
    number = database.transact(add_visit, clinic, at("10:00", 1), status=Status.PENDING)
    plan = planned(database, clinic.receptionist, ill(clinic))
    assert accept(database, clinic.receptionist, plan).notices == 0
    assert database.read(visit, number).status is Status.PENDING


def test_too_many_are_planned_in_parts(
    clinic: SmallClinic, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_tui.domain.absence.plan.MAX_VISITS", 1)
    for start in ("10:00", "11:00"):
        database.transact(add_visit, clinic, at(start, 1))
    refused(database, BadInput, plan_absence, clinic.receptionist, ill(clinic), NOW)


def _statements(database: Database, actor: Actor, cause: Cause) -> int:
    """How many statements a plan takes."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with Session(database.engine) as session:
        event.listen(database.engine, "before_cursor_execute", note)
        plan_absence(session, actor, cause, NOW)
        event.remove(database.engine, "before_cursor_execute", note)
    return len(sent)


def test_a_plan_costs_the_same_questions_for_many_visits(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(add_visit, clinic, at("09:00", 1))
    few = _statements(database, clinic.receptionist, ill(clinic))
    for minute in range(20, 180, 20):
        database.transact(add_visit, clinic, at("09:00", 1) + timedelta(minutes=minute),
                          patient_id=clinic.sam)  # fmt: skip
    assert _statements(database, clinic.receptionist, ill(clinic)) == few <= 8


_STARTS = st.tuples(
    st.sampled_from((1, 2, 3)), st.integers(0, 95), st.sampled_from((10, 20, 40, 60)),
    st.sampled_from(("lee", "okafor", "park")),
    st.sampled_from(("maria", "jonas", "ozlem", "thuy", "sam")),
    st.sampled_from((None, "room_one", "room_two")), st.sampled_from((0, 5)),
)  # fmt: skip


def _book_what_fits(session: Session, clinic: SmallClinic, wanted: list[Any]) -> None:
    """Those of the wished visits within hours that the guards allow."""
    for day, slot, minutes, doctor, patient, room, buffer in wanted:
        if slot * 5 + minutes > 180 and not (slot * 5 >= 240 and slot * 5 + minutes <= 480):
            continue
        with suppress(IntegrityError), session.begin_nested():
            add_visit(
                session, clinic, at("09:00", day) + timedelta(minutes=5 * slot), minutes=minutes,
                before=buffer, after=buffer, doctor_id=getattr(clinic, doctor),
                patient_id=getattr(clinic, patient), room_id=room and getattr(clinic, room),
            )  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(_STARTS, min_size=5, max_size=40),
    st.sampled_from(("away", "half", "closed", "hours", "room")),
    st.sampled_from(Prefer),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_after_it_every_visit_is_where_the_plan_said(
    clinic: SmallClinic, database: Database, wanted: list[Any], what: str, prefer: Prefer,
    days: int, chance: Any,
) -> None:  # fmt: skip
    causes: dict[str, Cause] = {
        "away": DoctorAway(clinic.lee, at("00:00", 1), at("00:00", 3)),
        "half": DoctorAway(clinic.okafor, at("11:00", 2), at("14:30", 2)),
        "closed": ClinicClosed(TUESDAY, TUESDAY, "Fair"),
        "hours": HoursChanged(clinic.lee, tuple(Hours(day, 600, 780) for day in range(5))),
        "room": RoomOut(clinic.room_one),
    }
    cause = causes[what]
    both = both_of(clinic)
    with Session(database.engine) as session:
        _book_what_fits(session, clinic, wanted)
        before = as_it_was(session)
        stood = {row.id: row for row in session.execute(select(APPOINTMENTS))}
        plan = plan_absence(session, both, cause, NOW, PlanWish(prefer, days))
        fates = [Fate.CALL, Fate.KEEP, Fate.CANCEL]
        decisions = tuple(
            one if chance.random() < 0.7 else _stays(one, chance.choice(fates))
            for one in plan.decisions()
        )
        accept_plan(session, both, Acceptance(plan.cause, decisions), NOW)
        assert overlaps(session) == NO_OVERLAPS
        decided = {one.appointment_id: one for one in decisions}
        for row in session.execute(select(APPOINTMENTS)):
            was, one = stood[row.id], decided.get(row.id)
            assert row.ends_at - row.starts_at == was.ends_at - was.starts_at
            assert row.blocked_until - row.blocked_from == was.blocked_until - was.blocked_from
            goes_to = (was.doctor_id, was.starts_at, was.room_id)
            if one is not None and one.fate is Fate.MOVE:
                goes_to = (one.doctor_id, one.starts_at, one.room_id)
            assert (row.doctor_id, row.starts_at, row.room_id) == goes_to
            cancelled = one is not None and one.fate is Fate.CANCEL
            assert row.status is (Status.CANCELLED if cancelled else Status.BOOKED)
        standing = {one for one, its in decided.items() if its.fate in (Fate.CALL, Fate.KEEP)}
        again = plan_absence(session, both, plan.cause, NOW) if what != "hours" else None
        assert again is None or {line.appointment_id for line in again.lines} == standing
        undo_last(session, both, NOW, "undo")
        assert as_it_was(session, before) == before
        session.rollback()
