"""The list of patients: every line as wide as the list, whatever people are called."""

from __future__ import annotations

from datetime import date

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from clinic_tui.domain.patients.search import FoundPatient
from clinic_tui.screens.widgets.lists.patient_list import PatientList

NAMES = (
    ("Garcia", "Maria"),
    ("陈", "美玲"),
    ("Wolfeschlegelsteinhausenbergerdorff", "Maximiliana Anna-Katharina"),
    ("김", "서연 👩‍👩‍👧"),
    ("Nguyễn", "Thị Thu Thủy"),
    ("[/]", "[red]Kim[/red]"),
    ("", "Sukarno"),
    ("الحداد", "ليلى"),
)


def people(count: int) -> tuple[FoundPatient, ...]:
    """That many patients, every third with an alert, every second without a phone."""
    return tuple(
        FoundPatient(
            number,
            *NAMES[number % len(NAMES)],
            date(1984, 3, 9) if number % 4 else None,
            f"{number:06}",
            "+4915123456789" if number % 2 else "",
            "allergy" if number % 3 == 0 else "",
        )
        for number in range(count)
    )


class OneList(App[None]):
    """The list and nothing else."""

    chosen: FoundPatient | None = None

    def compose(self) -> ComposeResult:
        """It."""
        yield PatientList(id="found")

    def on_patient_list_chosen(self, event: PatientList.Chosen) -> None:
        """Remember."""
        self.chosen = event.patient


def lines(patients: PatientList) -> list[str]:
    """What is drawn."""
    return [patients.render_line(y).text for y in range(patients.size.height)]


@pytest.mark.parametrize("width", [60, 80, 160])
async def test_columns_stay_aligned_whatever_people_are_called(width: int) -> None:
    async with OneList().run_test(size=(width, 20)) as pilot:
        patients = pilot.app.query_one(PatientList)
        patients.show(people(8), region="DE")
        await pilot.pause()
        drawn = lines(patients)
        assert {cell_len(line) for line in drawn} == {patients.size.width}
        at = {cell_len(line[: line.index(f"{n:06}")]) for n, line in enumerate(drawn[:8])}
        assert len(at) == 1
        assert [line[:2] for line in drawn[:4]] == ["! ", "  ", "  ", "! "]
        assert "[/], [red]Kim[/red]" in drawn[5]
        assert ("01512 3456789" in drawn[1]) == (width > 60)


async def test_keys_move_page_and_choose_and_stop_at_the_ends() -> None:
    async with OneList().run_test(size=(80, 10)) as pilot:
        patients = pilot.app.query_one(PatientList)
        patients.focus()
        patients.show(people(30), region="DE")
        for keys, number in (
            (["up"], 0),
            (["down", "down"], 2),
            (["pagedown"], 11),
            (["pagedown", "pagedown", "down"], 29),
            (["pageup"], 20),
        ):
            await pilot.press(*keys)
            assert patients.highlighted is not None
            assert patients.highlighted.patient_id == number
        assert f"{20:06}" in "".join(lines(patients))
        await pilot.press("enter")
        app = pilot.app
        assert isinstance(app, OneList)
        assert app.chosen == patients.highlighted


async def test_fewer_found_start_at_the_top_again() -> None:
    async with OneList().run_test(size=(80, 10)) as pilot:
        patients = pilot.app.query_one(PatientList)
        patients.focus()
        patients.show(people(30), region="DE")
        await pilot.press("pagedown", "pagedown")
        patients.show(people(3), region="DE")
        await pilot.pause()
        assert patients.highlighted is not None
        assert patients.highlighted.patient_id == 0
        assert f"{0:06}" in lines(patients)[0]
        patients.show((), region="DE")
        await pilot.press("up", "down", "enter")
        assert patients.highlighted is None
