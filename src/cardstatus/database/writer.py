"""The door to the database for ingest: a file's events and problems go in together or not at all.

Files are first *staged*, without any lock, then *merged* in one short transaction; readers see
each whole or not. Owns the transactions and the table of sources.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from cardstatus.errors import DatabaseError
from cardstatus.model.records import EventType, Settings, StatusChange
from cardstatus.model.reports import Counts, Outcome, Recorded
from cardstatus.rules import ordering

from . import schema
from .connection import (
    holds_something,
    opened,
    patiently,
    read_settings,
    refuse_unknown_types,
)
from .packing import Run
from .sqlite_errors import translated
from .staging import Group, SourceRecord, Staged, StagedFile
from .store import Store

_CACHE_KIB: Final = 16_384
"""Page cache, and the memory SQLite sorts in before it uses a temporary file. With twice as much a
load of 2.5 or 10 million rows takes as long, and 60 MB more."""

_PAGE_SIZE: Final = 8_192


class Recorder:
    """A database opened for ingest."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        settings: Settings,
        on_wait: Callable[[], None],
    ) -> None:
        self._path = path
        self._on_wait = on_wait
        # Plugins of sqlite-utils that happen to be installed are none of ours.
        self._db = Database(connection, execute_plugins=False)
        self._settings = settings
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._group = Group(self._db)
        self._known_before = 0

    @classmethod
    @contextmanager
    def open(
        cls,
        path: Path,
        settings: Settings,
        *,
        dry_run: bool,
        on_wait: Callable[[], None] = lambda: None,
    ) -> Iterator["Recorder"]:
        """Open the database, creating it if there is none, for the length of the block.

        A dry run changes nothing and creates nothing. ``on_wait`` is called when another process
        that is writing keeps this one waiting. Raises :class:`DatabaseError`.
        """
        if dry_run and not holds_something(path):
            opening = _in_memory(path)
        else:
            opening = opened(path, writable=True)
        # What a dry run did is in a transaction that nobody commits.
        with opening as connection:
            recorder = cls(path, connection, settings, on_wait)
            recorder._prepare(dry_run=dry_run)
            recorder._known_before = recorder._last_source()
            yield recorder

    def _prepare(self, *, dry_run: bool) -> None:
        if dry_run:
            self._begin()
            schema.migrate(self._db)
            refuse_unknown_types(self._db.conn, self._path)
            return
        # Bulk loads take a fifth less than with pages of 4 KiB. Of use in a new file only.
        self._db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        # Readers go on reading while a file is merged.
        patiently(self._db.conn, "PRAGMA journal_mode = WAL", self._on_wait)
        # A commit survives the end of the process; after a power cut the last ones may be gone,
        # whole files at a time.
        self._db.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version < schema.SCHEMA_VERSION or schema.lacks_types(self._db.conn):
            with self._transaction():
                schema.migrate(self._db)
                refuse_unknown_types(self._db.conn, self._path)

    def _begin(self) -> None:
        # Immediate, for a deferred transaction that turns to writing fails at once if another
        # process has written, however long the time-out.
        patiently(self._db.conn, "BEGIN IMMEDIATE", self._on_wait)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Hold the write lock for the block; commit at its end, or leave no trace."""
        with translated(self._path):
            if self._db.conn.in_transaction:
                with self._db.atomic():
                    yield
                return
            self._begin()
            try:
                yield
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise

    def recorded(self, sha256: str, event_type: EventType) -> Recorded | None:
        """Return what a file with this content counted when it was ingested, None if it was not."""
        return Store(self._path, self._db.conn).recorded(sha256, event_type)

    def stage(self, run: Run) -> None:
        """Set a run of the current file aside."""
        with translated(self._path):
            self._group.stage(run)

    def drop_file(self) -> None:
        """Forget the current file."""
        with translated(self._path):
            self._group.drop_current()

    def end_file(self, record: SourceRecord, staged: Staged, outcome: Outcome) -> bool:
        """Keep the current file for the next merge, and tell whether it is time for that."""
        self._group.end_current(record, staged, outcome)
        return self._group.is_large

    def merge(self) -> list[Counts | None]:
        """Put the files that are waiting into the database, all of them, and return their counts.

        None stands for a file that another process, or the same run, has ingested before.
        """
        with self._transaction():
            if any(file.outcome is Outcome.INGESTED for file in self._group.files):
                self._fix_settings()
            counts = self._merge()
        self._group.clear()
        return counts

    def changes(self) -> tuple[StatusChange, ...]:
        """Return the cards whose status is another than when the database was opened, by card id.

        Goes through all events, so it is for a dry run only.
        """
        # Only where a new event decides can the status be another.
        rows = self._db.execute(
            f"""
            SELECT card_id, before.status, after.status
            FROM (
                SELECT card_id, type AS now_type, (
                    SELECT type FROM event AS known
                    WHERE known.card_id = event.card_id AND source <= :known_before
                    ORDER BY {ordering.descending(ordering.KEY)} LIMIT 1
                ) AS known_type
                FROM event WHERE source > :known_before AND {schema.GREATEST}
            )
            JOIN event_type AS after ON after.id = now_type
            LEFT JOIN event_type AS before ON before.id = known_type
            WHERE known_type IS NOT now_type ORDER BY card_id
            """,
            {"known_before": self._known_before},
        )
        return tuple(map(StatusChange._make, rows))

    def _last_source(self) -> int:
        (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM source").fetchone()
        return int(last)

    def _merge(self) -> list[Counts | None]:
        base = self._last_source()
        files = []
        for file in self._group.files:
            if not self.recorded(file.record.sha256, file.record.type):
                self._forget_failure(file.record)
                self._insert_source(base + file.number, file)
                files.append(file)
        new = self._group.merge(files, base)
        counts: list[Counts | None] = [None] * len(self._group.files)
        for file in files:
            counted = _counts(file, new.get(file.number, 0))
            self._set_counts(base + file.number, counted)
            counts[file.number - 1] = counted
        return counts

    def _fix_settings(self) -> None:
        """Fix zone and country code with the first file; refuse if another process chose others."""
        for name, value in self._settings._asdict().items():
            self._db.execute(
                """
                INSERT INTO setting (name, value) VALUES (:name, :value)
                ON CONFLICT (name) DO NOTHING
                """,
                {"name": name, "value": value},
            )
        if read_settings(self._db.conn) != self._settings:
            raise DatabaseError(
                f"{self._path}: another ingest has just fixed another zone or country code; "
                "see 'cardstatus ingest --help' on --timezone"
            )

    def _forget_failure(self, record: SourceRecord) -> None:
        """Remove the record of an earlier, failed attempt at this file."""
        key = {"sha256": record.sha256, "type": int(record.type)}
        self._db.execute(
            """
            DELETE FROM problem WHERE source IN (
                SELECT id FROM source WHERE sha256 = :sha256 AND type = :type
            )
            """,
            key,
        )
        self._db.execute("DELETE FROM source WHERE sha256 = :sha256 AND type = :type", key)

    def _insert_source(self, source: int, file: StagedFile) -> None:
        """Insert the file with the counts that are known before its events are merged."""
        self._check_type(file.record.type)
        self._db.execute(
            """
            INSERT INTO source (
                id, name, path, sha256, size, type, outcome, ingested_at,
                rows, new, duplicates, rejected, warnings, zoneless
            ) VALUES (
                :id, :name, :path, :sha256, :size, :type, :outcome, :ingested_at,
                0, 0, 0, 0, :warnings, :zoneless
            )
            """,
            {
                **asdict(file.record),
                "id": source,
                "type": int(file.record.type),
                "outcome": file.outcome.value,
                "zoneless": file.staged.zoneless,
                "warnings": file.staged.warnings,
            },
        )

    def _check_type(self, kind: EventType) -> None:
        """Raise :class:`DatabaseError` for a type without a row: no view would show its events."""
        if (int(kind), kind.word) not in schema.stored_types(self._db.conn):
            raise DatabaseError(
                f"{self._path}: another program has removed the type {kind.word} from the table "
                "event_type; run the same command again"
            )

    def _set_counts(self, source: int, counts: Counts) -> None:
        self._db.execute(
            """
            UPDATE source
            SET rows = :rows, new = :new, duplicates = :duplicates, rejected = :rejected
            WHERE id = :source
            """,
            {"source": source, **asdict(counts)},
        )


@contextmanager
def _in_memory(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that is nowhere; ``path`` is where it would be."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with closing(connection), translated(path, connection):
        yield connection


def _counts(file: StagedFile, new: int) -> Counts:
    staged = file.staged
    rows = staged.events + staged.rejected
    kept = staged.events if file.outcome is Outcome.INGESTED else 0
    return Counts(rows, new, kept - new, rows - kept, staged.warnings)
