"""Settings of one machine: a TOML file, overridden by CLINIC_… variables, read once and checked.

What the whole clinic shares (its name, zone, holidays) is in its database and not here. Secrets
come from the environment or a file, never from a command line, where every user of the machine
can read them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from platformdirs import user_config_path, user_data_path

from .domain.errors import BadInput

if TYPE_CHECKING:
    from .mail_settings import MailSettings
    from .sheet_settings import SheetSettings
    from .sms_settings import SmsSettings

APP = "clinic_tui"
THEMES = ("clinic-dark", "clinic-light", "high-contrast")
DEFAULT_THEME = THEMES[0]
_KEYS = ("database", "theme", "keymap", "hide_names_after", "telephone", "mail", "sms", "sheets")
HIDE_NAMES_AFTER = 10
"""Minutes without a key."""
_LONGEST_IDLE = 24 * 60
_VARIABLES = {"CLINIC_DATABASE": "database", "CLINIC_THEME": "theme", "CLINIC_KEYMAP": "keymap"}
_KNOWN_VARIABLES = frozenset(
    {
        *_VARIABLES,
        "CLINIC_USER",
        "CLINIC_PASSWORD",
        "CLINIC_NEW_PASSWORD",
        "CLINIC_MAIL_PASSWORD",
        "CLINIC_SMS_TOKEN",
    }
)


@dataclass(frozen=True, slots=True)
class Config:
    """Where the clinic's database is, and how this terminal looks and is typed at.

    ``keymap`` maps a binding's id to the keys that do it, parted by commas. ``hide_names_after`` so
    many minutes without a key patients' names are hidden, 0 is never. ``telephone`` is a named
    pipe into which a telephone system writes the numbers that ring. Without ``mail`` no e-mail
    leaves from here, without ``sms`` no text, without ``sheets`` no day is printed by itself.
    """

    database: str
    theme: str = DEFAULT_THEME
    keymap: Mapping[str, str] = field(default_factory=dict)
    hide_names_after: int = HIDE_NAMES_AFTER
    telephone: Path | None = None
    mail: MailSettings | None = None
    sms: SmsSettings | None = None
    sheets: SheetSettings | None = None


def default_database() -> str:
    """A SQLite file in the user's own data folder."""
    return f"sqlite:///{user_data_path(APP) / 'clinic.db'}"


def default_file() -> Path:
    """Where settings are looked for when nobody names a file."""
    return user_config_path(APP) / "config.toml"


def load_config(
    path: Path | None = None,
    database: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """The settings: from ``path`` (or the default file, if it is there), then the environment,
    then ``database`` as given on the command line.

    Refused with ``BadInput`` naming the key: one that is unknown, of the wrong kind, or a
    password on the command line; and a file that cannot be read.
    """
    found = _from_file(path) | _from_environment(environ)
    if database is not None:
        refuse_password(database)
        found["database"] = database
    return Config(
        database=found.get("database") or default_database(),
        theme=found.get("theme", DEFAULT_THEME),
        keymap=found.get("keymap", {}),
        hide_names_after=found.get("hide_names_after", HIDE_NAMES_AFTER),
        telephone=Path(found["telephone"]).expanduser() if "telephone" in found else None,
        mail=found.get("mail"),
        sms=found.get("sms"),
        sheets=found.get("sheets"),
    )


def refuse_password(url: str) -> None:
    """Refuse a URL with a password in it: a command line is no place for one."""
    try:
        parts = urlsplit(url)
        has_password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError as error:
        raise BadInput("database", "The database URL cannot be read.") from error
    if has_password:
        raise BadInput(
            "database",
            "A password on the command line can be read by every user of this machine: put the"
            " URL into CLINIC_DATABASE or the settings file, or the password into PGPASSWORD or"
            " ~/.pgpass.",
        )


def _from_file(path: Path | None) -> dict[str, Any]:
    file = path or default_file()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if path is None:
            return {}
        raise BadInput("config", f"There is no settings file {file}.") from error
    except OSError as error:
        raise BadInput("config", f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput("config", f"{file} is not written in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput("config", f"{file} is no TOML: {error}.") from error
    if isinstance(found.get("keymap"), dict):
        found["keymap"] = _flat(found["keymap"])
    for key, value in found.items():
        _check(key, value, str(file))
    if "mail" in found:
        from .mail_settings import read_mail  # noqa: PLC0415 - not for the first frame

        found["mail"] = read_mail(found["mail"], str(file))
    if "sms" in found:
        from .sms_settings import read_sms  # noqa: PLC0415 - not for the first frame

        found["sms"] = read_sms(found["sms"], str(file))
    if "sheets" in found:
        from .sheet_settings import read_sheets  # noqa: PLC0415 - not for the first frame

        found["sheets"] = read_sheets(found["sheets"], str(file))
    return found


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Binding ids have a dot, which TOML without quotes reads as a table within a table."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": keys for inner, keys in value.items()}
        else:
            flat[name] = value
    return flat


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in environ.items():
        if name in _VARIABLES and value:
            key = _VARIABLES[name]
            found[key] = _read_keymap(value) if key == "keymap" else value
            _check(key, found[key], name)
        elif name not in _KNOWN_VARIABLES and (
            meant := get_close_matches(name, _VARIABLES, 1, 0.85)
        ):
            # A slip here would quietly open another database.
            raise BadInput(name, f"{name} is no setting; is {meant[0]} meant?")
    return found


def _read_keymap(text: str) -> dict[str, str]:
    """“calendar.book=f7,patients.new=n” as a table; several keys of one are parted by spaces."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if not all(sign and name.strip() and keys.strip() for name, sign, keys in pairs):
        raise BadInput(
            "keymap", "CLINIC_KEYMAP is written as binding=key, as in app.lock=f11,app.quit=f10."
        )
    return {name.strip(): ",".join(keys.split()) for name, _, keys in pairs}


def _check(key: str, value: Any, where: str) -> None:
    """Refuse an unknown key, and a value of the wrong kind."""
    if key not in _KEYS:
        known = ", ".join(_KEYS)
        raise BadInput(key, f"{where}: “{key}” is no setting; there are {known}.")
    if key in ("mail", "sms", "sheets"):
        return  # Each of their keys is looked at where they are read.
    if key == "keymap":
        if not isinstance(value, dict) or not all(isinstance(keys, str) for keys in value.values()):
            raise BadInput(
                key, f"{where}: “keymap” is a table of bindings and keys, as in app.lock = “f11”."
            )
    elif key == "hide_names_after":
        if type(value) is not int or not 0 <= value <= _LONGEST_IDLE:
            raise BadInput(
                key, f"{where}: “{key}” is in minutes, 1 to {_LONGEST_IDLE}; 0 is never."
            )
    elif not isinstance(value, str) or not value.strip():
        raise BadInput(key, f"{where}: “{key}” must be a text in quotes.")
    elif key == "theme" and value not in THEMES:
        raise BadInput(key, f"{where}: there is no theme “{value}”; there are {', '.join(THEMES)}.")
