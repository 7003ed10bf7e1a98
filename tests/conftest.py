"""Fixtures on real databases, SQLite and PostgreSQL both, never fakes.

``database`` is a clinic's database with its tables, empty; ``fresh_url`` the URL of one without
any tables. Both run their test twice. A test that starts processes hands them
``database.url.render_as_string(hide_password=False)``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from clinic_tui.database import Database

from . import postgres


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under xdist: the controller's server is every worker's."""
    node.workerinput["postgres"] = postgres.server_url(node.config)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database: everything that depends on it runs on both."""
    found: str = request.param
    return found


@pytest.fixture(scope="session")
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """The URL of the migrated database of a kind, made once per process, to copy and not to use."""
    made: dict[str, str] = {}
    with ExitStack() as stack:

        def url_of(kind: str) -> str:
            if kind not in made:
                if kind == "sqlite":
                    url = f"sqlite:///{tmp_path_factory.mktemp('template')}/clinic.db"
                else:
                    server = postgres.server_url(request.config)
                    url = stack.enter_context(postgres.new_database(server))
                database = Database(url)
                database.upgrade()
                database.close()
                made[kind] = url
            return made[kind]

        yield url_of


@pytest.fixture
def fresh_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any tables; of SQLite not even the file is there."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/fresh.db"
        return
    with postgres.new_database(postgres.server_url(request.config)) as url:
        yield url


@pytest.fixture
def database(
    kind: str, request: pytest.FixtureRequest, template: Callable[[str], str], tmp_path: Path
) -> Iterator[Database]:
    """A clinic's database with its tables."""
    original = make_url(template(kind)).database or ""
    with ExitStack() as stack:
        if kind == "sqlite":
            url = f"sqlite:///{shutil.copy(original, tmp_path / 'clinic.db')}"
        else:
            server = postgres.server_url(request.config)
            url = stack.enter_context(postgres.new_database(server, original))
        database = Database(url)
        stack.callback(database.close)
        yield database
