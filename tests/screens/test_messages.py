"""The messages screen: what waits, was sent, failed, came back; again, withdraw, put away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import OptionList
from textual.worker import Worker

import clinic_tui
from clinic_tui.app import ClinicApp
from clinic_tui.changes import News
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.change_log import Change, ChangeKind
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus
from clinic_tui.domain.messages.breaker import OPENS_AFTER, note_fault
from clinic_tui.domain.messages.replies import Received, take_reply
from clinic_tui.domain.models import Appointment, Notice, PatientPhone, table
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.screens.header import ClinicHeader
from clinic_tui.screens.messages import ClinicChanged
from clinic_tui.screens.outbox.messages_screen import MessagesScreen
from clinic_tui.screens.outbox.whose_reply import WhoseReply
from clinic_tui.screens.patients.patients import PatientsScreen
from clinic_tui.screens.themes import THEMES
from clinic_tui.screens.visits.appointment import VisitDialog
from clinic_tui.screens.widgets.key_line import KeyLine
from tests.patience import Stopwatch
from tests.screens.conftest import OpenApp, on_both, settle
from tests.screens.driving import keys, said, until
from tests.screens.test_colours import contrast
from tests.small_clinic import NOW, SmallClinic

OUTBOX, APPOINTMENTS = table(Notice), table(Appointment)
MARIA = "+4915123456789"
HOSTILE = "[/] [red]Kim[/red] [@click=app.quit]x[/] \x1b[2J\u202e"
TOMORROW = NOW + timedelta(days=1)


def fill(session: Session, clinic: SmallClinic) -> int:
    """Maria's visit tomorrow, with messages in every status, and replies; the visit's number."""
    request = BookingRequest(clinic.lee, clinic.follow_up, TOMORROW, clinic.maria)
    visit = book_appointment(session, clinic.receptionist, request, NOW).appointment_id
    for number, (status, kind, more) in enumerate(_MESSAGES):
        values = {
            "appointment_id": visit,
            "sequence": 100 + number,
            "kind": kind,
            "channel": Channel.SMS,
            "starts_at": TOMORROW,
            "due_at": NOW,
            "status": status,
            "message_id": f"{number}@clinic",
            "created_at": NOW,
        }
        session.execute(insert(OUTBOX).values(values | more))
    for number, (sender, body) in enumerate(_REPLIES):
        at = NOW - timedelta(minutes=number + 1)
        take_reply(session, Received(f"SM{number}", sender, body, at), NOW)
    return visit


_MESSAGES: tuple[tuple[NoticeStatus, NoticeKind, dict[str, Any]], ...] = (
    (NoticeStatus.SENT, NoticeKind.REMINDER, {"sent_at": NOW - timedelta(minutes=30)}),
    (
        NoticeStatus.FAILED,
        NoticeKind.CHANGED,
        {"attempts": 3, "reason": "The number is no mobile number."},
    ),
    (NoticeStatus.UNKNOWN, NoticeKind.CONFIRMATION, {"attempts": 1}),
)
_REPLIES = ((MARIA, "can I come later? " + HOSTILE), ("+12025550123", "who is this?"))


async def open_messages(pilot: Pilot[int]) -> None:
    await pilot.press("f7")
    await until(pilot, lambda: isinstance(pilot.app.screen, MessagesScreen))
    await settle(pilot)


def listed(pilot: Pilot[int]) -> list[str]:
    """The lines, their columns parted by one space."""
    options = pilot.app.screen.query_one("#messages", OptionList).options
    return [" ".join(str(option.prompt).split()) for option in options]


def header(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one(ClinicHeader).render())


@on_both
async def test_shows_what_needs_somebody_and_everything_else_by_its_digit(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic)
    async with open_app() as pilot:
        assert "to see" not in header(pilot)
        await open_messages(pilot)
        assert "F7: 3 to see" in header(pilot)
        failed, later, strange = listed(pilot)
        assert failed == "✗ failed 09:00 Maria Garcia change, SMS"
        assert later.startswith("← to read 08:59 Maria Garcia can I come later? [/]")
        assert strange == "← to read 08:58 +1 202-555-0123 who is this?"
        about = said(pilot, "#about")
        assert about.startswith("Change by SMS to Maria Garcia\nFailed · tried 3×\nThe number is")
        text = said(pilot, "#text")
        assert text.startswith("To +4915123456789\n\nRiverside Clinic: ")
        assert "Tuesday 24 November 2026, 09:00" in text
        for digit, lines in (
            ("2", ["? in doubt now", "· waits in 3:00", "· waits in 3:00", "· waits in 3:00"]),
            ("3", ["✓ sent 08:30"]),
            ("4", ["✗ failed 09:00"]),
            ("5", ["← to read 08:59", "← to read 08:58"]),
        ):
            await pilot.press(digit)
            await settle(pilot)
            shown = listed(pilot)
            assert len(shown) == len(lines)
            for line, start in zip(shown, lines, strict=True):
                assert line.startswith(start)
        await pilot.press("5")  # The very same lines.
        await settle(pilot)
        assert said(pilot, "#about").startswith("Reply from")
        await pilot.press("f3")
        await settle(pilot)
        assert "F7: 3 to see" in header(pilot)


@on_both
async def test_sends_again_withdraws_and_puts_away(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic)
    failed = select(OUTBOX.c.status, OUTBOX.c.due_at).where(OUTBOX.c.message_id == "1@clinic")

    def stands() -> NoticeStatus:
        row = database.read(lambda session: session.execute(failed).one())
        status: NoticeStatus = row.status
        return status

    async with open_app() as pilot:
        await open_messages(pilot)
        assert keys(pilot) >= {"r", "d", "p", "u"}
        line = pilot.app.screen.query_one(KeyLine).render_line(0).text
        assert line.startswith("⏎ Visit r Send again d Withdraw p Patient u Undo / Find")
        await pilot.press("r")
        await until(pilot, lambda: len(listed(pilot)) == 2)
        assert stands() is NoticeStatus.UNKNOWN
        await pilot.press("u")
        await until(pilot, lambda: len(listed(pilot)) == 3)
        assert stands() is NoticeStatus.FAILED
        await pilot.press("home", "d")
        await until(pilot, lambda: len(listed(pilot)) == 2)
        assert stands() is NoticeStatus.WITHDRAWN
        assert "r" not in keys(pilot)
        await pilot.press("d")
        await until(pilot, lambda: len(listed(pilot)) == 1)
        assert "F7: 1 to see" in header(pilot)
        await pilot.press("d")
        await until(pilot, lambda: not listed(pilot))
        assert said(pilot, "#about").startswith("Nothing needs you")
        assert "to see" not in header(pilot)


async def test_what_is_too_late_is_refused_with_a_sentence(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    visit = database.transact(fill, clinic)
    moved = {"starts_at": TOMORROW + timedelta(hours=1), "ends_at": TOMORROW + timedelta(hours=2)}
    values = moved | {"blocked_from": moved["starts_at"], "blocked_until": moved["ends_at"]}
    query = update(APPOINTMENTS).where(APPOINTMENTS.c.id == visit).values(values)
    database.transact(lambda session: session.execute(query))
    async with open_app() as pilot:
        await open_messages(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert [toast.message for toast in pilot.app._notifications] == ["The visit was moved."]


async def test_a_line_leads_to_its_visit_and_its_patient(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic)
    async with open_app() as pilot:
        await open_messages(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, VisitDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessagesScreen))
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientsScreen))
        await settle(pilot)
        assert said(pilot, "#name").startswith("Garcia, Maria")


async def test_whose_a_shared_number_was_is_asked(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    def share(session: Session) -> None:
        phones = table(PatientPhone)
        session.execute(
            insert(phones).values(
                patient_id=clinic.sam, position=0, number=MARIA, reversed_digits=MARIA[:0:-1]
            )
        )

    database.transact(share)
    database.transact(fill, clinic)
    async with open_app() as pilot:
        await open_messages(pilot)
        await pilot.press("down")
        await settle(pilot)
        assert "The number of Maria Garcia, Sam Okoye: w says who it was" in said(pilot, "#about")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(pilot.app.screen, WhoseReply))
        await pilot.press("2")
        await until(pilot, lambda: "Reply from Sam Okoye" in said(pilot, "#about"))
        assert HOSTILE.partition(" \x1b")[0] in said(pilot, "#text")


@on_both
async def test_only_what_is_of_a_patient_of_that_name(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic)
    async with open_app() as pilot:
        await open_messages(pilot)
        await pilot.press("slash", *"mar gar")
        await until(pilot, lambda: len(listed(pilot)) == 2)
        assert keys(pilot).isdisjoint({"r", "d", "p", "u"}), "they are typed"
        await pilot.press("down", "enter")
        await until(pilot, lambda: "d" in keys(pilot))
        assert said(pilot, "#about").startswith("Reply from Maria Garcia")
        await pilot.press("2")
        await until(pilot, lambda: len(listed(pilot)) == 4)
        await pilot.press("slash", *"lind")
        await until(pilot, lambda: not listed(pilot))
        assert said(pilot, "#about").startswith("Nothing here is of a patient of that name: “lind”")
        await pilot.press("escape")
        await until(pilot, lambda: len(listed(pilot)) == 4)
        await pilot.press("1")
        await until(pilot, lambda: len(listed(pilot)) == 3)


@on_both
async def test_what_senders_and_others_do_shows_by_itself(
    open_app: OpenApp, database: Database, clinic: SmallClinic, stopwatch: Stopwatch
) -> None:
    database.transact(fill, clinic)
    failed = update(OUTBOX).where(OUTBOX.c.message_id == "1@clinic")
    async with open_app() as pilot:
        await open_messages(pilot)
        board = pilot.app.screen
        assert isinstance(board, MessagesScreen)
        database.transact(lambda session: session.execute(failed.values(status="sent")))
        board.hear(News(frozenset({Change(ChangeKind.MESSAGES)})))
        before = monotonic()
        await until(pilot, lambda: len(listed(pilot)) == 2)
        assert stopwatch.since(before) < 4, "and not only when it would have looked again anyway"


async def test_why_nothing_leaves_stands_above_the_list_and_in_the_header(
    desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic)
    reason = "The SMS provider cannot be reached."
    database.transact(note_fault, Channel.SMS, reason, NOW, OPENS_AFTER)
    database.transact(note_fault, Channel.SMS, reason, NOW)
    app = ClinicApp(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.count_messages()
        await until(pilot, lambda: "F7: 3 to see, 1 fault" in header(pilot))
        await open_messages(pilot)
        assert said(pilot, "#faults") == f"SMS does not leave for the moment. {reason}"


async def test_a_doctor_sees_their_own_and_a_patient_none(
    open_app: OpenApp, desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic)
    for actor, lines in ((clinic.doctor_lee, 2), (clinic.doctor_park, 0)):
        desk.sign_in_as(actor)
        async with open_app() as pilot:
            await open_messages(pilot)
            assert len(listed(pilot)) == lines
    desk.sign_in_as(clinic.patient)
    async with open_app() as pilot:
        before = pilot.app.screen
        await pilot.press("f7")
        await settle(pilot)
        assert pilot.app.screen is before


class Counting(ClinicApp):
    """Knows how often messages were counted."""

    CSS_PATH = str(Path(clinic_tui.__file__).with_name("clinic.tcss"))
    times = 0

    def count_messages(self) -> Worker[None]:
        self.times += 1
        return super().count_messages()


async def test_the_count_stands_in_the_header_of_every_screen(
    desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    """However many messages are heard of in a moment, they are counted once."""
    database.transact(fill, clinic)
    heard = News(frozenset({Change(ChangeKind.MESSAGES)}))
    app = Counting(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for _ in range(100):
            app.post_message(ClinicChanged(heard))
        await until(pilot, lambda: "F7: 3 to see" in header(pilot))
        assert app.times == 1


async def test_the_line_under_the_cursor_can_be_read_in_every_look(
    open_app: OpenApp, database: Database, clinic: SmallClinic
) -> None:
    """Failed, withdrawn, in doubt, waiting, to be read."""
    database.transact(fill, clinic)
    gone = update(OUTBOX).where(OUTBOX.c.message_id == "0@clinic").values(status="withdrawn")
    database.transact(lambda session: session.execute(gone))
    async with open_app() as pilot:
        await open_messages(pilot)
        await pilot.press("6")
        await settle(pilot)
        found = pilot.app.screen.query_one("#messages", OptionList)
        assert {line[0] for line in listed(pilot)} == {"✗", "–", "?", "·", "←"}
        for theme in THEMES:
            pilot.app.theme = theme
            await settle(pilot)
            for at in range(len(found.options)):
                found.highlighted = at
                for one in found.render_line(at):
                    assert one.style is not None
                    text, ground = one.style.color, one.style.bgcolor
                    assert text is not None
                    assert ground is not None
                    seen = contrast(Color.from_rich_color(text), Color.from_rich_color(ground))
                    assert seen >= 4.5, (theme, one)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["small", "wide"])
def test_looks(
    snap_compare: Callable[..., bool],
    desk: Desk,
    database: Database,
    clinic: SmallClinic,
    size: tuple[int, int],
) -> None:
    database.transact(fill, clinic)

    async def look(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await open_messages(pilot)

    assert snap_compare(ClinicApp(lambda: desk), terminal_size=size, run_before=look)
