"""A plugin named in pyproject.toml so that pytest loads it first: the same surroundings for all.

Textual reads its variables when it is imported, which pytest-textual-snapshot does before any
conftest is seen; a colour or a theme set in somebody's shell would change every picture.

The folders of the tests are kept in memory where there is room: nobody pulls the plug on a test.
What is measured waits for the disk as in a clinic.
"""

from __future__ import annotations

import os

import pytest

from .memory import memory

_KEPT = (
    "CLINIC_TEST_DATABASE_URL",
    "CLINIC_FIELD_DATA",
    "CLINIC_RACE_FACTOR",
    "CLINIC_SOAK",
    # Where the snapshot plugin's workers leave their pictures: set by itself.
    "TEXTUAL_SNAPSHOT_TEMPDIR",
)

for _name in set(os.environ) - set(_KEPT):
    if _name.startswith(("TEXTUAL", "CLINIC_", "NO_COLOR", "FORCE_COLOR", "ESCDELAY")):
        del os.environ[_name]

# PostgreSQL does not begin where that names a language which the machine has not.
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_configure(config: pytest.Config) -> None:
    """Before the first folder is made; workers of xdist are told by the first process."""
    folder = memory()
    if folder and config.getoption("markexpr") != "bench":
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))
