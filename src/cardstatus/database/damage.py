"""Finds damage that SQLite reads over: bytes that are wrong where any bytes would do.

Asked only after an error, to tell a broken file from a bug.
"""

import sqlite3
from contextlib import closing
from typing import Final
from zoneinfo import ZoneInfo

from cardstatus.model.records import Settings

from .schema.migrations import migrate

_SCHEMA: Final = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
_EVENT_TYPES: Final = "SELECT id, type, status FROM event_type ORDER BY id"


def find_damage(connection: sqlite3.Connection) -> str | None:
    """Return the first damage to a database in words, None if it is sound."""
    try:
        (first,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if first != "ok":
            return str(first).replace("\n", " ")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            return "rows of files that are not there"
        if not _is_as_made(connection):
            return "its tables are not as they were made"
        return None if _are_sound(connection) else "its settings are not as they were made"
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return "text that is not UTF-8" if "utf-8" in str(error).casefold() else str(error)


def _is_as_made(connection: sqlite3.Connection) -> bool:
    """Tell whether all tables, views and types are there; a user may have added to them."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        migrate(new)
        parts = set(new.execute(_SCHEMA)) - set(connection.execute(_SCHEMA))
        types = set(connection.execute(_EVENT_TYPES)) - set(new.execute(_EVENT_TYPES))
    return not parts and not types


def _are_sound(connection: sqlite3.Connection) -> bool:
    stored = dict(
        connection.execute(
            "SELECT name, value FROM setting WHERE name NOT GLOB '* *' ORDER BY name"
        )
    )
    if not stored:
        return True
    try:
        ZoneInfo(Settings(**stored).timezone)
    except (TypeError, ValueError, OSError, LookupError):
        return False
    return True
