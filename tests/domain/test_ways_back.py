"""Every operation leads back: none changes anything without a step to undo, but those listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.intake import doctors as intake_doctors
from clinic_tui.domain.intake import patients as intake_patients
from clinic_tui.domain.intake import sheet as intake_sheet
from clinic_tui.domain.intake import visits as intake_visits
from clinic_tui.domain.messages import templates
from clinic_tui.domain.models import UndoStep, table
from clinic_tui.domain.patients import merging
from clinic_tui.domain.staff import accounts, resets
from clinic_tui.domain.undo import undo
from clinic_tui.domain.visits import holds, tray
from clinic_tui.domain.waitlist import declining
from tests.small_clinic import NOW, SmallClinic

from .given import APPOINTMENTS, add_visit, at, everything
from .test_access import (
    TABLE,
    Operation,
    Whose,
    failed,
    hours_of,
    own_words,
    put_into_a_series,
    replied,
    waiting_for,
)
from .undoing import both_of

_STEPS = table(UndoStep)
_A_HOLD = "a hold is a moment's: it is released, or runs out"
_AN_ACCOUNT = "an account is disabled instead"
_A_FILE = "a file is put right and imported again"
WITHOUT: dict[Operation, str] = {
    holds.hold_opening: _A_HOLD,
    holds.renew_hold: _A_HOLD,
    holds.release_hold: _A_HOLD,
    holds.release_desk: _A_HOLD,
    declining.decline_offer: "what was offered is free: it is offered again",
    undo.undo_last: "an undo cannot be undone",
    undo.leave_last: "nothing stands otherwise; a way back is given up",
    accounts.add_account: _AN_ACCOUNT,
    accounts.disable_account: _AN_ACCOUNT,
    resets.reset_password: "a code runs out by itself",
    resets.set_account_email: "nothing of an account is kept beside it: it is set again",
    intake_patients.take_patients: _A_FILE,
    intake_doctors.take_doctors: _A_FILE,
    intake_visits.take_appointments: _A_FILE,
    intake_sheet.take_sheet: "each visit of it leads back by itself",
}
"""Operations that change something and record no way back, and why."""


def _lifted(session: Session, clinic: SmallClinic, whose: Whose) -> None:
    tray.lift(session, clinic.receptionist, whose.visit, NOW)


def _merged(session: Session, clinic: SmallClinic, _: Whose) -> tuple[Any, ...]:
    done = merging.merge_patients(session, clinic.admin, clinic.ozlem, clinic.thuy, NOW)
    return done.merge_id, NOW


def _last_step(session: Session, clinic: SmallClinic, whose: Whose) -> tuple[Any, ...]:
    _lifted(session, clinic, whose)
    return undo.undoable(session, clinic.receptionist, NOW)[0].step_id, NOW


def _worded(session: Session, clinic: SmallClinic, _: Whose) -> None:
    own_words(session)


_FIRST: dict[Operation, Callable[[Session, SmallClinic, Whose], tuple[Any, ...] | None]] = {
    tray.put_down: _lifted,
    tray.put_back: _lifted,
    merging.part_patients: _merged,
    templates.reset_wording: _worded,
    undo.undo_last: _lifted,
    undo.leave_last: _last_step,
}
"""What has to be done before, and with what the operation is called then, if not as ever."""


def test_what_changes_something_leads_back(clinic: SmallClinic, database: Database) -> None:
    """Each operation once, tried on what stands there and then rolled back."""
    wrong = []
    for status in {row.status for row in TABLE.values()}:
        with Session(database.engine) as session:
            whose = _whose(session, clinic, status)
            for operation in (one for one in TABLE if TABLE[one].status is status):
                tried = session.begin_nested()
                changed, leads_back = _tried(session, clinic, operation, whose)
                tried.rollback()
                if leads_back != (changed and operation not in WITHOUT):
                    wrong.append(f"{operation.__module__}.{operation.__name__}")
            session.rollback()
    assert wrong == []


def _tried(
    session: Session, clinic: SmallClinic, operation: Any, whose: Whose
) -> tuple[bool, bool]:
    """Whether it changed anything, and whether it left a step to undo."""
    row, actor = TABLE[operation], both_of(clinic)
    first = _FIRST.get(operation)
    args = (first(session, clinic, whose) if first else None) or row.call(clinic, whose)
    named = args[-1] if args and isinstance(args[-1], dict) else {}
    before, steps = everything(session), _steps(session)
    operation(session, actor, *(args[:-1] if named else args), **named)
    return everything(session) != before, _steps(session) > steps


def _steps(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(_STEPS)) or 0


def _whose(session: Session, clinic: SmallClinic, status: Status) -> Whose:
    """Two visits of Jonas with Lee, one of them in a series, and Lee's hours and time off."""
    visit, another = (
        add_visit(session, clinic, at(clock), status=status) for clock in ("10:00", "14:00")
    )
    if status is Status.HELD:
        mine = {"held_by": clinic.receptionist.account_id, "held_until": at("23:00")}
        session.execute(update(APPOINTMENTS).values(mine | {"held_desk": "desk"}))
    else:
        put_into_a_series(session, visit, clinic.jonas)
    hours = hours_of(session, clinic, clinic.lee)
    waits = waiting_for(session, clinic, clinic.jonas, clinic.lee)
    reply, message = (
        replied(session, visit, clinic.jonas),
        failed(session, clinic, clinic.lee, clinic.jonas),
    )
    return Whose(visit, clinic.lee, clinic.jonas, *hours, *waits, another, reply, message)
