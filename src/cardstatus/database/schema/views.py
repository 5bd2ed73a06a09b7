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


def _views(zoned: str) -> tuple[str, str]:
    """Return the statements that make the views; ``zoned``: whether a time's zone was written."""
    return (
        f"""
    CREATE VIEW card_status AS
    SELECT {_RECORD} {_EVIDENCE} WHERE {GREATEST}
    """,
        f"""
    CREATE VIEW card_event AS
    SELECT {_RECORD},
        event_type.type AS type,
        {zoned} AS zoned,
        {_iso("source.ingested_at")} AS ingested_at
    {_EVIDENCE}
    """,
    )


FIRST_VIEWS: Final = _views("event.zoned")
"""As the first migration makes them."""
VIEWS: Final = _views("event.zoned > 0")


_IDENTITY: Final = ordering.columns(ordering.IDENTITY)


def views_within(
    as_of: int | None, known_at: int | None, *, in_order: bool = True
) -> tuple[str, ...]:
    """Return the statements that limit what a connection sees to the events within a horizon.

    Both are nanoseconds since 1970-01-01T00:00:00Z, None for no limit: events that had happened
    by ``as_of``, and were in a file that had been ingested by ``known_at``. Temporary views take
    the names of the tables, so that every query, and the rule in it, is the same as without.

    ``in_order``: every file ingested by ``known_at`` came in before every other, as is always so
    if the clock was never set back.
    """
    happened = "TRUE" if as_of is None else f"occurred_at <= {as_of:d}"
    if known_at is None:
        events = f"SELECT {_IDENTITY}, zoned, source, line FROM main.event WHERE {happened}"
    else:
        events = _known_by(known_at, happened, in_order=in_order)
    return (
        f"CREATE TEMP VIEW event AS {events}",
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
        *([_sightings_by(known_at)] if known_at is not None else []),
        *(view.replace("CREATE VIEW", "CREATE TEMP VIEW") for view in VIEWS),
    )


def _sightings_by(instant: int) -> str:
    """Return the view of all rows of files ingested by an instant, that of an event itself, too:
    another one may be the first there.
    """
    files = f"(SELECT id FROM main.source WHERE ingested_at <= {instant:d})"
    return f"""
        CREATE TEMP VIEW sighting AS
        SELECT {_IDENTITY}, source, line FROM main.sighting WHERE source IN {files}
        UNION ALL SELECT {_IDENTITY}, source, line FROM main.event WHERE source IN {files}
    """


def same_event(one: str, other: str) -> str:
    """Return SQL that tells whether rows of two tables are of one event."""
    identity = ordering.IDENTITY
    return f"({ordering.columns(identity, one)}) = ({ordering.columns(identity, other)})"


def _known_by(instant: int, happened: str, *, in_order: bool) -> str:
    """Return the query for the events of files ingested by an instant, as if there were no others:
    each with the first of these files that says it, and a zone if one of them writes it.
    """
    files = f"(SELECT id FROM main.source WHERE ingested_at <= {instant:d})"

    def zoned(table: str) -> str:
        return f"""
            2 * EXISTS (
                SELECT 1 FROM main.sighting AS other
                WHERE {same_event("other", table)} AND other.zoned = 1 AND other.source IN {files}
            )"""

    by_first = f"""
        SELECT {_IDENTITY},
            CASE event.zoned WHEN 2 THEN {zoned("event")} ELSE event.zoned END AS zoned,
            source, line
        FROM main.event AS event WHERE source IN {files} AND {happened}
    """
    if in_order:
        return by_first
    return f"""
        {by_first}
        UNION ALL
        SELECT {_IDENTITY},
            CASE sighting.zoned WHEN 0 THEN {zoned("sighting")} ELSE 1 END,
            source, line
        FROM main.sighting AS sighting
        WHERE source IN {files} AND {happened}
        AND NOT EXISTS (
            SELECT 1 FROM main.event AS first
            WHERE {same_event("first", "sighting")} AND first.source IN {files}
        )
        AND NOT EXISTS (
            SELECT 1 FROM main.sighting AS earlier
            WHERE {same_event("earlier", "sighting")} AND earlier.source IN {files}
            AND (earlier.source, earlier.line) < (sighting.source, sighting.line)
        )
    """
