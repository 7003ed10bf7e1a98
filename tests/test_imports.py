"""What is loaded when: the domain knows no terminal, and nothing heavy comes before its time."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import clinic_tui.domain

DOMAIN = [
    found.name for found in pkgutil.walk_packages(clinic_tui.domain.__path__, "clinic_tui.domain.")
]
SCREEN = {"textual", "rich", "typer", "click"}
MAIL = {"smtplib", "yagmail", "twilio", "apscheduler"}
LATE = {"alembic", "psycopg", "holidays", "phonenumbers", "rapidfuzz", "argon2"}
"""Needed by an upgrade, by PostgreSQL, by a clinic with a holiday region, and where phones,
names or a password are typed alone.
"""
FIRST_SCREEN = ("clinic_tui.app", "clinic_tui.desk", "clinic_tui.screens.calendar.calendar")
LATER_SCREENS = {
    "booking",
    "visits.moving",
    "visits.cancelling",
    "visits.appointment",
    "patients",
    "doctors",
}


def modules_of(*modules: str) -> set[str]:
    """All modules that a fresh interpreter holds after importing these."""
    script = "; ".join(
        [
            "import sys, json",
            *(f"import {module}" for module in modules),
            "print(json.dumps(list(sys.modules)))",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages that a fresh interpreter holds after importing these modules."""
    return {name.partition(".")[0] for name in modules_of(*modules)}


def test_the_domain_knows_no_terminal_and_no_mail() -> None:
    assert len(DOMAIN) > 20
    loaded = loaded_by(*DOMAIN)
    assert "sqlalchemy" in loaded
    assert loaded & (SCREEN | MAIL | LATE) == set()


def test_a_database_is_opened_without_what_only_some_need() -> None:
    assert loaded_by("clinic_tui.database") & (SCREEN | MAIL | LATE) == set()


def test_the_first_frame_is_drawn_without_the_database() -> None:
    assert loaded_by("clinic_tui.app") & (LATE | MAIL | {"sqlalchemy", "typer"}) == set()


def test_the_first_day_is_shown_without_the_screens_behind_other_keys() -> None:
    loaded = modules_of(*FIRST_SCREEN)
    later = {f"clinic_tui.screens.{screen}" for screen in LATER_SCREENS}
    assert loaded & (LATE | MAIL | later | {"typer"}) == set()
