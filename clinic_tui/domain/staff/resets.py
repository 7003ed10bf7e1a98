"""A new password: an admin asks for it, and a code that works once leads to it.

The code goes to the account's own e-mail address, or is shown to the admin to be handed over
(OWASP ASVS 5.0, 6.4.1 and 6.4.6: nobody but its owner ever knows the password). It is made when the
message leaves and stored as a hash, so that no row that waits holds a secret.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import record
from ..codes import Channel, NoticeKind, NoticeStatus
from ..errors import BadInput, NotFound, NotPermitted
from ..models import Account, Notice, ResetCode, SignIn, table
from ..patients.contact import clean_email
from ..text import search_key
from .sign_ins import actor_of_account

_ACCOUNTS, _CODES, _SIGN_INS = table(Account), table(ResetCode), table(SignIn)
_OUTBOX = table(Notice)
CODE_LIFE = timedelta(minutes=15)
"""How long a code works once it was made."""
_OF_USE = timedelta(hours=1)
"""A message that could not leave for so long is not awaited any more."""
_BYTES = 15
"""120 random bits; ASVS 6.5.3 asks for 112 where a secret is not rate limited."""


@dataclass(frozen=True, slots=True)
class ResetAsked:
    """The code goes to the address ``sent_to``; where that is empty, ``code`` is handed over."""

    sent_to: str
    code: str


def reset_password(
    session: Session, actor: Actor, username: str, now: datetime, *, here: bool = False
) -> ResetAsked:
    """Let somebody set a new password: by a code in an e-mail, or one that is shown ``here``.

    Without an address it is shown. The old password works until then. Refused: ``NotFound`` for an
    unknown name, ``BadInput`` for an account that is disabled.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    row = _account(session, username)
    if not row.active:
        raise BadInput("Account", f"The account “{row.username}” is disabled.")
    _take_back(session, row.id, "Another one took its place.")
    by_mail = bool(row.email) and not here
    code = ""
    if by_mail:
        session.execute(insert(_OUTBOX).values(_message(actor, row.id, now)))
    else:
        code = new_code(session, row.id, now)
    record(session, actor, "reset_password", now, account=row.id, by_mail=by_mail)
    return ResetAsked(row.email if by_mail else "", code)


def set_account_email(
    session: Session, actor: Actor, username: str, email: str, now: datetime
) -> None:
    """Where codes for that account go; empty: nowhere. A code that waits goes there, too.

    Refused: ``NotFound``, ``BadInput`` for what is no address.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    row, email = _account(session, username), clean_email(email)
    session.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == row.id).values(email=email))
    record(session, actor, "set_account_email", now, account=row.id)


def new_code(session: Session, account_id: int, now: datetime) -> str:
    """A code for that account; only its hash is kept. What has run out is removed.

    One that was made before still works: of two messages that cross either will do.
    """
    session.execute(delete(_CODES).where(_CODES.c.expires_at <= now))
    plain = base64.b32encode(secrets.token_bytes(_BYTES)).decode("ascii")
    session.execute(
        insert(_CODES).values(
            code_hash=_digest(plain), account_id=account_id, expires_at=now + CODE_LIFE
        )
    )
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def set_password(session: Session, code: str, password_hash: str, now: datetime) -> Actor:
    """Set a new password by a code, which works once; returns whose it is.

    Everybody who is signed in by the old one is signed out, and every other code is void. Refused
    with ``NotPermitted``, in the same words, whether the code is wrong, used or has run out.
    """
    account_id = session.scalar(
        delete(_CODES)
        .where(_CODES.c.code_hash == _digest(code), _CODES.c.expires_at > now)
        .returning(_CODES.c.account_id)
    )
    actor = None if account_id is None else actor_of_account(session, account_id)
    if actor is None:
        raise NotPermitted("That code does not work: it is used, has run out, or was mistyped.")
    account = _ACCOUNTS.c.id == account_id
    session.execute(update(_ACCOUNTS).where(account).values(password_hash=password_hash))
    session.execute(delete(_CODES).where(_CODES.c.account_id == account_id))
    session.execute(delete(_SIGN_INS).where(_SIGN_INS.c.account_id == account_id))
    _take_back(session, actor.account_id, "The new password is set.")
    record(session, actor, "set_password", now, account=account_id)
    return actor


def why_no_reset(notice: Row[Any], now: datetime) -> str:
    """Why a code is not sent any more, as a sentence; empty where it is."""
    if not notice.account_active:
        return "The account is disabled."
    if notice.created_at + _OF_USE <= now:
        return "Too late to be of use: nobody waits for it any more."
    return ""


def _take_back(session: Session, account_id: int, reason: str) -> None:
    """What was asked for before and has not left yet is not sent."""
    session.execute(
        update(_OUTBOX)
        .where(
            _OUTBOX.c.account_id == account_id,
            _OUTBOX.c.status.in_((NoticeStatus.QUEUED, NoticeStatus.UNKNOWN, NoticeStatus.FAILED)),
        )
        .values(status=NoticeStatus.WITHDRAWN, reason=reason)
    )


def _account(session: Session, username: str) -> Row[Any]:
    row = session.execute(
        select(_ACCOUNTS).where(_ACCOUNTS.c.username == search_key(username)).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no account “{username}”.")
    return row


def _message(actor: Actor, account_id: int, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "kind": NoticeKind.RESET,
        "channel": Channel.EMAIL,
        "due_at": now,
        "status": NoticeStatus.QUEUED,
        "message_id": f"{uuid.uuid4().hex}@clinic",
        "created_by": actor.account_id,
        "created_at": now,
    }


def _digest(code: str) -> str:
    """Of the code as it was made, however it is typed."""
    plain = "".join(char for char in code.upper() if char.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
