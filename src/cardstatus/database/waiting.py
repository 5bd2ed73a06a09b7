"""Waits for another process that has the database locked, so that a user hears of it."""

import sqlite3
import time
from collections.abc import Callable
from typing import Final

from . import connection as limits
from .sqlite_errors import BUSY, kind_of

_AT_A_TIME: Final = 1.0
"""Seconds that SQLite waits by itself: it hears no Ctrl-C, and cannot say that it waits."""


def patiently(connection: sqlite3.Connection, statement: str, on_wait: Callable[[], None]) -> None:
    """Run a statement that another process may have to let pass; call ``on_wait`` if that takes
    long.
    """
    start = time.monotonic()
    told = False
    _wait_at_most(connection, min(_AT_A_TIME, limits.BUSY_SECONDS))
    while True:
        try:
            connection.execute(statement)
            break
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - start
            if kind_of(error) not in BUSY or waited >= limits.BUSY_SECONDS:
                raise
        if waited >= _AT_A_TIME and not told:
            on_wait()
            told = True
        time.sleep(0.01)  # SQLite does not wait for each lock by itself
    _wait_at_most(connection, limits.BUSY_SECONDS)


def _wait_at_most(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
