"""The statuses that a change to the database may change: noted before it, and compared after it."""

import sqlite3
from collections.abc import Collection
from typing import Final

from cardstatus.model.reports import StatusChange
from cardstatus.rules import ordering

_TABLE: Final = """
    CREATE TEMP TABLE IF NOT EXISTS noted (card_id TEXT PRIMARY KEY, type INTEGER) WITHOUT ROWID
"""
_NOTE: Final = f"""
    INSERT INTO temp.noted
    SELECT card_id, (
        SELECT type FROM main.event AS known
        WHERE known.card_id = card.card_id AND source <= :known
        ORDER BY {ordering.descending(ordering.KEY)} LIMIT 1
    )
    FROM (SELECT DISTINCT card_id FROM {{cards}}) AS card WHERE true
    ON CONFLICT (card_id) DO NOTHING
"""
_COMPARE: Final = f"""
    SELECT card_id, before.status, after.status
    FROM (
        SELECT card_id, type AS before_type, (
            SELECT type FROM main.event AS now WHERE now.card_id = noted.card_id
            ORDER BY {ordering.descending(ordering.KEY)} LIMIT 1
        ) AS after_type
        FROM temp.noted
    )
    LEFT JOIN event_type AS before ON before.id = before_type
    LEFT JOIN event_type AS after ON after.id = after_type
    WHERE before_type IS NOT after_type ORDER BY card_id
"""


def note_statuses_of_leaving(db: sqlite3.Connection, known: int) -> None:
    """Note the statuses of the cards that have a leaving event.

    ``known``: the number of the newest file that had come in before the change.
    """
    _note(db, "temp.leaving", known)


def note_statuses_of_held(db: sqlite3.Connection, files: Collection[int], known: int) -> None:
    """Note the statuses of the cards of held files, of these numbers."""
    listed = ", ".join(map(str, sorted(files)))
    _note(db, f"temp.incoming WHERE file IN ({listed})", known)


def _note(db: sqlite3.Connection, cards: str, known: int) -> None:
    db.execute(_TABLE)
    db.execute(_NOTE.format(cards=cards), {"known": known})


def noted_cards(db: sqlite3.Connection) -> set[str]:
    """Return the cards of which the status was noted."""
    db.execute(_TABLE)
    return {card_id for (card_id,) in db.execute("SELECT card_id FROM temp.noted")}


def changed(db: sqlite3.Connection) -> list[StatusChange]:
    """Return the noted cards whose status is another now, by card id."""
    db.execute(_TABLE)
    return [StatusChange(*row) for row in db.execute(_COMPARE)]
