"""The shelf of books, desks at copies of them, and the table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from clinic_tui.database import Database
from clinic_tui.desk import Desk
from tests.bench import books
from tests.bench.books import Size
from tests.bench.measure import Report
from tests.bench.shelf import Shelf
from tests.small_clinic import NOW

_REPORT = pytest.StashKey[Report]()
UrlOf = Callable[[str, Size], str]
DatabaseAt = Callable[[str, Size], Database]
DeskAt = Callable[[str, Size], Desk]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever is in this folder is a measurement."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("bench")


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    """Where figures go."""
    return pytestconfig.stash.setdefault(_REPORT, Report())


@pytest.fixture(scope="session")
def shelf() -> Iterator[Shelf]:
    """The books themselves."""
    opened = Shelf()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def cleanup() -> Iterator[ExitStack]:
    """What has to be put away at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def url_of(shelf: Shelf, cleanup: ExitStack) -> UrlOf:
    """The URL of this run's copy of a book."""
    return cache(lambda kind, size: cleanup.enter_context(shelf.book(kind, size)))


@pytest.fixture(scope="session")
def database_at(url_of: UrlOf, cleanup: ExitStack) -> DatabaseAt:
    """This run's copy of a book, opened."""

    def opened(kind: str, size: Size) -> Database:
        database = Database(url_of(kind, size))
        cleanup.callback(database.close)
        return database

    return cache(opened)


@pytest.fixture(scope="session")
def desk_at(database_at: DatabaseAt) -> DeskAt:
    """A receptionist's desk at that copy, its clock standing at NOW."""

    def seated(kind: str, size: Size) -> Desk:
        database = database_at(kind, size)
        desk = Desk(database, lambda: NOW)
        desk.sign_in_as(database.read(books.receptionist))
        return desk

    return cache(seated)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The table."""
    found = config.stash.get(_REPORT, None)
    if found and found.figures:
        terminalreporter.section("figures")
        for figure in found.figures:
            terminalreporter.write_line(figure.line())
