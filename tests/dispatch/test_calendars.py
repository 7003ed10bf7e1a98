"""What a calendar makes of the invitations that arrive: one event, moved, then cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from icalendar import Calendar
from khal.cli import main_khal

from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.dispatch import run_all
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.visits.booking import book_appointment
from clinic_tui.domain.visits.cancelling import CancelRequest, cancel_appointment
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from tests.domain.given import at, booking
from tests.small_clinic import NOW, ZONE, SmallClinic

from .mail_server import SENDER, Handler, mail_server

_GRACE = timedelta(minutes=5)
_KHAL = """\
[calendars]
[[visits]]
path = {folder}/visits
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = {zone}
default_timezone = {zone}
[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture
def khal(tmp_path: Path) -> Callable[..., list[str]]:
    """A calendar program with an empty calendar: runs one of its commands, gives what it says."""
    (tmp_path / "visits").mkdir()
    settings = tmp_path / "khal.conf"
    settings.write_text(_KHAL.format(folder=tmp_path, zone=ZONE))

    def run(*words: str) -> list[str]:
        done = CliRunner().invoke(main_khal, ["-c", str(settings), *words])
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    return run


def invitations(clinic: SmallClinic, database: Database) -> list[bytes]:
    """Those that Maria is sent of a visit that is booked, moved by a day, and cancelled."""
    wanted = booking(clinic, starts_at=at("10:00", 1))
    made = database.transact(book_appointment, clinic.receptionist, wanted, NOW)
    visit_id = made.appointment_id
    moved = MoveRequest(visit_id, clinic.lee, at("15:20", 2), 20, None)
    off = CancelRequest(visit_id, CancelledBy.PATIENT)
    handler = Handler()
    with mail_server(handler) as settings:

        def leaves(now: datetime) -> None:
            run_all(database, [Email(settings)], "a", lambda: now)

        leaves(NOW + _GRACE)
        database.transact(move_appointment, clinic.receptionist, moved, NOW + _GRACE)
        leaves(NOW + 2 * _GRACE)
        database.transact(cancel_appointment, clinic.receptionist, off, NOW + 2 * _GRACE)
        leaves(NOW + 3 * _GRACE)
    hers = [message for to, message in handler.taken if to == ["maria@example.org"]]
    files = [part for message in hers for part in message.iter_attachments()]
    assert [part.get_content_type() for part in files] == ["text/calendar"] * 3
    return [bytes(part.get_payload(decode=True)) for part in files]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_one_event_is_booked_moved_and_cancelled(
    clinic: SmallClinic, database: Database, khal: Callable[..., list[str]], tmp_path: Path
) -> None:
    """khal keeps what is cancelled and says so; others take such an event away."""
    shown = []
    for number, content in enumerate(invitations(clinic, database)):
        file = tmp_path / f"{number}.ics"
        file.write_bytes(content)
        khal("import", "--batch", str(file))
        words = ["list", "--day-format", "", "--format", "{start} {end-time} {title} {status}"]
        shown.append([line for line in khal(*words, "2026-11-23", "30d") if line.strip()])
    assert [[line.split() for line in lines] for lines in shown] == [
        [["2026-11-24", "10:00", "10:20", "Riverside", "Clinic", "CONFIRMED"]],
        [["2026-11-25", "15:20", "15:40", "Riverside", "Clinic", "CONFIRMED"]],
        [["2026-11-25", "15:20", "15:40", "Riverside", "Clinic", "CANCELLED"]],
    ]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_a_calendar_needs_to_apply_them(clinic: SmallClinic, database: Database) -> None:
    """RFC 5546, 3.2.2 and 3.2.5; the order of two is told by SEQUENCE, then DTSTAMP (2.1.5)."""
    calendars = [Calendar.from_ical(content) for content in invitations(clinic, database)]
    assert [str(one["METHOD"]) for one in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [event for one in calendars for event in one.walk("VEVENT")]
    assert len(events) == len(calendars) == 3, "one event in each"
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({str(event["UID"]) for event in events}) == 1
    numbers = [event.decoded("SEQUENCE") for event in events]
    assert numbers == sorted(set(numbers)), "each replaces the one before"
    stamps = [event.decoded("DTSTAMP") for event in events]
    assert stamps == sorted(stamps)
    for event in events:
        assert str(event["ORGANIZER"]) == f"mailto:{SENDER}"
        assert str(event["ATTENDEE"]) == "mailto:maria@example.org"
        for name in ("DTSTAMP", "DTSTART", "DTEND"):
            assert event.decoded(name).utcoffset() == timedelta()
