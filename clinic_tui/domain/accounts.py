"""Accounts and signing in: who somebody is, and what they may be.

Hashing takes a tenth of a second on purpose and therefore happens outside any transaction:
``hash_password`` and ``password_matches`` are pure, the operations only move hashes.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from .access import GRANTABLE, Actor, Permission, Role, require
from .audit import record
from .contact import clean_email
from .errors import AlreadyExists, BadInput, NotFound, NotPermitted
from .models import Account, Doctor, SignIn, table
from .record_lock import kept_record
from .steps import forget_old_steps
from .text import clean_text, search_key

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_ACCOUNTS, _SIGN_INS = table(Account), table(SignIn)
_DOCTORS = table(Doctor)
_ACTIVE_ACCOUNT = select(_ACCOUNTS).where(
    _ACCOUNTS.c.id == bindparam("account"), _ACCOUNTS.c.active
)
_SHORTEST, _LONGEST = 15, 256
TOKEN_LIFE = timedelta(hours=8)
"""How long a command line stays signed in."""


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


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What is needed to check a password: never leaves the program."""

    account_id: int
    password_hash: str


def hash_password(password: str) -> str:
    """The Argon2id hash to store.

    Refused with ``BadInput``: fewer than 15 characters (NIST SP 800-63B-4 for a password that
    stands alone), more than 256. Any characters count, and none are required.
    """
    if len(password) < _SHORTEST:
        raise BadInput("Password", f"A password needs at least {_SHORTEST} characters; words do.")
    if len(password) > _LONGEST:
        raise BadInput("Password", f"A password may have at most {_LONGEST} characters.")
    return _hasher().hash(_as_bytes(password))


def password_matches(stored: StoredPassword | None, password: str) -> bool:
    """Whether the password is the account's; as slow where there is no such account."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    typed = _as_bytes(password[:_LONGEST])
    if stored is None:
        _hasher().hash(typed)
        return False
    try:
        return len(password) <= _LONGEST and _hasher().verify(stored.password_hash, typed)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415 - only where a password is typed

    return PasswordHasher()


def _as_bytes(password: str) -> bytes:
    """One spelling of what looks the same, whatever keyboard typed it; stray bytes included."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def stored_password(session: Session, username: str) -> StoredPassword | None:
    """The hash of an active account, to be checked outside the transaction; None if unknown."""
    row = session.execute(
        select(_ACCOUNTS.c.id, _ACCOUNTS.c.password_hash).where(
            _ACCOUNTS.c.username == search_key(username), _ACCOUNTS.c.active
        )
    ).one_or_none()
    return None if row is None else StoredPassword(row.id, row.password_hash)


def signed_in(session: Session, stored: StoredPassword, now: datetime) -> Actor:
    """The actor whose password was just checked; refused if it changed in between."""
    row = _account(session, stored.account_id)
    if row is None or row.password_hash != stored.password_hash:
        raise NotPermitted("That name and password do not go together.")
    actor = _actor(row)
    forget_old_steps(session, actor.account_id, now)
    record(session, actor, "sign_in", now)
    return actor


def current_actor(session: Session, actor: Actor) -> Actor:
    """The actor as the account stands now; refused at once when it was disabled, or the password
    changed that they signed in by.
    """
    row = _account(session, actor.account_id)
    if row is None:
        raise NotPermitted("This account has been disabled: please sign in again.")
    found = _actor(row)
    if actor.mark not in ("", found.mark):
        raise NotPermitted("The password of this account was changed: please sign in again.")
    return found


def actor_of_account(session: Session, account_id: int) -> Actor | None:
    """Whose account it is; None where it is disabled."""
    row = _account(session, account_id)
    return None if row is None else _actor(row)


def open_token(session: Session, actor: Actor, now: datetime) -> str:
    """Sign a command line in: returns a secret that ``actor_of_token`` takes for eight hours.

    Only its hash is stored. Tokens of this account that have run out are removed.
    """
    token = secrets.token_urlsafe(32)
    session.execute(
        delete(_SIGN_INS).where(
            _SIGN_INS.c.account_id == actor.account_id, _SIGN_INS.c.expires_at <= now
        )
    )
    session.execute(
        insert(_SIGN_INS).values(
            token_hash=_digest(token),
            account_id=actor.account_id,
            created_at=now,
            expires_at=now + TOKEN_LIFE,
        )
    )
    return token


def close_token(session: Session, token: str) -> None:
    """Sign a command line out; an unknown token is out already."""
    session.execute(delete(_SIGN_INS).where(_SIGN_INS.c.token_hash == _digest(token)))


def actor_of_token(session: Session, token: str, now: datetime) -> Actor:
    """Who signed in with that token; refused when it is unknown, has run out, or is disabled."""
    account_id = session.scalar(
        select(_SIGN_INS.c.account_id).where(
            _SIGN_INS.c.token_hash == _digest(token), _SIGN_INS.c.expires_at > now
        )
    )
    row = None if account_id is None else _account(session, account_id)
    if row is None:
        raise NotPermitted("You are not signed in: “clinic sign-in” signs you in.")
    return _actor(row)


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
                _roles(row),
                _grants(row),
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
    admins = [one.id for one in accounts if one.active and Role.ADMIN in _roles(one)]
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
    account_id: int = session.execute(
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
        .returning(_ACCOUNTS.c.id)
    ).scalar_one()
    record(session, actor, "add_account", now, account=account_id)
    row = _account(session, account_id)
    if row is None:
        raise NotFound("The account was not kept.")
    return _actor(row)


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
            raise BadInput("Role", f"The role {role} and the {role} it is for go together.")
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


def _account(session: Session, account_id: int) -> Row[Any] | None:
    return session.execute(_ACTIVE_ACCOUNT, {"account": account_id}).one_or_none()


def _actor(row: Row[Any]) -> Actor:
    return Actor(
        row.id, row.username, row.name, _roles(row), _grants(row), row.doctor_id, row.patient_id,
        mark=_digest(row.password_hash)[:16],
    )  # fmt: skip


def _roles(row: Row[Any]) -> frozenset[Role]:
    return frozenset(Role(code) for code in row.roles.split())


def _grants(row: Row[Any]) -> frozenset[Permission]:
    return frozenset(Permission[name] for name in row.grants.split())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
