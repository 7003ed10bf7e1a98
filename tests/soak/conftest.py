"""How large a run is: small by ``make prove``, large by ``make soak``."""

from __future__ import annotations

import os

import pytest

SOAK = os.environ.get("CLINIC_SOAK") == "1"


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether this is the large run."""
    return SOAK
