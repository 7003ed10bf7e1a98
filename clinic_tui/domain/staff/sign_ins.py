"""Signing in: who somebody is, at a terminal by a password, on a command line by a token."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, Role
from ..audit import record
from ..errors import NotPermitted
from ..models import Account, SignIn, table
from ..text import search_key
from ..undo.steps import forget_old_steps
from .passwords import StoredPassword

_ACCOUNTS, _SIGN_INS = table(Account), table(SignIn)
_ACTIVE_ACCOUNT = select(_ACCOUNTS).where(
    _ACCOUNTS.c.id == bindparam("account"), _ACCOUNTS.c.active
)
TOKEN_LIFE = timedelta(hours=8)
"""How long a command line stays signed in."""


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
    actor = actor_of(row)
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
    found = actor_of(row)
    if actor.mark not in ("", found.mark):
        raise NotPermitted("The password of this account was changed: please sign in again.")
    return found


def actor_of_account(session: Session, account_id: int) -> Actor | None:
    """Whose account it is; None where it is disabled."""
    row = _account(session, account_id)
    return None if row is None else actor_of(row)


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
    return actor_of(row)


def _account(session: Session, account_id: int) -> Row[Any] | None:
    return session.execute(_ACTIVE_ACCOUNT, {"account": account_id}).one_or_none()


def actor_of(row: Row[Any]) -> Actor:
    """Whose account it is; the mark changes with the password."""
    return Actor(
        row.id, row.username, row.name, roles_of(row), grants_of(row), row.doctor_id,
        row.patient_id, mark=_digest(row.password_hash)[:16],
    )  # fmt: skip


def roles_of(row: Row[Any]) -> frozenset[Role]:
    """The roles in an account's row."""
    return frozenset(Role(code) for code in row.roles.split())


def grants_of(row: Row[Any]) -> frozenset[Permission]:
    """What an account's row grants besides its roles."""
    return frozenset(Permission[name] for name in row.grants.split())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
