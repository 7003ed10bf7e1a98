"""A plan decided about by hand: where else a visit could go, and whom is left to call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.absence.absence import Acceptance, accept_plan, plan_absence
from clinic_tui.domain.absence.calls import visits_to_call
from clinic_tui.domain.absence.causes import DoctorAway
from clinic_tui.domain.absence.lines import Decision
from clinic_tui.domain.absence.openings import other_openings
from clinic_tui.domain.codes import Fate, Status
from clinic_tui.domain.errors import BadInput, NotFound
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at


def test_every_place_offered_can_be_had_beside_the_others(
    clinic: SmallClinic, database: Database
) -> None:
    """Three of the doctor's days, then colleagues; none is another line's, each can be decided."""
    visits = [database.transact(add_visit, clinic, at(f"{hour}:00", 1)) for hour in (10, 11, 14)]
    cause, actor = DoctorAway(clinic.lee, at("00:00", 1), at("00:00", 2)), clinic.receptionist
    plan = database.read(plan_absence, actor, cause, NOW)
    acceptance = Acceptance(cause, plan.decisions())
    found = database.read(other_openings, actor, acceptance, visits[1], NOW)
    assert [(one.doctor_id, one.starts_at) for one in found] == [
        (clinic.lee, at("09:20", 2)),
        (clinic.lee, at("09:00", 3)),
        (clinic.lee, at("09:00", 4)),
        (clinic.okafor, at("11:00", 1)),
        (clinic.okafor, at("11:00", 2)),
        (clinic.okafor, at("11:00", 3)),
    ]
    for one in found:
        decided = Decision(visits[1], 0, Fate.MOVE, one.doctor_id, one.starts_at)
        anew = database.read(plan_absence, actor, cause, NOW, decisions=(decided,))
        assert anew.lines[1].to == replace(one, pick=None)
    # A colleague's time that was decided for another line is nobody else's.
    taken = Decision(visits[0], 0, Fate.MOVE, clinic.okafor, at("11:00", 1))
    beside = replace(acceptance, decisions=(taken, *plan.decisions()[1:]))
    found = database.read(other_openings, actor, beside, visits[1], NOW)
    assert (clinic.okafor, at("11:00", 1)) not in {(one.doctor_id, one.starts_at) for one in found}


def test_what_cannot_be_asked(clinic: SmallClinic, database: Database) -> None:
    visit = database.transact(add_visit, clinic, at("10:00", 1))
    cause = DoctorAway(clinic.lee, at("00:00", 1), at("00:00", 2))
    for actor in (clinic.receptionist, clinic.doctor_lee):
        with pytest.raises(NotFound):
            database.read(other_openings, actor, Acceptance(cause, ()), NOBODY, NOW)
    # The admin may plan, and book nothing.
    assert database.read(other_openings, clinic.admin, Acceptance(cause, ()), visit, NOW) == ()
    naive = Decision(visit, 0, Fate.MOVE, clinic.lee, at("09:00", 2).replace(tzinfo=None))
    with pytest.raises(BadInput):
        database.read(plan_absence, clinic.receptionist, cause, NOW, decisions=(naive,))
    unknown = Decision(visit, 0, Fate.MOVE, NOBODY, at("09:00", 2))
    plan = database.read(plan_absence, clinic.receptionist, cause, NOW, decisions=(unknown,))
    assert plan.lines[0].to is not None
    assert plan.lines[0].to.doctor_id == clinic.lee


def test_whom_to_call_until_it_is_dealt_with(clinic: SmallClinic, database: Database) -> None:
    """What a plan left, with a number; who is in the room has no need of a call."""
    add, actor = database.transact, clinic.receptionist
    late = add(add_visit, clinic, at("11:00", 1), patient_id=clinic.sam)
    early = add(add_visit, clinic, at("10:00", 1))
    add(add_visit, clinic, at("09:00"), patient_id=clinic.maria, status=Status.CHECKED_IN)
    assert database.read(visits_to_call, actor, (clinic.lee,), NOW) == ()
    cause = DoctorAway(clinic.lee, NOW, at("00:00", 2))
    plan = database.read(plan_absence, actor, cause, NOW)
    calls = tuple(
        Decision(line.appointment_id, line.sequence, line.fate)
        if line.fate is Fate.KEEP
        else Decision(line.appointment_id, line.sequence, Fate.CALL)
        for line in plan.lines
    )
    add(accept_plan, actor, Acceptance(cause, calls), NOW)
    found = database.read(visits_to_call, actor, (clinic.lee,), NOW)
    assert [(one.appointment_id, one.patient, one.phone) for one in found] == [
        (early, "Jonas Lind", "+4930901820"),
        (late, "Sam Okoye", ""),
    ]
    add(move_appointment, actor, MoveRequest(early, clinic.lee, at("10:00", 3), 20, None), NOW)
    (left,) = database.read(visits_to_call, actor, (clinic.lee,), NOW)
    assert left.appointment_id == late
