"""A plugin named in pyproject.toml so that pytest loads it first: the same surroundings for all.

Textual reads its variables when it is imported, which pytest-textual-snapshot does before any
conftest is seen; a colour or a theme set in somebody's shell would change every picture.
"""

from __future__ import annotations

import os

_KEPT = (
    "CLINIC_TEST_DATABASE_URL",
    "CLINIC_FIELD_DATA",
    "CLINIC_RACE_FACTOR",
    # Where the snapshot plugin's workers leave their pictures: set by itself.
    "TEXTUAL_SNAPSHOT_TEMPDIR",
)

for _name in set(os.environ) - set(_KEPT):
    if _name.startswith(("TEXTUAL", "CLINIC_", "NO_COLOR", "FORCE_COLOR", "ESCDELAY")):
        del os.environ[_name]
