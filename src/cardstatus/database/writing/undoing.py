"""Takes files out again: what is left is what a database would hold that never saw them.

An event whose first file goes is that of its next sighting; one without is no more. Transactions
are the caller's.
"""

import sqlite3
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from cardstatus.rules import ordering

from ..schema.views import same_event

_COLUMNS: Final = ordering.columns(ordering.IDENTITY)
_IDENTITY: Final = f"({_COLUMNS})"

_TABLES: Final = (
    # The events of which the first file goes.
    f"CREATE TEMP TABLE IF NOT EXISTS leaving ({_COLUMNS}, PRIMARY KEY {_IDENTITY}) WITHOUT ROWID",
    # Their next sightings.
    f"""
    CREATE TEMP TABLE IF NOT EXISTS heir (
        {_COLUMNS}, source, line, zoned, PRIMARY KEY {_IDENTITY}
    ) WITHOUT ROWID
    """,
    # The events of which a row goes that wrote the zone, and the first did not.
    f"CREATE TEMP TABLE IF NOT EXISTS rezoned ({_COLUMNS}, PRIMARY KEY {_IDENTITY}) WITHOUT ROWID",
)

_FIND_LEAVING: Final = """
    INSERT INTO temp.leaving SELECT {columns} FROM main.event WHERE source IN ({sources})
"""
_FIND_REZONED: Final = """
    INSERT INTO temp.rezoned
    SELECT DISTINCT {columns} FROM sighting WHERE source IN ({sources}) AND zoned = 1
"""
_FIND_HEIRS: Final = f"""
    INSERT INTO temp.heir
    SELECT {ordering.columns(ordering.IDENTITY, "next")}, next.source, next.line, next.zoned
    FROM temp.leaving AS leaving CROSS JOIN main.sighting AS next ON {same_event("next", "leaving")}
    WHERE NOT EXISTS (
        SELECT 1 FROM main.sighting AS earlier WHERE {same_event("earlier", "next")}
        AND (earlier.source, earlier.line) < (next.source, next.line)
    )
"""
_HAND_ON: Final = (
    f"""
    UPDATE main.event SET source = heir.source, line = heir.line, zoned = heir.zoned
    FROM temp.heir AS heir WHERE {same_event("event", "heir")}
    """,
    f"""
    DELETE FROM main.sighting
    WHERE ({_COLUMNS}, source, line) IN (SELECT {_COLUMNS}, source, line FROM temp.heir)
    """,
    f"""
    DELETE FROM main.event
    WHERE {_IDENTITY} IN (
        SELECT {_COLUMNS} FROM temp.leaving EXCEPT SELECT {_COLUMNS} FROM temp.heir
    )
    """,
    # For a later sighting may write the zone that the first one does not.
    f"""
    UPDATE main.event SET zoned = 2 * EXISTS (
        SELECT 1 FROM main.sighting WHERE {same_event("sighting", "event")} AND sighting.zoned = 1
    )
    WHERE zoned <> 1 AND {_IDENTITY} IN (
        SELECT {_COLUMNS} FROM temp.heir UNION SELECT {_COLUMNS} FROM temp.rezoned
    )
    """,
    """
    UPDATE main.source SET new = new + inherited, duplicates = duplicates - inherited
    FROM (SELECT source AS number, count(*) AS inherited FROM temp.heir GROUP BY source)
    WHERE source.id = number
    """,
)
# Of the cards of events that are no more: the rest of the database has not changed.
_FORGET: Final = (
    """
    DELETE FROM main.card_mobile
    WHERE (mobile, card_id) IN (
        SELECT number.value, card_id FROM temp.leaving AS leaving,
            json_each('["' || replace(leaving.mobile, ' ', '","') || '"]') AS number
        WHERE leaving.mobile <> ''
    )
    AND NOT EXISTS (
        SELECT 1 FROM main.event WHERE event.card_id = card_mobile.card_id
        AND instr(event.mobile || ' ', card_mobile.mobile || ' ') > 0
    )
    """,
    """
    DELETE FROM main.card_alias
    WHERE (folded, card_id) IN (
        SELECT upper(replace(card_id, ' ', '')), card_id FROM temp.leaving
    )
    AND NOT EXISTS (SELECT 1 FROM main.event WHERE event.card_id = card_alias.card_id)
    """,
)
_KEPT: Final = (
    "id, name, path, sha256, size, type, outcome, ingested_at, rows, new, duplicates, rejected, "
    "warnings, zoneless, encoding, dates, archived, erased, partner"
)


class Undone(NamedTuple):
    """The number of events that went with their files, and of those that others say, too."""

    removed: int
    kept: int


def find_leaving(db: sqlite3.Connection, files: Collection[int]) -> None:
    """Set aside, as ``temp.leaving``, which events some files brought first."""
    for statement in _TABLES:
        db.execute(statement)
    for statement in (_FIND_LEAVING, _FIND_REZONED):
        db.execute(statement.format(columns=_COLUMNS, sources=_listed(files)))


def take_out(db: sqlite3.Connection, files: Mapping[int, int | None], now: int) -> Undone:
    """Take files out, whose events have been set aside: with each, the file that replaces it.

    ``now``: nanoseconds since 1970-01-01T00:00:00Z.
    """
    listed = _listed(files)
    db.execute(f"DELETE FROM sighting WHERE source IN ({listed})")
    kept = db.execute(_FIND_HEIRS).rowcount
    (leaving,) = db.execute("SELECT count(*) FROM temp.leaving").fetchone()
    for statement in (*_HAND_ON, *_FORGET):
        db.execute(statement)
    db.execute(f"DELETE FROM problem WHERE source IN ({listed})")
    for number, successor in files.items():
        db.execute(
            f"""
            INSERT INTO undone ({_KEPT}, undone_at, replaced_by)
            SELECT {_KEPT}, :now, :successor FROM source WHERE id = :number
            """,
            {"number": number, "successor": successor, "now": now},
        )
    db.execute(f"DELETE FROM source WHERE id IN ({listed})")
    for table in ("leaving", "heir", "rezoned"):
        db.execute(f"DELETE FROM temp.{table}")
    return Undone(leaving - kept, kept)


def _listed(numbers: Collection[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
