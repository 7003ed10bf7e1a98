"""Many rows or values as one, which each database says in its own words."""

import json
from collections.abc import Sequence
from struct import Struct
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Dialect, Integer, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

_START = 1 << 16
"""A span as one number: its start times this, plus its length. Longer than any block in seconds."""
_SENT_COUNT, _SENT_RANGE = 4, Struct(">9xq4xq")
"""How PostgreSQL sends a multirange of instants: four bytes that count its ranges; for each range
its size and its flags, then either edge after its own size, in microseconds since 2000 UTC."""
_YEAR_2000 = 946_684_800


class Ids(TypeDecorator[Sequence[int]]):
    """A list of numbers as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER[] or text."""
        on_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if on_sqlite else ARRAY(Integer))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        """To the database."""
        return json.dumps(value) if dialect.name == "sqlite" else value


def ids(name: str) -> BindParameter[Sequence[int]]:
    """A parameter that takes a list of numbers."""
    return bindparam(name, type_=Ids)


class one_of(FunctionElement[Any]):  # noqa: N801 - named like the SQL that it is
    """Whether a column is one of ``ids``: the statement stays the same however many they are.

    With ``in_`` it is written and sent anew with a parameter for each.
    """

    inherit_cache = True
    type = NullType()
    """A Boolean would be compared with 1 on SQLite, which then uses no index."""


@compiles(one_of, "sqlite")
def _one_of_in_sqlite(element: one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, listed = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 - compiled SQL


@compiles(one_of, "postgresql")
def _one_of_in_postgresql(element: one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, listed = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({listed})"


class _Spans(TypeDecorator[list[tuple[int, int]]]):
    """Spans in seconds since 1970: on PostgreSQL a multirange, on SQLite numbers still to merge."""

    impl = NullType
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> list[tuple[int, int]]:
        """From the database."""
        if dialect.name == "sqlite":
            return _merged(json.loads(value))
        return [
            (start // 1_000_000 + _YEAR_2000, end // 1_000_000 + _YEAR_2000)
            for start, end in _SENT_RANGE.iter_unpack(memoryview(value)[_SENT_COUNT:])
        ]


class merged_spans(FunctionElement[list[tuple[int, int]]]):  # noqa: N801 - likewise
    """The time between two instants of each row of a group, as few spans in order.

    A row an owner and a number or two a span: a row costs what a dozen numbers cost.
    """

    inherit_cache = True
    type = _Spans()


@compiles(merged_spans, "sqlite")
def _merged_in_sqlite(element: merged_spans, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    since, length = f"{start} / 1000000", f"({end} - {start}) / 1000000"
    return f"json_group_array({since} * {_START} + {length})"


@compiles(merged_spans, "postgresql")
def _merged_in_postgresql(element: merged_spans, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    # As the server sends it: to write its edges out, and to read them, costs more than to merge.
    return f"multirange_send(range_agg(tstzrange({start}, {end})))"


class words_of(FunctionElement[str]):  # noqa: N801 - likewise
    """Texts of one row, none of them null, as a list in JSON: a part of ``rows_of``."""

    inherit_cache = True
    type = Text()


class rows_of(FunctionElement[str]):  # noqa: N801 - likewise
    """The rows of each group as one text, a JSON list of lists in no order.

    Of numbers, none of them null, and ``words_of``. A row that is read by itself costs what the
    numbers in it cost, and that whether or not it is ever looked at.
    """

    inherit_cache = True
    type = Text()


@compiles(words_of, "sqlite")
def _words_in_sqlite(element: words_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(words_of, "postgresql")
def _words_in_postgresql(element: words_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"array_to_json(ARRAY[{compiler.process(element.clauses, **options)}])"


@compiles(rows_of, "sqlite")
def _rows_in_sqlite(element: rows_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(rows_of, "postgresql")
def _rows_in_postgresql(element: rows_of, compiler: SQLCompiler, **options: Any) -> str:
    # Of functions that make JSON it has none that would not cost more than the rows themselves.
    row = f"concat_ws(',', {compiler.process(element.clauses, **options)})"
    return f"'[[' || string_agg({row}, '],[') || ']]'"


def _merged(codes: list[int]) -> list[tuple[int, int]]:
    """In a full book a whole morning is one."""
    codes.sort()
    merged: list[tuple[int, int]] = []
    since = until = codes[0] >> 16
    for code in codes:
        start = code >> 16
        end = start + (code & 0xFFFF)
        if start > until:
            merged.append((since, until))
            since, until = start, end
        elif end > until:
            until = end
    merged.append((since, until))
    return merged
