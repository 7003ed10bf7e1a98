"""The clinic's own words, quiet hours and caps: set by admins, used by senders, and undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinic_tui.database import Database
from clinic_tui.domain.clinic.message_settings import change_message_settings, message_settings
from clinic_tui.domain.codes import Channel, NoticeKind
from clinic_tui.domain.errors import BadInput, NotFound
from clinic_tui.domain.messages.gathering import own_templates
from clinic_tui.domain.messages.sms_numbers import sms_countries
from clinic_tui.domain.messages.templates import Which, reset_wording, set_wording, wording_of
from clinic_tui.domain.undo.undo import undo_last
from tests.small_clinic import NOW, SmallClinic

from .given import refused

_SMS = Which(NoticeKind.REMINDER, Channel.SMS, "en")


def test_the_clinics_words_until_they_are_reset_or_undone(
    clinic: SmallClinic, database: Database
) -> None:
    def words() -> Any:
        return database.read(wording_of, clinic.admin, _SMS)

    shipped = words()
    assert not shipped.own
    for body in ("{clinic}:\n{date} {time}", "Do come {date}"):
        database.transact(set_wording, clinic.admin, _SMS, "", body, NOW)
        assert (words().body, words().own) == (body, True)
    assert database.read(own_templates) == {
        (NoticeKind.REMINDER, Channel.SMS, "en"): ("", "Do come {date}")
    }
    database.transact(undo_last, clinic.admin, NOW, "a")
    assert words().body == "{clinic}:\n{date} {time}"
    database.transact(reset_wording, clinic.admin, _SMS, NOW)
    assert words() == shipped
    database.transact(undo_last, clinic.admin, NOW, "b")
    assert words().own
    database.transact(undo_last, clinic.admin, NOW, "c")
    assert words() == shipped
    refused(database, NotFound, reset_wording, clinic.admin, _SMS, NOW)


@pytest.mark.parametrize(
    ("change", "subject", "body"),
    [
        ({}, "", "{name}"),
        ({}, "", "until {until}"),
        ({}, "A subject", "Hello"),
        ({"channel": Channel.EMAIL}, "", "Hello"),
        ({"kind": NoticeKind.RESET}, "", "{code}"),
        ({"kind": NoticeKind.RESET, "channel": Channel.EMAIL}, "New password", "{user}, hello"),
        ({"kind": NoticeKind.AGENDA, "channel": Channel.EMAIL}, "Today", "{date}: {count}"),
        ({"kind": NoticeKind.AGENDA, "channel": Channel.EMAIL}, "Today", "{visits} {phone}"),
        ({"language": "english please"}, "", "Hello"),
        ({"language": ""}, "", "Hello"),
    ],
)
def test_words_that_are_refused(
    clinic: SmallClinic, database: Database, change: dict[str, Any], subject: str, body: str
) -> None:
    which = replace(_SMS, **change)
    refused(database, BadInput, set_wording, clinic.admin, which, subject, body, NOW)


def test_quiet_hours_and_caps(clinic: SmallClinic, database: Database) -> None:
    before = database.read(message_settings, clinic.admin)
    wanted = replace(before, quiet_from=1200, quiet_until=480, patient_cap=3, sms_countries="AT DE")
    database.transact(change_message_settings, clinic.admin, wanted, NOW)
    assert database.read(message_settings, clinic.admin) == wanted
    assert database.read(sms_countries) == {"DE", "AT"}
    database.transact(undo_last, clinic.admin, NOW, "a")
    assert database.read(message_settings, clinic.admin) == before
    for wrong in (
        {"quiet_from": 60},
        {"quiet_from": 60, "quiet_until": 60},
        {"daily_cap": 0},
        {"sms_countries": "DE Austria"},
    ):
        refused(
            database, BadInput, change_message_settings, clinic.admin, replace(before, **wrong), NOW
        )
