"""The tables, as the migrations make them; laid out for speed."""

from typing import Final

from cardstatus.rules import ordering

TABLES: Final = (
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

# For "find". In the text of 10 MB that the ids of a million cards are, a word is found in 10 ms. A
# scan of them takes 60, of the references 130; a table of these would be 45 MB, 3 s to fill.
SEARCH_TEXT: Final = """
    CREATE TABLE search_text (
        id INTEGER NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'reference', 'mobile')),
        part INTEGER NOT NULL, -- the lines of 'card' and 'reference' with one number go together
        in_order INTEGER NOT NULL CHECK (in_order IN (0, 1)), -- 0: added since it was made in order
        lines INTEGER NOT NULL,
        text TEXT NOT NULL -- each line between two line ends; empty if the card is that above
    ) STRICT
"""

FAILURE: Final = """
    CREATE TABLE failure (
        path TEXT NOT NULL PRIMARY KEY, -- absolute, on the machine that read it
        name TEXT NOT NULL, -- as the user named it
        sha256 TEXT, -- null: its bytes could not be read
        size INTEGER NOT NULL, -- bytes
        type INTEGER REFERENCES event_type (id), -- null: the name tells none
        failed_at INTEGER NOT NULL, -- nanoseconds since 1970-01-01T00:00:00Z
        error TEXT NOT NULL, -- a sentence
        forgotten_at INTEGER -- when a person said that it is dealt with; null: not yet
    ) STRICT, WITHOUT ROWID
"""
"""The last failure at each path whose file failed before a row of it was read."""

SIGHTING: Final = f"""
    CREATE TABLE sighting (
        card_id TEXT NOT NULL, -- as all up to the comment, of the event that the row says
        occurred_at INTEGER NOT NULL,
        type INTEGER NOT NULL,
        reference TEXT NOT NULL,
        mobile TEXT NOT NULL,
        comment TEXT NOT NULL,
        source INTEGER NOT NULL REFERENCES source (id),
        line INTEGER NOT NULL,
        zoned INTEGER NOT NULL CHECK (zoned IN (0, 1)), -- 1 if this row writes the time's zone
        PRIMARY KEY ({ordering.columns(ordering.IDENTITY)}, source, line)
    ) STRICT, WITHOUT ROWID
"""
"""Rows that say again what was known. The first to say it has its file and line in ``event``."""

UNDONE: Final = """
    CREATE TABLE undone (
        id INTEGER NOT NULL PRIMARY KEY, -- the number that the file had in source
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        type INTEGER NOT NULL REFERENCES event_type (id),
        outcome TEXT NOT NULL, -- this and the counts: what it had been
        ingested_at INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        new INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        warnings INTEGER NOT NULL,
        zoneless INTEGER NOT NULL,
        encoding TEXT,
        dates TEXT,
        archived TEXT,
        undone_at INTEGER NOT NULL, -- nanoseconds since 1970-01-01T00:00:00Z
        replaced_by INTEGER -- the file that took its place; null: none did
    ) STRICT
"""
"""Files that were taken out again. Of these, no event and no problem is left."""

# For "erase". What is left of a card: a hash by which a file that is sent again is known.
ERASED: Final = """
    CREATE TABLE erased (
        kind TEXT NOT NULL CHECK (kind IN ('salt', 'card', 'mobile', 'unfinished')),
        value BLOB NOT NULL, -- the salt; the hash of a card id or a mobile; nothing if bytes of
            -- what was erased are still to be overwritten
        PRIMARY KEY (kind, value)
    ) STRICT, WITHOUT ROWID
"""
