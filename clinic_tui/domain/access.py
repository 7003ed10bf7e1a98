"""Who may do what: a table as data, and the one function that asks it.

The reach of a permission is ``ANY`` (everybody's), ``OWN`` (the doctor's own visits, hours and
patients; the patient's own visits and data) or ``NONE``. An account with several roles has the
widest reach of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from .errors import NotPermitted


class Role(StrEnum):
    """What an account is for; it may hold several."""

    RECEPTIONIST = "receptionist"
    DOCTOR = "doctor"
    ADMIN = "admin"
    PATIENT = "patient"


class Permission(StrEnum):
    """Something an operation needs leave for, in words that complete “You may not …”."""

    SEE_CALENDAR = "see the calendar"
    SEE_OPENINGS = "see openings"
    SEE_DOCTORS = "see the doctors"
    BOOK = "book, move or cancel that visit"
    RUN_VISITS = "check in or close that visit"
    CONFIRM = "confirm that request"
    OVERBOOK = "overbook"
    WAIT = "see or change that place on the waitlist"
    OFFER = "offer that opening"
    STEP_BACK = "take a visit a step back"
    SEE_CONTACT = "see that patient's data"
    EDIT_CONTACT = "change that patient's data"
    REGISTER_PATIENT = "register patients"
    SEE_ALERTS = "see that patient's alerts"
    SEE_REASONS = "see the reason for that visit"
    SET_HOURS = "change those hours"
    MANAGE_CLINIC = "change doctors, visit types, rooms or settings"
    MANAGE_ACCOUNTS = "manage accounts"
    IMPORT = "import files"
    MESSAGES = "see or change those messages"


class Reach(IntEnum):
    """How far a permission goes; the widest wins."""

    NONE = 0
    OWN = 1
    ANY = 2


_NONE, _OWN, _ANY = Reach.NONE, Reach.OWN, Reach.ANY
_ORDER = (Role.RECEPTIONIST, Role.DOCTOR, Role.ADMIN, Role.PATIENT)
_TABLE: dict[Permission, tuple[Reach, Reach, Reach, Reach]] = {
    #                             receptionist doctor admin patient
    Permission.SEE_CALENDAR: (_ANY, _ANY, _ANY, _NONE),
    Permission.SEE_OPENINGS: (_ANY, _ANY, _ANY, _ANY),
    Permission.SEE_DOCTORS: (_ANY, _ANY, _ANY, _ANY),
    Permission.BOOK: (_ANY, _OWN, _NONE, _OWN),
    Permission.RUN_VISITS: (_ANY, _OWN, _NONE, _NONE),
    Permission.CONFIRM: (_ANY, _OWN, _NONE, _NONE),
    Permission.OVERBOOK: (_NONE, _OWN, _NONE, _NONE),
    Permission.WAIT: (_ANY, _OWN, _NONE, _OWN),
    Permission.OFFER: (_ANY, _OWN, _NONE, _NONE),
    Permission.STEP_BACK: (_NONE, _OWN, _NONE, _NONE),
    Permission.SEE_CONTACT: (_ANY, _OWN, _ANY, _OWN),
    Permission.EDIT_CONTACT: (_ANY, _OWN, _ANY, _OWN),
    Permission.REGISTER_PATIENT: (_ANY, _NONE, _ANY, _NONE),
    Permission.SEE_ALERTS: (_ANY, _OWN, _NONE, _NONE),
    Permission.SEE_REASONS: (_ANY, _OWN, _NONE, _OWN),
    Permission.SET_HOURS: (_ANY, _OWN, _ANY, _NONE),
    Permission.MANAGE_CLINIC: (_NONE, _NONE, _ANY, _NONE),
    Permission.MANAGE_ACCOUNTS: (_NONE, _NONE, _ANY, _NONE),
    Permission.IMPORT: (_NONE, _NONE, _ANY, _NONE),
    Permission.MESSAGES: (_ANY, _OWN, _ANY, _NONE),
}
REACHES: dict[Permission, dict[Role, Reach]] = {
    permission: dict(zip(_ORDER, row, strict=True)) for permission, row in _TABLE.items()
}
GRANTABLE = frozenset({Permission.OVERBOOK, Permission.STEP_BACK})
"""What an admin may grant to a receptionist's account, one by one."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person as whom an operation runs.

    ``doctor_id`` and ``patient_id`` say whose visits are their own, where the account is a
    doctor's or a patient's; ``grants`` are what an admin gave beyond the roles. ``mark`` changes
    with the password: whoever signed in by an old one is signed out.
    """

    account_id: int
    username: str
    name: str
    roles: frozenset[Role]
    grants: frozenset[Permission] = frozenset()
    doctor_id: int | None = None
    patient_id: int | None = None
    mark: str = field(default="", compare=False, repr=False)

    @property
    def is_patient(self) -> bool:
        """Whether it is a patient alone, to whom everything is about themselves."""
        return self.roles <= {Role.PATIENT}


def reach(actor: Actor, permission: Permission) -> Reach:
    """How far the actor's roles and grants carry for that permission."""
    if permission in actor.grants:
        return Reach.ANY
    return max((REACHES[permission][role] for role in actor.roles), default=Reach.NONE)


def owns(
    actor: Actor, permission: Permission, *, doctor_id: int | None, patient_id: int | None
) -> bool:
    """Whether the thing is the actor's own, by a role for which own things are in reach."""
    as_doctor = (
        Role.DOCTOR in actor.roles
        and REACHES[permission][Role.DOCTOR] >= Reach.OWN
        and actor.doctor_id is not None
        and actor.doctor_id == doctor_id
    )
    as_patient = (
        Role.PATIENT in actor.roles
        and REACHES[permission][Role.PATIENT] >= Reach.OWN
        and actor.patient_id is not None
        and actor.patient_id == patient_id
    )
    return as_doctor or as_patient


def may(
    actor: Actor,
    permission: Permission,
    *,
    doctor_id: int | None = None,
    patient_id: int | None = None,
) -> bool:
    """Whether the permission reaches the thing of that doctor and patient.

    Naming nobody asks for reach over everybody's.
    """
    far = reach(actor, permission)
    if far is Reach.OWN:
        return owns(actor, permission, doctor_id=doctor_id, patient_id=patient_id)
    return far is Reach.ANY


def may_plan_for_all(actor: Actor) -> bool:
    """Whether they may plan everybody's visits on a closed day or in a room that is out of use.

    Whoever brings that about may, and of one that is so already whoever books the visits.
    """
    return may(actor, Permission.MANAGE_CLINIC) or may(actor, Permission.BOOK)


def require(
    actor: Actor,
    permission: Permission,
    *,
    doctor_id: int | None = None,
    patient_id: int | None = None,
) -> None:
    """Refuse with ``NotPermitted`` unless the actor ``may``."""
    if not may(actor, permission, doctor_id=doctor_id, patient_id=patient_id):
        raise NotPermitted(f"You may not {permission.value}.")


def require_some(actor: Actor, permission: Permission) -> Reach:
    """Refuse unless the permission reaches anything at all; the caller narrows what it reads."""
    far = reach(actor, permission)
    if far is Reach.NONE:
        raise NotPermitted(f"You may not {permission.value}.")
    return far
