"""What the first file fixes for all, and the first of each partner for its own: the table of
settings, written in the transaction that the caller has open.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cardstatus.errors import DatabaseError
from cardstatus.model.records import Settings

from .connection import holds_something, is_new, opened, read_settings

PREFIX: Final = "partner "
"""In front of a partner's name: settings of all files have no blank in theirs."""


def partners_of(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what is fixed of each partner, by name."""
    rows = connection.execute(
        "SELECT name, value FROM setting WHERE name GLOB :names ORDER BY name",
        {"names": f"{PREFIX}*"},
    )
    return {name.removeprefix(PREFIX): value for name, value in rows}


def stored_partners(database: Path) -> dict[str, str]:
    """Return what is fixed of the partners of the database at a path, as :func:`partners_of`.

    Raises :class:`DatabaseError` for a file that is no database, or another program's.
    """
    if not holds_something(database):
        return {}
    with opened(database, to_ingest=True) as connection:
        return {} if is_new(connection) else partners_of(connection)


def fix_settings(db: sqlite3.Connection, path: Path, settings: Settings) -> None:
    """Fix zone, country code and form of card ids with the first file.

    Raises :class:`DatabaseError` if another process has just fixed others.
    """
    _insert(db, settings._asdict())
    if read_settings(db) != settings:
        raise DatabaseError(
            f"{path}: another ingest has just fixed another zone or country code; see 'cardstatus "
            "ingest --help' on --timezone"
        )


def fix_partners(db: sqlite3.Connection, partners: Mapping[str, str]) -> None:
    """Fix what each partner declares with its first file.

    Raises :class:`DatabaseError` if another process has just fixed otherwise.
    """
    _insert(db, {f"{PREFIX}{name}": value for name, value in partners.items()})
    stored = partners_of(db)
    if any(stored[name] != value for name, value in partners.items()):
        raise DatabaseError(
            "another ingest has just fixed another declaration of a partner; run it again to see "
            "which"
        )


def _insert(db: sqlite3.Connection, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        db.execute(
            """
            INSERT INTO setting (name, value) VALUES (:name, :value)
            ON CONFLICT (name) DO NOTHING
            """,
            {"name": name, "value": value},
        )
