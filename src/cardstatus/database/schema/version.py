"""The numbers by which a database file of ours is known, and the types that it has."""

import sqlite3
from typing import TYPE_CHECKING, Final

from cardstatus.errors import DatabaseError
from cardstatus.model.records import EventType

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID: Final = 0x43535431
"""``PRAGMA application_id`` of our files: ``CST1``."""
SCHEMA_VERSION: Final = 8
"""``PRAGMA user_version``: the number of the newest migration."""
_OLDEST_SQLITE: Final = (3, 37)
"""The first that has STRICT tables."""


def check_sqlite() -> None:
    """Raise :class:`DatabaseError` if SQLite is too old for the tables: it calls them damaged."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        needed = ".".join(map(str, _OLDEST_SQLITE))
        raise DatabaseError(
            f"SQLite {sqlite3.sqlite_version}, which this Python has, is too old: cardstatus needs "
            f"{needed} or newer, as newer Pythons have"
        )


def lacks_types(connection: sqlite3.Connection) -> bool:
    """Tell whether a type of this program has no row in ``event_type``."""
    return not _types() <= stored_types(connection)


def refuse_unknown_types(connection: sqlite3.Connection, path: "Path") -> None:
    """Raise :class:`DatabaseError` if a database holds a type that only a newer version knows.

    The meaning of its events cannot be told: whether they end a journey, for one.
    """
    if unknown := sorted(stored_types(connection) - _types()):
        types = ", ".join(f"{word} (rank {rank})" for rank, word in unknown)
        raise DatabaseError(
            f"{path} holds types of files that this cardstatus does not know: {types}; upgrade, "
            "in its clone, with: git pull && pip install ."
        )


def refuse_missing_type(connection: sqlite3.Connection, path: "Path", kind: EventType) -> None:
    """Raise :class:`DatabaseError` for a type without a row: no view shows its events."""
    if (int(kind), kind.word) not in stored_types(connection):
        raise DatabaseError(
            f"{path}: another program has removed the type {kind.word} from the table "
            "event_type; run the same command again"
        )


def stored_types(connection: sqlite3.Connection) -> set[tuple[int, str]]:
    """Return the rank and the word of each type that a database has."""
    return set(connection.execute("SELECT id, type FROM event_type ORDER BY id"))


def _types() -> set[tuple[int, str]]:
    return {(int(kind), kind.word) for kind in EventType}
