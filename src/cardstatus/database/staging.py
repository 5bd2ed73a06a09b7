"""Between files and tables: what has been read is first staged, then merged into the database.

Files that follow each other are merged together, some hundred thousand events at a time, since
each merge goes through most pages of the table however few its events are. Owns the SQL of both;
transactions are the caller's.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cardstatus.model.problems import Problem
from cardstatus.model.records import EventType
from cardstatus.model.reports import Outcome
from cardstatus.rules import ordering

from .packing import INCOMING, INCOMING_PROBLEM, Run

if TYPE_CHECKING:
    from sqlite_utils import Database

ENOUGH: Final = 500_000
"""Rows from which on merging more of them at a time gains little; some seconds of work."""

_TABLES: Final = (
    # What is staged is of no use after an error, and dropping it need not be journalled.
    "PRAGMA temp.journal_mode = OFF",
    f"CREATE TEMP TABLE incoming {INCOMING}",
    f"CREATE TEMP TABLE incoming_problem {INCOMING_PROBLEM}",
    # Which file of the group a row is of.
    "ALTER TABLE temp.incoming ADD COLUMN file INTEGER",
    "ALTER TABLE temp.incoming_problem ADD COLUMN file INTEGER",
    "ATTACH ':memory:' AS run",
)

_COLUMNS: Final = ordering.columns(ordering.IDENTITY)

# An event that two files give is the first one's, and one that a file gives twice the first
# line's.
_MERGE_EVENTS: Final = f"""
    INSERT INTO event ({_COLUMNS}, zoned, source, line)
    SELECT {_COLUMNS}, zoned, :base + file, line FROM temp.incoming
    WHERE true ORDER BY {_COLUMNS}, file, line
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
    SELECT :base + file, line, severity, field, reason, detail, raw FROM temp.incoming_problem
    ORDER BY file, line, rowid
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

    def why_failed(self, *, strict: bool) -> str | None:
        """Say why the file as a whole must stay out; None if it need not."""
        first, rejected = self.first_rejected, self.rejected
        if first is None or (self.events and not strict):
            return None
        rows = self.events + rejected
        what = f"{rejected:,} of {rows:,} rows rejected and --strict takes all or nothing"
        if not self.events:
            what = "every row is rejected" if rows > 1 else "its only row is rejected"
        return f"{what}; the first is line {first.line}: {first.detail} (see 'cardstatus problems')"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file all of which is staged."""

    number: int
    """Of the file in its group, from 1."""
    record: SourceRecord
    staged: Staged
    outcome: Outcome
    """With FAILED only its problems go in, and all its rows count as rejected."""


class Group:
    """The files that are staged in one database, to be merged together."""

    def __init__(self, db: "Database") -> None:
        self.files: list[StagedFile] = []
        self._is_current_begun = False
        self._db = db
        for statement in _TABLES:
            db.execute(statement)

    @property
    def is_large(self) -> bool:
        """Whether it is time to merge."""
        return sum(file.staged.events + file.staged.rejected for file in self.files) >= ENOUGH

    def stage(self, run: Run) -> None:
        """Set a run of the current file aside."""
        self._is_current_begun = True
        file = {"file": len(self.files) + 1}
        self._db.conn.deserialize(run.packed, name="run")
        self._db.execute("INSERT INTO temp.incoming SELECT *, :file FROM run.incoming", file)
        self._db.execute(
            "INSERT INTO temp.incoming_problem SELECT *, :file FROM run.incoming_problem", file
        )

    def drop_current(self) -> None:
        """Forget what is staged of the current file."""
        if self._is_current_begun:
            for table in ("incoming", "incoming_problem"):
                self._forget(table, [len(self.files) + 1])
            self._is_current_begun = False

    def end_current(self, record: SourceRecord, staged: Staged, outcome: Outcome) -> None:
        """Count the current file among the group."""
        self.files.append(StagedFile(len(self.files) + 1, record, staged, outcome))
        self._is_current_begun = False

    def clear(self) -> None:
        """Begin anew, with no files."""
        self.files = []
        self._db.execute("DELETE FROM temp.incoming")
        self._db.execute("DELETE FROM temp.incoming_problem")

    def merge(self, files: Sequence[StagedFile], base: int) -> dict[int, int]:
        """Store what is staged of ``files`` and of no other, and return how many events of each,
        by its number, were new. They are the sources ``base`` + number, which are stored.
        """
        taken = [file for file in files if file.outcome is Outcome.INGESTED]
        self._forget("incoming_problem", self._others(files))
        self._forget("incoming", self._others(taken))
        self._db.execute(_MERGE_PROBLEMS, {"base": base})
        new = self._merge_events(taken, base)
        self._db.execute(_MERGE_MOBILES)
        if any(file.staged.has_aliases for file in taken):
            self._db.execute(_MERGE_ALIASES)
        return new

    def _others(self, files: Sequence[StagedFile]) -> list[int]:
        return sorted({file.number for file in self.files} - {file.number for file in files})

    def _forget(self, table: str, numbers: Sequence[int]) -> None:
        if numbers:
            listed = ", ".join(map(str, numbers))
            self._db.execute(f"DELETE FROM temp.{table} WHERE file IN ({listed})")

    def _merge_events(self, files: Sequence[StagedFile], base: int) -> dict[int, int]:
        new: dict[int, int]
        if len(files) == 1:
            new = {files[0].number: self._db.execute(_MERGE_EVENTS, {"base": base}).rowcount}
        else:
            # 0.4 µs an event, which one large file need not pay.
            rows = self._db.execute(f"{_MERGE_EVENTS} RETURNING source", {"base": base})
            new = {source - base: count for source, count in Counter(s for (s,) in rows).items()}
        again = sum(file.staged.events for file in files) - sum(new.values())
        zoned = {
            int(file.record.type) for file in files if file.staged.events > file.staged.zoneless
        }
        if again and self._had_zoneless(zoned):
            self._db.execute(_MERGE_ZONED)
        return new

    def _had_zoneless(self, types: Collection[int]) -> bool:
        """Tell whether an event of one of these types may have been stored without its zone."""
        (found,) = self._db.execute(
            f"""
            SELECT EXISTS (
                SELECT 1 FROM source
                WHERE zoneless > 0 AND type IN ({", ".join("?" * len(types))})
            )
            """,
            list(types),
        ).fetchone()
        return bool(found)
