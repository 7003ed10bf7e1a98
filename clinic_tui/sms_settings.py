"""Settings of the SMS channel: the [sms] table of the settings file, each wrong key named."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .domain.errors import BadInput

TOKEN_VARIABLE = "CLINIC_SMS_TOKEN"  # noqa: S105 - the variable's name
_KEYS = ("account_sid", "from", "messaging_service", "token_file", "base_url")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """The clinic's account at the SMS provider, and from what it texts.

    Either ``number`` (E.164 or a short code) or ``messaging_service`` is set. ``base_url`` stands
    in for the provider's own address, in tests and behind a gateway.
    """

    account_sid: str
    number: str = ""
    messaging_service: str = ""
    token_file: Path | None = None
    base_url: str = ""

    def token(self, environ: Mapping[str, str] = os.environ) -> str:
        """The account's token, from the environment or else its file.

        Read by whoever sends and only then. Refused with ``BadInput``: none, and a file that others
        than its owner may read.
        """
        if token := environ.get(TOKEN_VARIABLE, "").strip():
            return token
        file = self.token_file
        if file is None:
            raise BadInput("sms.token_file", f"There is no SMS token: set {TOKEN_VARIABLE}.")
        try:
            if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise BadInput(
                    "sms.token_file", f"{file} can be read by others: it needs the mode 0600."
                )
            token = file.read_text(encoding="ascii").strip()
        except OSError as error:
            raise BadInput("sms.token_file", f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise BadInput("sms.token_file", f"{file} holds no token.") from error
        if not token or not token.isalnum():
            raise BadInput("sms.token_file", f"{file} holds no token.")
        return token


def read_sms(table: Any, where: str) -> SmsSettings:
    """The settings of the [sms] table; ``BadInput`` naming the key for what cannot be used."""
    if not isinstance(table, dict):
        raise BadInput("sms", f"{where}: “sms” is a table, [sms].")
    for key, value in table.items():
        if key not in _KEYS:
            hint = f" The token stands in {TOKEN_VARIABLE} or a file." if "token" in key else ""
            known = ", ".join(_KEYS)
            raise BadInput(f"sms.{key}", f"{where}: “sms.{key}” is no setting; {known} are.{hint}")
        if not isinstance(value, str) or not value.strip():
            raise BadInput(f"sms.{key}", f"{where}: “sms.{key}” must be a text in quotes.")
    number, service = table.get("from", ""), table.get("messaging_service", "")
    _check("account_sid", table.get("account_sid", ""), _ACCOUNT, "AC and 32 digits or a to f")
    if bool(number) == bool(service):
        raise BadInput(
            "sms.from", f"{where}: [sms] needs either “from” or “messaging_service”, not both."
        )
    if number:
        _check("from", number, _NUMBER, "a number such as +15551234567, or a short code")
    else:
        _check("messaging_service", service, _SERVICE, "MG and 32 digits or a to f")
    file = table.get("token_file")
    base_url = table.get("base_url", "")
    _check_url(base_url)
    return SmsSettings(
        table["account_sid"], number, service, Path(file).expanduser() if file else None, base_url
    )


def _check(key: str, value: str, form: re.Pattern[str], looks: str) -> None:
    if not form.fullmatch(value):
        raise BadInput(f"sms.{key}", f"“sms.{key}” is {looks}.")


def _check_url(base_url: str) -> None:
    """Refuse an address to which the token and the texts would travel in the open."""
    if not base_url:
        return
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput("sms.base_url", "“sms.base_url” is no address.") from error
    if not host or parts.path not in ("", "/") or parts.query or parts.username:
        raise BadInput("sms.base_url", "“sms.base_url” is https://, a host and maybe a port.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise BadInput("sms.base_url", "“sms.base_url” must be https, but for this machine itself.")
