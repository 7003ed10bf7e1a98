"""Where the cursor of the calendar goes: one doctor and one row, or the whole visit there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .blocks import Block, ColumnLayout


@dataclass(frozen=True, slots=True)
class Cursor:
    """A column and a row of it; ``block`` is the visit there that is meant, if there is one."""

    column: int = 0
    row: int = 0
    block: Block | None = None


def land(layouts: Sequence[ColumnLayout], column: int, row: int, lane: int = 0) -> Cursor:
    """The cursor at that cell, on the visit in that lane, or in the one nearest to it."""
    blocks = layouts[column].in_row[row]
    if not blocks:
        return Cursor(column, row)
    return Cursor(column, row, min(blocks, key=lambda block: abs(block.lane - lane)))


def vertical(layouts: Sequence[ColumnLayout], cursor: Cursor, rows: int) -> Cursor:
    """That many rows on (or back); one row on from a visit is the row after it."""
    block, last = cursor.block, len(layouts[cursor.column].in_row) - 1
    row = cursor.row
    if block is not None and abs(rows) == 1:
        row = block.after - 1 if rows > 0 else block.first
    row = min(max(row + rows, 0), last)
    return land(layouts, cursor.column, row, block.lane if block else 0)


def sideways(layouts: Sequence[ColumnLayout], cursor: Cursor, columns: int) -> Cursor:
    """To the next visit side by side with this one, or to the next column."""
    if cursor.block is not None:
        beside = [
            block
            for block in layouts[cursor.column].in_row[cursor.row]
            if (block.lane - cursor.block.lane) * columns > 0
        ]
        if beside:
            nearest = min(beside, key=lambda block: block.lane * columns)
            return Cursor(cursor.column, cursor.row, nearest)
    column = cursor.column + columns
    if not 0 <= column < len(layouts):
        return cursor
    return land(layouts, column, cursor.row, 0 if columns > 0 else len(layouts[column].blocks))


def along_visits(layouts: Sequence[ColumnLayout], cursor: Cursor, visits: int) -> Cursor:
    """The next visit of the column (or the one before), wherever in the day it is."""
    blocks = layouts[cursor.column].blocks
    if cursor.block in blocks:
        number = blocks.index(cursor.block) + visits
    else:
        later = sum(block.first < cursor.row for block in blocks)
        number = later if visits > 0 else later - 1
    if not 0 <= number < len(blocks):
        return cursor
    return Cursor(cursor.column, blocks[number].first, blocks[number])
