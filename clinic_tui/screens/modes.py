"""The screens there are: the key that goes to each, and who may go there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.screen import Screen

from ..domain.access import Permission

if TYPE_CHECKING:
    from ..desk import Desk


# Each screen is imported when it is first gone to: the first one should not wait for the others.


def _calendar(desk: Desk) -> Screen[Any]:
    from .calendar.calendar import CalendarScreen  # noqa: PLC0415

    return CalendarScreen(desk)


def _today(desk: Desk) -> Screen[Any]:
    from .today.today import TodayScreen  # noqa: PLC0415

    return TodayScreen(desk)


def _patients(desk: Desk) -> Screen[Any]:
    from .patients.patients import PatientsScreen  # noqa: PLC0415

    return PatientsScreen(desk)


def _doctors(desk: Desk) -> Screen[Any]:
    from .doctors.doctors import DoctorsScreen  # noqa: PLC0415

    return DoctorsScreen(desk)


def _waitlist(desk: Desk) -> Screen[Any]:
    from .waitlist.waitlist import WaitlistScreen  # noqa: PLC0415

    return WaitlistScreen(desk)


def _messages(desk: Desk) -> Screen[Any]:
    from .outbox.messages_screen import MessagesScreen  # noqa: PLC0415

    return MessagesScreen(desk)


@dataclass(frozen=True, slots=True)
class Mode:
    """A screen to go to: ``key`` as it is printed on keyboards, ``shows`` in a few words.

    Whoever may not do what is ``needed`` is not offered it; ``screen`` makes it.
    """

    name: str
    title: str
    key: str
    shows: str
    needed: Permission
    screen: Callable[[Desk], Screen[Any]]


MODES = (
    Mode("calendar", "Calendar", "F3", "The day", Permission.SEE_CALENDAR, _calendar),
    Mode("today", "Today", "F2", "Who is here", Permission.RUN_VISITS, _today),
    Mode("patients", "Patients", "F4", "Find one", Permission.SEE_CONTACT, _patients),
    Mode("doctors", "Doctors", "F5", "Hours, leave", Permission.SEE_DOCTORS, _doctors),
    Mode("waitlist", "Waitlist", "F6", "Who waits", Permission.WAIT, _waitlist),
    Mode(
        "messages", "Messages", "F7", "What was sent, what failed, replies", Permission.MESSAGES,
        _messages,
    ),
)  # fmt: skip
"""One begins on the first of them that one may use."""


def keys_of_modes() -> list[Binding]:
    """The function keys, in their order."""
    return [
        Binding(
            one.key.lower(), f"go('{one.name}')", one.title,
            id=f"app.{one.name}", show=False, tooltip=one.shows,
        )
        for one in sorted(MODES, key=lambda one: one.key)
    ]  # fmt: skip
