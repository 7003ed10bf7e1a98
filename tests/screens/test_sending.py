"""What sends beside the desk never holds it up."""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter

from textual.pilot import Pilot

from clinic_tui.app import ClinicApp
from clinic_tui.channels.email import Email
from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.scheduler import Sending
from tests.dispatch.mail_server import Fails, Handler, mail_server
from tests.dispatch.queued import fill
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


async def test_keys_answer_while_the_mail_server_hangs_and_leaving_does_not_wait(
    desk: Desk, database: Database, clinic: SmallClinic
) -> None:
    database.transact(fill, clinic, 30)
    handler = Handler(Fails.HANGS)
    with mail_server(handler) as settings:

        def start() -> Sending:
            sending = Sending(Database(str(database.url)), [Email(settings)], lambda: NOW)
            sending.start()
            return sending

        app = ClinicApp(lambda: desk, start_sending=start)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            alone = await keys(pilot)
            app.open_sending()
            while not handler.senders:
                await asyncio.sleep(0.01)
            beside = await keys(pilot)
            before = perf_counter()
        assert perf_counter() - before < 5, "the server would be waited for for ten seconds"
    assert beside < max(0.05, 2 * alone)
