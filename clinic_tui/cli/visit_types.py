"""``clinic visit-type``: what can be booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example
from .who import the_notice, the_reminders, the_visit_type

if TYPE_CHECKING:
    from ..domain.clinic.visit_types import VisitTypeDetails

verbs = typer.Typer(help="Add and list visit types.", epilog=example("visit-type list"), **PLAIN)


@verbs.command("add", epilog=example('visit-type add "New patient" 40 --after 10 --notice 2h'))
def add_type(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As “Follow-up”.")],
    minutes: Annotated[int, typer.Argument(metavar="MINUTES", help="How long, 5 to 720 minutes.")],
    short: Annotated[str, typer.Option(metavar="TEXT", help="A name for narrow columns.")] = "",
    before: Annotated[
        int, typer.Option(metavar="MINUTES", help="Minutes kept free before it.")
    ] = 0,
    after: Annotated[int, typer.Option(metavar="MINUTES", help="Minutes kept free after it.")] = 0,
    colour: Annotated[
        str, typer.Option(metavar="COLOUR", help="What it is coloured with.")
    ] = "blue",
    notice: Annotated[
        str, typer.Option(metavar="LENGTH", help="Booked at least so long ahead, as 2h, 24h or 3d.")
    ] = "",
    horizon: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Booked at most so many days ahead.")
    ] = None,
    remind: Annotated[
        str,
        typer.Option(metavar="LENGTHS", help="When reminders leave, as 7d,24h before the visit."),
    ] = "",
    specialty: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only doctors of it do this; several may be."),
    ] = None,
) -> None:
    """Add a visit type."""
    from ..domain.clinic.visit_types import VisitTypeDetails, add_visit_type  # noqa: PLC0415

    details = VisitTypeDetails(
        name,
        short,
        minutes,
        before,
        after,
        colour,
        tuple(specialty or ()),
        notice_minutes=the_notice(notice),
        horizon_days=horizon,
        reminders=the_reminders(remind),
    )
    with signed_in(context) as desk:
        desk.run_now(add_visit_type, details, desk.now())
    echo(f"{name}, {minutes} min, can be booked.")


@verbs.command("remind", epilog=example('visit-type remind "New patient" 7d,24h'))
def remind_of_type(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which, as “Follow-up”.")],
    lengths: Annotated[
        str,
        typer.Argument(
            metavar="LENGTHS",
            help="How long before each leaves, as 7d,24h; “clinic”: when the clinic's do.",
        ),
    ],
) -> None:
    """Say when the reminders of a visit type leave; what is queued already stays."""
    from dataclasses import replace  # noqa: PLC0415

    from ..domain.clinic.visit_types import change_visit_type  # noqa: PLC0415

    with signed_in(context) as desk:
        one = the_visit_type(desk, name)
        reminders = () if lengths == "clinic" else the_reminders(lengths)
        details = replace(one.details, reminders=reminders)
        desk.run_now(change_visit_type, one.visit_type_id, details, desk.now())
    when = _leads(reminders) or "as the clinic's reminders do"
    echo(f"Reminders of {details.name} leave {when}.")


@verbs.command("list", epilog=example("visit-type list"))
def list_types(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List the visit types."""
    from dataclasses import asdict  # noqa: PLC0415

    from ..domain.clinic.visit_types import list_visit_types  # noqa: PLC0415

    with signed_in(context) as desk:
        found = desk.read_now(list_visit_types)
    if as_json:
        echo_json([{"visit_type_id": one.visit_type_id, **asdict(one.details)} for one in found])
        return
    for one in found:
        whose = ", ".join(one.details.specialties) or "every doctor"
        echo(f"{one.details.minutes:>4} min  {one.details.name}  ({whose}){_reach(one.details)}")


def _reach(details: VisitTypeDetails) -> str:
    """What it keeps free around it, when it may be booked, and its own reminders, if any."""
    from ..domain.openings.reasons import say_notice  # noqa: PLC0415

    words = ""
    if details.buffer_before:
        words += f", {details.buffer_before} min free before it"
    if details.buffer_after:
        words += f", {details.buffer_after} min free after it"
    if details.notice_minutes:
        words += f", at least {say_notice(details.notice_minutes)} ahead"
    if details.horizon_days is not None:
        words += f", at most {details.horizon_days} days ahead"
    if details.reminders:
        words += f", reminders {_leads(details.reminders)}"
    return words


def _leads(reminders: tuple[int, ...]) -> str:
    """As “7 days and 24 hours before”."""
    from ..domain.openings.reasons import say_notice  # noqa: PLC0415

    return " and ".join(say_notice(hours * 60) for hours in reminders) + " before" * bool(reminders)
