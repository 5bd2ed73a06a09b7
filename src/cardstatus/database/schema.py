"""The database's tables, views and migrations, and the rows of ``event_type``.

For any SQLite tool there are the views ``card_status`` (one row a card) and ``card_event`` (one
row an event); the tables are laid out for speed.
"""

from typing import TYPE_CHECKING, Final

from cardstatus.errors import DatabaseError
from cardstatus.model.records import EventType
from cardstatus.rules import ordering

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from sqlite_utils import Database

APPLICATION_ID: Final = 0x43535431
"""``PRAGMA application_id`` of our files: ``CST1``."""
SCHEMA_VERSION: Final = 2
"""``PRAGMA user_version``: the number of the newest migration."""

_TABLES = (
    """
    CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY, -- 'timezone' and 'country_code', fixed by the first ingest
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE event_type (
        id INTEGER NOT NULL PRIMARY KEY, -- the stage of the life cycle, as the rule orders it
        type TEXT NOT NULL,
        status TEXT NOT NULL -- what an event of this type means
    ) STRICT
    """,
    """
    CREATE TABLE source (
        id INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL, -- as the user named it
        path TEXT NOT NULL, -- absolute, on the machine that read it
        sha256 TEXT NOT NULL, -- of the file's bytes; with the type, what makes a file the same file
        size INTEGER NOT NULL, -- bytes
        type INTEGER NOT NULL REFERENCES event_type (id),
        outcome TEXT NOT NULL CHECK (outcome IN ('ingested', 'failed')), -- failed: no events kept
        ingested_at INTEGER NOT NULL, -- nanoseconds since 1970-01-01T00:00:00Z
        rows INTEGER NOT NULL,
        new INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        warnings INTEGER NOT NULL,
        zoneless INTEGER NOT NULL, -- events whose time was read in the database's zone
        UNIQUE (sha256, type),
        CHECK (rows = new + duplicates + rejected)
    ) STRICT
    """,
    # Clustered by the rule: one b-tree is each card's history, its latest event, the check for
    # duplicates and the range scan of an export. A key admits no null, so missing text is ''.
    f"""
    CREATE TABLE event (
        card_id TEXT NOT NULL,
        occurred_at INTEGER NOT NULL, -- nanoseconds since 1970-01-01T00:00:00Z
        type INTEGER NOT NULL REFERENCES event_type (id),
        reference TEXT NOT NULL, -- the partner's ID cell; not a key
        mobile TEXT NOT NULL, -- E.164
        comment TEXT NOT NULL,
        zoned INTEGER NOT NULL CHECK (zoned IN (0, 1)), -- 1 if the courier wrote the time's zone
        source INTEGER NOT NULL REFERENCES source (id), -- the file that brought the event first
        line INTEGER NOT NULL, -- physical line in that file on which the row starts
        PRIMARY KEY ({ordering.columns(ordering.IDENTITY)})
    ) STRICT, WITHOUT ROWID
    """,
    # For "get --mobile": which cards a number was ever used for. A quarter of the size of an
    # index over all events, each entry of which would repeat the event's whole key.
    """
    CREATE TABLE card_mobile (
        mobile TEXT NOT NULL,
        card_id TEXT NOT NULL,
        PRIMARY KEY (mobile, card_id)
    ) STRICT, WITHOUT ROWID
    """,
    # For "did you mean": card ids that are not their own folded form (upper case, no blanks).
    # Most partners' ids are, and need no row here.
    """
    CREATE TABLE card_alias (
        folded TEXT NOT NULL,
        card_id TEXT NOT NULL,
        PRIMARY KEY (folded, card_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE problem (
        id INTEGER NOT NULL PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source (id),
        line INTEGER NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('rejected', 'warning')),
        field TEXT, -- null: the row as a whole
        reason TEXT NOT NULL, -- a fixed code
        detail TEXT NOT NULL, -- a sentence
        raw TEXT NOT NULL -- the row as it stands in the file
    ) STRICT
    """,
    # For replacing the problems of a file that failed and is ingested again.
    "CREATE INDEX problem_source ON problem (source, line)",
)


def _iso(nanoseconds: str) -> str:
    """Return SQL for an instant as ISO 8601 in UTC, with as many decimals as it needs."""
    return f"""
        strftime('%Y-%m-%dT%H:%M:%S', {nanoseconds} / 1000000000, 'unixepoch')
        || CASE {nanoseconds} % 1000000000
            WHEN 0 THEN ''
            ELSE rtrim(printf('.%09d', {nanoseconds} % 1000000000), '0')
        END || 'Z'"""


# The record of `get` and `export`, in its order, and where it comes from.
_RECORD: Final = f"""
    event.card_id AS card_id,
    event_type.status AS status,
    {_iso("event.occurred_at")} AS occurred_at,
    nullif(event.mobile, '') AS mobile,
    nullif(event.comment, '') AS comment,
    nullif(event.reference, '') AS reference,
    source.name AS source,
    event.line AS line
"""
_EVIDENCE: Final = """
    FROM event
    JOIN event_type ON event_type.id = event.type
    JOIN source ON source.id = event.source
"""

# A card's status is its greatest event: that with no greater one. With the key as the clustering
# order the inner query is one step in the b-tree.
GREATEST: Final = f"""
    NOT EXISTS (
        SELECT 1 FROM event AS greater
        WHERE greater.card_id = event.card_id
        AND ({ordering.columns(ordering.KEY, "greater")})
            > ({ordering.columns(ordering.KEY, "event")})
    )
"""

_VIEWS = (
    f"""
    CREATE VIEW card_status AS
    SELECT {_RECORD} {_EVIDENCE} WHERE {GREATEST}
    """,
    f"""
    CREATE VIEW card_event AS
    SELECT {_RECORD},
        event_type.type AS type,
        event.zoned AS zoned,
        {_iso("source.ingested_at")} AS ingested_at
    {_EVIDENCE}
    """,
)


_EVENT_COLUMNS: Final = ordering.columns((*ordering.IDENTITY, "zoned", "source", "line"))


def views_within(as_of: int | None, known_at: int | None) -> tuple[str, ...]:
    """Return the statements that limit what a connection sees to the events within a horizon.

    Both are nanoseconds since 1970-01-01T00:00:00Z, None for no limit: events that had happened
    by ``as_of``, and were in a file that had been ingested by ``known_at``. Temporary views take
    the names of the tables, so that every query, and the rule in it, is the same as without.
    """
    conditions = []
    if as_of is not None:
        conditions.append(f"occurred_at <= {as_of:d}")
    if known_at is not None:
        conditions.append(
            f"source IN (SELECT id FROM main.source WHERE ingested_at <= {known_at:d})"
        )
    return (
        f"""
        CREATE TEMP VIEW event AS
        SELECT {_EVENT_COLUMNS} FROM main.event WHERE {" AND ".join(conditions) or "TRUE"}
        """,
        """
        CREATE TEMP VIEW card_mobile AS
        SELECT mobile, card_id FROM main.card_mobile AS pair
        WHERE EXISTS (
            SELECT 1 FROM event WHERE event.card_id = pair.card_id
            AND instr(event.mobile || ' ', pair.mobile || ' ') > 0
        )
        """,
        """
        CREATE TEMP VIEW card_alias AS
        SELECT folded, card_id FROM main.card_alias AS alias
        WHERE EXISTS (SELECT 1 FROM event WHERE event.card_id = alias.card_id)
        """,
        *(view.replace("CREATE VIEW", "CREATE TEMP VIEW") for view in _VIEWS),
    )


def _m001_initial(db: "Database") -> None:
    for statement in (*_TABLES, *_VIEWS):
        db.execute(statement)
    db.execute(
        """
        INSERT INTO event_type (id, type, status) VALUES
            (1, 'pickup', 'picked_up'),
            (2, 'delivery_exceptions', 'delivery_exception'),
            (3, 'delivered', 'delivered'),
            (4, 'returned', 'returned')
        """
    )


def _m002_gaps_between_types(db: "Database") -> None:
    """Make room for a type between two others; 2.6 s a million events.

    The order of the events stays the same, and no new number is one of the old ones.
    """
    for table, column in (("event_type", "id"), ("source", "type"), ("event", "type")):
        db.execute(f"UPDATE {table} SET {column} = {column} * 10")


MIGRATIONS: "Final[tuple[Callable[[Database], None], ...]]" = (
    _m001_initial,
    _m002_gaps_between_types,
)
"""Append-only: what has been released is never edited. As many as SCHEMA_VERSION says."""


def migrate(db: "Database") -> None:
    """Bring a database to SCHEMA_VERSION, in the transaction that the caller has open, and add
    the types that it lacks.
    """
    from sqlite_utils import Migrations  # 80 ms to import, and readers never come here

    migrations = Migrations("cardstatus")
    for migration in MIGRATIONS:
        migrations(name=migration.__name__.removeprefix("_"))(migration)
    migrations.apply(db)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    _add_types(db)


def _add_types(db: "Database") -> None:
    for kind in EventType:
        db.execute(
            """
            INSERT INTO event_type (id, type, status) VALUES (:id, :type, :status)
            ON CONFLICT (id) DO NOTHING
            """,
            {"id": int(kind), "type": kind.word, "status": kind.status.value},
        )


def lacks_types(connection: "sqlite3.Connection") -> bool:
    """Tell whether a type of this program has no row in ``event_type``."""
    return not _types() <= stored_types(connection)


def refuse_unknown_types(connection: "sqlite3.Connection", path: "Path") -> None:
    """Raise :class:`DatabaseError` if a database holds a type that only a newer version knows.

    The meaning of its events cannot be told: whether they end a journey, for one.
    """
    if unknown := sorted(stored_types(connection) - _types()):
        types = ", ".join(f"{word} (rank {rank})" for rank, word in unknown)
        raise DatabaseError(
            f"{path} holds types of files that this cardstatus does not know: {types}; upgrade, "
            "in its clone, with: git pull && pip install ."
        )


def stored_types(connection: "sqlite3.Connection") -> set[tuple[int, str]]:
    """Return the rank and the word of each type that a database has."""
    return set(connection.execute("SELECT id, type FROM event_type ORDER BY id"))


def _types() -> set[tuple[int, str]]:
    return {(int(kind), kind.word) for kind in EventType}
