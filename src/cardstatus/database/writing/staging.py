"""Holds the rows of files in temporary tables, and merges them into the database.

Files that follow each other are merged together, some hundred thousand events at a time, since
each merge goes through most pages of the table however few its events are. Held files are numbered
import sqlite3
from 1 in the order in which they came. Transactions are the caller's.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cardstatus.database.schema.forms import keep_aliases
from cardstatus.model.records import EventType
from cardstatus.model.reports import Counts, Outcome
from cardstatus.rules import ordering
from cardstatus.rules.spelling import Form

from ..schema.views import same_event
from .packing import INCOMING, INCOMING_PROBLEM, PackedEvents, Tally
from .turning_away import turn_away

ENOUGH: Final = 500_000
"""Rows that are merged at a time, some seconds of work; with more little is gained."""

_HELD: Final = ("incoming", "incoming_problem")
_TABLES: Final = (
    # Held rows are of no use after an error: no journal.
    "PRAGMA temp.journal_mode = OFF",
    f"CREATE TEMP TABLE incoming {INCOMING}",
    f"CREATE TEMP TABLE incoming_problem {INCOMING_PROBLEM}",
    # The number of the row's file.
    "ALTER TABLE temp.incoming ADD COLUMN file INTEGER",
    "ALTER TABLE temp.incoming_problem ADD COLUMN file INTEGER",
    # The file of each row of a merge that is no new event.
    "CREATE TEMP TABLE again (source INTEGER)",
    "ATTACH ':memory:' AS packed",
)

_COLUMNS: Final = ordering.columns(ordering.IDENTITY)

# An event of two files belongs to the first one, and an event of two lines to the first line. The
# others are its sightings: on conflict the trigger keeps the row there, and no update takes place.
# So nothing is looked for twice, and what is not repeated costs nothing.
_MERGE_EVENTS: Final = f"""
    INSERT INTO event ({_COLUMNS}, zoned, source, line)
    SELECT {_COLUMNS}, zoned, :base + file, line FROM temp.incoming
    WHERE true ORDER BY {_COLUMNS}, file, line
    ON CONFLICT ({_COLUMNS}) DO UPDATE SET
        zoned = excluded.zoned, source = excluded.source, line = excluded.line
"""
_KEEP_SIGHTINGS: Final = f"""
    CREATE TEMP TRIGGER keep_sightings BEFORE UPDATE OF source, line ON main.event BEGIN
        INSERT INTO sighting ({_COLUMNS}, source, line, zoned)
        VALUES ({ordering.columns((*ordering.IDENTITY, "source", "line", "zoned"), "NEW")});
        INSERT INTO again VALUES (NEW.source);
        SELECT raise(IGNORE);
    END
"""
# The same event may come once with its zone written and once without. That it was written holds,
# whichever came first (rule 2); 2 tells that the first did not write it.
_MERGE_ZONED: Final = f"""
    UPDATE event SET zoned = 2
    FROM temp.incoming AS again
    WHERE event.zoned = 0 AND again.zoned = 1 AND {same_event("event", "again")}
"""
_MERGE_MOBILES: Final = """
    INSERT INTO card_mobile (mobile, card_id)
    SELECT mobile, card_id FROM temp.incoming
    WHERE mobile <> '' AND instr(mobile, ' ') = 0 ORDER BY mobile, card_id
    ON CONFLICT (mobile, card_id) DO NOTHING
"""
# A cell that gave several numbers has them parted by a blank: the card is found by each.
_MERGE_SEVERAL_MOBILES: Final = """
    INSERT INTO card_mobile (mobile, card_id)
    SELECT number.value, card_id
    FROM temp.incoming, json_each('["' || replace(mobile, ' ', '","') || '"]') AS number
    WHERE instr(mobile, ' ') > 0 ORDER BY number.value, card_id
    ON CONFLICT (mobile, card_id) DO NOTHING
"""
_MERGE_PROBLEMS: Final = """
    INSERT INTO problem (source, line, severity, field, reason, detail, raw)
    SELECT :base + file, line, severity, field, reason, detail, raw FROM temp.incoming_problem
    ORDER BY file, line, rowid
"""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that is held, and what is stored of it besides its rows."""

    name: str
    """As the user would write it."""
    path: str
    """Absolute."""
    sha256: str
    size: int
    """Bytes on disk."""
    type: EventType | None
    """None if each row has its own."""
    ingested_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    tally: Tally
    encoding: str
    """How its bytes were read."""
    dates: str | None = None
    """The order of its dates, if the user declared it."""
    replaces: tuple[int, ...] = ()
    """The numbers of the files whose place it takes."""
    partner: str = ""
    """Whose it is; "" for nobody's."""
    error: str | None = None
    """Why the file stays out, if it does: all its rows are rejected, only its problems go in."""

    @property
    def outcome(self) -> Outcome:
        """The file's outcome."""
        return Outcome.FAILED if self.error else Outcome.INGESTED

    def counts(self, new: int, erased: int) -> Counts:
        """Return its counts; ``erased``: rows that were turned away."""
        tally, kept = self.tally, 0 if self.error else self.tally.events
        again = kept - new - erased
        return Counts(tally.rows, new, again, tally.rows - kept, tally.warnings, erased)


def make_tables(db: sqlite3.Connection) -> None:
    """Make the temporary tables of a connection."""
    for statement in _TABLES:
        db.execute(statement)


def hold(db: sqlite3.Connection, piece: PackedEvents, file: int) -> None:
    """Set a piece of a file aside; ``file`` is its number."""
    db.deserialize(piece.content, name="packed")
    for table in _HELD:
        db.execute(f"INSERT INTO temp.{table} SELECT *, :file FROM packed.{table}", {"file": file})


def drop(db: sqlite3.Connection, file: int) -> None:
    """Forget the held rows of one file; ``file`` is its number."""
    for table in _HELD:
        _forget(db, table, {file})


def clear(db: sqlite3.Connection) -> None:
    """Forget all held rows."""
    for table in _HELD:
        db.execute(f"DELETE FROM temp.{table}")


def merge(
    db: sqlite3.Connection, files: Sequence[StagedFile | None], base: int
) -> tuple[dict[int, int], Counter[int]]:
    """Store the held rows, and return by file number how many events were new, and how many rows
    were turned away since their card is erased.

    ``files`` are all held files; None in place of one stores nothing of it. The caller has stored
    their sources, whose numbers are those of the files plus ``base``.
    """
    numbered = {number: file for number, file in enumerate(files, 1) if file}
    taken = {number: file for number, file in numbered.items() if not file.error}
    everything = set(range(1, len(files) + 1))
    _forget(db, "incoming_problem", everything - numbered.keys())
    _forget(db, "incoming", everything - taken.keys())
    away = turn_away(db)
    db.execute(_MERGE_PROBLEMS, {"base": base})
    new = _merge_events(db, taken, base, away)
    db.execute(_MERGE_MOBILES)
    if any(file.tally.warnings for file in taken.values()):  # as such a cell is one
        db.execute(_MERGE_SEVERAL_MOBILES)
    counts = sum((Counter(file.tally.forms) for file in taken.values()), Counter[Form]())
    keep_aliases(db, counts, "temp.incoming")
    return new, away


def _forget(db: sqlite3.Connection, table: str, files: Collection[int]) -> None:
    if files:
        listed = ", ".join(map(str, sorted(files)))
        db.execute(f"DELETE FROM temp.{table} WHERE file IN ({listed})")


def _merge_events(
    db: sqlite3.Connection, files: Mapping[int, StagedFile], base: int, away: Mapping[int, int]
) -> dict[int, int]:
    db.execute(_KEEP_SIGHTINGS)
    db.execute(_MERGE_EVENTS, {"base": base})
    db.execute("DROP TRIGGER temp.keep_sightings")  # for sources and lines do change in an undo
    # With RETURNING, an event costs 0.5 µs more.
    again = dict(
        db.execute("SELECT source - :base, count(*) FROM temp.again GROUP BY 1", {"base": base})
    )
    db.execute("DELETE FROM temp.again")
    zoned = {
        int(kind)
        for file in files.values()
        if file.tally.events > file.tally.zoneless
        for kind in ([file.type] if file.type else EventType)
    }
    if again and _had_zoneless(db, zoned):
        db.execute(_MERGE_ZONED)
    return {
        number: file.tally.events - away.get(number, 0) - again.get(number, 0)
        for number, file in files.items()
    }


def _had_zoneless(db: sqlite3.Connection, types: Collection[int]) -> bool:
    """Tell whether an event of one of these types may have been stored without its zone."""
    (found,) = db.execute(
        f"""
        SELECT EXISTS (
            SELECT 1 FROM source
            WHERE zoneless > 0 AND (type IS NULL OR type IN ({", ".join("?" * len(types))}))
        )
        """,
        list(types),
    ).fetchone()
    return bool(found)
