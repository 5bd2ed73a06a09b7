"""A database on disk: the file itself, and what SQLite keeps beside it.

Compares files by what they are, since a file has as many names as there are links to it.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.errors import DatabaseError, in_words

_ENDINGS: Final = ("-wal", "-journal", "-shm")
_UNFINISHED: Final = _ENDINGS[:2]
"""Of files that hold what is not yet in the database."""
_SETTLE_SECONDS: Final = 0.03
"""Longer than a tick of any file system's clock."""


class Identity(NamedTuple):
    """Which file it is that has a name now."""

    device: int
    inode: int


def identity_of(path: Path) -> Identity | None:
    """Return which file has a name, None if none has."""
    with suppress(OSError):
        status = path.stat()
        return Identity(status.st_dev, status.st_ino)
    return None


def unfinished(path: Path) -> Iterator[Path]:
    """Yield the files beside a database that hold what is not yet in it, there or not."""
    yield from _beside(path, _UNFINISHED)


def beside(path: Path) -> Iterator[Path]:
    """Yield all files that SQLite may keep beside a database, there or not."""
    yield from _beside(path, _ENDINGS)


def sidecar(path: Path) -> Path | None:
    """Return a file beside the database that holds changes to it, None if there is none.

    Another process is writing, or has died over it.
    """
    for left in unfinished(path):
        with suppress(OSError):  # it may go at any time
            if left.stat().st_size:
                return left
    return None


def settled(path: Path) -> bool:
    """Tell whether a file was left alone for so long that its times would show a change."""
    with suppress(OSError):
        return time.time() - path.stat().st_ctime > _SETTLE_SECONDS
    return False


def belongs_to(path: Path, database: Path) -> bool:
    """Tell whether a path leads to a database, by whatever links, or to a file of SQLite's
    beside it.
    """
    parts = [Path(os.path.realpath(database)), *beside(database)]
    if Path(os.path.realpath(path)) in parts:
        return True
    own = identity_of(path)
    return own is not None and own in map(identity_of, parts)


def sync_to_disk(database: Path) -> None:
    """Wait until what was committed to a database would survive a power cut.

    SQLite puts the database file itself on disk when it writes to it, but not each commit in the
    log beside it. Raises :class:`DatabaseError` if that fails.
    """
    try:
        # The database itself must not be opened: closing it takes the locks of SQLite away.
        with suppress(FileNotFoundError):
            sync(database.with_name(database.name + "-wal"))
        with suppress(PermissionError):
            sync(database.absolute().parent)
    except OSError as error:
        raise DatabaseError(f"{database} cannot be put on disk: {in_words(error)}") from error


def sync(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, would survive a power cut.

    Raises :class:`OSError`.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # of folders, some file systems say so
            raise
    finally:
        os.close(handle)


def _beside(path: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    # SQLite follows links to the database before it names what it keeps beside it.
    real = Path(os.path.realpath(path))
    yield from (real.with_name(real.name + ending) for ending in endings)
