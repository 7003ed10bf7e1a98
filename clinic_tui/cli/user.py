"""``clinic user``: accounts, by an admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..domain.access import Permission, Role
from .ask import new_password, reset_code
from .desks import config_of, open_database, signed_in
from .output import echo, echo_json, iso
from .verbs import PLAIN, Json, example
from .who import the_doctor, the_patient

if TYPE_CHECKING:
    from ..domain.staff.accounts import ListedAccount

verbs = typer.Typer(
    help="Add, list and disable accounts; new passwords.", epilog=example("user list"), **PLAIN
)


@verbs.command("add", epilog=example("user add ben --role doctor --doctor lee"))
def add(
    context: typer.Context,
    username: Annotated[str, typer.Argument(metavar="USER", help="One word to sign in with.")],
    role: Annotated[
        list[Role], typer.Option(metavar="ROLE", help=f"One of {', '.join(Role)}; several may be.")
    ],
    name: Annotated[
        str, typer.Option(metavar="TEXT", help="The person's name; the user name if not given.")
    ] = "",
    doctor: Annotated[
        str, typer.Option(metavar="NAME", help="Whose account it is, with the role doctor.")
    ] = "",
    patient: Annotated[
        str, typer.Option(metavar="WHO", help="Whose account it is, with the role patient.")
    ] = "",
    email: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where a code for a new password goes.")
    ] = "",
    overbook: Annotated[
        bool, typer.Option("--may-overbook", help="Let a receptionist overbook.")
    ] = False,
    step_back: Annotated[
        bool, typer.Option("--may-step-back", help="Let a receptionist take steps back.")
    ] = False,
) -> None:
    """Add an account. Its password is typed twice, or comes from CLINIC_NEW_PASSWORD."""
    from ..domain.access import require  # noqa: PLC0415
    from ..domain.staff.accounts import AccountDetails, add_account  # noqa: PLC0415
    from ..domain.staff.passwords import hash_password  # noqa: PLC0415

    grants = {Permission.OVERBOOK: overbook, Permission.STEP_BACK: step_back}
    with signed_in(context) as desk:
        require(desk.actor, Permission.MANAGE_ACCOUNTS)
        details = AccountDetails(
            username,
            name or username,
            frozenset(role),
            frozenset(permission for permission, given in grants.items() if given),
            the_doctor(desk, doctor) if doctor else None,
            the_patient(desk, patient) if patient else None,
            email,
        )
        password_hash = hash_password(new_password("CLINIC_NEW_PASSWORD"))
        desk.run_now(add_account, details, password_hash, desk.now())
    echo(f"{username} may sign in.")


@verbs.command("list", epilog=example("user list"))
def list_all(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List every account, disabled ones too."""
    from ..domain.staff.accounts import list_accounts  # noqa: PLC0415

    with signed_in(context) as desk:
        accounts = desk.read_now(list_accounts)
        zone = desk.zone
    if as_json:
        echo_json([_account_json(account, zone) for account in accounts])
        return
    for account in accounts:
        roles = ", ".join(sorted(account.details.roles))
        disabled = "" if account.active else "  (disabled)"
        echo(f"{account.details.username:<20}  {roles:<28}  {account.details.name}{disabled}")


@verbs.command("disable", epilog=example("user disable ben"))
def disable(
    context: typer.Context,
    username: Annotated[str, typer.Argument(metavar="USER", help="Whose account.")],
) -> None:
    """Disable an account: its terminals are refused from their next operation on."""
    from ..domain.staff.accounts import disable_account  # noqa: PLC0415

    with signed_in(context) as desk:
        desk.run_now(disable_account, username, desk.now())
    echo(f"{username} may not sign in any more.")


@verbs.command("email", epilog=example("user email ben ben@example.org"))
def email(
    context: typer.Context,
    username: Annotated[str, typer.Argument(metavar="USER", help="Whose account.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Empty (“”): nowhere.")],
) -> None:
    """Say where a code for a new password goes."""
    from ..domain.staff.resets import set_account_email  # noqa: PLC0415

    with signed_in(context) as desk:
        desk.run_now(set_account_email, username, address, desk.now())
    echo(f"Codes for {username} go to {address}." if address else "Codes go nowhere.")


@verbs.command("reset-password", epilog=example("user reset-password ben"))
def reset_password(
    context: typer.Context,
    username: Annotated[str, typer.Argument(metavar="USER", help="Whose account.")],
    here: Annotated[
        bool, typer.Option("--here", help="Show the code, to be handed over, and send nothing.")
    ] = False,
) -> None:
    """Let somebody set a new password: by e-mail, or by a code that is handed over.

    The code works once, for a quarter of an hour; the old password works until then.
    """
    from ..domain.staff.resets import reset_password as ask_for  # noqa: PLC0415

    with signed_in(context) as desk:
        asked = desk.run_now(ask_for, username, desk.now(), here=here)
    if asked.sent_to:
        echo(f"A code goes to {asked.sent_to}.")
        if config_of(context).mail is None:
            echo("This machine sends no mail: another one has to, or --here shows it.", err=True)
    else:
        echo("“clinic user set-password” takes this code once, for 15 minutes:")
        echo(asked.code)


@verbs.command("set-password", epilog=example("user set-password"))
def set_password(context: typer.Context) -> None:
    """Set a new password by a code, which is asked for or comes from CLINIC_RESET_CODE.

    The password is typed twice, or comes from CLINIC_NEW_PASSWORD.
    """
    from ..desk import read_clock  # noqa: PLC0415
    from ..domain.staff.passwords import hash_password  # noqa: PLC0415
    from ..domain.staff.resets import set_password as replace_password  # noqa: PLC0415

    database = open_database(config_of(context))
    try:
        code = reset_code("CLINIC_RESET_CODE")
        password_hash = hash_password(new_password("CLINIC_NEW_PASSWORD"))
        actor = database.transact(replace_password, code, password_hash, read_clock())
    finally:
        database.close()
    echo(f"{actor.username} signs in with the new password from now on.")


def _account_json(account: ListedAccount, zone: str) -> dict[str, Any]:
    details = account.details
    return {
        "username": details.username,
        "name": details.name,
        "roles": sorted(details.roles),
        "grants": sorted(permission.name.lower() for permission in details.grants),
        "doctor_id": details.doctor_id,
        "patient_id": details.patient_id,
        "email": details.email,
        "active": account.active,
        "created_at": iso(account.created_at, zone),
    }
