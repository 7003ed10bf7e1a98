"""A new password by e-mail: the code works once and not for long, and no row holds it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.errors import BadInput, NotPermitted, Refusal
from clinic_tui.domain.messages.message_list import MessageLine, Shown, list_messages
from clinic_tui.domain.messages.notices import retry_message
from clinic_tui.domain.messages.previews import preview_message
from clinic_tui.domain.staff.accounts import disable_account
from clinic_tui.domain.staff.resets import (
    CODE_LIFE,
    reset_password,
    set_account_email,
    set_password,
)
from clinic_tui.domain.staff.sign_ins import (
    actor_of_token,
    current_actor,
    open_token,
    stored_password,
)
from clinic_tui.mail_settings import MailSettings
from tests.domain.given import at_once, everything, refused
from tests.small_clinic import NOW, SmallClinic

from .mail_server import Handler, mail_server
from .queued import rows

_CODE = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){5}")


def ask(session: Session, clinic: SmallClinic) -> None:
    set_account_email(session, clinic.admin, "ana", "ana@example.org", NOW)
    assert reset_password(session, clinic.admin, "ana", NOW).sent_to == "ana@example.org"


def codes(handler: Handler, database: Database, settings: MailSettings, minutes: int) -> list[str]:
    """What has been sent by then."""
    now = NOW + timedelta(minutes=minutes)
    run_all(database, [Email(settings)], "a", lambda: now)
    lines = [line for _, one in handler.taken for line in one.get_content().splitlines()]
    return [line for line in lines if _CODE.fullmatch(line)]


def test_a_code_leads_to_a_new_password_once(clinic: SmallClinic, database: Database) -> None:
    token = database.transact(open_token, clinic.receptionist, NOW)
    handler = Handler()
    with mail_server(handler) as settings:
        database.transact(ask, clinic)
        database.transact(ask, clinic)
        (code,) = codes(handler, database, settings, 0)
        assert code not in str(database.read(everything)), "not as it is typed"
        assert code.replace("-", "") not in str(database.read(everything))
        (to, message), shown = handler.taken[0], database.read(rows)[-1]
        assert (to, message["Subject"]) == (
            ["ana@example.org"],
            "A new password at Riverside Clinic",
        )
        assert "until 09:15" in message.get_content()
        assert database.read(preview_message, clinic.admin, shown.id).body is None
        (line, _) = database.read(list_messages, clinic.receptionist, Shown.ALL, NOW)
        assert isinstance(line, MessageLine)
        assert line.account == "Ana Brandt"
        assert refused(database, NotPermitted, set_password, "AAAA-BBBB", "new", NOW)
        assert refused(database, NotPermitted, set_password, code, "new", NOW + CODE_LIFE)
        typed = f" {code.lower().replace('-', ' ')}"
        answers = at_once(database, *[(set_password, typed, "new", NOW)] * 3)
        assert sorted(isinstance(one, Refusal) for one in answers) == [False, True, True]
        stored = database.read(stored_password, "ana")
        assert stored is not None
        assert stored.password_hash == "new"
        for old in ((current_actor, clinic.receptionist), (actor_of_token, token, NOW)):
            with pytest.raises(NotPermitted):
                database.read(*old)
        with pytest.raises(Refusal, match="left already"):
            database.transact(retry_message, clinic.admin, shown.id, NOW)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_is_asked_for_in_vain(clinic: SmallClinic, database: Database) -> None:
    """Without an address the code is shown; one that cannot leave in time is not sent."""
    asked = database.transact(reset_password, clinic.admin, "lee", NOW)
    assert asked.sent_to == ""
    assert _CODE.match(asked.code)
    database.transact(ask, clinic)
    handler = Handler()
    with mail_server(handler) as settings:
        assert codes(handler, database, settings, 61) == []
        (row,) = database.read(rows)
        assert row.reason.startswith("Too late")
        database.transact(ask, clinic)
        database.transact(disable_account, clinic.admin, "ana", NOW)
        assert codes(handler, database, settings, 1) == []
    assert refused(database, BadInput, reset_password, clinic.admin, "ana", NOW)
    database.transact(disable_account, clinic.admin, "lee", NOW)
    assert refused(database, NotPermitted, set_password, asked.code, "new", NOW)
