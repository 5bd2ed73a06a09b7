"""Copies a database while others use it, and gives the copy its name when it is whole."""

import errno
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.errors import CardStatusError, DatabaseError, UsageError, in_words

from ..connection import check_undisturbed, is_new, opened
from ..files import belongs_to, beside, sync
from ..sqlite_errors import ADVICE, kind_of, translated

_PAGES_AT_ONCE: Final = 1_024
"""Pages of a step, 8 MiB: between two steps Ctrl-C is heard, and the bar moves."""
_OF_THE_COPY: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
"""Kinds of errors that the disk of the copy has caused: the database itself is only read."""
_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
)
"""Errors of file systems on which a file has one name only; EPERM is what FAT says."""


class Backup(NamedTuple):
    """A copy that was made, and what is in it."""

    database: str
    backup: str
    size: int
    """Bytes."""
    files: int
    events: int
    problems: int


def back_up(
    database: Path,
    target: Path,
    *,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Backup:
    """Copy a database to ``target``, checked, on disk, and readable by its owner only.

    The copy is of one state, whatever others write meanwhile. It has its name only when it is
    whole; until then it has a hidden one beside it. ``force``: take the place of a file that has
    the name. ``progress``: called with the bytes that are done, and all.

    Raises :class:`UsageError` for a target that is the database, and :class:`CardStatusError` if
    the copy cannot be made.
    """
    _refuse_target(database, target, force=force)
    place = Path(os.path.realpath(target))
    try:
        with _one_state(database) as source, _unfinished(place) as piece:
            _copy(source, piece, target, progress)
            check_undisturbed(database, source)
            counts = _checked(database, source, piece)
            sync(piece)
            size = piece.stat().st_size
            _name(piece, place, force=force)
            with suppress(PermissionError):  # a folder that may be written, and not read
                sync(place.parent)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        raise CardStatusError(
            f"{target} cannot be written: {in_words(error)}; nothing was changed"
        ) from error
    of = counts.get
    return Backup(
        str(database), str(target), size, of("source", 0), of("event", 0), of("problem", 0)
    )


@contextmanager
def _one_state(database: Path) -> Iterator[sqlite3.Connection]:
    """Open a database of any version that this one knows, which stays as it is for the block.

    Else each file that comes in meanwhile would begin the copy anew.
    """
    with opened(database, to_ingest=True) as source:
        if is_new(source):
            raise DatabaseError(f"{database} holds nothing yet; there is nothing to back up")
        source.execute("BEGIN")
        source.execute("SELECT name FROM sqlite_schema LIMIT 1").fetchone()
        yield source


def _refuse_target(database: Path, target: Path, *, force: bool) -> None:
    if belongs_to(target, database):
        raise UsageError(f"{target} is the database itself; give the backup another name")
    if target.is_dir():
        raise CardStatusError(f"{target} is a folder; give the name of a file in it")
    # Also with --force: SQLite would take them for the copy's, and ruin it.
    for left in beside(target):
        if os.path.lexists(left):
            raise CardStatusError(
                f"{left} is beside {target}: a program has that open as a database, or died over "
                "it; give another name"
            )
    if target.exists() and not target.is_file():
        raise CardStatusError(f"{target} is not a regular file; give another name")
    if not force and target.exists():
        raise _taken(target)


def _taken(target: Path) -> CardStatusError:
    return CardStatusError(
        f"{target} is there already; give another name, or --force to put the backup in its place"
    )


@contextmanager
def _unfinished(place: Path) -> Iterator[Path]:
    """Make an empty file under a hidden name beside a place; remove it if it keeps that name."""
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)  # mode 0600
    os.close(handle)
    piece = Path(name)
    try:
        yield piece
    finally:
        for path in (piece, *beside(piece)):
            path.unlink(missing_ok=True)


def _copy(
    source: sqlite3.Connection, piece: Path, target: Path, progress: Callable[[int, int], None]
) -> None:
    (page_size,) = source.execute("PRAGMA page_size").fetchone()

    def report(status: int, remaining: int, total: int) -> None:
        progress((total - remaining) * page_size, total * page_size)

    with closing(sqlite3.connect(piece, isolation_level=None)) as copy:
        # A piece that is not whole is thrown away, and a whole one is put on disk at the end.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        with _translated(target):
            source.backup(copy, pages=_PAGES_AT_ONCE, progress=report)
            # As one file, it can be read also where nothing can be written beside it. The next
            # ingest turns to the WAL again.
            copy.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _translated(target: Path) -> Iterator[None]:
    """Raise an error over the copy as :class:`DatabaseError` that names it; others pass."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if kind_of(error) not in _OF_THE_COPY:
            raise
        with translated(target):
            raise


def _checked(database: Path, source: sqlite3.Connection, piece: Path) -> dict[str, int]:
    """Return how many rows each table of the copy has. Raises :class:`DatabaseError` if it is
    damaged, which a copy of a damaged database is, or has other rows than the database.
    """
    with closing(sqlite3.connect(piece, isolation_level=None)) as copy:
        copy.execute("PRAGMA query_only = ON")
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            said = str(found).replace("\n", " ")
            raise DatabaseError(f"{database} {ADVICE[sqlite3.SQLITE_CORRUPT]} ({said})")
        counts = _rows(copy)
    if counts != _rows(source):
        raise DatabaseError(f"{database} has other rows than its copy; nothing was changed")
    return counts


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).fetchall()
    counts = {}
    for (name,) in tables:
        quoted = '"' + name.replace('"', '""') + '"'
        (counts[name],) = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()
    return counts


def _name(piece: Path, place: Path, *, force: bool) -> None:
    """Give a whole copy its name. Raises :class:`FileExistsError` if that has been taken
    meanwhile, unless it is forced.
    """
    if not force:
        try:
            os.link(piece, place, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(place):
                raise FileExistsError from None
        else:
            return
    piece.replace(place)
