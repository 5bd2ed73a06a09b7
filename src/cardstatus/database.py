"""The database file: opens it, makes it, says what is wrong with it. Owns connections, no queries
but those that tell whose file it is and how it was begun.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from . import schema
from .errors import DatabaseError, OlderSchemaError, in_words

if TYPE_CHECKING:
    from .settings import Settings

BUSY_SECONDS: Final = 30.0
"""How long to wait for another process that is writing."""


def connect(path: Path, *, writable: bool = False) -> sqlite3.Connection:
    """Open a database file of ours that exists.

    Raises :class:`DatabaseError` for whatever is there instead, leaving it untouched.
    """
    in_use = _has_sidecar(path)
    size = _size(path)
    if size is None:
        raise DatabaseError(
            f"there is no database at {path}; make one with 'cardstatus ingest FOLDER', or say "
            "where it is with --db or $CARDSTATUS_DB"
        )
    if size == 1:
        # SQLite takes a file of one byte for an empty one, and would write over it.
        raise DatabaseError(f"{path} {_ADVICE[sqlite3.SQLITE_NOTADB]}")
    with translated(path):
        if in_use:
            _refuse_others(path)
        connection = _open(path)
        try:
            with translated(path, connection):
                if not (writable and is_new(connection)):
                    _check_ours(connection, path, writable=writable)
                    if not in_use:
                        _check_whole(connection, path, size)
                if not writable:
                    connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _has_sidecar(path: Path) -> bool:
    """Tell whether another process has a database open for writing, or has died over it."""
    sidecars = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    return any(sidecar.exists() and sidecar.stat().st_size for sidecar in sidecars)


def _refuse_others(path: Path) -> None:
    """Raise :class:`DatabaseError` if another program has left work behind that opening the file
    as usual would finish.
    """
    connection = _connect(_uri(path, "ro&immutable=1"))
    with closing(connection):
        try:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            new = application_id == 0 and is_new(connection)
        except sqlite3.DatabaseError:
            return  # what the sidecar says may mend it
    if application_id != schema.APPLICATION_ID and not new:
        raise DatabaseError(_another_programs(path))


def _open(path: Path) -> sqlite3.Connection:
    # "rw" also for readers: the last of them to leave then tidies the WAL files away. It falls
    # back to reading where the file may not be written.
    connection = _connect(_uri(path, "rw"))
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError) or _has_sidecar(path):
            raise
        # A WAL database in a folder that we may not write: with no WAL there is no writer.
        connection = _connect(_uri(path, "ro&immutable=1"))
    return connection


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _check_ours(connection: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != schema.APPLICATION_ID:
        raise DatabaseError(_another_programs(path))
    if version < 1:
        raise DatabaseError(f"{path} {_ADVICE[sqlite3.SQLITE_CORRUPT]} (schema {version})")
    if version > schema.SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by a newer cardstatus (schema {version}, this one knows "
            f"{schema.SCHEMA_VERSION}); upgrade with: pip install --upgrade cardstatus"
        )
    if version < schema.SCHEMA_VERSION and not writable:
        raise OlderSchemaError(
            f"{path} was written by an older cardstatus (schema {version}, this one needs "
            f"{schema.SCHEMA_VERSION}); bring it up to date with: cardstatus ingest FOLDER"
        )


def _another_programs(path: Path) -> str:
    return f"{path} is a database of another program, or empty; give another file with --db"


def _check_whole(connection: sqlite3.Connection, path: Path, size: int) -> None:
    """Raise :class:`DatabaseError` for a last page that is cut, which SQLite fills with zeros."""
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    if size % page_size:
        raise DatabaseError(f"{path} {_ADVICE[sqlite3.SQLITE_CORRUPT]} (its end is missing)")


def holds_something(path: Path) -> bool:
    """Tell whether there is a database to read at a path, ours or not: a file that is not empty.

    Raises :class:`DatabaseError` for a path that can hold none.
    """
    return bool(_size(path))


def open_to_all(path: Path) -> bool:
    """Tell whether every user of the machine may read the database."""
    return bool(path.exists() and path.stat().st_mode & stat.S_IROTH)


def _size(path: Path) -> int | None:
    """Return the bytes of the file at a path, None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DatabaseError(f"{path} cannot be opened: {in_words(error)}") from error
    if stat.S_ISDIR(status.st_mode):
        raise DatabaseError(f"{path} is a folder; --db takes the database file itself")
    if not stat.S_ISREG(status.st_mode):
        # Opening a FIFO or a device could wait for ever.
        raise DatabaseError(f"{path} is not a regular file; give another file with --db")
    return status.st_size


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
                reason = f"{_ADVICE[sqlite3.SQLITE_CORRUPT]} ({found})"
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
            return f"{_ADVICE[sqlite3.SQLITE_CORRUPT]} (text that is not UTF-8)"
        return None
    # The low byte is the kind of error, the rest its shade.
    advice = _ADVICE.get(code & 0xFF)
    return advice and f"{advice} ({error})"


_ADVICE: Final = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; give another file with --db",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a copy, or ingest the courier files anew",
    sqlite3.SQLITE_BUSY: "is locked by another process; try again when that has ended",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; make room and run the same command again",
    sqlite3.SQLITE_READONLY: "may not be written; check the permissions of file and folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check the permissions of file and folder",
    sqlite3.SQLITE_PERM: "cannot be opened; check the permissions of file and folder",
    sqlite3.SQLITE_IOERR: "cannot be used: the disk reports an error; check it before going on",
}


def is_new(connection: sqlite3.Connection) -> bool:
    """Tell whether nothing has been written to a database yet but its header.

    So it is while another process is making it, or when that process has died.
    """
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(application_id == version == tables == 0)


def read_settings(connection: sqlite3.Connection) -> "Settings | None":
    """Return what the first ingest fixed; None if nothing has been ingested."""
    from .settings import Settings

    stored = dict(connection.execute("SELECT name, value FROM setting ORDER BY name"))
    return Settings(**stored) if stored else None


def connect_or_create(path: Path) -> sqlite3.Connection:
    """Open a database file of ours for writing, making the file if there is none.

    Whether its tables are there is for the caller to see to. Raises :class:`DatabaseError`.
    """
    if _size(path) is None:
        try:
            # Phone numbers lie in it. SQLite gives its sidecar files the same mode.
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError as error:
            raise DatabaseError(f"{path} cannot be written: {in_words(error)}") from error
    return connect(path, writable=True)
