"""One transaction of the SQLite store, begun when the first statement needs it.

A batch that finds in memory all that it asks for costs no statement at all.
"""

from __future__ import annotations

import sqlite3


class Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._is_begun = False

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, inside the transaction."""
        if not self._is_begun:
            self._db.execute("BEGIN IMMEDIATE")
            self._is_begun = True
        return self._db

    def commit(self) -> None:
        if self._is_begun:
            self._db.execute("COMMIT")

    def roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
