"""The calendar's picture without a database: rows, blocks, lines, and where the cursor goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from clinic_tui.domain.codes import Status
from clinic_tui.domain.overview.calendar import CalendarView, DayColumn
from clinic_tui.domain.overview.calendar_visits import CalendarVisit
from clinic_tui.domain.times.walltime import day_bounds, instant, say_time
from clinic_tui.screens.widgets.cells import fit, fit_doctor
from clinic_tui.screens.widgets.day.aim import Aim, find
from clinic_tui.screens.widgets.day.blocks import Layouts, Shade, lay_out
from clinic_tui.screens.widgets.day.cell import cell_at
from clinic_tui.screens.widgets.day.cursor import Cursor, along_visits, land, sideways, vertical
from clinic_tui.screens.widgets.day.frame import Frame, column_widths, first_shown
from clinic_tui.screens.widgets.day.paint import ColumnPainter, most_lanes
from clinic_tui.screens.widgets.day.palette import Palette
from clinic_tui.screens.widgets.day.rows import STEPS, now_row, rows_for, seconds

BERLIN = "Europe/Berlin"
TUESDAY = date(2026, 11, 24)
LONGER, SHORTER = date(2026, 10, 25), date(2027, 3, 28)
"""The clocks go back, and forward."""
PLAIN = Palette(*[Style()] * 13, {})  # type: ignore[call-arg, arg-type]
STRANGE = (
    "Garcia", "山田太郎", "e\u0301\u0302lan", "👩‍⚕️ Jo", "Wolfeschlegelsteinhausenbergerdorff",
    "Penicillin [allergy]", "[/]", "नमस्ते", "", "👍🏽 1️⃣",
)  # fmt: skip


def visit(
    number: int, starts: int, minutes: int, /, day: date = TUESDAY, **other: object
) -> CalendarVisit:
    """A visit ``starts`` minutes after midnight."""
    starts_at = instant(day, starts, BERLIN)
    ends_at = starts_at + timedelta(minutes=minutes)
    plain = CalendarVisit(
        appointment_id=number,
        doctor_id=1,
        starts_at=starts_at,
        ends_at=ends_at,
        blocked_from=starts_at,
        blocked_until=ends_at,
        status=Status.BOOKED,
        overbooked=False,
        confirmed=False,
        busy=False,
        patient_id=number,
        family_name="Garcia",
        given_name="Maria",
        visit_type="Follow-up",
        short_name="f/up",
        colour="blue",
        room="",
    )
    return replace(plain, **other)  # type: ignore[arg-type]


NOON = instant(TUESDAY, 720, BERLIN)


def column(*visits: CalendarVisit, day: date = TUESDAY, doctor_id: int = 1) -> DayColumn:
    """A doctor who works from nine to twelve and from one to five."""
    midnight, next_midnight = day_bounds(day, BERLIN)
    hours = ((540, 720), (780, 1020))
    opened = tuple((instant(day, a, BERLIN), instant(day, b, BERLIN)) for a, b in hours)
    ordered = tuple(sorted(visits, key=lambda visit: visit.starts_at))
    return DayColumn(
        day, doctor_id, "Dr Lee", "GP", "blue", midnight, next_midnight, opened, "", ordered
    )


def view(*columns: DayColumn) -> CalendarView:
    """Those columns on the clinic's clock."""
    return CalendarView(BERLIN, columns)


def layouts(*columns: DayColumn, step: int = 20, lanes: int = 2) -> Layouts:
    """The layouts of those columns."""
    shown = view(*columns)
    return Layouts(shown, rows_for(shown, step), lanes)


@pytest.mark.parametrize(("day", "hours"), [(TUESDAY, 24), (LONGER, 25), (SHORTER, 23)])
def test_a_day_has_the_rows_it_has(day: date, hours: int) -> None:
    rows = rows_for(view(column(day=day)), 20)
    assert len(rows) == hours * 3
    assert all(after - before == 1200 for before, after in pairwise(rows.edges[0]))


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    labels = rows_for(view(column(day=LONGER)), 30).labels
    assert labels[3:9] == ("01:30", "02:00", "02:30", "02:00²", "02:30²", "03:00")


def test_an_hour_that_is_skipped_is_not_there() -> None:
    assert rows_for(view(column(day=SHORTER)), 30).labels[2:6] == (
        "01:00",
        "01:30",
        "03:00",
        "03:30",
    )


def test_days_side_by_side_share_the_face_of_the_clock() -> None:
    week = [column(day=SHORTER - timedelta(days=days)) for days in range(6, -1, -1)]
    rows = rows_for(view(*week), 30)
    nine = rows.labels.index("09:00")
    for number, day in enumerate(week):
        assert rows.edges[number][nine] == seconds(instant(day.day, 540, BERLIN))
    shades = lay_out(week[-1], 6, rows, 2).shades
    assert shades[4:6] == (Shade.SKIPPED, Shade.SKIPPED)
    assert Shade.SKIPPED not in lay_out(week[0], 0, rows, 2).shades


starts = st.integers(0, 1430)
lengths = st.sampled_from([5, 10, 15, 20, 25, 30, 45, 60, 90, 720])
some_visits = st.lists(st.tuples(starts, lengths), max_size=12).map(
    lambda spans: [visit(n, start, length) for n, (start, length) in enumerate(spans, 1)]
)


@given(some_visits, st.sampled_from(STEPS))
def test_no_row_that_is_taken_looks_free(visits: list[CalendarVisit], step: int) -> None:
    shown = view(column(*visits))
    rows = rows_for(shown, step)
    layout = lay_out(shown.columns[0], 0, rows, 2)
    for one in visits:
        for row in range(*rows.rows_of(0, seconds(one.starts_at), seconds(one.ends_at))):
            assert layout.in_row[row] or row in layout.traces


@given(some_visits, st.sampled_from(STEPS), st.integers(2, 4))
@example([visit(1, 180, 90), visit(2, 270, 20), visit(3, 270, 5)], 20, 2)
def test_visits_side_by_side_do_not_cover_each_other(
    visits: list[CalendarVisit], step: int, lanes: int
) -> None:
    layout = layouts(column(*visits), step=step, lanes=lanes)[0]
    assert sorted(b.visit.appointment_id for b in layout.blocks) == [
        one.appointment_id for one in visits
    ]
    for row in layout.in_row:
        alone = [block.lane for block in row if not block.crowded]
        assert len(set(alone)) == len(alone)
        assert all(block.lane < block.lanes <= lanes for block in row)
        assert all(block.lane == block.lanes - 1 for block in row if block.crowded)


@given(st.lists(lengths.filter(lambda minutes: minutes >= 20), min_size=2, max_size=9), starts)
def test_visits_that_follow_each_other_have_the_whole_width(minutes: list[int], at: int) -> None:
    visits = []
    for number, length in enumerate(minutes):
        visits.append(visit(number, at, length))
        at += length
    within = [one for one in visits if one.ends_at <= column().next_midnight]
    assert all(block.lanes == 1 for block in layouts(column(*within))[0].blocks)


@given(
    some_visits,
    st.lists(st.sampled_from(STRANGE), min_size=12, max_size=12),
    st.lists(st.sampled_from(list(Status)), min_size=12, max_size=12),
    st.integers(9, 48),
    st.booleans(),
)
def test_every_line_is_as_wide_as_its_column(
    visits: list[CalendarVisit], names: list[str], statuses: list[Status], width: int, over: bool
) -> None:
    strange = [
        replace(
            one,
            family_name=name,
            given_name=name,
            status=status,
            overbooked=over,
            room=name,
            confirmed=over,
            unsent=over,
        )
        for one, name, status in zip(visits, names, statuses, strict=False)
    ]
    made = layouts(column(*strange), lanes=most_lanes(width))
    painter = ColumnPainter(made[0], width, PLAIN, BERLIN, NOON)
    for row in range(len(made[0].in_row)):
        cursor = land(made, 0, row)
        for line in (
            painter.line(row),
            painter.line(row, top=True),
            painter.line_under_cursor(row, cursor.block),
            painter.now_line(row, today=True),
        ):
            assert sum(cell_len(segment.text) for segment in line) == width


def drawn(*visits: CalendarVisit, row: int, width: int = 24) -> str:
    """What a row of a column with these visits says."""
    layout = layouts(column(*visits), lanes=most_lanes(width))[0]
    line = ColumnPainter(layout, width, PLAIN, BERLIN, NOON).line(row)
    return "".join(segment.text for segment in line)


def test_a_hold_is_named_with_who_and_how_long() -> None:
    held = visit(
        1, 540, 20, status=Status.HELD, family_name="", held_by="ben",
        held_until=NOON + timedelta(seconds=100),
    )  # fmt: skip
    assert drawn(held, row=27) == "◌held · ben · 1:40      "
    assert drawn(replace(held, held_until=NOON), row=27) == "◌held · ben             "


def test_a_visit_is_named_with_its_type_and_sign() -> None:
    assert drawn(visit(1, 540, 20, status=Status.ARRIVED), row=27) == "▌Garcia M        f/up ◆ "
    assert drawn(visit(1, 540, 20, overbooked=True), row=27) == "▌Garcia M        f/up‼  "
    assert drawn(visit(1, 540, 20, status=Status.PENDING), row=27, width=10) == "▌Garcia…? "
    sure = visit(1, 540, 20, confirmed=True)
    assert drawn(sure, row=27) == "▌Garcia M        f/up ● "
    assert drawn(replace(sure, status=Status.ARRIVED), row=27) == "▌Garcia M        f/up ◆ "
    assert drawn(replace(sure, unsent=True), row=27) == "▌Garcia M        f/up✉● "
    assert drawn(replace(sure, unsent=True), row=27, width=10) == "▌Garci…✉● "
    odd = visit(1, 540, 20, overbooked=True, unsent=True)
    assert drawn(odd, row=27) == "▌Garcia M       f/up‼✉  "


def test_a_visit_between_the_rows_says_when_it_begins() -> None:
    assert drawn(visit(1, 545, 20), row=27).startswith("▌09:05 Garcia M")
    assert drawn(visit(1, 545, 20), row=28).startswith("▘ ")
    assert drawn(visit(1, 545, 40, room="Room 1"), row=28).startswith("▌09:05–09:45 Room 1")


def test_a_crowd_is_counted() -> None:
    four = [visit(n, 540 + 5 * n, 5) for n in range(4)]
    assert drawn(*four, row=27) == "▘Garci…▘Garci…▌+2       "


def test_closed_and_buffered_rows_are_told_without_colour() -> None:
    buffered = visit(1, 600, 20)
    later = replace(buffered, blocked_until=buffered.ends_at + timedelta(minutes=10))
    assert drawn(later, row=31) == f"┊{' ' * 23}"
    assert drawn(row=36) == f"{'░' * 23} "
    assert drawn(row=27) == f"·{' ' * 23}"


def test_a_colleagues_visit_is_busy() -> None:
    busy = visit(1, 540, 20, busy=True, family_name="", given_name="", short_name="")
    assert drawn(busy, row=27) == f"▌busy{' ' * 19}"


@given(st.text(), st.integers(0, 30))
def test_fit_is_exact(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) == cells
    assert cell_len(fit_doctor(f"Dr {text} A", cells)) == cells


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Dr Lee A", "Dr Lee A    "),
        ("Dr Featherstone A", "Dr Feathe… A"),
        ("Dr Featherstone 明", "Dr Feath… 明"),
        ("Dr Lee Anna (112)", "Dr Le… (112)"),
        ("Dr Featherstone", "Dr Feathers…"),
        ("Dr Whitlock Ramanathan", "Dr Whitlock…"),
    ],
)
def test_of_two_doctors_the_letter_stays_that_tells_them_apart(name: str, shown: str) -> None:
    assert fit_doctor(name, 12) == shown


@given(some_visits)
def test_tab_goes_through_every_visit_and_back(visits: list[CalendarVisit]) -> None:
    made = layouts(column(*visits), column(doctor_id=2))
    cursor = land(made, 0, 0)
    seen = [cursor.block] if cursor.block else []
    while (after := along_visits(made, cursor, 1)) != cursor:
        cursor = after
        seen += [cursor.block] if cursor.block else []
    assert tuple(seen) == made[0].blocks
    for block in seen[-2::-1]:
        cursor = along_visits(made, cursor, -1)
        assert cursor.block == block


@given(some_visits, st.lists(st.sampled_from("udlrUD"), max_size=40))
def test_the_cursor_never_leaves_the_picture(visits: list[CalendarVisit], keys: list[str]) -> None:
    made = layouts(column(*visits), column(doctor_id=2), column(*visits[:3], doctor_id=3))
    cursor = land(made, 0, 0)
    for key in keys:
        rows = {"u": -1, "d": 1, "U": -17, "D": 17}.get(key)
        cursor = (
            sideways(made, cursor, 1 if key == "r" else -1)
            if rows is None
            else vertical(made, cursor, rows)
        )
        in_row = made[cursor.column].in_row[cursor.row]
        assert (cursor.block in in_row) if in_row else (cursor.block is None)


def test_down_passes_a_whole_visit() -> None:
    made = layouts(column(visit(1, 540, 120)))
    cursor = vertical(made, land(made, 0, 26), 1)
    assert (cursor.row, cursor.block is not None) == (27, True)
    assert vertical(made, cursor, 1).row == 33
    assert vertical(made, cursor, -1).row == 26


def test_right_goes_to_the_visit_beside_before_the_next_doctor() -> None:
    made = layouts(column(visit(1, 540, 20), visit(2, 540, 20, overbooked=True)), column())
    first = land(made, 0, 27)
    second = sideways(made, first, 1)
    assert [c.block and c.block.visit.appointment_id for c in (first, second)] == [1, 2]
    third = sideways(made, second, 1)
    assert (third.column, third.block) == (1, None)
    assert sideways(made, third, -1) == second


@pytest.mark.parametrize(
    ("row", "clock"),
    [(27, "09:10"), (28, "09:25"), (29, "09:40"), (31, None), (36, None)],
    ids=["after a visit", "after a buffer", "free", "taken", "closed"],
)
def test_a_booking_begins_where_the_row_is_free(row: int, clock: str | None) -> None:
    shown = view(
        column(
            visit(1, 540, 10),
            replace(visit(2, 560, 0), ends_at=instant(TUESDAY, 560, BERLIN), status=Status.NOSHOW),
            replace(
                visit(3, 590, 20),
                starts_at=instant(TUESDAY, 562, BERLIN),
                ends_at=instant(TUESDAY, 563, BERLIN),
                blocked_from=instant(TUESDAY, 560, BERLIN),
                blocked_until=instant(TUESDAY, 565, BERLIN),
            ),
            visit(4, 615, 30),
        )
    )
    rows = rows_for(shown, 20)
    made = Layouts(shown, rows, 2)
    found = cell_at(made, rows, Cursor(0, row, None)).bookable_from
    assert (found and say_time(found, BERLIN)) == clock


def test_the_cursor_finds_its_visit_again_where_it_went() -> None:
    before = view(column(visit(1, 540, 20)))
    after = view(column(visit(1, 600, 20)))
    aim = Aim(1, seconds(before.columns[0].visits[0].starts_at), appointment_id=1)
    rows = rows_for(after, 20)
    cursor = find(aim, after, rows, Layouts(after, rows, 2), column().midnight, 0)
    assert (cursor.row, cursor.block is not None) == (30, True)


def test_on_another_day_the_cursor_keeps_its_hour_and_doctor() -> None:
    wednesday = TUESDAY + timedelta(days=1)
    shown = view(column(day=wednesday, doctor_id=2), column(day=wednesday, doctor_id=7))
    rows = rows_for(shown, 20)
    aim = Aim(7, seconds(instant(TUESDAY, 600, BERLIN)), "10:00")
    cursor = find(aim, shown, rows, Layouts(shown, rows, 2), column().midnight, 0)
    assert (cursor.column, rows.labels[cursor.row]) == (1, "10:00")


def test_the_now_line_takes_a_line_of_its_own() -> None:
    shown = view(column())
    rows = rows_for(shown, 20)
    frame = Frame(1, 0, (24,), len(rows), now_row(shown, rows, instant(TUESDAY, 552, BERLIN)))
    assert (frame.now_row, frame.lines) == (28, 73)
    assert [frame.row_on(line) for line in (27, 28, 29)] == [27, None, 28]
    assert [frame.line_of(row) for row in (27, 28)] == [27, 29]
    assert now_row(shown, rows, datetime(2026, 11, 26, tzinfo=UTC)) is None


@given(st.integers(1, 300), st.integers(1, 40), st.integers(10, 20))
def test_columns_share_the_room(room: int, columns: int, narrowest: int) -> None:
    widths = column_widths(room, columns, narrowest)
    assert sum(widths) == room
    assert max(widths) - min(widths) <= 1
    assert len(widths) == 1 or min(widths) >= narrowest


@given(st.integers(1, 9), st.integers(0, 20), st.data())
def test_the_cursors_column_is_shown(shown: int, more: int, data: st.DataObject) -> None:
    columns = shown + more
    at, left = (data.draw(st.integers(0, columns - 1)) for _ in range(2))
    first = first_shown(left, at, shown, columns)
    assert first <= at < first + shown
    assert 0 <= first <= columns - shown
