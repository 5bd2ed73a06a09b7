"""Opens and makes the database file, and refuses what is none or another program's.

Its only queries tell which program made the file, and which settings it was begun with.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from cardstatus.errors import DatabaseError, OlderSchemaError, command, in_words
from cardstatus.model.records import Settings

from .files import settled, sidecar
from .schema import version as known
from .sqlite_errors import ADVICE, BUSY, kind_of, translated

BUSY_SECONDS: Final = 30.0
"""How long to wait for another process that is writing."""

# As urllib.parse.quote writes them. From Python 3.13 on nothing else of a look-up loads that.
_URI_BYTES: Final = tuple(
    chr(byte) if byte < 128 and (chr(byte).isalnum() or chr(byte) in "/_.-~") else f"%{byte:02X}"
    for byte in range(256)
)


class _Frozen(sqlite3.Connection):
    """Reads a file without any lock, as if it never changed."""

    stamp: tuple[int, ...]
    """Identity, size and times of the file as it was opened."""


@contextmanager
def opened(
    path: Path, *, to_ingest: bool = False, writable: bool = False, traceless: bool = False
) -> Iterator[sqlite3.Connection]:
    """Open the database for the length of the block.

    ``to_ingest``: accept older tables, and a file that has none yet. ``writable``: accept these
    too, and make the file if there is none. Its tables are for the caller to make. ``traceless``:
    change nothing of what SQLite keeps beside it, and take no lock where none is needed; whether
    the file was written to meanwhile is for the caller to see.

    Raises :class:`DatabaseError` if anything else is at the path, which stays untouched, and for
    errors inside the block that a user can mend.
    """
    known.check_sqlite()
    if writable and _size(path) is None:
        _make(path)
    connection = _connect_to_ours(
        path, to_ingest=to_ingest or writable, writable=writable, traceless=traceless
    )
    with closing(connection), translated(path, connection):
        yield connection


@contextmanager
def opened_in_memory(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an empty database in memory for the length of the block; ``path`` stands for it in
    messages.
    """
    known.check_sqlite()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with closing(connection), translated(path, connection):
        yield connection


def make_writable(connection: sqlite3.Connection) -> bool:
    """Let a connection write that was opened to read; return False if that cannot be."""
    if isinstance(connection, _Frozen):
        return False
    connection.execute("PRAGMA query_only = OFF")
    return True


def _make(path: Path) -> None:
    try:
        # Phone numbers lie in it. SQLite gives its sidecar files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise DatabaseError(f"{path} cannot be written: {in_words(error)}") from error


def _connect_to_ours(
    path: Path, *, to_ingest: bool, writable: bool, traceless: bool
) -> sqlite3.Connection:
    in_use = sidecar(path) is not None
    size = _size(path)
    if size is None:
        raise DatabaseError(
            f"there is no database at {path}; make one with '{command('ingest FOLDER', path)}', or "
            "say where it is with --db or $CARDSTATUS_DB"
        )
    if size == 1:
        # SQLite takes a file of one byte for an empty one, and would write over it.
        raise DatabaseError(f"{path} {ADVICE[sqlite3.SQLITE_NOTADB]}")
    with translated(path):
        if in_use:
            _refuse_others(path)
        frozen = traceless and settled(path) and not in_use
        mode = "ro" if traceless else "rw"
        connection = _open_frozen(path) if frozen else _open(path, mode, writable=writable)
        try:
            with translated(path, connection):
                if not (to_ingest and is_new(connection)):
                    _check_ours(connection, path, to_ingest=to_ingest)
                    if not in_use:
                        _check_whole(connection, path, size)
                if not writable:
                    connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _refuse_others(path: Path) -> None:
    """Raise :class:`DatabaseError` for another program's database.

    Opening it as usual would finish what that program has left unfinished.
    """
    connection = _connect(_uri(path, "ro&immutable=1"))
    with closing(connection):
        try:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            new = application_id == 0 and is_new(connection)
        except sqlite3.DatabaseError:
            return  # the changes beside it may mend it
    if application_id != known.APPLICATION_ID and not new:
        raise DatabaseError(_another_programs(path))


def _open(path: Path, mode: str, *, writable: bool) -> sqlite3.Connection:
    # "rw" also for readers: the last of them to leave then tidies the WAL files away. It falls
    # back to reading where the file may not be written. With "ro" nobody tidies.
    connection = _connect(_uri(path, mode))
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        may_help = isinstance(error, sqlite3.OperationalError) and kind_of(error) not in BUSY
        if writable or not may_help:
            raise
        # A WAL database in a folder that this user may not write, or on a full disk.
        connection = _open_frozen(path)
    return connection


def _open_frozen(path: Path) -> sqlite3.Connection:
    stamp = _stamp(path)
    # Without a WAL there is no writer.
    if left := sidecar(path):
        raise DatabaseError(
            f"{path} cannot be read as long as {left.name}, which another process left, is beside "
            "it: have its owner run any cardstatus command, or allow this user to write in the "
            "folder (and see that its disk is not full)"
        )
    connection = sqlite3.connect(
        _uri(path, "ro&immutable=1"), uri=True, isolation_level=None, factory=_Frozen
    )
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
    times = status.st_mtime_ns, status.st_ctime_ns
    return status.st_dev, status.st_ino, status.st_size, *times


def _uri(path: Path, mode: str) -> str:
    name = "".join(_URI_BYTES[byte] for byte in os.fsencode(path.absolute()))
    return f"file:{name}?mode={mode}"


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _check_ours(connection: sqlite3.Connection, path: Path, *, to_ingest: bool) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != known.APPLICATION_ID:
        raise DatabaseError(_another_programs(path))
    if version < 1:
        raise DatabaseError(f"{path} {ADVICE[sqlite3.SQLITE_CORRUPT]} (schema {version})")
    if version > known.SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by a newer cardstatus (schema {version}, this one knows "
            f"{known.SCHEMA_VERSION}); upgrade, in its clone, with: git pull && pip install ."
        )
    if version < known.SCHEMA_VERSION and not to_ingest:
        raise OlderSchemaError(
            f"{path} was written by an older cardstatus (schema {version}, this one needs "
            f"{known.SCHEMA_VERSION}); bring it up to date with: {command('ingest FOLDER', path)}"
        )
    if version == known.SCHEMA_VERSION:
        known.refuse_unknown_types(connection, path)


def _another_programs(path: Path) -> str:
    return f"{path} is a database of another program, or empty; give another file with --db"


def _check_whole(connection: sqlite3.Connection, path: Path, size: int) -> None:
    """Raise :class:`DatabaseError` for a last page that is cut, which SQLite fills with zeros."""
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    # Half a page may be there for a moment while another process writes it.
    if size % page_size and size == _size(path) and not sidecar(path):
        raise DatabaseError(f"{path} {ADVICE[sqlite3.SQLITE_CORRUPT]} (its end is missing)")


def holds_something(path: Path) -> bool:
    """Tell whether there is a file at a path, and it is not empty.

    Raises :class:`DatabaseError` for a path that can hold none.
    """
    return bool(_size(path))


def open_to_all(path: Path) -> bool:
    """Tell whether every user of the machine may read the database file."""
    return bool(path.exists() and path.stat().st_mode & stat.S_IROTH)


def _size(path: Path) -> int | None:
    """Return the size of the file at a path in bytes, None if there is none."""
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


def is_new(connection: sqlite3.Connection) -> bool:
    """Tell whether a database holds nothing but its header.

    Another process is making it, or has died over it.
    """
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(application_id == version == tables == 0)


def has_current_schema(connection: sqlite3.Connection) -> bool:
    """Tell whether a database has the tables of this version: neither older ones nor none."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return bool(version == known.SCHEMA_VERSION)


def read_settings(connection: sqlite3.Connection) -> Settings | None:
    """Return what the first ingest fixed, None if there was none yet. There must be tables."""
    query = "SELECT name, value FROM setting WHERE name NOT GLOB '* *' ORDER BY name"
    stored = dict(connection.execute(query))  # those of partners have a blank in their names
    return Settings(**stored) if stored else None


def settings_of(connection: sqlite3.Connection) -> Settings | None:
    """Return what the first ingest fixed, None if there was none yet."""
    return None if is_new(connection) else read_settings(connection)


def stored_settings(database: Path) -> Settings | None:
    """Return what the first ingest into the database at a path fixed, None if there was none yet.

    Raises :class:`DatabaseError` for a file that is no database, or another program's.
    """
    if not holds_something(database):
        return None
    with opened(database, to_ingest=True) as connection:
        return settings_of(connection)
