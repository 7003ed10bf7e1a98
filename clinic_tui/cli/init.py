"""``clinic init``: the tables, the clinic's settings, the first admin."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ..domain.errors import BadInput, NotFound
from .ask import ask, new_password, somebody_there
from .desks import config_of, warn_of_network_share
from .machine import machine_region, machine_zone
from .output import echo
from .verbs import PLAIN, example

if TYPE_CHECKING:
    from ..database import Database
    from ..domain.clinic.settings import ClinicSettings
    from .desks import Where

verbs = typer.Typer(**PLAIN)


@verbs.command(
    "init",
    epilog=example(
        "init --name Riverside --zone Europe/Berlin --region DE", "--holidays DE-BE --admin ada"
    ),
)
def init(
    context: typer.Context,
    database: Annotated[
        str | None, typer.Option(help="Where the clinic is to be.", metavar="URL")
    ] = None,
    name: Annotated[str, typer.Option(help="What the clinic is called.", metavar="TEXT")] = "",
    zone: Annotated[
        str,
        typer.Option(
            help="Its time zone, as Europe/Berlin; this machine's if not given.", metavar="ZONE"
        ),
    ] = "",
    region: Annotated[
        str,
        typer.Option(
            help="Its country, as DE: how phone numbers, clocks and dates are written.",
            metavar="XX",
        ),
    ] = "",
    holidays: Annotated[
        str,
        typer.Option(help="Whose public holidays it keeps, as DE-BE or US-NY.", metavar="REGION"),
    ] = "",
    admin: Annotated[str, typer.Option(help="User name of the first admin.", metavar="WORD")] = "",
) -> None:
    """Create or upgrade the tables and make the first admin.

    Asks for what is not given. The password is typed twice, or comes from CLINIC_PASSWORD. Run
    again it upgrades the tables and changes nothing else.
    """
    from ..database import HEAD, Database  # noqa: PLC0415

    config = config_of(context, database)
    warn_of_network_share(config.database)
    book = Database(config.database)
    try:
        before = book.revision()
        if before is not None:
            book.upgrade()
        if before is None or not _is_founded(book):
            wanted = _ask_settings(name, zone, region, holidays)
            admin = _wanted("User name of the first admin", "--admin", admin)
            password = new_password("CLINIC_PASSWORD")
            with book.made_whole() as made:
                made.upgrade()
                _found(made, wanted, admin, password)
            echo(f"{wanted.name} is founded, and {admin} is its admin.")
            _say_where(context, config.database)
            echo("Next: “clinic sign-in”; then “clinic import doctors --help”.")
        elif before == HEAD:
            echo("This clinic is up to date: nothing was changed.")
        else:
            echo(f"The tables were upgraded from {before} to {HEAD}; nothing else was changed.")
    finally:
        book.close()


def _say_where(context: typer.Context, url: str) -> None:
    """Where the settings name another database, the verbs after this one would not find it."""
    from ..config import default_file, load_config  # noqa: PLC0415

    where: Where = context.obj
    if load_config(where.config).database != url:
        file = where.config or default_file()
        echo(f"Put this line into {file}, or set CLINIC_DATABASE:")
        echo(f"  database = {json.dumps(url, ensure_ascii=False)}")


def _is_founded(book: Database) -> bool:
    from ..domain.clinic.settings import load_settings  # noqa: PLC0415

    try:
        book.read(load_settings)
    except NotFound:
        return False
    return True


def _found(book: Database, wanted: ClinicSettings, admin: str, password: str) -> None:
    """The slow hash is made before the transaction begins."""
    from ..desk import read_clock  # noqa: PLC0415
    from ..domain.clinic.founding import found  # noqa: PLC0415
    from ..domain.staff.passwords import hash_password  # noqa: PLC0415

    book.transact(found, wanted, admin, hash_password(password), read_clock())


def _ask_settings(name: str, zone: str, region: str, holidays: str) -> ClinicSettings:
    """What was given, and the rest from whoever is there; checked before anything is made."""
    from ..domain.clinic.settings import ClinicSettings, check_settings  # noqa: PLC0415
    from ..domain.clinic.writing import usual_writing  # noqa: PLC0415

    country, _, subdivision = holidays.partition("-")
    wanted = check_settings(
        ClinicSettings(
            name=_wanted("Name of the clinic", "--name", name),
            zone=_wanted("Time zone", "--zone", zone, machine_zone()),
            region=_wanted("Country (two letters)", "--region", region, machine_region()),
            holiday_country=country or None,
            holiday_subdivision=subdivision or None,
        )
    )
    usual = usual_writing(wanted.region)
    return replace(
        wanted,
        clock_hours=usual.clock_hours,
        first_weekday=usual.first_weekday,
        date_order=usual.date_order,
    )


def _wanted(question: str, option: str, given: str, guess: str = "") -> str:
    """What was given; else an answer, where somebody is there; else what the machine says."""
    if given:
        return given
    if somebody_there():
        while not (answer := ask(question, guess)):
            echo("Something is needed here.", err=True)
        return answer
    if guess:
        return guess
    raise BadInput(question, f"{question}: nobody is there to ask; say {option}.")
