"""Accounts: added, listed, disabled, and what each may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..access import GRANTABLE, Actor, Permission, Role, require
from ..audit import record
from ..errors import AlreadyExists, BadInput, NotFound
from ..models import Account, Doctor, SignIn, table
from ..patients.contact import clean_email
from ..patients.record_lock import kept_record
from ..text import clean_text, search_key
from .sign_ins import actor_of, grants_of, roles_of

_ACCOUNTS, _SIGN_INS = table(Account), table(SignIn)
_DOCTORS = table(Doctor)


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """An account as an admin describes it; ``grants`` only beside the receptionist's role.

    ``email`` is where a code for a new password goes.
    """

    username: str
    name: str
    roles: frozenset[Role]
    grants: frozenset[Permission] = frozenset()
    doctor_id: int | None = None
    patient_id: int | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account on record; never its hash."""

    account_id: int
    details: AccountDetails
    active: bool
    created_at: datetime


def add_first_admin(
    session: Session, username: str, name: str, password_hash: str, now: datetime
) -> Actor:
    """The account that ``clinic init`` makes; refused once there is any."""
    if session.scalar(select(_ACCOUNTS.c.id).limit(1)) is not None:
        raise AlreadyExists("There are accounts already: an admin adds more.")
    details = AccountDetails(username, name, frozenset({Role.ADMIN}))
    return _insert(session, None, details, password_hash, now)


def add_account(
    session: Session, actor: Actor, details: AccountDetails, password_hash: str, now: datetime
) -> int:
    """Add an account; returns its id.

    Refused: ``AlreadyExists`` for a user name that is taken; ``BadInput`` without a role, for a
    doctor or patient account that does not say whose, and for grants without the
    receptionist's role.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    return _insert(session, actor, details, password_hash, now).account_id


def list_accounts(session: Session, actor: Actor) -> tuple[ListedAccount, ...]:
    """Every account, disabled ones included, by user name."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    rows = session.execute(select(_ACCOUNTS).order_by(_ACCOUNTS.c.username))
    return tuple(
        ListedAccount(
            row.id,
            AccountDetails(
                row.username,
                row.name,
                roles_of(row),
                grants_of(row),
                row.doctor_id,
                row.patient_id,
                row.email,
            ),
            row.active,
            row.created_at,
        )
        for row in rows
    )


def disable_account(session: Session, actor: Actor, username: str, now: datetime) -> None:
    """End an account: its terminals are refused from their next operation on.

    Refused: an unknown name, and the last admin who could undo it.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    # All of them in order: two admins who disable each other must not both succeed.
    accounts = session.execute(select(_ACCOUNTS).order_by(_ACCOUNTS.c.id).with_for_update()).all()
    row = next((one for one in accounts if one.username == search_key(username)), None)
    if row is None:
        raise NotFound(f"There is no account “{username}”.")
    admins = [one.id for one in accounts if one.active and Role.ADMIN in roles_of(one)]
    if admins == [row.id]:
        raise BadInput("Account", "The last admin cannot be disabled.")
    session.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == row.id).values(active=False))
    session.execute(delete(_SIGN_INS).where(_SIGN_INS.c.account_id == row.id))
    record(session, actor, "disable_account", now, account=row.id)


def _insert(
    session: Session,
    actor: Actor | None,
    details: AccountDetails,
    password_hash: str,
    now: datetime,
) -> Actor:
    clean = _tidy(session, details)
    if session.scalar(select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.username == clean.username)):
        raise AlreadyExists(f"There is an account “{clean.username}” already.")
    row = session.execute(
        insert(_ACCOUNTS)
        .values(
            username=clean.username,
            name=clean.name,
            password_hash=password_hash,
            active=True,
            doctor_id=clean.doctor_id,
            patient_id=clean.patient_id,
            roles=" ".join(sorted(clean.roles)),
            grants=" ".join(sorted(permission.name for permission in clean.grants)),
            email=clean.email,
            created_at=now,
        )
        .returning(*_ACCOUNTS.c)
    ).one()
    record(session, actor, "add_account", now, account=row.id)
    return actor_of(row)


def _whose(role: Role, *, named: bool) -> str:
    """Why a role and whom the account is for do not fit: one of them is missing."""
    if named:
        return f"An account that is for a {role} has the role {role}."
    return f"Say which {role} it is for: an account with the role {role} is for one."


def _tidy(session: Session, details: AccountDetails) -> AccountDetails:
    username = search_key(clean_text(details.username, "User name", required=True, max_length=40))
    if not username or " " in username:
        raise BadInput("User name", "A user name is one word of letters and digits.")
    if not details.roles:
        raise BadInput("Role", f"An account needs a role: {', '.join(Role)}.")
    for role, number, known in (
        (
            Role.DOCTOR,
            details.doctor_id,
            select(_DOCTORS.c.id).where(_DOCTORS.c.id == details.doctor_id),
        ),
        (Role.PATIENT, details.patient_id, kept_record(details.patient_id)),
    ):
        if (role in details.roles) != (number is not None):
            raise BadInput("Role", _whose(role, named=number is not None))
        if number is not None and session.scalar(known) is None:
            raise NotFound(f"There is no such {role}.")
    if details.grants and (
        Role.RECEPTIONIST not in details.roles or not details.grants <= GRANTABLE
    ):
        raise BadInput("Grants", "Only overbooking and steps back are granted, to receptionists.")
    name = clean_text(details.name, "Name", required=True, max_length=80)
    return AccountDetails(
        username, name, details.roles, details.grants, details.doctor_id, details.patient_id,
        clean_email(details.email),
    )  # fmt: skip
