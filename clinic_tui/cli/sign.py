"""``clinic sign-in`` and ``sign-out``: a token for the verbs, for eight hours."""

from __future__ import annotations

from contextlib import suppress

import typer

from ..domain.errors import NotPermitted
from .desks import (
    ask_who,
    config_of,
    forget_token,
    open_desk,
    store_token,
    stored_token,
    warn_of_network_share,
)
from .output import echo
from .verbs import PLAIN, example

verbs = typer.Typer(**PLAIN)


@verbs.command("sign-in", epilog=example("sign-in"))
def sign_in(context: typer.Context) -> None:
    """Sign this command line in for eight hours.

    Asks for user and password, or takes them from CLINIC_USER and CLINIC_PASSWORD.
    """
    config = config_of(context)
    warn_of_network_share(config.database)
    desk = open_desk(config)
    try:
        ask_who(desk)
        store_token(config, desk.open_token())
        echo(f"Signed in as {desk.actor.name} ({', '.join(sorted(desk.actor.roles))}).")
    finally:
        desk.close()


@verbs.command("sign-out", epilog=example("sign-out"))
def sign_out(context: typer.Context) -> None:
    """Sign this command line out."""
    config = config_of(context)
    token = stored_token(config)
    if token is None:
        echo("Nobody was signed in here.")
        return
    forget_token(config)
    desk = open_desk(config)
    try:
        with suppress(NotPermitted):
            desk.use_token(token)
        desk.sign_out()
        desk.close_token(token)
    finally:
        desk.close()
    echo("Signed out.")
