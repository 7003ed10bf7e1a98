"""``clinic waitlist``: who waits for a visit or an earlier one, who fits, and offers to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from ..domain.codes import Urgency
from .desks import signed_in
from .output import alternatives_shown, echo, echo_json
from .verbs import PLAIN, Json, example
from .visit_shown import (
    At,
    Minutes,
    NotBefore,
    OnlyDoctors,
    OnlySpecialty,
    OverBy,
    fitting_json,
    freed_json,
    read_number,
    say_fitting,
    tell,
    tell_freed,
)
from .waiting_shown import offered_json, say_offered, say_waiting, waiting_json
from .who import (
    the_day,
    the_doctor,
    the_length,
    the_moment,
    the_patient,
    the_room_id,
    the_specialty,
    the_times_of_day,
    the_visit_type,
    the_weekdays,
)

verbs = typer.Typer(
    help="Who waits for a visit or an earlier one, and offers to them.",
    epilog=example("waitlist list"),
    **PLAIN,
)

_Place = Annotated[
    int,
    typer.Argument(metavar="PLACE", help="The number that “list” shows.", parser=read_number),
]
_Offer = Annotated[
    int,
    typer.Argument(metavar="OFFER", help="The number that “offer” answered.", parser=read_number),
]
_Doctor = Annotated[str, typer.Option(metavar="NAME", help="With whom.")]
_Room = Annotated[str, typer.Option(metavar="NAME", help="Where.")]


@verbs.command(
    "add",
    epilog=example(
        "waitlist add --patient garcia --type follow-up --doctor lee",
        '--weekday "mon, wed" --from 9 --until 12 --urgency soon',
    ),
)
def add(
    context: typer.Context,
    patient: Annotated[str, typer.Option(metavar="WHO", help="Who waits.")] = "",
    visit_type: Annotated[
        str, typer.Option("--type", metavar="NAME", help="For which type of visit.")
    ] = "",
    earlier: Annotated[
        int | None,
        typer.Option(
            metavar="VISIT", help="For an earlier time of this visit.", parser=read_number
        ),
    ] = None,
    doctor: OnlyDoctors = None,
    specialty: OnlySpecialty = "",
    day: Annotated[str, typer.Option(metavar="DAY", help="From this day on.")] = "",
    last_day: Annotated[str, typer.Option(metavar="DAY", help="Until this day.")] = "",
    weekday: Annotated[
        str, typer.Option(metavar="DAYS", help="Only on these, as “mon, wed-fri”.")
    ] = "",
    from_: NotBefore = "",
    until: OverBy = "",
    minutes: Minutes = "",
    urgency: Annotated[Urgency, typer.Option(help="How urgent it is.")] = Urgency.ROUTINE,
    note: Annotated[str, typer.Option(metavar="TEXT", help="In a few words.")] = "",
    as_json: Json = False,
) -> None:
    """Put somebody on the waitlist, for a visit or for an earlier one."""
    from ..domain.waitlist.waitlist import Wish, add_to_waitlist  # noqa: PLC0415

    from_minute, until_minute = the_times_of_day(from_, until)
    with signed_in(context) as desk:
        wish = Wish(
            patient_id=the_patient(desk, patient) if patient else None,
            visit_type_id=the_visit_type(desk, visit_type).visit_type_id if visit_type else None,
            doctor_ids=tuple(the_doctor(desk, one) for one in doctor or ()),
            specialty_id=the_specialty(desk, specialty) if specialty else None,
            first_day=the_day(desk, day) if day else None,
            last_day=the_day(desk, last_day) if last_day else None,
            weekdays=the_weekdays(weekday),
            from_minute=from_minute,
            until_minute=until_minute,
            minutes=the_length(minutes),
            urgency=urgency,
            note=note,
            appointment_id=earlier,
        )
        place = desk.run_now(add_to_waitlist, wish, desk.now())
    if as_json:
        echo_json({"place": place})
        return
    echo(f"On the waitlist, place {place}.")


@verbs.command("list", epilog=example("waitlist list"))
def list_all(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List who waits: the urgent first, then the longest waiting, with what next fits."""
    from ..domain.waitlist.who_waits import list_waitlist  # noqa: PLC0415

    with signed_in(context) as desk:
        found = desk.read_now(list_waitlist, desk.now(), limit=500)
        if as_json:
            echo_json([waiting_json(one, desk.zone) for one in found])
            return
        for one in found:
            for line in say_waiting(one, desk.now(), desk.zone):
                echo(line)
        if not found:
            echo("Nobody waits.")


@verbs.command("fits", epilog=example('waitlist fits --doctor lee --at "fri 3pm" --minutes 40'))
def fits(
    context: typer.Context,
    doctor: _Doctor,
    at: Annotated[str, At],
    minutes: Annotated[
        str, typer.Option(metavar="LENGTH", help="How long the doctor is free.")
    ] = "20",
    room: _Room = "",
    as_json: Json = False,
) -> None:
    """Show who waits and would fit into a doctor's free time, the first to ask first."""
    from ..domain.waitlist.filling import who_fits  # noqa: PLC0415
    from ..domain.waitlist.freed import Slot  # noqa: PLC0415

    with signed_in(context) as desk:
        starts_at = the_moment(desk, at)
        ends_at = starts_at + timedelta(minutes=the_length(minutes) or 0)
        slot = Slot(
            the_doctor(desk, doctor), starts_at, ends_at, the_room_id(desk, room) if room else None
        )
        found = desk.read_now(who_fits, slot, desk.now())
        if as_json:
            echo_json([fitting_json(one, desk.zone) for one in found])
            return
        for one in found:
            echo(say_fitting(one, desk.zone))
        if not found:
            echo("Nobody waits for such a time.")


@verbs.command("offer", epilog=example('waitlist offer 3 --doctor lee --at "fri 3pm"'))
def offer(
    context: typer.Context,
    place: _Place,
    doctor: _Doctor,
    at: Annotated[str, At],
    room: _Room = "",
    expires: Annotated[
        str,
        typer.Option(metavar="WHEN", help="Until when it stands; two hours if not given."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Keep an opening for somebody who waits, and queue the message that tells them."""
    from ..domain.waitlist.offering import OfferRequest, offer_opening  # noqa: PLC0415

    with signed_in(context) as desk:
        request = OfferRequest(
            place,
            the_doctor(desk, doctor),
            the_moment(desk, at),
            the_room_id(desk, room) if room else None,
            the_moment(desk, expires) if expires else None,
        )
        with alternatives_shown(desk, as_json=as_json):
            made = desk.run_now(offer_opening, request, desk.now())
        if as_json:
            echo_json(offered_json(made, desk.zone))
            return
        echo(say_offered(made, desk.zone))


@verbs.command("accept", epilog=example("waitlist accept 5"))
def accept(context: typer.Context, number: _Offer, as_json: Json = False) -> None:
    """Say yes to an offer: the visit is booked, or moves there."""
    from ..domain.visits.requests import new_key  # noqa: PLC0415
    from ..domain.waitlist.accepting import accept_offer  # noqa: PLC0415

    with signed_in(context) as desk:
        with alternatives_shown(desk, as_json=as_json):
            answer = desk.run_now(accept_offer, number, desk.now(), new_key())
        tell(answer, desk.zone, as_json=as_json)


@verbs.command("decline", epilog=example("waitlist decline 5"))
def decline(context: typer.Context, number: _Offer, as_json: Json = False) -> None:
    """Say no to an offer: they wait on, and the opening is free."""
    from ..domain.visits.requests import new_key  # noqa: PLC0415
    from ..domain.waitlist.declining import decline_offer  # noqa: PLC0415

    with signed_in(context) as desk:
        freed = desk.run_now(decline_offer, number, desk.now(), new_key())
        if as_json:
            echo_json({"offer": number, "freed": freed and freed_json(freed, desk.zone)})
            return
        echo("Declined: they wait on.")
        if freed is not None:
            tell_freed(freed, desk.zone)


@verbs.command("withdraw", epilog=example("waitlist withdraw 3"))
def withdraw(context: typer.Context, place: _Place, as_json: Json = False) -> None:
    """Take somebody off the waitlist."""
    from ..domain.waitlist.waitlist import withdraw_from_waitlist  # noqa: PLC0415

    with signed_in(context) as desk:
        desk.run_now(withdraw_from_waitlist, place, desk.now())
    if as_json:
        echo_json({"withdrawn": place})
        return
    echo("Off the waitlist.")
