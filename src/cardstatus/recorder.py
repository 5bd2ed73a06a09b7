"""The door to the database for ingest: a file's events and problems go in together or not at all.

A file is first *staged* in temporary tables, without any lock, then *merged* in one short
transaction; readers see it whole or not.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from . import ordering, schema
from .database import connect_or_create, holds_something, read_settings, translated
from .errors import DatabaseError
from .model import Counts, EventType, Outcome, Problem, Settings
from .runs import INCOMING, INCOMING_PROBLEM, Run

_CACHE_KIB: Final = 32_768
"""Page cache, and the memory SQLite sorts in before it uses a temporary file."""

_PAGE_SIZE: Final = 8_192

_STAGING: Final = (
    # What is staged is of no use after an error, and dropping it need not be journalled.
    "PRAGMA temp.journal_mode = OFF",
    f"CREATE TEMP TABLE incoming {INCOMING}",
    f"CREATE TEMP TABLE incoming_problem {INCOMING_PROBLEM}",
    "ATTACH ':memory:' AS run",
)

_COLUMNS: Final = ordering.columns(ordering.IDENTITY)

_MERGE_EVENTS: Final = f"""
    INSERT INTO event ({_COLUMNS}, zoned, source, line)
    SELECT {_COLUMNS}, zoned, :source, line FROM temp.incoming
    WHERE true ORDER BY {_COLUMNS}, line
    ON CONFLICT ({_COLUMNS}) DO NOTHING
"""
# The same event once with its zone written and once without: that it was written holds, whichever
# came first (rule 2).
_MERGE_ZONED: Final = f"""
    UPDATE event SET zoned = 1
    FROM temp.incoming AS again
    WHERE event.zoned = 0 AND again.zoned = 1
    AND ({ordering.columns(ordering.IDENTITY, "event")})
        = ({ordering.columns(ordering.IDENTITY, "again")})
"""
_MERGE_MOBILES: Final = """
    INSERT INTO card_mobile (mobile, card_id)
    SELECT mobile, card_id FROM temp.incoming
    WHERE mobile <> '' ORDER BY mobile, card_id
    ON CONFLICT (mobile, card_id) DO NOTHING
"""
_MERGE_ALIASES: Final = """
    INSERT INTO card_alias (folded, card_id)
    SELECT upper(replace(card_id, ' ', '')), card_id FROM temp.incoming
    WHERE card_id GLOB '*[a-z ]*' ORDER BY 1, 2
    ON CONFLICT (folded, card_id) DO NOTHING
"""
_MERGE_PROBLEMS: Final = """
    INSERT INTO problem (source, line, severity, field, reason, detail, raw)
    SELECT :source, line, severity, field, reason, detail, raw FROM temp.incoming_problem
    ORDER BY line, rowid
"""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What is stored of a file besides its events."""

    name: str
    path: str
    """Absolute."""
    sha256: str
    size: int
    type: EventType
    ingested_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""


@dataclass(slots=True)
class Staged:
    """What has been staged of a file so far."""

    events: int = 0
    zoneless: int = 0
    rejected: int = 0
    warnings: int = 0
    month_first: int = 0
    first_rejected: Problem | None = None
    has_aliases: bool = False

    def add(self, run: Run) -> None:
        """Count one more run, that follows the others in the file."""
        self.events += run.events
        self.zoneless += run.zoneless
        self.rejected += run.rejected
        self.warnings += run.warnings
        self.month_first += run.month_first
        self.first_rejected = self.first_rejected or run.first_rejected
        self.has_aliases = self.has_aliases or run.has_aliases


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a stored file counted."""

    counts: Counts
    zoneless: int


class Recorder:
    """A database opened for ingest."""

    def __init__(self, path: Path, connection: sqlite3.Connection, settings: Settings) -> None:
        self._path = path
        # Plugins of sqlite-utils that happen to be installed are none of ours.
        self._db = Database(connection, execute_plugins=False)
        self._settings = settings
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        for statement in _STAGING:
            self._db.execute(statement)

    @classmethod
    @contextmanager
    def open(cls, path: Path, settings: Settings, *, dry_run: bool) -> Iterator["Recorder"]:
        """Open the database, creating it if there is none, for the length of the block.

        A dry run changes nothing and creates nothing. Raises :class:`DatabaseError`.
        """
        with translated(path):
            if dry_run and not holds_something(path):
                connection = sqlite3.connect(":memory:", isolation_level=None)
            else:
                connection = connect_or_create(path)
            try:
                recorder = cls(path, connection, settings)
                recorder._prepare(dry_run=dry_run)
                yield recorder
            finally:
                # What a dry run did is in a transaction that nobody commits.
                connection.close()

    def _prepare(self, *, dry_run: bool) -> None:
        if dry_run:
            self._db.execute("BEGIN IMMEDIATE")
            schema.migrate(self._db)
            return
        # Bulk loads take a fifth less than with pages of 4 KiB. Of use in a new file only.
        self._db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        # Readers go on reading while a file is merged.
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit survives the end of the process; after a power cut the last ones may be gone,
        # whole files at a time.
        self._db.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version < schema.SCHEMA_VERSION:
            with self._transaction():
                schema.migrate(self._db)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Hold the write lock for the block; commit at its end, or leave no trace.

        Immediate, for a deferred transaction that turns to writing fails at once if another
        process has written, however long the time-out.
        """
        with translated(self._path):
            if self._db.conn.in_transaction:
                with self._db.atomic():
                    yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise

    def known(self, sha256: str, event_type: EventType) -> Recorded | None:
        """Return what a file with this content counted when it was ingested, None if it was not."""
        row = self._db.execute(
            """
            SELECT rows, new, duplicates, rejected, warnings, zoneless FROM source
            WHERE sha256 = :sha256 AND type = :type AND outcome = 'ingested'
            ORDER BY id
            """,
            {"sha256": sha256, "type": int(event_type)},
        ).fetchone()
        return Recorded(Counts(*row[:5]), row[5]) if row else None

    def clear_stage(self) -> None:
        """Forget what a file that was not merged has staged."""
        self._db.execute("DELETE FROM temp.incoming")
        self._db.execute("DELETE FROM temp.incoming_problem")

    def stage(self, run: Run) -> None:
        """Set a run of the current file aside."""
        with translated(self._path):
            self._db.conn.deserialize(run.packed, name="run")
            self._db.execute("INSERT INTO temp.incoming SELECT * FROM run.incoming")
            self._db.execute("INSERT INTO temp.incoming_problem SELECT * FROM run.incoming_problem")

    def merge(self, record: SourceRecord, staged: Staged, outcome: Outcome) -> Counts | None:
        """Put the staged file into the database and return its counts.

        With ``outcome`` failed only its problems go in, and all its rows count as rejected.
        Returns None, and changes nothing, if another process has ingested it in the meantime.
        """
        with self._transaction():
            if outcome is Outcome.INGESTED:
                self._fix_settings()
            if self.known(record.sha256, record.type):
                return None
            self._forget_failure(record)
            source = self._insert_source(record, outcome, staged)
            self._db.execute(_MERGE_PROBLEMS, {"source": source})
            new, kept = 0, 0
            if outcome is Outcome.INGESTED:
                new, kept = self._merge_events(source, staged), staged.events
            rows = staged.events + staged.rejected
            counts = Counts(rows, new, kept - new, rows - kept, staged.warnings)
            self._set_counts(source, counts)
            return counts

    def _merge_events(self, source: int, staged: Staged) -> int:
        new = self._db.execute(_MERGE_EVENTS, {"source": source}).rowcount
        if new < staged.events > staged.zoneless and self._zoneless_of_type(source):
            self._db.execute(_MERGE_ZONED)
        self._db.execute(_MERGE_MOBILES)
        if staged.has_aliases:
            self._db.execute(_MERGE_ALIASES)
        return new

    def _zoneless_of_type(self, source: int) -> bool:
        """Tell whether an event of this file's type may have been stored without its zone."""
        (found,) = self._db.execute(
            """
            SELECT EXISTS (
                SELECT 1 FROM source JOIN source AS this ON this.type = source.type
                WHERE this.id = :source AND source.zoneless > 0
            )
            """,
            {"source": source},
        ).fetchone()
        return bool(found)

    def _fix_settings(self) -> None:
        """Fix zone and country code with the first file; refuse if another process chose others."""
        for name, value in asdict(self._settings).items():
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

    def _insert_source(self, record: SourceRecord, outcome: Outcome, staged: Staged) -> int:
        """Insert the file with the counts that are known before its events are merged."""
        columns = {
            **asdict(record),
            "type": int(record.type),
            "outcome": outcome.value,
            "zoneless": staged.zoneless,
            "warnings": staged.warnings,
        }
        cursor = self._db.execute(
            """
            INSERT INTO source (
                name, path, sha256, size, type, outcome, ingested_at,
                rows, new, duplicates, rejected, warnings, zoneless
            ) VALUES (
                :name, :path, :sha256, :size, :type, :outcome, :ingested_at,
                0, 0, 0, 0, :warnings, :zoneless
            )
            """,
            columns,
        )
        if cursor.lastrowid is None:
            raise AssertionError("an INSERT has a row id")
        return cursor.lastrowid

    def _set_counts(self, source: int, counts: Counts) -> None:
        self._db.execute(
            """
            UPDATE source
            SET rows = :rows, new = :new, duplicates = :duplicates, rejected = :rejected
            WHERE id = :source
            """,
            {"source": source, **asdict(counts)},
        )
