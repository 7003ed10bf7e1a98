"""On the screens: what people wrote is shown as it is, never obeyed, whatever it is.

The sweeps run on SQLite, whose file may hold anything; what the screens draw is the same on both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import cast

import pytest
from rich.cells import cell_len
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList
from textual.widgets._toast import Toast

from clinic_tui.app import ClinicApp
from clinic_tui.database import Database
from clinic_tui.domain.absence.calls import VisitToCall
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.duplicates import DuplicatePair
from clinic_tui.domain.patients.history import PatientRecord
from clinic_tui.domain.patients.search import FoundPatient, PossibleDuplicate
from clinic_tui.domain.text import search_key
from clinic_tui.screens.absence.call_list import CallList
from clinic_tui.screens.absence.plan_dialog import PlanDialog
from clinic_tui.screens.base import Dialog
from clinic_tui.screens.calendar.specialty_choice import SpecialtyChoice
from clinic_tui.screens.doctors.card import DoctorCard
from clinic_tui.screens.doctors.time_off import RemoveDialog
from clinic_tui.screens.form import Form
from clinic_tui.screens.header import ClinicHeader
from clinic_tui.screens.outbox.whose_reply import WhoseReply
from clinic_tui.screens.patients.card import PatientCard
from clinic_tui.screens.patients.merge_dialog import MergeDialog
from clinic_tui.screens.patients.pairs_dialog import PairsDialog
from clinic_tui.screens.patients.registering import DuplicatesDialog
from clinic_tui.screens.widgets.day.grid import DayGrid
from clinic_tui.screens.widgets.lists.plan_list import PlanList
from clinic_tui.screens.widgets.pick_field import PickField
from tests.screens.conftest import settle
from tests.screens.driving import type_text, until
from tests.small_clinic import NOW, SmallClinic

from .conftest import Opened
from .poison import CLOSED_FROM, TEXTS, WORD, Poisoned, call_the_clinic
from .seen import bare, check_harmless, lines_in, one_text, says, text_in
from .walking import along_visits, click_line, find_everybody, opening, watch

SMALLER = (100, 30)
pytestmark = pytest.mark.proof

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"])
A_FEW = range(2, len(TEXTS), 6)
"""The numbers of an action, of signs that are wide, of codes, of what moves the line."""
SOME = range(0, len(TEXTS), 3)
"""The numbers of twice as many."""


def check_whole(shown: str, text: str, times: int) -> None:
    """The text stands there so often, character for character."""
    assert shown.count(bare(text)) >= times, (text, shown)


def missing(shown: list[str], *, cut_from: int) -> list[str]:
    """Which of the texts do not stand anywhere in those lines."""
    return [text for text in TEXTS if not says(one_text(shown), text, cut_from=cut_from)]


@on_sqlite
async def test_patients(opened: Opened, poisoned: Poisoned) -> None:
    """Everybody in the list, and everything that is on the card of whom one clicks."""
    async with opened() as pilot:
        watching = watch(pilot)
        lines = await find_everybody(pilot, "f4", "#results")
        for line, text in zip(lines, TEXTS, strict=False):
            assert line.startswith("! "), line
            assert says(bare(line), text, cut_from=5), (text, line)
        for number in SOME:
            await click_line(pilot, "#results", number)
            check_whole(text_in(pilot.app.screen.query_one(PatientCard)), TEXTS[number], 6)
            check_harmless(pilot)
        assert watching.put_right == set()


@on_sqlite
async def test_form_of_patients(opened: Opened, poisoned: Poisoned) -> None:
    """What is on record stands in the fields as it is; a name that cannot be is not saved."""
    async with opened() as pilot:
        await find_everybody(pilot, "f4", "#results")
        for number in A_FEW:
            await click_line(pilot, "#results", number)
            async with opening(pilot, "e", Form) as form:
                check_whole(text_in(form.query_one(".title")), TEXTS[number], 1)
                for field in ("family", "address", "alert", "number"):
                    assert form.query_one(f"#{field}", Input).value == TEXTS[number]
                await pilot.press("ctrl+s")
                assert form.query_one("#refusal").has_class("refusal")


@on_sqlite
async def test_possible_duplicates(opened: Opened) -> None:
    """Who is already on record, by whatever name; for no domain finds these alike."""
    alike = tuple(
        PossibleDuplicate(FoundPatient(number, text, text, None, text, text, text), text)
        for number, text in enumerate(TEXTS[at] for at in SOME)
    )
    async with opened() as pilot:
        watching = watch(pilot)
        await pilot.app.push_screen(DuplicatesDialog(alike))
        await settle(pilot)
        shown = one_text(lines_in(pilot.app.screen.query_one("#alike")))
        for number in SOME:
            assert says(shown, TEXTS[number], cut_from=4), (TEXTS[number], shown)
        check_harmless(pilot)
        assert watching.put_right == set()


@on_sqlite
async def test_doctors(opened: Opened, poisoned: Poisoned) -> None:
    """Everybody in the list, their specialties in theirs, and everything on their card."""
    async with opened() as pilot:
        watching = watch(pilot)
        lines = await find_everybody(pilot, "f5", "#doctors")
        for line, text in zip(lines, TEXTS, strict=False):
            assert says(bare(line), text, cut_from=5), (text, line)
        for number in SOME:
            await click_line(pilot, "#doctors", number)
            check_whole(text_in(pilot.app.screen.query_one(DoctorCard)), TEXTS[number], 6)
            check_harmless(pilot)
        specialties = pilot.app.screen.query_one("#specialties", OptionList)
        specialties.focus()
        shown = lines_in(specialties)
        for _ in range(2):
            await pilot.press("pagedown")
            await settle(pilot)
            shown += lines_in(specialties)
        assert missing(shown, cut_from=5) == []
        assert watching.put_right == set()


@on_sqlite
async def test_forms_of_doctors(opened: Opened, poisoned: Poisoned, clinic: SmallClinic) -> None:
    """Profile, hours, extra hours and time off in turn, each named after the doctor."""
    async with opened(clinic.admin, SMALLER) as pilot:
        watching, keys = watch(pilot), cycle(("e", "h", "x", "a"))
        lines = await find_everybody(pilot, "f5", "#doctors")
        for number in (number for number in SOME if number < len(lines)):
            await click_line(pilot, "#doctors", number)
            async with opening(pilot, next(keys), Form) as form:
                check_whole(text_in(form.query_one(".title")), TEXTS[number], 1)
        assert {text for text in watching.put_right if not text.startswith("x")} == set()


@on_sqlite
async def test_calendar(opened: Opened, poisoned: Poisoned) -> None:
    """Every visit's block, the line that says why, and every doctor's heading."""
    async with opened() as pilot:
        watching = watch(pilot)
        grid, why = pilot.app.screen.query_one(DayGrid), pilot.app.screen.query_one("#why")
        blocks: list[str] = []
        async for number, text in along_visits(pilot):
            said = text_in(why)
            assert said.count(bare(text)) >= 3 or bare(text)[:60] in said, (text, said)
            if number in A_FEW:
                blocks += [line[6:25] for line in lines_in(grid)]
                check_harmless(pilot)
        assert missing(blocks, cut_from=4) == []
        headings: list[str] = []
        for _ in range(0, len(TEXTS) + 11, 8):
            headings += lines_in(grid)[:1]
            await pilot.press(*["right"] * 8)
        assert missing(headings, cut_from=4) == []
        async with opening(pilot, "s", SpecialtyChoice) as choice:
            listed = lines_in(choice.query_one("#specialties"))
            assert len([text for text in TEXTS if says(one_text(listed), text, cut_from=4)]) > 5
        assert watching.put_right == set()


@on_sqlite
async def test_week_of_a_doctor(opened: Opened, poisoned: Poisoned) -> None:
    """The page of one doctor, and of one specialty, is called what it is called."""
    async with opened() as pilot:
        watching, title = watch(pilot), pilot.app.screen.query_one("#calendar-title")
        for number in A_FEW:
            await find_everybody(pilot, "f5", "#doctors")
            await click_line(pilot, "#doctors", number)
            await pilot.press("enter")
            await settle(pilot)
            await pilot.press("w")
            await settle(pilot)
            assert says(text_in(title), TEXTS[number], cut_from=20), TEXTS[number]
            check_harmless(pilot)
        assert watching.put_right == set()


@on_sqlite
async def test_waitlist(opened: Opened, poisoned: Poisoned) -> None:
    """Everybody who waits, in aligned columns, and everything that is said of each."""
    async with opened() as pilot:
        watching = watch(pilot)
        await pilot.press("f6")
        await settle(pilot)
        screen = pilot.app.screen
        lines = lines_in(screen.query_one("#waiting"))[1:]
        assert len({cell_len(line) for line in lines}) == 1
        about = screen.query_one("#about")
        for line, text in zip(lines, TEXTS, strict=False):
            assert says(bare(line), text, cut_from=5), (text, line)
            said = text_in(about)
            assert said.count(bare(text)) >= 3 or bare(text)[:60] in said, (text, said)
            await pilot.press("down")
        await settle(pilot)
        check_harmless(pilot)
        assert watching.put_right == set()


OF_A_VISIT = {"enter": 6, "m": 3, "d": 2}
"""Keys on a visit, and how often the dialog they open says what everything is called."""


@on_sqlite
async def test_dialogs_of_a_visit(opened: Opened, poisoned: Poisoned) -> None:
    """Details, moving and cancelling in turn; Esc leads back from each."""
    async with opened(size=SMALLER) as pilot:
        watching, keys = watch(pilot), cycle(OF_A_VISIT)
        async for number, text in along_visits(pilot):
            if number not in SOME:
                continue
            key = next(keys)
            async with opening(pilot, key, Dialog) as dialog:
                if key == "m":
                    await until(pilot, lambda: "✗" in text_in(pilot.app.screen))
                shown = text_in(dialog.query_one(".box"))
                check_whole(shown, text, OF_A_VISIT[key] if len(bare(text)) < 20 else 1)
        assert watching.put_right == set()


@on_sqlite
async def test_toasts(opened: Opened, poisoned: Poisoned) -> None:
    """Who has arrived is said as they are called."""
    async with opened() as pilot:
        async for number, text in along_visits(pilot):
            if number in A_FEW:
                pilot.app.clear_notifications()
                await pilot.press("i")
                await until(pilot, lambda: len(pilot.app.screen.query(Toast)) == 1)
                await pilot.pause()
                toast = text_in(pilot.app.screen.query_one(Toast))
                assert bare(text)[:40] in toast, toast
                check_harmless(pilot)


async def pick(pilot: Pilot[int], field: str, number: int) -> str:
    """Type into a field that drops down what fits, take it; what had dropped down."""
    line = pilot.app.screen.query_one(f"#{field}", PickField)
    line.query_one(Input).focus()
    wanted = WORD if field == "doctor" else search_key(TEXTS[number])
    await type_text(pilot, wanted)
    await until(pilot, lambda: line.is_open)
    if field == "doctor":
        await pilot.press(*["down"] * number)
    dropped = text_in(line.query_one(OptionList))
    await pilot.press("enter")
    await until(pilot, lambda: not line.is_open)
    return dropped


@on_sqlite
@pytest.mark.parametrize("number", [3, 4])
async def test_booking(opened: Opened, poisoned: Poisoned, number: int) -> None:
    """Patient, doctor, visit type and room, found and taken; then it is said that it is done."""
    text = TEXTS[number]
    async with opened(size=(120, 40)) as pilot:
        watching = watch(pilot)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        dialog = pilot.app.screen
        await type_text(pilot, WORD)
        await until(pilot, lambda: says(text_in(dialog.query_one("#found")), text, cut_from=5))
        await pilot.press(*["down"] * number, "enter")
        await until(pilot, lambda: text_in(dialog.query_one("#summary")).count(bare(text)) >= 4)
        for field in ("doctor", "type", "room"):
            assert bare(text) in await pick(pilot, field, number)
        await until(pilot, lambda: text_in(dialog.query_one("#openings")).count(bare(text)) == 3)
        said = text_in(dialog.query_one("#says"))
        assert said.count(bare(text)[:2]) >= 3, said
        check_harmless(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(pilot.app.screen.query(Toast)))
        await until(pilot, lambda: text_in(pilot.app.screen.query(Toast).first()) != "")
        check_whole(text_in(pilot.app.screen.query(Toast).first()), text, 3)
        assert watching.put_right == set()


@on_sqlite
async def test_closed_days(opened: Opened, poisoned: Poisoned) -> None:
    """Why the clinic is closed: in the sheet of a month and under it, and over an empty day."""
    async with opened() as pilot:
        watching = watch(pilot)
        await pilot.press("M", "g")
        await type_text(pilot, CLOSED_FROM.isoformat())
        await pilot.press("enter")
        await until(pilot, lambda: "February" in one_text(lines_in(pilot.app.screen)))
        why = pilot.app.screen.query_one("#why")
        for text in TEXTS:
            assert bare(text)[:60] in text_in(why), (text, text_in(why))
            await pilot.press("right")
            await settle(pilot)
        check_harmless(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert bare(TEXTS[-1]) in text_in(pilot.app.screen.query_one(DayGrid))
        assert watching.put_right == set()


@on_sqlite
async def test_palette(opened: Opened, poisoned: Poisoned) -> None:
    """The patients and the doctors that a word finds, and what Enter on one of them opens."""
    async with opened() as pilot:
        watching = watch(pilot)
        await pilot.press("ctrl+p", *WORD)
        texts = [bare(text)[:60] for text in TEXTS[:6]]
        await until(
            pilot, lambda: all(text_in(pilot.app.screen).count(text) >= 4 for text in texts)
        )
        check_harmless(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))
        assert watching.put_right == set()


@on_sqlite
async def test_messages(opened: Opened, poisoned: Poisoned, database: Database) -> None:
    """To whom one failed, why and what it says; what was replied, and whose reply it may be."""
    async with opened() as pilot:
        watching = watch(pilot)
        for view, newest_first in (("4", TEXTS[::-1]), ("5", TEXTS)):
            await pilot.press("f7", view, "home")
            await settle(pilot)
            screen = pilot.app.screen
            lines = lines_in(screen.query_one("#messages"))
            for line, text in zip(lines, newest_first, strict=False):
                assert says(bare(line), text, cut_from=4), (text, line)
            for number in A_FEW:
                database.transact(call_the_clinic, TEXTS[number])
                screen.query_one("#messages", OptionList).highlighted = number
                await settle(pilot)
                check_whole(text_in(screen.query_one("#about")), newest_first[number], 2)
                check_harmless(pilot)
                if view == "5":
                    async with opening(pilot, "w", WhoseReply) as dialog:
                        check_whole(text_in(dialog.query_one(".box")), TEXTS[number], 2)
        assert watching.put_right == set()


@on_sqlite
async def test_visits_in_the_way(opened: Opened, poisoned: Poisoned, clinic: SmallClinic) -> None:
    """Whom new hours would leave outside, by name."""
    async with opened(clinic.admin) as pilot:
        await pilot.press("f5")
        await settle(pilot)
        await pilot.press("slash", *"lee", "enter", "h")
        await until(pilot, lambda: isinstance(pilot.app.screen, Form))
        form = pilot.app.screen
        form.query_one("#monday", Input).value = ""
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog))
        plan, about = pilot.app.screen.query_one(PlanList), pilot.app.screen.query_one("#about")
        lines: list[str] = []
        for at, row in enumerate(plan.lines):
            shown = lines_in(plan)
            lines += [shown[plan.at - plan.scroll_offset.y]]
            assert bare(row.line.patient)[:40] in text_in(about)
            if at in A_FEW:
                check_harmless(pilot)
            await pilot.press("down")
        before_and_after_lunch = TEXTS[:18] + TEXTS[24:]
        told = one_text(lines)
        missed = [one for one in before_and_after_lunch if not says(told, one, cut_from=4)]
        assert missed == []


@on_sqlite
async def test_lists_for_a_call_and_two_records(opened: Opened) -> None:
    """Whom to call, who may be on record twice, and both side by side, each by whatever name."""
    texts = [TEXTS[at] for at in SOME]
    visits = [
        VisitToCall(
            number,
            number,
            text,
            text,
            text,
            number,
            text,
            NOW,
            NOW + timedelta(minutes=20),
            here=bool(number % 2),
        )
        for number, text in enumerate(texts)
    ]
    people = [FoundPatient(1, text, text, None, text, text, text) for text in texts]
    pairs = [DuplicatePair(one, one, one.name) for one in people]
    async with opened(size=SMALLER) as pilot:
        watching = watch(pilot)
        desk = cast("ClinicApp", pilot.app).desk
        assert desk is not None
        for dialog, lines in (
            (CallList(desk, visits, 0), "#visits"),
            (PairsDialog(pairs), "#pairs"),
        ):
            await pilot.app.push_screen(dialog)
            await settle(pilot)
            shown = lines_in(dialog.query_one(lines))
            await pilot.press("end")
            shown += lines_in(dialog.query_one(lines))
            for text in texts:
                assert says(one_text(shown), text, cut_from=4), (text, shown)
            check_harmless(pilot)
            await pilot.press("escape")
        for text in texts:
            details = PatientDetails(
                text, text, phones=(text,), email=text, address=text, language=text, alert=text,
                record_number=text,
            )  # fmt: skip
            record = PatientRecord(1, details, (), None, 0)
            await pilot.app.push_screen(MergeDialog(desk, record, record, None))
            await until(pilot, lambda: "kept" in text_in(pilot.app.screen))
            assert text_in(pilot.app.screen.query_one("#sides")).count(bare(text)[:3]) >= 2, text
            check_harmless(pilot)
            await pilot.press("escape")
        assert watching.put_right == set()


@on_sqlite
async def test_taking_back(opened: Opened, poisoned: Poisoned, clinic: SmallClinic) -> None:
    """Extra hours and time off are named before they are taken back, and said to be."""
    async with opened(clinic.admin) as pilot:
        watching = watch(pilot)
        await find_everybody(pilot, "f5", "#doctors")
        for number in A_FEW:
            await click_line(pilot, "#doctors", number)
            pilot.app.screen.query_one("#different").focus()
            async with opening(pilot, "delete", RemoveDialog) as question:
                assert bare(TEXTS[number])[:40] in text_in(question)
        assert watching.put_right == set()


async def test_names_of_the_clinic(
    opened: Opened, database: Database, clinic: SmallClinic, kind: str
) -> None:
    """What the clinic and the people at its desks are called: in the header and at the lock.

    On a line that is long enough for both of them.
    """
    async with opened(size=(260, 30)) as pilot:
        watching = watch(pilot)
        desk = cast("ClinicApp", pilot.app).desk
        assert desk is not None
        for text in TEXTS:
            if kind == "sqlite" or "\0" not in text:
                database.transact(call_the_clinic, text)
                desk.reload_settings()
                desk.sign_in_as(replace(desk.actor, name=text))
                header = pilot.app.screen.query_one(ClinicHeader)
                header.refresh()
                await pilot.pause()
                assert bare(text)[:40] in text_in(header)
                assert lines_in(header)[0].endswith("09:00 ")
        await pilot.press("f12")
        await pilot.pause()
        check_whole(text_in(pilot.app.screen), text, 1)
        check_harmless(pilot)
        assert watching.put_right == set()
