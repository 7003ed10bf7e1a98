"""Accounts: signing in, tokens, what an account needs to be one, and the end of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import select

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.access import GRANTABLE, Actor, Permission, Role
from clinic_tui.domain.clinic.rooms import list_rooms
from clinic_tui.domain.errors import AlreadyExists, BadInput, NotFound, NotPermitted, Refusal
from clinic_tui.domain.models import AuditEntry, SignIn, table
from clinic_tui.domain.staff.accounts import (
    AccountDetails,
    add_account,
    add_first_admin,
    disable_account,
    list_accounts,
)
from clinic_tui.domain.staff.passwords import (
    StoredPassword,
    _hasher,
    hash_password,
    password_matches,
)
from clinic_tui.domain.staff.sign_ins import (
    TOKEN_LIFE,
    actor_of_token,
    close_token,
    current_actor,
    open_token,
    signed_in,
    stored_password,
)
from tests.small_clinic import NOW, PASSWORD, SmallClinic

from .given import NOBODY, at_once, refused

_AUDIT, _SIGN_INS = table(AuditEntry), table(SignIn)
_RECEPTIONIST = frozenset({Role.RECEPTIONIST})


def _details(**given: Any) -> AccountDetails:
    wanted: dict[str, Any] = {"username": "ben", "name": "Ben", "roles": _RECEPTIONIST}
    return AccountDetails(**(wanted | given))


def _desk(database: Database) -> Desk:
    return Desk(database, now=lambda: NOW)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse staple",
        "               ",
        "пароль из пяти слов",
        "🐎🔋📎✅🐎🔋📎✅🐎🔋📎✅🐎🔋📎",
        "x" * 256,
        "stray bytes \udcff\udcfe too",
    ],
)
def test_any_long_password_will_do(password: str) -> None:
    stored = StoredPassword(1, hash_password(password))
    assert stored.password_hash.startswith("$argon2id$")
    assert password not in stored.password_hash
    assert password_matches(stored, password)
    for other in ("", password[:-1], password + "x", password.swapcase() + "!", "x" * 100_000):
        assert not password_matches(stored, other)


def test_a_password_is_dear_to_guess(dear_passwords: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As RFC 9106 has it where a machine has not much memory."""
    monkeypatch.setattr(PasswordHasher.__init__, "__defaults__", dear_passwords)
    stored = _hasher.__wrapped__().hash("correct horse staple")
    assert extract_parameters(stored) == RFC_9106_LOW_MEMORY


def test_a_password_is_what_it_looks_like() -> None:
    """Typed on a keyboard that composes é and on one that adds the accent."""
    stored = StoredPassword(1, hash_password("caf\u00e9 au lait, s'il vous pla\u00eet"))
    assert password_matches(stored, "cafe\u0301 au lait, s'il vous plai\u0302t")


@pytest.mark.parametrize("password", ["", "x" * 14, "x" * 257])
def test_too_short_or_too_long(password: str) -> None:
    with pytest.raises(BadInput) as refusal:
        hash_password(password)
    assert refusal.value.field == "Password"


def test_nobody_and_broken_hashes_match_nothing() -> None:
    assert not password_matches(None, PASSWORD)
    assert not password_matches(StoredPassword(1, "no hash"), PASSWORD)
    assert not password_matches(StoredPassword(1, ""), "")


def test_signing_in(clinic: SmallClinic, database: Database) -> None:
    desk = _desk(database)
    assert not desk.is_signed_in
    for name in ("ana", " ANA ", "Ána"):
        actor = desk.sign_in_now(name, PASSWORD)
        assert actor == clinic.receptionist
    entries = database.read(
        lambda session: session.execute(select(_AUDIT).where(_AUDIT.c.operation == "sign_in")).all()
    )
    assert [(entry.account_id, entry.at) for entry in entries] == [(actor.account_id, NOW)] * 3
    desk.sign_out()
    assert not desk.is_signed_in
    with pytest.raises(NotPermitted):
        desk.read_now(list_rooms)


def test_wrong_name_and_wrong_password_sound_alike(clinic: SmallClinic, database: Database) -> None:
    database.transact(disable_account, clinic.admin, "park", NOW)
    desk = _desk(database)
    sentences = set()
    for name, password in (
        ("ana", "six calm herons wait"),
        ("nobody", PASSWORD),
        ("park", PASSWORD),
        ("", ""),
        ("ana b", PASSWORD),
        ("\x00", PASSWORD),
    ):
        with pytest.raises(NotPermitted) as refusal:
            desk.sign_in_now(name, password)
        sentences.add(str(refusal.value))
        assert not desk.is_signed_in
    assert sentences == {"That name and password do not go together."}


def test_a_password_changed_while_it_was_checked(clinic: SmallClinic, database: Database) -> None:
    stored = database.read(stored_password, "ana")
    assert stored is not None
    old = replace(stored, password_hash="another")
    refused(database, NotPermitted, signed_in, old, NOW)
    refused(database, NotPermitted, signed_in, replace(stored, account_id=NOBODY), NOW)


def test_a_disabled_account_is_refused_at_its_next_step(
    clinic: SmallClinic, database: Database
) -> None:
    """At an open terminal, with a token, and at the door."""
    desk, line = _desk(database), _desk(database)
    desk.sign_in_now("ana", PASSWORD)
    token = desk.open_token()
    line.use_token(token)
    desk.read_now(list_rooms)
    database.transact(disable_account, clinic.admin, "ana", NOW)
    for refused_now in (
        lambda: desk.read_now(list_rooms),
        lambda: desk.run_now(list_rooms),
        lambda: line.read_now(list_rooms),
        lambda: line.use_token(token),
        lambda: desk.sign_in_now("ana", PASSWORD),
    ):
        with pytest.raises(NotPermitted):
            refused_now()


def test_rights_are_read_afresh(clinic: SmallClinic, database: Database) -> None:
    """An actor who claims more than the account has gets what the account has."""
    claims = replace(
        clinic.receptionist, roles=frozenset(Role), grants=GRANTABLE, doctor_id=1, patient_id=1
    )
    assert database.read(current_actor, claims) == clinic.receptionist
    desk = _desk(database)
    desk.sign_in_as(claims)
    with pytest.raises(NotPermitted):
        desk.read_now(list_accounts)


def test_tokens(clinic: SmallClinic, database: Database) -> None:
    token = database.transact(open_token, clinic.receptionist, NOW)
    other = database.transact(open_token, clinic.receptionist, NOW)
    assert len({token, other}) == 2
    assert len(token) >= 43
    stored = database.read(lambda session: session.execute(select(_SIGN_INS)).all())
    assert token not in repr(stored)
    last = NOW + TOKEN_LIFE - timedelta(seconds=1)
    assert database.read(actor_of_token, token, last) == clinic.receptionist
    for wrong, at in ((token, NOW + TOKEN_LIFE), ("", NOW), (token[:-1], NOW), ("\udcff", NOW)):
        refused(database, NotPermitted, actor_of_token, wrong, at)

    database.transact(close_token, other)
    refused(database, NotPermitted, actor_of_token, other, NOW)
    database.transact(close_token, "unknown")
    database.transact(open_token, clinic.receptionist, NOW + TOKEN_LIFE)
    left = database.read(lambda session: session.execute(select(_SIGN_INS)).all())
    assert len(left) == 1


WRONG: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "taken": (AlreadyExists, {"username": "ana"}),
    "taken but for an accent": (AlreadyExists, {"username": "Ána"}),
    "no name": (BadInput, {"username": ""}),
    "two words": (BadInput, {"username": "ben b"}),
    "no letter": (BadInput, {"username": "!!!"}),
    "too long": (BadInput, {"username": "b" * 41}),
    "an escape": (BadInput, {"username": "b\x1b[2J"}),
    "a name with a tab": (BadInput, {"name": "Ben\tB"}),
    "nameless": (BadInput, {"name": " "}),
    "no role": (BadInput, {"roles": frozenset()}),
    "a doctor who is nobody": (BadInput, {"roles": frozenset({Role.DOCTOR})}),
    "a doctor who does not exist": (
        NotFound,
        {"roles": frozenset({Role.DOCTOR}), "doctor_id": NOBODY},
    ),
    "somebody's doctor without the role": (BadInput, {"doctor_id": 1}),
    "a patient who is nobody": (BadInput, {"roles": frozenset({Role.PATIENT})}),
    "a patient who does not exist": (
        NotFound,
        {"roles": frozenset({Role.PATIENT}), "patient_id": NOBODY},
    ),
    "grants for a doctor": (
        BadInput,
        {"roles": frozenset({Role.DOCTOR}), "doctor_id": 1, "grants": GRANTABLE},
    ),
    "a grant there is none of": (
        BadInput,
        {"grants": frozenset({Permission.MANAGE_ACCOUNTS})},
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_accounts(clinic: SmallClinic, database: Database, case: str) -> None:
    kind, given = WRONG[case]
    refused(database, kind, add_account, clinic.admin, _details(**given), "hash", NOW)


def test_an_account_of_several_roles(clinic: SmallClinic, database: Database) -> None:
    details = _details(
        roles=frozenset(Role), grants=GRANTABLE, doctor_id=clinic.lee, patient_id=clinic.sam
    )
    account_id = database.transact(add_account, clinic.admin, details, "hash", NOW)
    (listed,) = (
        one for one in database.read(list_accounts, clinic.admin) if one.account_id == account_id
    )
    assert (listed.details, listed.active, listed.created_at) == (details, True, NOW)
    assert "hash" not in repr(database.read(list_accounts, clinic.admin))
    stored = database.read(stored_password, "ben")
    assert stored is not None
    assert database.transact(signed_in, stored, NOW) == Actor(
        account_id, "ben", "Ben", frozenset(Role), GRANTABLE, clinic.lee, clinic.sam
    )


def test_the_first_admin_is_made_once(clinic: SmallClinic, database: Database) -> None:
    refused(database, AlreadyExists, add_first_admin, "eve", "Eve", "hash", NOW)


def test_disabling(clinic: SmallClinic, database: Database) -> None:
    refused(database, NotFound, disable_account, clinic.admin, "nobody", NOW)
    refused(database, BadInput, disable_account, clinic.admin, "ada", NOW)
    details = _details(roles=frozenset({Role.ADMIN}))
    database.transact(add_account, clinic.admin, details, "hash", NOW)
    database.transact(disable_account, clinic.admin, "ADA", NOW)
    active = {
        one.details.username: one.active for one in database.read(list_accounts, clinic.admin)
    }
    assert (active["ada"], active["ben"]) == (False, True)


def test_two_admins_do_not_disable_each_other(clinic: SmallClinic, database: Database) -> None:
    left = "ada"
    for number in range(4):
        names = (f"eve{number}", f"bob{number}")
        for name in names:
            details = _details(username=name, roles=frozenset({Role.ADMIN}))
            database.transact(add_account, clinic.admin, details, "hash", NOW)
        database.transact(disable_account, clinic.admin, left, NOW)
        calls = [(disable_account, clinic.admin, name, NOW) for name in names]
        answers = at_once(database, *calls)
        assert [type(answer) for answer in answers if answer is not None] == [BadInput]
        (left,) = (
            one.details.username
            for one in database.read(list_accounts, clinic.admin)
            if one.active and Role.ADMIN in one.details.roles
        )


def test_one_name_for_one_account_however_quick(clinic: SmallClinic, database: Database) -> None:
    for number in range(4):
        details = _details(username=f"ben{number}")
        calls = [(add_account, clinic.admin, details, "hash", NOW)] * 3
        answers = at_once(database, *calls)
        refusals = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [type(refusal) for refusal in refusals] == [AlreadyExists] * 2
