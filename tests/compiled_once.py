"""Statements, compiled once for all databases of a process.

SQLAlchemy keeps what it compiled with the engine; every test, terminal and verb has engines of its
own, and spent more on compiling the same statements again than on running them.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from clinic_tui import engine as engine_room

_open = engine_room.open_engines
_ROOM = 4000
"""Statements: more than the program has."""
_first: dict[str, Any] = {}


def compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every database of this process uses what was compiled for the first."""
    monkeypatch.setattr("clinic_tui.database.open_engines", _open_engines)


def _open_engines(url: URL) -> tuple[Engine, Engine]:
    """Takes the place of ``open_engines``."""
    engines = _open(url)
    for engine in engines:
        known = _first.setdefault(engine.dialect.name, engine)
        if known is engine:
            cache: Any = engine._compiled_cache
            cache.capacity = _ROOM
        elif "default_isolation_level" in vars(known.dialect):  # It has met its database.
            engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
    return engines
