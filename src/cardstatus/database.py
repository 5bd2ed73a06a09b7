"""The database file: opens it, makes it, says what is wrong with it. Owns connections, no queries
but those that tell whose file it is and how it was begun.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
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
_AT_A_TIME: Final = 1.0
"""Seconds that SQLite waits by itself: it hears no Ctrl-C, and cannot say that it waits."""


class _Frozen(sqlite3.Connection):
    """Reads a file without any lock, as one that nobody writes to."""

    stamp: tuple[int, ...]


def connect(path: Path, *, writable: bool = False, may_be_new: bool = False) -> sqlite3.Connection:
    """Open a database file of ours that exists; one that has no tables yet if it ``may_be_new``.

    Raises :class:`DatabaseError` for whatever is there instead, leaving it untouched.
    """
    if _size(path) is None:
        raise DatabaseError(
            f"there is no database at {path}; make one with 'cardstatus ingest FOLDER', or say "
            "where it is with --db or $CARDSTATUS_DB"
        )
    with translated(path):
        connection = _open(path, writable=writable)
        try:
            if not (may_be_new and is_new(connection)):
                _check_ours(connection, path)
            if not writable:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _open(path: Path, *, writable: bool) -> sqlite3.Connection:
    # "rw" also for readers: the last of them to leave then tidies the WAL files away. It falls
    # back to reading where the file may not be written.
    uri = f"file:{quote(os.fsencode(path.absolute()))}?mode=rw"
    connection = _connect(uri)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if writable or _kind(error) in _BUSY:
            raise
        # A WAL database in a folder that we may not write, or on a full disk.
        connection = _open_frozen(path, uri.replace("?mode=rw", "?mode=ro&immutable=1"))
    return connection


def _open_frozen(path: Path, uri: str) -> sqlite3.Connection:
    stamp = _stamp(path)
    # With no WAL there is no writer.
    if left := _left_by_a_writer(path):
        raise DatabaseError(
            f"{path} cannot be read as long as {left.name}, which another process left, is beside "
            "it: have its owner run any cardstatus command, or allow this user to write in the "
            "folder (and see that its disk is not full)"
        )
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, factory=_Frozen)
    connection.stamp = stamp
    return connection


def check_undisturbed(path: Path, connection: sqlite3.Connection) -> None:
    """Raise :class:`DatabaseError` if what was read may be of two states of the file."""
    if isinstance(connection, _Frozen) and connection.stamp != _stamp(path):
        raise DatabaseError(
            f"{path} was written to while it was read; run the same command again, or allow this "
            "user to write in the folder, which lets it read meanwhile"
        )


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _left_by_a_writer(path: Path) -> Path | None:
    """Return a file beside a database that has what is not yet in it, None if there is none."""
    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    return next((file for file in beside if file.exists() and file.stat().st_size), None)


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def patiently(connection: sqlite3.Connection, statement: str, on_wait: Callable[[], None]) -> None:
    """Run a statement that another process may have to let pass, and call ``on_wait`` if that takes
    long.
    """
    start = time.monotonic()
    told = False
    _wait_at_most(connection, min(_AT_A_TIME, BUSY_SECONDS))
    while True:
        try:
            connection.execute(statement)
            break
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - start
            if _kind(error) not in _BUSY or waited >= BUSY_SECONDS:
                raise
        if waited >= _AT_A_TIME and not told:
            on_wait()
            told = True
        time.sleep(0.01)  # SQLite does not wait for each lock by itself
    _wait_at_most(connection, BUSY_SECONDS)


def _wait_at_most(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


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
        advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0)) or _ADVICE.get(_kind(error))
        if advice is None:
            raise
        advice = advice.format(temporary=_temporary_folder())
        raise DatabaseError(f"{path} {advice} ({error})") from error


def _kind(error: sqlite3.Error) -> int:
    # The low byte is the kind of error, the rest its shade. Python's own have none.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _temporary_folder() -> str:
    """Return where SQLite puts what does not fit into memory."""
    named = [os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR")]
    folders = [folder for folder in (*named, "/var/tmp", "/usr/tmp", "/tmp") if folder]
    usable = (f for f in folders if Path(f).is_dir() and os.access(f, os.W_OK | os.X_OK))
    return next(usable, str(Path.cwd()))


_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
_LOCKED: Final = "is locked by another process; try again when that has ended"
_FULL: Final = (
    "cannot grow: its disk, or that of temporary files ({temporary}), is full, or a limit on the "
    "size of files is reached; make room and run the same command again"
)
_ADVICE: Final = {
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
    return connect(path, writable=True, may_be_new=True)
