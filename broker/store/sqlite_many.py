"""Statements over many rows.

SQLite lets go of the interpreter at every statement and at every row that is read, and waits
to have it again, long where the broker is busy. So what a batch writes is one statement a
table, and what it reads comes as one row with all of them in it. There are few sizes of each
statement, and what is missing to the next is filled up with repetitions, so that every text
is compiled once and kept.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from msgspec.json import Decoder, encode

Row = tuple[Any, ...]

# So many rows may be in one statement: never more than half of them in vain.
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)


class Many:
    """A statement in which a part stands once for each row of values.

    The last row is repeated to fill up, unless another is given to do that with: whatever is
    done with it twice must be as if it were done once. What stands for the rows in a query plan
    is called `batch`.
    """

    def __init__(self, before: str, part: str, between: str, after: str, *, most: int = _SIZES[-1]) -> None:
        self._texts = {size: before + between.join([part] * size) + after for size in _SIZES if size <= most}
        self._most = most

    def write(self, db: sqlite3.Connection, rows: Sequence[Row], *, filling: Row | None = None) -> int:
        """Do it, and return how many rows were written. Nothing for no rows."""
        return sum(cursor.rowcount for cursor in self._run(db, rows, filling))

    def read(self, db: sqlite3.Connection, rows: Sequence[Row], *, filling: Row | None = None) -> list[list[Any]]:
        """Do it, and return what it finds: it is one that finds `in_one_row`."""
        return [found for cursor in self._run(db, rows, filling) for found in out_of_one_row(cursor)]

    def _run(self, db: sqlite3.Connection, rows: Sequence[Row], filling: Row | None) -> Iterator[sqlite3.Cursor]:
        for start in range(0, len(rows), self._most):
            some = rows[start : start + self._most]
            size = _SIZES[bisect_left(_SIZES, len(some))]
            values = list(chain.from_iterable(some))
            values += (some[-1] if filling is None else filling) * (size - len(some))
            yield db.execute(self._texts[size], values)


def with_values(before: str, columns: int, after: str = "") -> Many:
    """A statement around the rows of a `VALUES`."""
    return Many(f"{before} VALUES ", f"({', '.join('?' * columns)})", ", ", f" {after}")


def all_of(select: str, columns: str) -> Many:
    """These columns of what each of several queries finds, all at once, `in_one_row`."""
    before = f"SELECT {in_one_row(columns)} FROM ("
    return Many(before, f"SELECT * FROM ({select}) AS batch", " UNION ALL ", ") AS batch", most=32)


def in_one_row(columns: str) -> str:
    """What selects all rows as one value. No column of it is a blob, for JSON has none."""
    return f"json_group_array(json_array({columns}))"


def out_of_one_row(cursor: sqlite3.Cursor) -> list[list[Any]]:
    return _rows.decode(cursor.fetchone()[0])


def one_of(values: Sequence[str]) -> str:
    """What stands after IN for a few names of anybody's choice, which are given one by one."""
    return f"({', '.join('?' * len(values))})"


def json_text(values: Sequence[str]) -> str:
    """What `json_each` takes: any number of ids in one. No names: it ends a text at the character 0."""
    return encode(values).decode()


_rows = Decoder(list[list[Any]])
