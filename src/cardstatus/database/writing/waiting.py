"""Waits for other processes that use the database: for a writer, of which a user hears, and for
readers, in whose way the WAL stays.
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Final

from .. import connection
from ..sqlite_errors import BUSY, kind_of

_AT_A_TIME: Final = 1.0
"""Seconds for which SQLite itself waits: meanwhile it hears no Ctrl-C, and says nothing."""


_READERS_END: Final = 1.0
"""Seconds to wait for readers before their state of the database is left in the WAL. A look-up
takes milliseconds, a pass over all cards many seconds."""


def patiently(db: sqlite3.Connection, statement: str, on_wait: Callable[[], None]) -> None:
    """Run a statement that needs a lock; call ``on_wait`` once if another process has it for long.

    Raises SQLite's error after ``BUSY_SECONDS``.
    """
    start = time.monotonic()
    told = False
    _wait_at_most(db, min(_AT_A_TIME, connection.BUSY_SECONDS))
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
    _wait_at_most(db, connection.BUSY_SECONDS)


def empty_wal(db: sqlite3.Connection) -> bool:
    """Put the WAL into the database file; return False if a reader, or the disk, is in the way."""
    _wait_at_most(db, _READERS_END)
    try:
        (is_busy, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False  # such as a full disk; the WAL is on disk
    finally:
        _wait_at_most(db, connection.BUSY_SECONDS)
    return not is_busy


def _wait_at_most(db: sqlite3.Connection, seconds: float) -> None:
    db.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
