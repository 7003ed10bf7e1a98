"""The racers, started for the first race of a run and sent home after the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from .racing import Racers


@pytest.fixture(scope="session")
def racers() -> Iterator[Racers]:
    """Sixteen processes."""
    with closing(Racers()) as started:
        yield started
