"""The migrations of the database, and the rows of ``event_type``."""

import sqlite3
from typing import TYPE_CHECKING, Final

from cardstatus.model.records import EventType

from . import forms, version
from .tables import ERASED, FAILURE, SEARCH_TEXT, SIGHTING, TABLES, UNDONE
from .views import FIRST_VIEWS, VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database


def _m001_initial(db: "Database") -> None:
    for statement in (*TABLES, *FIRST_VIEWS):
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


def _m003_search_text(db: "Database") -> None:
    """Add the text that ``find`` searches, empty: the end of a run makes it."""
    db.execute(SEARCH_TEXT)


def _m004_failures(db: "Database") -> None:
    """Keep files that failed before a row of them was read, and what became of others since."""
    db.execute(FAILURE)
    # When a person said that the problems of this file are dealt with; null: not yet.
    db.execute("ALTER TABLE source ADD COLUMN forgotten_at INTEGER")
    # Where watch put the file, absolute; null: it was not moved.
    db.execute("ALTER TABLE source ADD COLUMN archived TEXT")


def _m005_sightings(db: "Database") -> None:
    """Keep each row that says an event, and files that were taken out again.

    What earlier versions took in has no sightings, and no encoding, which tells so.
    """
    db.execute(SIGHTING)
    db.execute(UNDONE)
    # How the file's bytes were read; null: taken in before sightings were kept.
    db.execute("ALTER TABLE source ADD COLUMN encoding TEXT")
    # The order of its dates if that was declared, such as month-first.
    db.execute("ALTER TABLE source ADD COLUMN dates TEXT")
    db.execute("CREATE INDEX source_path ON source (path)")
    db.execute("CREATE INDEX source_archived ON source (archived)")
    # 2: a later sighting wrote the zone, and the first one did not.
    _change_check(db, "event", "zoned IN (0, 1)", "zoned IN (0, 1, 2)")
    _make_views_anew(db)


def _make_views_anew(db: "Database") -> None:
    for name in ("card_status", "card_event"):
        db.execute(f"DROP VIEW {name}")
    for view in VIEWS:
        db.execute(view)


def _m006_forms_of_card_ids(db: "Database") -> None:
    """Have aliases for all that is spelling; before, for case and blanks only."""
    # The form that ids of a kind need no alias for.
    db.execute(
        """
        CREATE TABLE card_form (
            kind TEXT NOT NULL PRIMARY KEY, -- a key with A for letters and 9 for digits
            form TEXT NOT NULL -- the same with small letters, leading zeros and separators
        ) STRICT, WITHOUT ROWID
        """
    )
    forms.make_anew(db.conn)


def _m007_erased(db: "Database") -> None:
    """Add what is left of erased cards, and count their rows in the files that had them."""
    db.execute(ERASED)
    for table in ("source", "undone"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN erased INTEGER NOT NULL DEFAULT 0")
    known = "new + duplicates + rejected"
    _change_check(db, "source", f"rows = {known}", f"rows = {known} + erased")


def _m008_partners(db: "Database") -> None:
    """Add the partner of each file, and files whose rows each have a type of their own."""
    for table in ("source", "undone"):
        # As declared; null: nobody's, or taken in before partners were kept.
        db.execute(f"ALTER TABLE {table} ADD COLUMN partner TEXT")
        # Null: each row has its own.
        _change_check(db, table, "type INTEGER NOT NULL", "type INTEGER")
    # As the unique key takes no null for the same.
    db.execute("CREATE UNIQUE INDEX source_of_all_types ON source (sha256) WHERE type IS NULL")


def _change_check(db: "Database", table: str, old: str, new: str) -> None:
    """Change a constraint where it stands (see "ALTER TABLE" in SQLite's manual): a new table would
    double the file.
    """
    db.execute("PRAGMA writable_schema = ON")
    db.execute(
        """
        UPDATE sqlite_schema SET sql = replace(sql, :old, :new)
        WHERE type = 'table' AND name = :table
        """,
        {"old": old, "new": new, "table": table},
    )
    (number,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute(f"PRAGMA schema_version = {number + 1}")
    db.execute("PRAGMA writable_schema = RESET")


MIGRATIONS: "Final[tuple[Callable[[Database], None], ...]]" = (
    _m001_initial,
    _m002_gaps_between_types,
    _m003_search_text,
    _m004_failures,
    _m005_sightings,
    _m006_forms_of_card_ids,
    _m007_erased,
    _m008_partners,
)
"""Append-only: what has been released is never edited. As many as SCHEMA_VERSION says."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to SCHEMA_VERSION, in the transaction that the caller has open, and add
    the types that it lacks.
    """
    # 50 to 80 ms to import, and a database is hardly ever of another schema.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("cardstatus")
    for migration in MIGRATIONS:
        migrations(name=migration.__name__.removeprefix("_"))(migration)
    # Without plugins of sqlite-utils that happen to be installed.
    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA application_id = {version.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version.SCHEMA_VERSION}")
    _add_types(connection)


def _add_types(connection: sqlite3.Connection) -> None:
    for kind in EventType:
        connection.execute(
            """
            INSERT INTO event_type (id, type, status) VALUES (:id, :type, :status)
            ON CONFLICT (id) DO NOTHING
            """,
            {"id": int(kind), "type": kind.word, "status": kind.status.value},
        )
