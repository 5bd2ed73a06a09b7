"""SQLite's errors as sentences that say what a user can do. Other errors are bugs."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cardstatus.errors import DatabaseError


@contextmanager
def translated(path: Path, connection: sqlite3.Connection | None = None) -> Iterator[None]:
    """Raise an error inside the block as :class:`DatabaseError` if a user can mend it.

    Other errors are bugs and pass unchanged. With ``connection`` the database is searched for
    damage first, which may look like a bug.
    """
    try:
        yield
    except _SYMPTOMS as error:
        reason = _reason(error)
        if reason is None and connection is not None:
            from . import damage  # hardly ever needed

            if found := damage.find_damage(connection):
                reason = f"{ADVICE[sqlite3.SQLITE_CORRUPT]} ({found})"
        if reason is None:
            raise
        raise DatabaseError(f"{path} {reason}") from error


_SYMPTOMS: Final = (sqlite3.Error, LookupError, TypeError, ValueError, ArithmeticError)
"""Errors over a damaged file: SQLite's own, or Python's over a value that cannot be."""


def _reason(error: Exception) -> str | None:
    """Return the sentence for an error, None if a user can do nothing about it."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # From the sqlite3 module, over a cell or over SQLite's own message. The former repeats
        # the cell, which may be a mobile.
        is_cell = isinstance(error, sqlite3.OperationalError) and "UTF-8" in str(error)
        if is_cell or isinstance(error, UnicodeDecodeError):
            return f"{ADVICE[sqlite3.SQLITE_CORRUPT]} (text that is not UTF-8)"
        return None
    advice = ADVICE.get(code) or ADVICE.get(kind_of(error))
    return advice and f"{advice.format(temporary=_temporary_folder())} ({error})"


def kind_of(error: Exception) -> int:
    """Return the low byte of SQLite's code, which is the kind of an error; 0 for Python's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _temporary_folder() -> str:
    """Return the folder in which SQLite puts what does not fit into memory."""
    named = [os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR")]
    folders = [folder for folder in (*named, "/var/tmp", "/usr/tmp", "/tmp") if folder]
    usable = (f for f in folders if Path(f).is_dir() and os.access(f, os.W_OK | os.X_OK))
    return next(usable, str(Path.cwd()))


BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
"""Kinds of errors over a lock that another process has."""
_LOCKED: Final = "is locked by another process; try again when that has ended"
_FULL: Final = (
    "cannot grow: its disk, or that of temporary files ({temporary}), is full, or a limit on the "
    "size of files is reached; make room and run the same command again"
)
ADVICE: Final = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; give another file with --db",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a copy, or ingest the courier files anew",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    sqlite3.SQLITE_READONLY: "may not be written; check the permissions of file and folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check the permissions of file and folder",
    sqlite3.SQLITE_PERM: "cannot be opened; check the permissions of file and folder",
    sqlite3.SQLITE_IOERR: "cannot be used: its disk, or that of temporary files ({temporary}), "
    "reports an error, or a limit on the size of files is reached; mend that and run the same "
    "command again",
}
"""SQLite's code -> the words behind the database's name; ``{temporary}`` is a folder."""
