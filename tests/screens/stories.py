"""Telling a story of a visit on the program's first screen, and reading its dialogs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import select
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static
from textual.worker import Worker

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from clinic_tui.screens.base import ClinicScreen, Dialog
from clinic_tui.screens.booking.draft import BookingDraft
from clinic_tui.screens.booking.story import book_visit
from clinic_tui.screens.place.openings import Openings
from clinic_tui.screens.widgets.lists.patient_list import PatientList
from tests.domain.given import APPOINTMENTS, at
from tests.screens.conftest import settle
from tests.screens.driving import until
from tests.small_clinic import SmallClinic

T = TypeVar("T")


def screen_of(pilot: Pilot[int]) -> ClinicScreen:
    """The screen under every dialog."""
    return next(s for s in reversed(pilot.app.screen_stack) if isinstance(s, ClinicScreen))


async def on_nothing(pilot: Pilot[int], desk: Desk) -> None:
    """Put an empty screen under what comes, so that a picture shows the dialog alone."""
    await settle(pilot)
    await pilot.app.push_screen(ClinicScreen(desk))


async def begin(pilot: Pilot[int], story: Coroutine[Any, Any, T]) -> Worker[T]:
    """Begin a story and wait for its dialog."""
    worker: Worker[T] = screen_of(pilot).run_worker(story, exit_on_error=False)
    await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
    return worker


async def begin_booking(pilot: Pilot[int], draft: BookingDraft) -> Worker[Any]:
    """Begin to book and wait until the first offer is there."""
    worker = await begin(pilot, book_visit(screen_of(pilot), draft))
    await until(pilot, lambda: bool(says(pilot, "state")))
    return worker


async def ended(pilot: Pilot[int], worker: Worker[Any]) -> Any:
    """What the story answered."""
    await until(pilot, lambda: worker.is_finished)
    return worker.result


def says(pilot: Pilot[int], part: str) -> str:
    """What a part of the dialog in front says."""
    return str(pilot.app.screen.query_one(f"#{part}", Static).render())


def openings(pilot: Pilot[int]) -> list[str]:
    """The numbered lines, as shown."""
    shown = str(pilot.app.screen.query_one(Openings).render())
    return [line.strip() for line in shown.splitlines()]


def value(pilot: Pilot[int], field: str) -> str:
    """What stands in a field."""
    return pilot.app.screen.query_one(f"#{field}", Input).value


async def fill(pilot: Pilot[int], field: str, text: str) -> None:
    """Paste a text into a field, replacing what stands there."""
    line = pilot.app.screen.query_one(f"#{field}", Input)
    line.focus()
    line.value = ""
    line.post_message(events.Paste(text))
    await pilot.pause()


def told(pilot: Pilot[int]) -> list[str]:
    """The sentences said in toasts so far, newest last."""
    return [str(toast.message) for toast in pilot.app._notifications]


def lee_at_ten(clinic: SmallClinic, **given: Any) -> BookingDraft:
    """What the calendar knows with the cursor on Tuesday 10:00 at Dr Lee."""
    return replace(BookingDraft(doctor_id=clinic.lee, starts_at=at("10:00", 1)), **given)


def visits(database: Database) -> int:
    """How many visits there are."""
    return len(database.read(lambda session: session.execute(select(APPOINTMENTS.c.id)).all()))


def found(pilot: Pilot[int]) -> str:
    """Whom Enter would take."""
    patient = pilot.app.screen.query_one(PatientList).highlighted
    return patient.name if patient else ""


def at_openings(pilot: Pilot[int]) -> bool:
    """Whether the openings are in focus."""
    return isinstance(pilot.app.focused, Openings)


def is_free(pilot: Pilot[int]) -> Callable[[], bool]:
    """Whether what the line says is free."""
    return lambda: says(pilot, "state").startswith("✓ free")


async def choose(pilot: Pilot[int], text: str) -> None:
    """Type somebody's name and take the first who fits."""
    await fill(pilot, "patient", text)
    await pilot.press("enter")
    await until(pilot, lambda: at_openings(pilot))


def is_refused_with(pilot: Pilot[int], sentence: str) -> bool:
    """Whether the dialog says so."""
    return any(sentence in says(pilot, part) for part in ("refusal", "state"))


async def begin_in_picture(
    pilot: Pilot[int], desk: Desk, clinic: SmallClinic, patient: str
) -> None:
    """Begin to book for somebody."""
    await on_nothing(pilot, desk)
    await begin_booking(pilot, lee_at_ten(clinic))
    await fill(pilot, "patient", patient)
