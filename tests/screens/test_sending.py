"""What sends beside the desk never holds it up."""

from __future__ import annotations

import asyncio
from statistics import median
from time import monotonic, perf_counter

from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.channels.base import Channel as Leaves
from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.domain.codes import Channel, NoticeKind
from clinic_tui.domain.visits.booking import BookingRequest, book_appointment
from clinic_tui.scheduler import Sending
from tests.dispatch.mail_server import Fails, Handler, mail_server
from tests.dispatch.queued import add_notice, fill, give_numbers, rows
from tests.dispatch.sms_server import Fault, sms_server
from tests.dispatch.texting import texting
from tests.domain.given import at
from tests.patience import Stopwatch
from tests.screens.conftest import settle
from tests.small_clinic import NOW, SmallClinic


async def keys(pilot: Pilot[int]) -> float:
    """Seconds that a key takes until the screen is still, in the middle."""
    times = []
    for key in ("down", "up") * 10:
        before = perf_counter()
        await pilot.press(key)
        times.append(perf_counter() - before)
    return median(times)


def fill_both(session: Session, clinic: SmallClinic) -> None:
    """Thirty e-mails that are due, and thirty texts."""
    fill(session, clinic, 30, kind=NoticeKind.CONFIRMATION, channel=Channel.SMS)
    give_numbers(session, [f"+49151234{number:05}" for number in range(30)])
    for row in rows(session):
        add_notice(session, row.appointment_id, row.starts_at)


async def test_keys_answer_while_no_server_does_and_leaving_does_not_wait(
    desk: Desk, database: Database, clinic: SmallClinic, stopwatch: Stopwatch
) -> None:
    """Neither answers in a minute, or as long as anybody waits."""
    database.transact(fill_both, clinic)
    handler = Handler(Fails.HANGS)
    with (
        mail_server(handler) as settings,
        sms_server() as server,
        texting(server.url, countries=("DE",), read_seconds=60) as sms,
    ):
        server.always = Fault.HANG

        def start() -> Sending:
            channels: list[Leaves] = [Email(settings, timeout=60), sms]
            sending = Sending(Database(str(database.url)), channels, lambda: NOW)
            sending.start()
            return sending

        app = ClinicApp(lambda: desk, start_sending=start)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            alone = await keys(pilot)
            app.open_sending()
            while not (handler.senders and server.forms):
                await asyncio.sleep(0.01)
            beside = await keys(pilot)
            began = monotonic()
            request = BookingRequest(clinic.okafor, clinic.follow_up, at("15:00"), clinic.maria)
            await desk.run(book_appointment, request, NOW)
            booked = stopwatch.since(began)
            before = monotonic()
        assert stopwatch.since(before) < 5, "the servers would be waited for for a minute"
    assert beside < max(0.05, 2 * alone)
    assert booked < 1, "and no transaction is open meanwhile"
