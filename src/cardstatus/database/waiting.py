"""Waits for another process that has the database locked, so that a user hears of it."""

import sqlite3
import time
from collections.abc import Callable
from typing import Final

from . import connection
from .sqlite_errors import BUSY, kind_of

_AT_A_TIME: Final = 1.0
"""Seconds for which SQLite itself waits: meanwhile it hears no Ctrl-C, and says nothing."""


def patiently(db: sqlite3.Connection, statement: str, on_wait: Callable[[], None]) -> None:
    """Run a statement that needs a lock; call ``on_wait`` once if another process has it for long.

    Raises SQLite's error after ``BUSY_SECONDS``.
    """
    start = time.monotonic()
    told = False
    wait_at_most(db, min(_AT_A_TIME, connection.BUSY_SECONDS))
    while True:
        try:
            db.execute(statement)
            break
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - start
            if kind_of(error) not in BUSY or waited >= connection.BUSY_SECONDS:
                raise
        if waited >= _AT_A_TIME and not told:
            on_wait()
            told = True
        time.sleep(0.01)  # SQLite does not wait for each lock by itself
    wait_at_most(db, connection.BUSY_SECONDS)


def wait_at_most(db: sqlite3.Connection, seconds: float) -> None:
    """Set how long SQLite waits by itself for a lock."""
    db.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
