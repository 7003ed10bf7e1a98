"""``clinic import``: a file of another system, looked at first, then taken in or refused whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.access import Permission, require_some
from .ask import agreed, somebody_there
from .desks import signed_in
from .import_report import Look, preview, summary, tell, write_report
from .output import echo, echo_json
from .verbs import PLAIN, Json, example
from .who import today

if TYPE_CHECKING:
    from ..desk import Desk
    from ..domain.intake.intake import Taken
    from ..interchange.incoming import Clock, Rows
    from ..interchange.tables import Aliases, CsvFile

verbs = typer.Typer(
    help="""Take in patients, doctors, appointments and day sheets from CSV.

    UTF-8 or Latin-1; commas, semicolons or tabs; dates as 1990-02-28 or as the region writes
    them; at most 128 MiB or 1,000,000 lines. A row that cannot be taken is told with its line
    and keeps the whole file out, unless --partial. The same file twice adds nothing twice.
    """,
    epilog=example("import patients FILE.csv"),
    **PLAIN,
)

_FIRST = 3

_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A CSV file whose first line names the columns.")
]
_Partial = Annotated[
    bool, typer.Option("--partial", help="Take the rows that can be taken, leave the others.")
]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write what was refused, and why, to this CSV file."),
]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its columns, how its rows are read and which operation takes them.

    ``check`` is what can be done to them before, while other desks go on writing; ``needs`` is
    what only who may do it may try at all.
    """

    name: str
    columns: Aliases
    read: Callable[[CsvFile, Clock], Rows[Any]]
    take: Callable[..., Taken]
    say: Callable[[Any, str], str]
    check: Callable[..., Iterable[Any]] | None = None
    needs: Permission = Permission.IMPORT


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The options of an import."""

    partial: bool
    yes: bool
    report: Path | None
    as_json: bool


def _patients() -> Kind:
    from ..domain.intake.patients import check_patients, take_patients  # noqa: PLC0415
    from ..interchange.columns import PATIENT_COLUMNS  # noqa: PLC0415
    from ..interchange.incoming import patients_in  # noqa: PLC0415

    return Kind(
        "patients", PATIENT_COLUMNS, patients_in, take_patients, _say_patient, check_patients
    )


def _doctors() -> Kind:
    from ..domain.intake.doctors import take_doctors  # noqa: PLC0415
    from ..interchange.columns import DOCTOR_COLUMNS  # noqa: PLC0415
    from ..interchange.incoming import doctors_in  # noqa: PLC0415

    return Kind("doctors", DOCTOR_COLUMNS, doctors_in, take_doctors, _say_doctor)


def _appointments() -> Kind:
    from ..domain.intake.visits import take_appointments  # noqa: PLC0415
    from ..interchange.columns import APPOINTMENT_COLUMNS  # noqa: PLC0415
    from ..interchange.incoming import appointments_in  # noqa: PLC0415

    return Kind("appointments", APPOINTMENT_COLUMNS, appointments_in, take_appointments, _say_visit)


def _sheet() -> Kind:
    from ..domain.intake.sheet import take_sheet  # noqa: PLC0415
    from ..interchange.columns import SHEET_COLUMNS  # noqa: PLC0415
    from ..interchange.sheet_rows import sheet_in  # noqa: PLC0415

    return Kind(
        "visits", SHEET_COLUMNS, sheet_in, take_sheet, _say_line, needs=Permission.RUN_VISITS
    )


def _verb(name: str, kind: Callable[[], Kind], says: str) -> None:
    """Add the verb that takes in one kind of file."""

    @verbs.command(
        name, help=says, epilog=example(f"import {name} {name}.csv --report refused.csv")
    )
    def verb(
        context: typer.Context,
        file: _File,
        partial: _Partial = False,
        yes: _Yes = False,
        report: _Report = None,
        as_json: Json = False,
    ) -> None:
        _import(context, file, kind(), _Wishes(partial, yes, report, as_json))


_verb(
    "patients",
    _patients,
    """Take in patients. Those who have died are left out; those already known are not added again.

    Columns: id, record_number, family_name, given_name, birth_date, death_date, sex, phone,
    email, address, city, state, postal_code, language, prefers, email_consent, sms_consent,
    alert; or Synthea's.
    """,
)
_verb(
    "doctors",
    _doctors,
    """Take in doctors and their specialties; those already known are not added again.

    Columns: id, family_name and given_name or name, title, specialty (several with ; between),
    email, phone, colour, profile; or Synthea's providers.
    """,
)
_verb(
    "appointments",
    _appointments,
    """Take in appointments, past ones too. They may lie outside hours but never overlap.

    Columns: id, patient (an id of the patients' file or a record number), doctor (an id or a
    name), starts_at, ends_at or minutes, visit_type, room, status, note; or Synthea's encounters.
    Nobody is sent a message about them.
    """,
)
_verb(
    "sheet",
    _sheet,
    """Take in what was written on a printed day sheet, through the same checks as booking.

    Columns: day (2026-11-24), doctor, time, patient (a record number, or a name) with birth_date,
    visit_type, minutes, room, note, came (arrived, came, did not come). A visit that is in the book
    is only marked as having come or not. The same row twice changes nothing.
    """,
)


def _import(context: typer.Context, path: Path, kind: Kind, wishes: _Wishes) -> None:
    from ..domain.intake.intake import RowsRefused  # noqa: PLC0415
    from ..interchange.incoming import Clock  # noqa: PLC0415
    from ..interchange.tables import open_csv  # noqa: PLC0415

    with signed_in(context) as desk:
        require_some(desk.actor, kind.needs)
        file = open_csv(path, kind.columns)
        rows = kind.read(file, Clock(desk.settings.region, desk.zone, today(desk)))
        look = _look(rows, kind)
        if not wishes.as_json:
            preview(file, look, kind.name)
        if not wishes.yes and somebody_there() and not agreed(f"Take in these {kind.name}?"):
            raise typer.Abort
        refusal = None
        try:
            taken = take(desk, rows, kind, partial=wishes.partial)
        except RowsRefused as refused:
            taken, refusal = refused.taken, refused
        if wishes.as_json:
            echo_json(summary(file, look, taken, kind.name, written=refusal is None))
        else:
            tell(taken, written=refusal is None)
        # Last: what was done is told whatever becomes of the report.
        if wishes.report is not None:
            write_report(wishes.report, taken, look.overlaps)
        if refusal is not None:
            echo(f"{refusal} --partial takes the others.", err=True)
            raise typer.Exit(1)


def _look(rows: Rows[Any], kind: Kind) -> Look:
    """Go through the file once without writing anything."""
    from ..domain.errors import BadInput, Refusal  # noqa: PLC0415
    from ..domain.intake.intake import PassedOver  # noqa: PLC0415
    from ..interchange.overlaps import overlaps  # noqa: PLC0415

    look = Look()

    def noted() -> Iterator[Any]:
        for row in rows:
            look.rows += 1
            look.unreadable += isinstance(row.what, BadInput)
            look.passed_over += isinstance(row.what, PassedOver)
            if len(look.first) < _FIRST and not isinstance(row.what, BadInput | PassedOver):
                look.first.append(f"line {row.line}: {kind.say(row.what, rows.clock.zone)}")
            yield row

    if kind.name == "appointments":
        look.overlaps = overlaps(noted())
    else:
        for _ in noted():
            pass
    if not look.rows:
        raise Refusal(f"{rows.file.path.name} has a header and nothing under it.")
    return look


def take(desk: Desk, rows: Rows[Any], kind: Kind, *, partial: bool) -> Taken:
    """Read and check all rows, then write them in one transaction."""
    from ..interchange.incoming import watched  # noqa: PLC0415

    with _progress(rows.file.lines, kind.name) as seen:
        # Before anything is locked: SQLite has one writer at a time.
        ready: Iterable[Any] = list(watched(rows, seen))
        if kind.check is not None:
            ready = desk.read_now(kind.check, ready, desk.now())
        return desk.run_now(kind.take, ready, desk.now(), partial=partial)


@contextmanager
def _progress(lines: int, what: str) -> Iterator[Callable[[int], None]]:
    """A bar on stderr where somebody looks at it; yields what is to be told every row's line."""
    if not somebody_there():
        yield lambda _line: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Taking in {what}", total=lines)

        def seen(line: int) -> None:
            if line % 100 == 0:
                bar.update(task, completed=line)

        yield seen


def _say_patient(patient: Any, _zone: str) -> str:
    born = f", born {patient.birth_date.isoformat()}" if patient.birth_date else ""
    return f"{patient.family_name}, {patient.given_name}{born}"


def _say_doctor(doctor: Any, _zone: str) -> str:
    return f"{doctor.family_name}, {doctor.given_name} ({', '.join(doctor.specialties)})"


def _say_visit(visit: Any, zone: str) -> str:
    from ..domain.times.walltime import say_moment  # noqa: PLC0415

    return f"{say_moment(visit.starts_at, zone)}, {visit.visit_type}, {visit.doctor}"


def _say_line(row: Any, zone: str) -> str:
    from ..domain.times.walltime import say_moment  # noqa: PLC0415

    noted = f", {row.noted}" if row.noted else ""
    return f"{say_moment(row.starts_at, zone)}, {row.doctor}, {row.patient}{noted}"
