"""SQLite's errors as sentences: what a user can mend, and how. Other errors are bugs of ours."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cardstatus.errors import DatabaseError


@contextmanager
def translated(path: Path, connection: sqlite3.Connection | None = None) -> Iterator[None]:
    """Raise what a user can mend inside the block as :class:`DatabaseError`, with what to do.

    Other errors are bugs of ours and pass as they are, unless ``connection`` is given and damage
    is found in what has been read.
    """
    try:
        yield
    except _SYMPTOMS as error:
        reason = _reason(error)
        if reason is None and connection is not None:
            from . import damage  # hardly ever needed

            if found := damage.find(connection):
                reason = f"{ADVICE[sqlite3.SQLITE_CORRUPT]} ({found})"
        if reason is None:
            raise
        raise DatabaseError(f"{path} {reason}") from error


_SYMPTOMS: Final = (sqlite3.Error, LookupError, TypeError, ValueError, ArithmeticError)
"""What is raised over a damaged file: by SQLite, or by us over a value that cannot be."""


def _reason(error: Exception) -> str | None:
    """Return what SQLite's error means to a user; None if it is not for users."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # From the sqlite3 module, over a cell or over SQLite's own message. The first repeats the
        # cell, which may be a mobile.
        is_cell = isinstance(error, sqlite3.OperationalError) and "UTF-8" in str(error)
        if is_cell or isinstance(error, UnicodeDecodeError):
            return f"{ADVICE[sqlite3.SQLITE_CORRUPT]} (text that is not UTF-8)"
        return None
    advice = ADVICE.get(code) or ADVICE.get(kind_of(error))
    return advice and f"{advice.format(temporary=_temporary_folder())} ({error})"


def kind_of(error: Exception) -> int:
    """Return SQLite's code for the kind of an error: the low byte; 0 for those of Python."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _temporary_folder() -> str:
    """Return where SQLite puts what does not fit into memory."""
    named = [os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR")]
    folders = [folder for folder in (*named, "/var/tmp", "/usr/tmp", "/tmp") if folder]
    usable = (f for f in folders if Path(f).is_dir() and os.access(f, os.W_OK | os.X_OK))
    return next(usable, str(Path.cwd()))


BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
"""Kinds of errors that mean that another process has a lock."""
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
"""SQLite's code -> what is said behind the database's name; ``{temporary}`` is a folder."""
