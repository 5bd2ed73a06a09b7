"""The database of one run of ingest, over one connection: what it knows, and the way into it.

A file's rows are first *held*, without any lock, then *merged* in one short transaction. So they
go in together or not at all, and readers see a file whole or not. The SQL of both is in
``staging``, the transactions are here.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from cardstatus.errors import DatabaseError
from cardstatus.model.records import EventType, Settings
from cardstatus.model.reports import Counts, FailedFile, FileReport, StatusChange

from .. import search_text
from ..connection import (
    has_current_schema,
    holds_something,
    is_new,
    make_writable,
    opened,
    opened_in_memory,
    read_settings,
    settings_of,
)
from ..files import Identity, identity_of
from ..reading.store import Store
from ..schema.migrations import migrate
from ..schema.version import lacks_types, refuse_missing_type, refuse_unknown_types
from ..sqlite_errors import translated
from . import failures, sources, staging
from .failures import PathAndHash
from .packing import PackedEvents
from .staging import StagedFile
from .waiting import empty_wal, patiently

if TYPE_CHECKING:
    from sqlite_utils import Database

_CACHE_KIB: Final = 16_384
"""Page cache, and the memory SQLite sorts in before it uses a temporary file. With twice as much a
load of 2.5 or 10 million rows takes as long, and 60 MB more."""

_PAGE_SIZE: Final = 8_192


class Writer:
    """A database opened for ingest, which only reads until the first rows are held."""

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
        self._writing: Database | None = None
        """None until something is to be written."""
        self._identity: Identity | None = None
        """Which file is written to."""
        self._known_before = 0
        self._files: list[StagedFile] = []
        self._holds_some = False

    @classmethod
    @contextmanager
    def open(
        cls, path: Path, *, dry_run: bool = False, on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[Self]:
        """Open the database for the length of the block; make it when the first rows are held.

        A dry run changes nothing and makes nothing. ``on_wait`` is called when another process
        that is writing keeps this one waiting. Raises :class:`DatabaseError`.
        """
        with ExitStack() as stack:
            writer = cls(path, stack, dry_run=dry_run, on_wait=on_wait)
            if holds_something(path):
                writer._identity = identity_of(path)
                writer._connection = stack.enter_context(opened(path, to_ingest=True))
                if has_current_schema(writer._connection):
                    # In no transaction, which would see one state of the database for as long as
                    # the run takes.
                    writer._store = Store(path, writer._connection)
            yield writer

    def settings(self) -> Settings | None:
        """Return what the first ingest fixed, None if there was none yet."""
        return settings_of(self._connection) if self._connection else None

    def recorded(self, sha256: str, event_type: EventType) -> FileReport | None:
        """Return the report of the file with this content, None if none has been ingested."""
        return self._store.recorded(sha256, event_type) if self._store else None

    def update_schema(self) -> None:
        """Bring older tables up to date, even if there is nothing to take in."""
        if self._connection and not self._store and not is_new(self._connection):
            self._begin_writing()

    def hold(self, piece: PackedEvents) -> None:
        """Set a piece of the current file aside."""
        self._holds_some = True
        staging.hold(self._db, piece, len(self._files) + 1)

    def drop_file(self) -> None:
        """Forget the current file."""
        if self._holds_some:
            staging.drop(self._db, len(self._files) + 1)
            self._holds_some = False

    def end_file(self, file: StagedFile) -> bool:
        """Keep the current file for the next merge; return whether it is time to merge."""
        self._files.append(file)
        self._holds_some = False
        return sum(file.tally.rows for file in self._files) >= staging.ENOUGH

    def merge(self, settings: Settings) -> list[Counts | None]:
        """Put all held files into the database, and return their counts.

        None stands for a file that another process, or the same run, has ingested before. The
        first file that gets in fixes the settings.
        """
        db = self._db
        with self._transaction(db):
            if not all(file.error for file in self._files):
                self._fix_settings(db, settings)
            counts = self._merge(db)
            self._check_in_place()
        self._check_in_place()
        self._files = []
        staging.clear(db)
        return counts

    def record_failures(self, failed: Sequence[FailedFile], read: Sequence[PathAndHash]) -> None:
        """Put failures on record, and take off what was read. Makes no database for it."""
        if self._connection and self._store:
            with translated(self._path, self._connection):
                if any(failures.news(self._connection, failed, read)):
                    with self._transaction(self._db):
                        failures.change(self._connection, failed, read)

    def take_wal_in(self) -> bool:
        """Put the WAL into the database file; return False if a reader, or the disk, is in the way.

        Then a plain copy of the file has all that is committed, and no WAL is left that could be
        taken for another file's.
        """
        if self._writing is None or self._dry_run:
            return True
        self._check_in_place()
        self._make_search_text(self._writing)
        return empty_wal(self._writing.conn)

    def _make_search_text(self, db: "Database") -> None:
        """Make the text of ``find`` if there is none, and there is room: once after a bulk load."""
        if not search_text.is_made(db.conn):
            with suppress(sqlite3.OperationalError), self._transaction(db):
                search_text.make(db.conn)

    def _check_in_place(self) -> None:
        """Raise :class:`DatabaseError` if another file has the name of the one written to.

        SQLite would take the WAL, which goes by the name, for that of the other file, and ruin it.
        """
        if self._writing is None or self._dry_run or identity_of(self._path) == self._identity:
            return
        self._writing.conn.rollback()
        empty_wal(self._writing.conn)
        raise DatabaseError(
            f"{self._path} was replaced or removed during the run, and what was taken in went with "
            "the old file; run the same command again"
        )

    def changes(self) -> tuple[StatusChange, ...]:
        """Return the cards whose status this run has changed, by card id.

        Only for a dry run: goes through all events.
        """
        if self._store is None or self._writing is None:
            return ()
        return tuple(self._store.changes_since(self._known_before))

    def roll_back(self) -> None:
        """Undo changes that an interrupt has left uncommitted."""
        if self._connection:
            self._connection.rollback()

    @property
    def _db(self) -> "Database":
        return self._writing or self._begin_writing()

    def _begin_writing(self) -> "Database":
        from sqlite_utils import Database  # 75 ms, and a run with nothing new does without

        self._connection = self._writable_connection()
        self._identity = self._identity or identity_of(self._path)
        # Without plugins of sqlite-utils that happen to be installed.
        db = Database(self._connection, execute_plugins=False)
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        staging.make_tables(db)
        self._prepare(db)
        self._store = Store(self._path, self._connection)
        self._known_before = sources.last_number(db)
        self._writing = db
        return db

    def _writable_connection(self) -> sqlite3.Connection:
        if self._connection and make_writable(self._connection):
            return self._connection
        if self._dry_run and not holds_something(self._path):
            return self._stack.enter_context(opened_in_memory(self._path))
        return self._stack.enter_context(opened(self._path, writable=True))

    def _prepare(self, db: "Database") -> None:
        if self._dry_run:
            # The changes of a dry run are in a transaction that is never committed.
            self._begin(db)
            migrate(db)
            refuse_unknown_types(db.conn, self._path)
            return
        # Bulk loads take a fifth less than with pages of 4 KiB. Counts in a new file only.
        db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        # Readers go on reading while a file is merged.
        patiently(db.conn, "PRAGMA journal_mode = WAL", self._on_wait)
        # What is committed is on disk: whoever reads that a file is in may move it away. One sync
        # a merge, 0.1 % of a bulk load.
        db.execute("PRAGMA synchronous = FULL")
        if not has_current_schema(db.conn) or lacks_types(db.conn):
            with self._transaction(db):
                migrate(db)
                refuse_unknown_types(db.conn, self._path)

    def _begin(self, db: "Database") -> None:
        # Immediate: a deferred transaction that turns to writing fails at once if another process
        # has written, however long the time-out.
        patiently(db.conn, "BEGIN IMMEDIATE", self._on_wait)

    @contextmanager
    def _transaction(self, db: "Database") -> Iterator[None]:
        """Hold the write lock for the block; commit at its end, or leave no trace."""
        if db.conn.in_transaction:
            with db.atomic():
                yield
            return
        self._begin(db)
        try:
            yield
            db.commit()
        except BaseException:
            db.rollback()
            raise

    def _fix_settings(self, db: "Database", settings: Settings) -> None:
        """Fix zone and country code with the first file.

        Raises :class:`DatabaseError` if another process has just fixed others.
        """
        for name, value in settings._asdict().items():
            db.execute(
                """
                INSERT INTO setting (name, value) VALUES (:name, :value)
                ON CONFLICT (name) DO NOTHING
                """,
                {"name": name, "value": value},
            )
        if read_settings(db.conn) != settings:
            raise DatabaseError(
                f"{self._path}: another ingest has just fixed another zone or country code; "
                "see 'cardstatus ingest --help' on --timezone"
            )

    def _merge(self, db: "Database") -> list[Counts | None]:
        base = sources.last_number(db)
        files: list[StagedFile | None] = list(self._files)
        for number, held in enumerate(self._files, 1):
            if self.recorded(held.sha256, held.type):
                files[number - 1] = None
            else:
                refuse_missing_type(db.conn, self._path, held.type)
                sources.forget_failure(db, held)
                sources.insert(db, base + number, held)
        new = staging.merge(db, files, base)
        search_text.add_incoming(db.conn, sum(file.tally.events for file in files if file))
        counts: list[Counts | None] = [None] * len(files)
        for number, file in enumerate(files, 1):
            if file:
                counts[number - 1] = counted = _counts(file, new.get(number, 0))
                sources.set_counts(db, base + number, counted)
        return counts


def _counts(file: StagedFile, new: int) -> Counts:
    tally, kept = file.tally, 0 if file.error else file.tally.events
    return Counts(tally.rows, new, kept - new, tally.rows - kept, tally.warnings)
