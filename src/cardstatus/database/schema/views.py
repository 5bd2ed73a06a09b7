"""The views for any SQLite tool: ``card_status``, one row a card, and ``card_event``, one row an
event; and those that look back.
"""

from typing import Final

from cardstatus.rules import ordering


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

VIEWS: Final = (
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
        *(view.replace("CREATE VIEW", "CREATE TEMP VIEW") for view in VIEWS),
    )
