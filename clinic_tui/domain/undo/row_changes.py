"""Rows of other tables than the visits', noted before and after an operation changes them.

An operation looks before it writes (``found_rows``) and once more when it has (``left_rows``);
of rows that are new there is nothing to look at before (``new_rows``), and of those that it
deletes nothing after (``gone_rows``). What is noted goes into the operation's way back, in values
that JSON keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, Table, select
from sqlalchemy.orm import Session

from ..models import PersonalDate, UtcDateTime
from .ways_back import RowsBefore


def found_rows(session: Session, table: Table, **where: Any) -> RowsBefore:
    """The rows with these values in these columns, as an operation finds them."""
    return RowsBefore(table.name, where, before=rows_now(session, table, where))


def left_rows(session: Session, table: Table, found: RowsBefore) -> RowsBefore:
    """The same rows, as it leaves them."""
    return replace(found, after=rows_now(session, table, found.where))


def new_rows(session: Session, table: Table, **where: Any) -> RowsBefore:
    """Rows that an operation has made."""
    return RowsBefore(table.name, where, after=rows_now(session, table, where))


def gone_rows(table: Table, rows: Iterable[Row[Any]]) -> tuple[RowsBefore, ...]:
    """Rows that an operation has deleted, each by its primary key."""
    found = (_plain_row(row) for row in rows)
    keys = [column.name for column in table.primary_key.columns]
    return tuple(
        RowsBefore(table.name, {name: row[name] for name in keys}, before=(row,)) for row in found
    )


def rows_now(
    session: Session, table: Table, where: dict[str, Any], *, to_change: bool = False
) -> tuple[dict[str, Any], ...]:
    """The rows as they are, by primary key; kept from everybody else ``to_change``."""
    query = select(table).where(*conditions(table, where)).order_by(*table.primary_key.columns)
    if to_change:
        query = query.with_for_update(key_share=True)
    return tuple(_plain_row(row) for row in session.execute(query))


def conditions(table: Table, values: dict[str, Any]) -> list[ColumnElement[bool]]:
    """That a row has these values."""
    return [table.c[name] == value for name, value in typed(table, values).items()]


def typed(table: Table, plain: dict[str, Any]) -> dict[str, Any]:
    """The values as the database takes them, from what JSON kept."""
    return {name: _typed(table.c[name].type, value) for name, value in plain.items()}


def _plain_row(row: Row[Any]) -> dict[str, Any]:
    return {name: as_plain(value) for name, value in row._mapping.items()}


def as_plain(value: Any) -> Any:
    """A column's value as JSON keeps it: dates and instants as ISO 8601, instants in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _typed(kind: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date | PersonalDate) else value
