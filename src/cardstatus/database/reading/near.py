"""Near ids: the cards whose ids differ in spelling only, by the tables that ``schema.forms`` keeps.

Sees what its connection sees: looking back hides cards here too.
"""

import sqlite3
from collections.abc import Iterator
from itertools import combinations, groupby
from operator import itemgetter

from cardstatus.rules.spelling import are_near, keys, kind_of, written


def near_ids(connection: sqlite3.Connection, card_id: str) -> list[str]:
    """Return the ids of known cards that are near a card id, sorted; it need not be known."""
    found: set[str] = set()
    for key in keys(card_id):
        kind = kind_of(key)
        (form,) = connection.execute(
            "SELECT coalesce((SELECT form FROM card_form WHERE kind = :kind), :kind)",
            {"kind": kind},
        ).fetchone()
        rows = connection.execute(
            """
            SELECT :folded
            UNION SELECT card_id FROM card_alias WHERE folded = :folded ORDER BY 1
            """,
            {"folded": written(key, form)},
        )
        found |= {near for (near,) in rows}
    return sorted(near for near in found if are_near(card_id, near) and is_known(connection, near))


def near_pairs(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield all pairs of known cards whose ids are near, each once, the lesser id first.

    Goes through the aliases, of which a usual database has few.
    """
    rows = connection.execute(
        """
        SELECT folded, card_id FROM card_alias AS alias
        WHERE EXISTS (SELECT 1 FROM event WHERE event.card_id = alias.folded)
        OR EXISTS (
            SELECT 1 FROM card_alias AS other
            WHERE other.folded = alias.folded AND other.card_id <> alias.card_id
        )
        ORDER BY folded, card_id
        """
    )
    told: set[tuple[str, str]] = set()
    for folded, group in groupby(rows.fetchall(), itemgetter(0)):
        members = sorted({folded, *(card_id for _, card_id in group)})
        known = [card_id for card_id in members if is_known(connection, card_id)]
        for one, other in combinations(known, 2):
            if are_near(one, other) and (one, other) not in told:
                told.add((one, other))
                yield one, other


def new_pairs(connection: sqlite3.Connection, last: int) -> Iterator[tuple[str, str]]:
    """Yield the pairs of near ids that the files after the one of number ``last`` have made."""
    for one, other in near_pairs(connection):
        if not (is_known(connection, one, last) and is_known(connection, other, last)):
            yield one, other


def is_known(connection: sqlite3.Connection, card_id: str, up_to: int | None = None) -> bool:
    """Tell whether a card has an event; ``up_to``: from a file of at most this number."""
    (known,) = connection.execute(
        """
        SELECT EXISTS (
            SELECT 1 FROM event
            WHERE card_id = :card_id AND (:up_to IS NULL OR source <= :up_to)
        )
        """,
        {"card_id": card_id, "up_to": up_to},
    ).fetchone()
    return bool(known)
