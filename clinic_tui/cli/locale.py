"""``clinic locale``: how clocks and dates are written, and on which day a week begins."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example

if TYPE_CHECKING:
    from ..domain.clinic.settings import ClinicSettings

verbs = typer.Typer(
    help="Show and set how clocks, dates and weeks are written.",
    epilog=example("locale show"),
    **PLAIN,
)


class Clock(StrEnum):
    """The hours of a clock."""

    TWELVE = "12"
    TWENTY_FOUR = "24"


class Dates(StrEnum):
    """Which part of a date comes first."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@verbs.command("show", epilog=example("locale show"))
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show how clocks, dates and weeks are written."""
    with signed_in(context) as desk:
        settings = desk.settings
        today = desk.now()
        if as_json:
            names = ("clock_hours", "first_weekday", "date_order")
            echo_json({name: getattr(settings, name) for name in names})
            return
        from ..domain.hours.text import WEEKDAYS  # noqa: PLC0415
        from ..domain.times.walltime import say_moment  # noqa: PLC0415

        first = WEEKDAYS[settings.first_weekday]
        echo(f"{say_moment(today, desk.zone)}; weeks begin on {first}.")


@verbs.command("set", epilog=example("locale set --clock 12 --dates mdy --week sunday"))
def change(
    context: typer.Context,
    clock: Annotated[Clock | None, typer.Option(help="The hours of a clock.")] = None,
    dates: Annotated[
        Dates | None, typer.Option(help="The order of dates, written and read.")
    ] = None,
    week: Annotated[
        str | None, typer.Option(metavar="DAY", help="On which day a week begins.")
    ] = None,
) -> None:
    """Set how clocks, dates and weeks are written; what is not named stays."""
    from dataclasses import replace  # noqa: PLC0415

    from ..domain.clinic.settings import change_settings, clinic_settings  # noqa: PLC0415

    with signed_in(context) as desk:
        wanted: ClinicSettings = desk.read_now(clinic_settings)
        if clock is not None:
            wanted = replace(wanted, clock_hours=int(clock.value))
        if dates is not None:
            wanted = replace(wanted, date_order=dates.value)
        if week is not None:
            wanted = replace(wanted, first_weekday=_weekday(week))
        desk.run_now(change_settings, wanted, desk.now())
        desk.reload_settings()
    show(context)


def _weekday(text: str) -> int:
    from ..domain.errors import BadInput  # noqa: PLC0415
    from ..domain.hours.text import parse_weekdays  # noqa: PLC0415

    found = parse_weekdays(text)
    if len(found) != 1:
        raise BadInput("Week", "Week: one weekday, as sunday.")
    return min(found)
