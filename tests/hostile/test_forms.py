"""Pasted into the fields of the screens: taken as it is or refused in a sentence, and kept.

Which texts an operation takes is tried at its door; here it is that the screens hand them on
whole, say what the domain says, lose nothing and obey nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from clinic_tui.database import Database
from clinic_tui.domain.models import Appointment, ExtraHours, TimeOff, table
from clinic_tui.screens.booking.booking import BookingDialog
from clinic_tui.screens.calendar.go_to_date import GoToDate
from clinic_tui.screens.form import Form
from clinic_tui.screens.help import HelpScreen
from clinic_tui.screens.sign_in import LockScreen, SignInScreen
from clinic_tui.screens.visits.cancelling import CancelDialog
from clinic_tui.screens.visits.moving import MoveDialog
from tests.domain.given import add_visit
from tests.screens.conftest import settle
from tests.screens.driving import said, type_text, until
from tests.small_clinic import NOW, SmallClinic

from .conftest import Opened
from .pasting import check_kept, check_sentence, one_line, paste, try_all
from .seen import check_harmless
from .strings import AWKWARD, HARMFUL, SURROGATES, TOO_LONG, field_names, naughty_strings

pytestmark = [pytest.mark.proof, pytest.mark.parametrize("kind", ["sqlite"])]
SMALL = (80, 24)
_BECOME_BLANKS = [text for text in HARMFUL.values() if one_line(text) != text]
REFUSED = [
    text
    for text in (*HARMFUL.values(), *SURROGATES.values(), *TOO_LONG.values())
    if text not in _BECOME_BLANKS
]
TAKEN = [*(text for text in AWKWARD.values() if len(text) <= 80), *_BECOME_BLANKS]
ALL = [*TAKEN, *REFUSED]
WORST = [HARMFUL["escape"], TOO_LONG["two hundred and one"], HARMFUL["override"]]
NAUGHTY = [text for text in naughty_strings() if text][::3]
NAMES = field_names(every=120)
"""At the doors of the domain all of them are tried."""
needs_field_data = pytest.mark.skipif(
    not NAUGHTY, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
)


async def in_front(pilot: Pilot[int], kind: type[Screen[Any]], *keys: str) -> Screen[Any]:
    """Press keys until a screen of that kind is in front."""
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    return pilot.app.screen


def fill(screen: Screen[Any], **typed: str) -> None:
    """Write into fields."""
    for field, text in typed.items():
        screen.query_one(f"#{field}", Input).value = text


@asynccontextmanager
async def form_behind(pilot: Pilot[int], *keys: str, **stop: str) -> AsyncIterator[str]:
    """A form in which something is always refused, as the last of all; what is said to that."""
    fill(await in_front(pilot, Form, *keys), **stop)
    await pilot.press("ctrl+s")
    yield check_sentence(pilot)


NEW_PATIENT = ("f4", "ctrl+n")
_FREE, _FORMED = ("#given", "#address", "#alert"), ("#born", "#phones", "#email", "#language")


async def test_patient_form(opened: Opened) -> None:
    """A name, an address, an alert take what may be somebody's; no field takes anything else."""
    async with (
        opened(size=SMALL) as pilot,
        form_behind(pilot, *NEW_PATIENT, family="x", number="n" * 41) as stop,
    ):
        async for pasted, sentence in try_all(pilot, _FREE, TAKEN):
            assert sentence == stop, (pasted, sentence)
        async for pasted, sentence in try_all(pilot, (*_FREE, *_FORMED), REFUSED):
            assert sentence != stop, (pasted, sentence)
        for field in (*_FREE, *_FORMED):
            async for pasted, sentence in try_all(pilot, (field,), WORST[:1]):
                assert sentence != stop, (pasted, sentence)
        # What was pasted and not saved is there again, to the letter.
        left = {"#number": HARMFUL["clipboard"], "#alert": TOO_LONG["a book"]}
        await paste(pilot, left)
        form = pilot.app.screen
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is not form)
        await in_front(pilot, Form, "ctrl+n")
        check_kept(pilot, left)


@needs_field_data
async def test_strings_of_the_field(opened: Opened) -> None:
    """Everybody's name may stand in any field; a naughty string is taken or refused."""
    async with (
        opened(size=SMALL) as pilot,
        form_behind(pilot, *NEW_PATIENT, family="x", number="n" * 41) as stop,
    ):
        fields = ("#family", *_FREE)
        async for pasted, sentence in try_all(pilot, fields, NAMES):
            assert sentence == stop, (pasted, sentence)
        async for _ in try_all(pilot, (*fields, *_FORMED), NAUGHTY):
            pass


async def test_doctor_form(opened: Opened, clinic: SmallClinic) -> None:
    async with (
        opened(clinic.admin, SMALL) as pilot,
        form_behind(pilot, "f5", "escape", "n", family="x", profile="p" * 201) as stop,
    ):
        fields = ("#given", "#title", "#specialties", "#phone", "#email")
        async for pasted, sentence in try_all(pilot, fields[:1], TAKEN[::6]):
            assert sentence == stop, (pasted, sentence)
        for at, field in enumerate((*fields, "#profile")):
            async for pasted, sentence in try_all(pilot, (field,), REFUSED[at::24]):
                assert sentence != stop, (pasted, sentence)


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("h", ("#monday", "#friday", "#from", "#until", "#every")),
        ("a", ("#from", "#until")),
        ("x", ("#day", "#hours")),
    ],
)
async def test_forms_of_hours(
    opened: Opened, clinic: SmallClinic, key: str, fields: Sequence[str]
) -> None:
    """Hours, days and weeks that cannot be read."""
    async with opened(clinic.admin, SMALL) as pilot:
        await pilot.press("f5", "slash", *"lee", "enter")
        await settle(pilot)
        await in_front(pilot, Form, key)
        async for _ in try_all(pilot, fields, ALL[:: 4 if key == "h" else 8]):
            pass


@pytest.mark.parametrize(
    ("key", "fields", "stop"),
    [
        ("S", ("#length", "#whom", "#room", "#first", "#time", "#every", "#ends"), {"ends": ""}),
        ("T", ("#whom1", "#room2", "#first", "#last", "#note", "#gap"), {"gap": "30-10"}),
    ],
)
async def test_forms_of_several_visits(
    opened: Opened, key: str, fields: Sequence[str], stop: dict[str, str]
) -> None:
    """A series and several visits on a day: whatever cannot be read is refused in a sentence."""
    async with opened(size=SMALL) as pilot:
        await pilot.press("f4", *"garcia", "enter")
        await settle(pilot)
        fill(await in_front(pilot, Form, key), **stop)
        async for _ in try_all(pilot, fields, ALL[::8]):
            pass


async def refused_again(pilot: Pilot[int], before: Screen[Any]) -> Screen[Any]:
    """The dialog that comes back with what the clinic refused."""
    await until(
        pilot,
        lambda: (
            isinstance(pilot.app.screen, type(before))
            and pilot.app.screen is not before
            and said(pilot, "#refusal") != ""
        ),
    )
    return pilot.app.screen


async def check_handed_on(pilot: Pilot[int], field: str, save: str, **typed: str) -> None:
    """What only the operation refuses comes back in the same field; what it takes is saved."""
    for text in WORST:
        dialog = pilot.app.screen
        fill(dialog, **typed)
        await paste(pilot, {f"#{field}": text})
        await pilot.press(save)
        await refused_again(pilot, dialog)
        check_kept(pilot, {f"#{field}": text})
        assert field.title() in check_sentence(pilot)
    await paste(pilot, {f"#{field}": AWKWARD["action"]})
    await pilot.press(save)
    await until(pilot, lambda: bool(pilot.app.screen.query(Toast)))
    check_harmless(pilot)


@pytest.mark.parametrize("key", ["a", "x"])
async def test_words_about_hours(
    opened: Opened, database: Database, clinic: SmallClinic, key: str
) -> None:
    """The reason of time off, the note of extra hours."""
    async with opened(clinic.admin, SMALL) as pilot:
        await pilot.press("f5", "slash", *"lee", "enter")
        await settle(pilot)
        await in_front(pilot, Form, key)
        if key == "a":
            await check_handed_on(pilot, "reason", "ctrl+s", **{"from": "28nov"})
        else:
            await check_handed_on(pilot, "note", "ctrl+s", day="28nov", hours="9-12")
    stored = table(TimeOff).c.reason if key == "a" else table(ExtraHours).c.note
    assert database.read(lambda session: session.scalars(select(stored)).all()) == [
        AWKWARD["action"]
    ]


_PLACE = ("#doctor-text", "#day", "#time", "#length", "#room-text")
_NO_PLACE = [*WORST, *(AWKWARD[name] for name in ("allergy", "action", "formula", "arabic"))]


async def check_nowhere(pilot: Pilot[int], *fields: str) -> None:
    """Fields that say where a visit is to stand, with what says nothing; nothing is done."""
    dialog = pilot.app.screen
    for text in _NO_PLACE:
        pasted = dict.fromkeys(fields, text)
        await paste(pilot, pasted)
        await pilot.press("ctrl+s")
        assert pilot.app.screen is dialog
        check_kept(pilot, pasted)


async def test_booking(opened: Opened, database: Database) -> None:
    """Whom, with whom, when and where that cannot be read; a note that cannot be kept."""
    async with opened(size=SMALL) as pilot:
        await in_front(pilot, BookingDialog, "b")
        await check_nowhere(pilot, "#patient", "#type-text", *_PLACE)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, BookingDialog))
        # As it was left, then anew.
        dialog = await in_front(pilot, BookingDialog, "b", "ctrl+r")
        await until(pilot, lambda: dialog.query_one("#patient", Input).value == "")
        await type_text(pilot, "garcia")
        await pilot.press("enter")
        await until(pilot, lambda: said(pilot, "#says").startswith("Maria Garcia"))
        await check_handed_on(pilot, "note", "ctrl+s")
    stored = select(table(Appointment).c.note)
    assert database.read(lambda session: session.scalars(stored).all()) == [AWKWARD["action"]]


async def test_new_patient_in_booking(opened: Opened) -> None:
    async with opened(size=SMALL) as pilot:
        dialog = await in_front(pilot, BookingDialog, "b")
        await pilot.press("ctrl+n")
        fill(dialog, family="x", email="nobody")
        await pilot.press("ctrl+s")
        stop = check_sentence(pilot)
        async for pasted, sentence in try_all(pilot, ("#given",), TAKEN[::5]):
            assert sentence == stop, (pasted, sentence)
        for at, field in enumerate(("#given", "#born", "#phone", "#email")):
            async for pasted, sentence in try_all(pilot, (field,), REFUSED[at::15]):
                assert sentence != stop, (pasted, sentence)


async def test_moving_and_cancelling(
    opened: Opened, database: Database, clinic: SmallClinic
) -> None:
    """A place that cannot be read; a reason that cannot be kept."""
    database.transact(add_visit, clinic, NOW)
    async with opened(size=SMALL) as pilot:
        await in_front(pilot, MoveDialog, "m")
        await check_nowhere(pilot, *_PLACE)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, MoveDialog))
        await in_front(pilot, CancelDialog, "d")
        await pilot.press("p")
        await check_handed_on(pilot, "reason", "enter")
    stored = select(table(Appointment).c.cancel_reason)
    assert database.read(lambda session: session.scalars(stored).all()) == [AWKWARD["action"]]


@pytest.mark.parametrize("keys", [("f4",), ("f5",), ("f1",), ("ctrl+p",)])
async def test_search_lines(opened: Opened, keys: tuple[str]) -> None:
    """Whatever is looked for, somebody is found or nobody, and the line stays as it is."""
    dialogs: dict[str, type[Screen[Any]]] = {"f1": HelpScreen, "ctrl+p": CommandPalette}
    kind = dialogs.get(keys[0], Screen)
    async with opened(size=SMALL) as pilot:
        await in_front(pilot, kind, *keys)
        line = pilot.app.screen.query(Input).first()
        for text in ALL[len(keys[0]) :: 4]:
            await paste(pilot, {f"#{line.id}" if line.id else "Input": text})


async def test_go_to_date(opened: Opened) -> None:
    """No day: a sentence, and the line stays."""
    async with opened(size=SMALL) as pilot:
        dialog = await in_front(pilot, GoToDate, "g")
        for text in ALL[::5]:
            await paste(pilot, {"#day": text})
            await pilot.press("enter")
            assert pilot.app.screen is dialog
            check_kept(pilot, {"#day": text})
            check_sentence(pilot, "#understood")


async def test_at_the_door(opened: Opened) -> None:
    """At the lock and at the sign-in: nobody comes in, and the name stays."""
    async with opened(size=SMALL) as pilot:
        lock = await in_front(pilot, LockScreen, "f12")
        for text in (*WORST, AWKWARD["action"]):
            fill(lock, password="")
            lock.query_one("#refusal", Static).update("")
            await paste(pilot, {"#password": text})
            await pilot.press("enter")
            await until(pilot, lambda: said(pilot, "#refusal") != "")
            check_sentence(pilot)
        await in_front(pilot, SignInScreen, "ctrl+o")
        for text in (HARMFUL["clipboard"], SURROGATES["high surrogate"], AWKWARD["action"]):
            pilot.app.screen.query_one("#refusal", Static).update("")
            await paste(pilot, {"#username": text, "#password": text})
            await pilot.press("enter")
            await until(pilot, lambda: said(pilot, "#refusal") != "")
            check_kept(pilot, {"#username": text})
            check_sentence(pilot)
