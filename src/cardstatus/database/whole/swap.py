"""Puts one database in the place of another, so that no log is left that could be taken for the
other's.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.errors import DatabaseError, in_words

from ..connection import opened
from ..files import beside, sync
from ..writing.session import Session
from ..writing.turning_away import Hashes
from ..writing.waiting import patiently


class Piece:
    """A database in the making, under a hidden name beside the one that it is to have."""

    def __init__(self, path: Path, place: Path) -> None:
        self.path = path
        self._place = place

    def keep_as(self, target: Path) -> None:
        """Give it its name, which nobody has; raises :class:`DatabaseError`."""
        try:
            sync(self.path)
            os.link(self.path, os.path.realpath(target), follow_symlinks=False)
            sync(target.absolute().parent)
        except OSError as error:
            raise DatabaseError(f"{target} cannot be written: {in_words(error)}") from error

    def free_name(self) -> Path:
        """Return a name beside the database for what it replaces: ``cards.before-1.db``."""
        names = (
            self._place.with_name(f"{self._place.stem}.before-{n}{self._place.suffix}")
            for n in count(1)
        )
        return next(name for name in names if not os.path.lexists(name))


@contextmanager
def in_the_making(place: Path) -> Iterator[Piece]:
    """Yield an empty file under a hidden name beside a place, removed at the end of the block."""
    real = Path(os.path.realpath(place))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)  # mode 0600
    except OSError as error:
        raise DatabaseError(f"{place} cannot be written: {in_words(error)}") from error
    os.close(handle)
    piece = Piece(Path(name), real)
    try:
        yield piece
    finally:
        for path in (piece.path, *beside(piece.path)):
            path.unlink(missing_ok=True)


class _Heir(Session):
    """A new database, which is given what the old one knows apart from its files."""

    def inherit(self, hashes: Hashes) -> None:
        """Take over what is left of erased cards, so that their rows are turned away here too."""
        db = self._db
        with self._transaction(db):
            db.executemany("INSERT INTO erased (kind, value) VALUES (?, ?)", hashes)


def carry_over(hashes: Hashes, database: Path) -> None:
    """Give a database that is still empty what is left of the erased cards of another."""
    if kept := [row for row in hashes if row[0] != "unfinished"]:
        with _Heir.open(database) as heir:
            heir.inherit(kept)
            heir.take_wal_in()


class State(NamedTuple):
    """What tells whether files came in, or went, since."""

    last_file: int
    files: int
    undone: int
    erased: int


_STATE: Final = """
    SELECT
        (SELECT coalesce(max(id), 0) FROM source), (SELECT count(*) FROM source),
        (SELECT count(*) FROM undone), (SELECT count(*) FROM erased)
"""


def state_of(connection: sqlite3.Connection) -> State:
    """Return the state of a database."""
    return State(*connection.execute(_STATE).fetchone())


def swap(
    new: Path, database: Path, backup: Path, expected: State, on_wait: Callable[[], None]
) -> None:
    """Put ``new`` in the place of a database, which is ``backup`` from then on.

    Both are on one disk, and nobody has ``new`` open. Raises :class:`DatabaseError`, with nothing
    changed, if somebody keeps the database open, or its state is not as ``expected``.
    """
    with opened(database, to_ingest=True, writable=True) as connection:
        # Back from the WAL: that needs the database for itself, and leaves nothing beside the file.
        try:
            patiently(connection, "PRAGMA journal_mode = DELETE", on_wait)
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            if mode != "delete":
                raise sqlite3.OperationalError("database is locked")
            patiently(connection, "BEGIN EXCLUSIVE", on_wait)
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"{database} is open in another program, so {new} cannot take its place; end that "
                "program, and run the same command again"
            ) from error
        if state_of(connection) != expected:
            raise DatabaseError(
                f"files came in, or went, while {database} was read; run the same command again"
            )
        place = Path(os.path.realpath(database))
        try:
            status = place.stat()
            new.chmod(status.st_mode & 0o777)
            with suppress(PermissionError):
                os.chown(new, status.st_uid, status.st_gid)
            sync(new)
            _exchange(new, place, backup)
        except OSError as error:
            raise DatabaseError(
                f"{new} cannot take the place of {database}: {in_words(error)}"
            ) from error
        connection.execute("ROLLBACK")


def _exchange(new: Path, place: Path, backup: Path) -> None:
    """Give a file another name and its own to a new one, so that somebody has it at each moment."""
    os.link(place, backup)
    try:
        sync(place.parent)
        new.replace(place)
    except BaseException:
        # Under two names, a database would have two logs.
        backup.unlink()
        raise
    sync(place.parent)
