"""Fixtures on real databases, SQLite and PostgreSQL both, never fakes.

``database`` is a clinic's database with its tables and nothing in them; with ``clinic`` beside it
there is the small clinic of ``small_clinic`` in it. Others had it before, and it was put back as it
was (see ``kept``), unless the test is a race or is marked ``own_database``. ``fresh_url`` is the
URL of a database without any tables. All of them run their test twice. A test that starts processes
hands them ``database.url.render_as_string(hide_password=False)``.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from clinic_tui.database import Database
from clinic_tui.domain.clinic.writing import Writing, write_as

from . import postgres, small_clinic
from .compiled_once import compile_once
from .kept import Kept, KeptFile, KeptRows
from .patience import Stopwatch
from .races.racing import Racers
from .small_clinic import SmallClinic

# What an example costs says more about the machine's other work than about the code.
settings.register_profile("clinic", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clinic")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under xdist: the controller's server is every worker's."""
    node.workerinput["postgres"] = postgres.server_url(node.config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs sixteen processes is a proof."""
    for item in items:
        if "racers" in getattr(item, "fixturenames", ()):
            item.add_marker("proof")


def pytest_collection_finish() -> None:
    """What is imported stays: looking for garbage among it again and again took a fifth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def compiled_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """But where it is measured what a fresh program takes."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        if request.config.getoption("markexpr") != "bench":
            compile_once(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def written_as_usual() -> None:
    """No clinic of a test before says how this one writes its dates."""
    write_as(Writing())


@pytest.fixture(scope="session", autouse=True)
def dear_passwords(request: pytest.FixtureRequest) -> Iterator[Any]:
    """What a password costs by itself: in this process it is next to nothing meanwhile."""
    dear: Any = PasswordHasher.__init__.__defaults__
    with pytest.MonkeyPatch.context() as monkeypatch:
        if request.config.getoption("markexpr") != "bench":
            monkeypatch.setattr(PasswordHasher.__init__, "__defaults__", (1, 8, 1, *dear[3:]))
        yield dear


@pytest.fixture
def stopwatch() -> Iterator[Stopwatch]:
    """For what may only take so long."""
    with closing(Stopwatch()) as watching:
        yield watching


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database: everything that depends on it runs on both."""
    found: str = request.param
    return found


@dataclass
class Templates:
    """Databases to copy and not to use, each made once per process: migrated, then filled."""

    config: pytest.Config
    folder: Path
    cleanup: ExitStack
    empty: dict[str, str] = field(default_factory=dict)
    filled: dict[str, tuple[str, SmallClinic]] = field(default_factory=dict)
    lent: dict[tuple[str, bool], Kept] = field(default_factory=dict)

    def copy(self, kind: str, original: str | None, folder: Path, cleanup: ExitStack) -> str:
        """The URL of a copy that lasts until ``cleanup``; of an empty database for no original."""
        name = (make_url(original).database or "") if original else "template1"
        if kind == "postgresql":
            server = postgres.server_url(self.config)
            return cleanup.enter_context(postgres.new_database(server, name))
        folder.mkdir(exist_ok=True)
        path = folder / "clinic.db"
        return f"sqlite:///{shutil.copy(name, path) if original else path}"

    def migrated(self, kind: str) -> str:
        """The URL of the template with tables."""
        if kind not in self.empty:
            url = self.copy(kind, None, self.folder / "migrated", self.cleanup)
            with closing(Database(url)) as database:
                database.upgrade()
            self.empty[kind] = url
        return self.empty[kind]

    def with_clinic(self, kind: str) -> tuple[str, SmallClinic]:
        """The URL of the template with the small clinic in it, and its ids."""
        if kind not in self.filled:
            url = self.copy(kind, self.migrated(kind), self.folder / "filled", self.cleanup)
            with closing(Database(url)) as database:
                built = database.transact(small_clinic.build)
            self.filled[kind] = (url, built)
        return self.filled[kind]

    def kept(self, kind: str, *, wants_clinic: bool) -> Kept:
        """The database that is lent to one test after the other."""
        if (kind, wants_clinic) not in self.lent:
            original = self.with_clinic(kind)[0] if wants_clinic else self.migrated(kind)
            kept: Kept
            if kind == "postgresql":
                name = make_url(original).database or ""
                kept = KeptRows(postgres.server_url(self.config), name)
            else:
                folder = self.folder / f"kept-{wants_clinic}"
                kept = KeptFile(Path(make_url(original).database or ""), folder)
            self.cleanup.callback(kept.close)
            self.lent[kind, wants_clinic] = kept
        return self.lent[kind, wants_clinic]


@pytest.fixture(scope="session")
def templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Templates]:
    """The databases that all others are copies of."""
    with ExitStack() as cleanup:
        yield Templates(request.config, tmp_path_factory.mktemp("templates"), cleanup)


@pytest.fixture
def fresh_url(kind: str, templates: Templates, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any tables; of SQLite not even the file is there."""
    with ExitStack() as cleanup:
        yield templates.copy(kind, None, tmp_path / "fresh", cleanup)


@pytest.fixture
def database(
    kind: str, request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> Iterator[Database]:
    """A clinic's database with its tables, and with the small clinic where that is asked for."""
    wants_clinic = "clinic" in request.fixturenames
    marked = request.node.get_closest_marker("own_database")
    if marked is None and "racers" not in request.fixturenames:
        kept = templates.kept(kind, wants_clinic=wants_clinic)
        yield kept.lend()
        kept.take_back()
        return
    original = templates.with_clinic(kind)[0] if wants_clinic else templates.migrated(kind)
    with ExitStack() as cleanup:
        url = templates.copy(kind, original, tmp_path / "database", cleanup)
        yield cleanup.enter_context(closing(Database(url)))


@pytest.fixture
def clinic(kind: str, templates: Templates) -> SmallClinic:
    """Who and what there is in ``database``, because the test asks for this too."""
    return templates.with_clinic(kind)[1]


@pytest.fixture(scope="session")
def racers() -> Iterator[Racers]:
    """Sixteen processes, started for the first race of a run and sent home after the last."""
    with closing(Racers()) as started:
        yield started
