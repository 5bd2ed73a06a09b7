"""The database file: opens it, makes it, says what is wrong with it. Owns connections, no queries
but those that tell whose file it is and how it was begun.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from .errors import DatabaseError, in_words
from .schema import APPLICATION_ID, SCHEMA_VERSION

if TYPE_CHECKING:
    from .settings import Settings

BUSY_SECONDS: Final = 30.0
"""How long to wait for another process that is writing."""


def connect(path: Path, *, writable: bool = False) -> sqlite3.Connection:
    """Open a database file of ours that exists.

    Raises :class:`DatabaseError` for whatever is there instead, leaving it untouched.
    """
    if _size(path) is None:
        raise DatabaseError(
            f"there is no database at {path}; make one with 'cardstatus ingest FOLDER', or say "
            "where it is with --db or $CARDSTATUS_DB"
        )
    with translated(path):
        connection = _open(path)
        try:
            if not (writable and is_new(connection)):
                _check_ours(connection, path)
            if not writable:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _open(path: Path) -> sqlite3.Connection:
    # "rw" also for readers: the last of them to leave then tidies the WAL files away. It falls
    # back to reading where the file may not be written.
    uri = f"file:{quote(os.fsencode(path.absolute()))}?mode=rw"
    connection = _connect(uri)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        wal = path.with_name(path.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        # A WAL database in a folder that we may not write: with no WAL there is no writer.
        connection = _connect(uri.replace("?mode=rw", "?mode=ro&immutable=1"))
    return connection


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID:
        raise DatabaseError(
            f"{path} is a database of another program, or empty; give another file with --db"
        )
    if version > SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by a newer cardstatus (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); upgrade with: pip install --upgrade cardstatus"
        )


def holds_something(path: Path) -> bool:
    """Tell whether there is a database to read at a path, ours or not: a file that is not empty.

    Raises :class:`DatabaseError` for a path that can hold none.
    """
    return bool(_size(path))


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
    return status.st_size


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what a user can mend inside the block as :class:`DatabaseError`, with what to do.

    SQLite's other errors are bugs of ours and pass as they are.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        # The low byte is the kind of error, the rest its shade.
        advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if advice is None:
            raise
        raise DatabaseError(f"{path} {advice} ({error})") from error


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
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(application_id == 0 and tables == 0)


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
