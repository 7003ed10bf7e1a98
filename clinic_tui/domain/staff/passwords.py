"""Passwords: hashed to be stored, compared when somebody signs in. Pure.

Hashing takes a tenth of a second on purpose and therefore happens outside any transaction: what
is stored only moves hashes.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..errors import BadInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_SHORTEST, _LONGEST = 15, 256


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What is needed to check a password: never leaves the program."""

    account_id: int
    password_hash: str


def check_password(password: str) -> None:
    """Refuse with ``BadInput`` what cannot be a password.

    Fewer than 15 characters (NIST SP 800-63B-4 for a password that stands alone), more than 256.
    Any characters count, and none are required.
    """
    if len(password) < _SHORTEST:
        raise BadInput("Password", f"A password needs at least {_SHORTEST} characters; words do.")
    if len(password) > _LONGEST:
        raise BadInput("Password", f"A password may have at most {_LONGEST} characters.")


def hash_password(password: str) -> str:
    """The Argon2id hash to store; refused as by ``check_password``."""
    check_password(password)
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
