"""A database that is changed over one connection: opened, brought up to date, and locked while it
is written to.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Self

from cardstatus.errors import DatabaseError
from cardstatus.model.records import Settings

from .. import settled
from ..connection import (
    has_current_schema,
    holds_something,
    is_new,
    make_writable,
    opened,
    opened_in_memory,
    settings_of,
)
from ..files import Identity, identity_of
from ..reading.standing import StandingFiles
from ..reading.store import Store
from ..schema.migrations import migrate
from ..schema.version import lacks_types, refuse_unknown_types
from .waiting import empty_wal, patiently

_CACHE_KIB: Final = 16_384
"""Page cache, and the memory SQLite sorts in before it uses a temporary file. With twice as much a
load of 2.5 or 10 million rows takes as long, and 60 MB more."""

_PAGE_SIZE: Final = 8_192


class Session:
    """A database opened to be changed, which only reads until there is something to write."""

    def __init__(
        self, path: Path, stack: ExitStack, *, dry_run: bool, on_wait: Callable[[], None]
    ) -> None:
        self._path = path
        self._stack = stack
        self._dry_run = dry_run
        self._on_wait = on_wait
        self._connection: sqlite3.Connection | None = None
        """None while there is no database."""
        self._store: Store | None = None
        """None while there are no tables, or older ones."""
        self._writing: sqlite3.Connection | None = None
        """None until something is to be written."""
        self._identity: Identity | None = None
        """Which file is written to."""

    @classmethod
    @contextmanager
    def open(
        cls, path: Path, *, dry_run: bool = False, on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[Self]:
        """Open the database for the length of the block; make it when something is to be written.

        A dry run changes nothing and makes nothing. ``on_wait`` is called when another process
        that is writing keeps this one waiting. Raises :class:`DatabaseError`.
        """
        with ExitStack() as stack:
            session = cls(path, stack, dry_run=dry_run, on_wait=on_wait)
            if holds_something(path):
                session._identity = identity_of(path)
                session._connection = stack.enter_context(opened(path, to_ingest=True))
                if has_current_schema(session._connection):
                    # In no transaction, which would see one state of the database for as long as
                    # the run takes.
                    session._store = Store(path, session._connection)
            yield session

    def settings(self) -> Settings | None:
        """Return what the first ingest fixed, None if there was none yet."""
        return settings_of(self._connection) if self._connection else None

    def partners(self) -> dict[str, str]:
        """Return what the first file of each partner has fixed, by name."""
        if self._connection is None or is_new(self._connection):
            return {}
        return settled.partners_of(self._connection)

    @property
    def standing(self) -> StandingFiles | None:
        """The files that stand; None while there are no tables, or older ones."""
        return StandingFiles(self._connection) if self._store and self._connection else None

    def update_schema(self) -> None:
        """Bring older tables up to date, even if there is nothing to take in."""
        if self._connection and not self._store and not is_new(self._connection):
            self._begin_writing()

    def take_wal_in(self) -> bool:
        """Put the WAL into the database file; return False if a reader, or the disk, is in the way.

        Then a plain copy of the file has all that is committed, and no WAL is left that could be
        taken for another file's.
        """
        if self._writing is None or self._dry_run:
            return True
        self._check_in_place()
        return empty_wal(self._writing)

    def roll_back(self) -> None:
        """Undo changes that an interrupt has left uncommitted."""
        if self._connection:
            self._connection.rollback()

    def _check_in_place(self) -> None:
        """Raise :class:`DatabaseError` if another file has the name of the one written to.

        SQLite would take the WAL, which goes by the name, for that of the other file, and ruin it.
        """
        if self._writing is None or self._dry_run or identity_of(self._path) == self._identity:
            return
        self._writing.rollback()
        empty_wal(self._writing)
        raise DatabaseError(
            f"{self._path} was replaced or removed during the run, and what was taken in went with "
            "the old file; run the same command again"
        )

    @property
    def _db(self) -> sqlite3.Connection:
        return self._writing or self._begin_writing()

    def _begin_writing(self) -> sqlite3.Connection:
        db = self._connection = self._writable_connection()
        self._identity = self._identity or identity_of(self._path)
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._make_temporary_tables(db)
        self._prepare(db)
        self._store = Store(self._path, db)
        self._writing = db
        return db

    def _make_temporary_tables(self, db: sqlite3.Connection) -> None:
        """Make what a session needs beside the database's own tables."""

    def _writable_connection(self) -> sqlite3.Connection:
        if self._connection and make_writable(self._connection):
            return self._connection
        if self._dry_run and not holds_something(self._path):
            return self._stack.enter_context(opened_in_memory(self._path))
        return self._stack.enter_context(opened(self._path, writable=True))

    def _prepare(self, db: sqlite3.Connection) -> None:
        if self._dry_run:
            # The changes of a dry run are in a transaction that is never committed.
            self._begin(db)
            migrate(db)
            refuse_unknown_types(db, self._path)
            return
        # Bulk loads take a fifth less than with pages of 4 KiB. Counts in a new file only.
        db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        # Readers go on reading while a file is merged.
        patiently(db, "PRAGMA journal_mode = WAL", self._on_wait)
        # What is committed is on disk: whoever reads that a file is in may move it away. One sync
        # a merge, 0.1 % of a bulk load.
        db.execute("PRAGMA synchronous = FULL")
        if not has_current_schema(db) or lacks_types(db):
            with self._transaction(db):
                migrate(db)
                refuse_unknown_types(db, self._path)

    def _begin(self, db: sqlite3.Connection) -> None:
        # Immediate: a deferred transaction that turns to writing fails at once if another process
        # has written, however long the time-out.
        patiently(db, "BEGIN IMMEDIATE", self._on_wait)

    @contextmanager
    def _transaction(self, db: sqlite3.Connection) -> Iterator[None]:
        """Hold the write lock for the block; commit at its end, or leave no trace."""
        if db.in_transaction:
            with _savepoint(db):
                yield
            return
        self._begin(db)
        try:
            yield
            db.commit()
        except BaseException:
            db.rollback()
            raise


@contextmanager
def _savepoint(db: sqlite3.Connection) -> Iterator[None]:
    """Undo what the block has changed if it fails, and nothing of the transaction around it."""
    db.execute("SAVEPOINT block")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # some errors of SQLite end the whole
            db.execute("ROLLBACK TO block")
            db.execute("RELEASE block")
        raise
    db.execute("RELEASE block")
