"""What a failing database means to people: a sentence for what a person can cause or mend."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError

from .domain.errors import BadInput, ClinicUnavailable, key_of_another_request

_UNDONE = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: PostgreSQL undid everything, so the whole may be repeated."""
_TAKEN_MEANWHILE = "23505"
"""A name, number or key was free when the operation looked: run again, it finds it and says so."""
_BUSY = frozenset({"55P03", "57014"})
"""Lock and statement time-outs."""
_TOO_GREAT = "22003"
"""A number past the column it was compared with: PostgreSQL's are of 32 bits."""
_ONE_REQUEST, _ITS_COLUMN = "uq_audit_request_key", "audit.request_key"
"""What keeps a request's key from being used twice, as PostgreSQL and as SQLite name it."""
_log = logging.getLogger("clinic_tui")
for _name in ("clinic_tui", "psycopg", "sqlalchemy"):
    # Nothing may be written over a full-screen terminal, as Python does where nobody listens.
    logging.getLogger(_name).addHandler(logging.NullHandler())


def worth_repeating(error: DBAPIError, *, first: bool, committing: bool) -> bool:
    """Whether the operation left no trace and may succeed when it is run again.

    Besides what the server undid itself: a pooled connection that died while nobody used it, as
    all do when the server restarts. That is found out at the first use and mended by the second.
    """
    if _sqlstate(error) in {*_UNDONE, _TAKEN_MEANWHILE}:
        return True
    return first and error.connection_invalidated and not committing


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


_SENTENCES: tuple[tuple[tuple[str, ...], frozenset[str], str], ...] = (
    # SQLite's error names begin so, or PostgreSQL's SQLSTATE is one of these.
    (
        ("SQLITE_BUSY",),
        _BUSY | _UNDONE,
        "The clinic's database is busy: nothing was changed, try again.",
    ),
    (("SQLITE_CANTOPEN",), frozenset(), "The file of the clinic's database cannot be opened."),
    (
        # The second: not even the small file that goes with a WAL can be made.
        ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"),
        frozenset({"53100"}),
        "The disk is full: nothing was changed.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_PERM"),
        frozenset({"42501", "25006"}),
        "The clinic's database may not be written from here.",
    ),
    (
        ("SQLITE_NOTADB", "SQLITE_CORRUPT"),
        frozenset({"XX001"}),
        "That file is no SQLite database, or it is damaged.",
    ),
)


def explain(error: DBAPIError, *, committing: bool) -> Exception:
    """A sentence for what a person can cause or mend; a bug stays the exception it is.

    Never the driver's text: PostgreSQL puts values of the row into it.
    """
    state = _sqlstate(error) or ""
    name: str = getattr(error.orig, "sqlite_errorname", "") or ""
    _log.warning("database error %s", state or name or type(error.orig).__name__)
    for names, states, sentence in _SENTENCES:
        if state in states or (name and name.startswith(names)):
            return ClinicUnavailable(sentence)
    if not state and "FATAL" in str(error.orig):  # libpq hands no code on for a refused connection.
        return ClinicUnavailable(
            "The database server refuses the connection; its log says why, most often the user,"
            " the password or the name of the database."
        )
    if not state and "resolve host" in str(error.orig):  # Psycopg's own words, with no code either.
        return ClinicUnavailable(
            "No computer is known by the name of the database's server: is it written right?"
        )
    if not _unreachable(error, state, name):
        return _misused(error, state) or error
    if committing:
        return ClinicUnavailable(
            "The clinic's database went away while saving: it is not known whether it was saved.",
            outcome_known=False,
        )
    return ClinicUnavailable("The clinic's database is not answering: nothing was changed.")


def _misused(error: DBAPIError, state: str) -> BadInput | None:
    """What a program asked for in a way that nobody at a screen can, if that is what it is."""
    if state == _TOO_GREAT:
        return _number_too_great()
    return key_of_another_request() if _is_taken_key(error) else None


def explain_overflow(error: OverflowError) -> Exception:
    """The same for a number that SQLite's driver does not take; any other stays the bug it is."""
    return _number_too_great() if "SQLite" in str(error) else error


def _number_too_great() -> BadInput:
    return BadInput("Number", "That number is greater than any that the clinic gives.")


def _is_taken_key(error: DBAPIError) -> bool:
    """Only names are read from the error: a driver's full text holds values of the row."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return constraint == _ONE_REQUEST or str(error.orig).endswith(f" {_ITS_COLUMN}")


def _unreachable(error: DBAPIError, state: str, name: str) -> bool:
    """Whether the connection is gone, or was never made (then the driver gives no code)."""
    return (
        error.connection_invalidated
        or name.startswith("SQLITE_IOERR")
        or state[:2] in ("08", "57")
        or (not state and not name and type(error.orig).__name__ == "OperationalError")
    )
