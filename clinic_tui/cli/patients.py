"""``clinic patient``: records that may be one person's, made one and parted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .desks import signed_in
from .output import echo, echo_json
from .verbs import PLAIN, Json, example
from .visit_shown import read_number
from .who import say_patient, the_patient

if TYPE_CHECKING:
    from ..domain.patients.merging import MergedPatients
    from ..domain.patients.search import FoundPatient

verbs = typer.Typer(
    help="Find records of one person, and make them one.",
    epilog=example("patient duplicates"),
    **PLAIN,
)

_Merge = Annotated[
    int, typer.Argument(metavar="MERGE", help="The number that “merge” said.", parser=read_number)
]


@verbs.command("duplicates", epilog=example("patient duplicates"))
def duplicates(
    context: typer.Context,
    limit: Annotated[int, typer.Option(metavar="COUNT", help="How many.", min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """List pairs of records that may be one person's, most likely first."""
    from ..domain.patients.duplicates import find_duplicates  # noqa: PLC0415

    with signed_in(context) as desk:
        pairs = desk.read_now(find_duplicates, limit)
    if as_json:
        echo_json(
            [
                {"one": _json(pair.one), "other": _json(pair.other), "why": pair.why}
                for pair in pairs
            ]
        )
        return
    for pair in pairs:
        echo(f"{say_patient(pair.one)}  |  {say_patient(pair.other)}  ({pair.why})")
    if not pairs:
        echo("No two records look like one person's.")


@verbs.command("merge", epilog=example("patient merge --keep 000012 --merge 000345"))
def merge(
    context: typer.Context,
    keep: Annotated[str, typer.Option("--keep", metavar="PATIENT", help="Whose record is kept.")],
    merged: Annotated[
        str, typer.Option("--merge", metavar="PATIENT", help="Whose record goes into it.")
    ],
    as_json: Json = False,
) -> None:
    """Make two records of one person one: the visits follow."""
    from ..domain.patients.merging import merge_patients  # noqa: PLC0415

    with signed_in(context) as desk:
        kept_id, merged_id = the_patient(desk, keep), the_patient(desk, merged)
        done = desk.run_now(merge_patients, kept_id, merged_id, desk.now())
    if as_json:
        echo_json(_merge_json(done))
        return
    echo(f"{done.merged} is now part of {done.kept}; {_visits(done.visits)} followed.")
    echo(f"“clinic patient part {done.merge_id}” reverses it.")


@verbs.command("part", epilog=example("patient part 1"))
def part(context: typer.Context, merge_id: _Merge, as_json: Json = False) -> None:
    """Reverse a merge: both records are there again, with their own visits."""
    from ..domain.patients.merging import part_patients  # noqa: PLC0415

    with signed_in(context) as desk:
        done = desk.run_now(part_patients, merge_id, desk.now())
    if as_json:
        echo_json(_merge_json(done))
        return
    echo(f"{done.merged} and {done.kept} are two again; {_visits(done.visits)} went back.")


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count} visits"


def _json(patient: FoundPatient) -> dict[str, Any]:
    born = patient.birth_date
    return {
        "patient_id": patient.patient_id,
        "name": patient.name,
        "record_number": patient.record_number,
        "birth_date": born.isoformat() if born else None,
    }


def _merge_json(done: MergedPatients) -> dict[str, Any]:
    return {
        "merge_id": done.merge_id,
        "kept_id": done.kept_id,
        "merged_id": done.merged_id,
        "visits": done.visits,
    }
