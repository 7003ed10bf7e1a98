"""From the settings to a desk at which somebody is signed in, and the token that keeps it so."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.errors import NotPermitted
from .ask import ask, ask_password, somebody_there
from .output import echo

if TYPE_CHECKING:
    import typer

    from ..config import Config
    from ..database import Database
    from ..desk import Desk

NOT_SIGNED_IN = (
    "You are not signed in: “clinic sign-in” signs you in, or CLINIC_USER and CLINIC_PASSWORD do."
)


@dataclass(frozen=True, slots=True)
class Where:
    """What the options before the verb said."""

    database: str | None = None
    config: Path | None = None


def config_of(context: typer.Context, database: str | None = None) -> Config:
    """The settings, read once a verb needs them."""
    from ..config import load_config  # noqa: PLC0415

    where: Where = context.obj
    return load_config(where.config, database or where.database)


def warn_of_network_share(url: str) -> None:
    """Say so where a SQLite file lies on a network share: its locks cannot be trusted there."""
    from ..engine import on_network_share, parse_url  # noqa: PLC0415

    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and on_network_share(Path(parsed.database or "")):
        echo(
            "Warning: this SQLite file lies on a network share, where two terminals can damage"
            " it; PostgreSQL is made for that.",
            err=True,
        )


def open_database(config: Config) -> Database:
    """The clinic's database, of the version that this program works on.

    Refused where there is no clinic yet; a SQLite file is not made by looking for it.
    """
    from ..database import Database, NoClinicYet  # noqa: PLC0415
    from ..engine import parse_url  # noqa: PLC0415

    url = parse_url(config.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise NoClinicYet("There is no clinic in this database yet: “clinic init” makes one.")
    database = Database(config.database)
    try:
        database.check_revision()
    except BaseException:
        database.close()
        raise
    return database


def open_desk(config: Config) -> Desk:
    """A desk at which nobody is signed in yet."""
    from ..desk import Desk  # noqa: PLC0415

    database = open_database(config)
    try:
        return Desk(database)
    except BaseException:
        database.close()
        raise


@contextmanager
def signed_in(context: typer.Context) -> Iterator[Desk]:
    """A desk at which the person at this command line is signed in, given back afterwards."""
    config = config_of(context)
    warn_of_network_share(config.database)
    desk = open_desk(config)
    try:
        _sign_in(desk, config)
        yield desk
    finally:
        desk.close()


def _sign_in(desk: Desk, config: Config) -> None:
    """By the token; else by CLINIC_USER with CLINIC_PASSWORD or a password asked for."""
    user = os.environ.get("CLINIC_USER", "")
    if (token := stored_token(config)) is not None:
        with suppress(NotPermitted):
            actor = desk.use_token(token)
            if user in ("", actor.username):
                return
    if not user:
        raise NotPermitted(NOT_SIGNED_IN)
    password = os.environ.get("CLINIC_PASSWORD", "")
    if not password and not somebody_there():
        raise NotPermitted(NOT_SIGNED_IN)
    desk.sign_in_now(user, password or ask_password(f"Password of {user}"))


def ask_who(desk: Desk) -> None:
    """Sign in for a while: CLINIC_USER and CLINIC_PASSWORD, or asked for."""
    user = os.environ.get("CLINIC_USER", "")
    password = os.environ.get("CLINIC_PASSWORD", "")
    if not (user and password) and not somebody_there():
        raise NotPermitted(
            "Nobody is there to ask: put the user into CLINIC_USER and the password into"
            " CLINIC_PASSWORD."
        )
    user = user or ask("User")
    desk.sign_in_now(user, password or ask_password())


def token_file(config: Config) -> Path:
    """Where the token for this database is kept: a folder and a file of this user alone."""
    from platformdirs import user_state_path  # noqa: PLC0415

    from ..config import APP  # noqa: PLC0415

    name = hashlib.sha256(config.database.encode()).hexdigest()[:24]
    return user_state_path(APP) / "signed-in" / name


def stored_token(config: Config) -> str | None:
    """The token kept for this database, if there is one."""
    try:
        return token_file(config).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def store_token(config: Config, token: str) -> None:
    """Keep a token in a file that only its owner reads (mode 0600), in place of the last one."""
    file = token_file(config)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(token)


def forget_token(config: Config) -> None:
    """Remove the file."""
    token_file(config).unlink(missing_ok=True)
