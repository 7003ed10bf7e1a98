"""The mail server of this machine's settings: where it is, how it is reached, who writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from .domain.errors import BadInput
from .domain.patients.contact import sendable_email
from .domain.text import clean_text

PASSWORD = "CLINIC_MAIL_PASSWORD"  # noqa: S105 - the name of the variable
_KEYS = ("host", "port", "security", "user", "password_file", "from", "from_name", "ca_file")


class Security(StrEnum):
    """How what is said to the mail server is kept from others."""

    STARTTLS = "starttls"
    TLS = "tls"
    LOCAL = "local"
    """Not at all: a relay on this very machine."""


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.LOCAL: 25}


@dataclass(frozen=True, slots=True)
class MailSettings:
    """A mail server. ``sender`` is the address that messages come from.

    ``ca_file`` names the certificates to trust in place of the machine's, as of a clinic's own
    authority.
    """

    host: str
    sender: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    password_file: str = ""
    sender_name: str = ""
    ca_file: str = ""

    def password(self, environ: Mapping[str, str] = os.environ) -> str:
        """The password, from CLINIC_MAIL_PASSWORD or the file; refused where there is none."""
        if given := environ.get(PASSWORD, ""):
            return given
        if not self.password_file:
            raise BadInput(
                "mail.password_file",
                f"The mail server wants a password: put it into {PASSWORD}, or name the file that"
                " holds it as password_file.",
            )
        file = Path(self.password_file).expanduser()
        try:
            if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise BadInput(
                    "mail.password_file", f"{file} can be read by others: it needs the mode 0600."
                )
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput("mail.password_file", f"The file {file} cannot be read.") from error


def read_mail(table: Any, where: str) -> MailSettings:
    """The table [mail] of a settings file, checked; ``BadInput`` naming the first wrong key."""
    if not isinstance(table, dict):
        raise BadInput("mail", f"{where}: “mail” is a table, as in [mail] host = “…”.")
    for key, value in table.items():
        _check(key, value, where)
    host = table.get("host", "").strip()
    if not host or "from" not in table:
        raise BadInput("mail", f"{where}: [mail] needs “host” and “from”.")
    security = Security(table.get("security", Security.STARTTLS))
    settings = MailSettings(
        host=host,
        sender=_sender(table["from"], where),
        port=table.get("port", _PORTS[security]),
        security=security,
        user=table.get("user", ""),
        password_file=table.get("password_file", ""),
        sender_name=clean_text(table.get("from_name", ""), "mail.from_name", max_length=80),
        ca_file=table.get("ca_file", ""),
    )
    if security is Security.LOCAL:
        _check_local(settings, where)
    return settings


def _sender(address: str, where: str) -> str:
    """An address that every server takes: many take none with letters beyond ASCII."""
    sender = sendable_email(address, "mail.from")
    if not sender.isascii():
        raise BadInput("mail.from", f"{where}: before its @ “mail.from” has plain letters only.")
    return sender


def _check(key: str, value: Any, where: str) -> None:
    if key == "password":
        raise BadInput(
            "mail.password",
            f"{where}: a password has no place in the settings: put it into {PASSWORD}, or name"
            " the file that holds it as password_file.",
        )
    if key not in _KEYS:
        raise BadInput(
            f"mail.{key}",
            f"{where}: “mail.{key}” is no setting; there are {', '.join(_KEYS)}.",
        )
    if key == "port":
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65535:
            raise BadInput("mail.port", f"{where}: “mail.port” is a number from 1 to 65535.")
    elif not isinstance(value, str) or not value.strip():
        raise BadInput(f"mail.{key}", f"{where}: “mail.{key}” must be a text in quotes.")
    elif key == "security" and value not in tuple(Security):
        known = ", ".join(Security)
        raise BadInput("mail.security", f"{where}: “mail.security” is one of {known}.")


def _check_local(settings: MailSettings, where: str) -> None:
    """Without encryption patients' addresses must not leave this machine."""
    try:
        is_here = ip_address(settings.host).is_loopback
    except ValueError:
        is_here = settings.host == "localhost"
    if not is_here:
        raise BadInput(
            "mail.security",
            f"{where}: security “local” is for a relay on this machine (localhost); any other"
            " server is reached with starttls or tls.",
        )
    if settings.user:
        raise BadInput("mail.user", f"{where}: a local relay takes no user.")
