"""The text that ``find`` searches: card ids, references and mobiles, a line each.

Made of the events, and no evidence of anything: what is found in it is asked of the events again.
So a line whose event has gone does no harm. A missing text costs time, and no answer.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

LINES: Final = 20_000
"""Lines of a part: 0.2 MB of card ids. With fewer the parts take longer to read, with more those
in which something is found take longer to look into."""

# Lines put together by SQLite take a fifth of the time that they take as rows in Python. A range of
# cards is read in the order of the only b-tree that has it: saying so, in a query around which this
# one goes, takes three times as long.
_LINES: Final = """
    SELECT group_concat(card_id, '\n'), group_concat({reference}, '\n'), count(*) FROM {events}
"""
_EVENTS: Final = "main.event WHERE card_id > :after AND card_id <= :last"
_IN_ONE_LINE: Final = "replace(reference, char(10), ' ')"
_MOBILES: Final = """
    SELECT group_concat(mobile, '\n') FROM main.card_mobile
    WHERE mobile > :after AND mobile <= :last
"""
# A cell that gave several numbers has them parted by a blank.
_INCOMING_MOBILES: Final = """
    SELECT group_concat(replace(mobile, ' ', '\n'), '\n') FROM temp.incoming WHERE mobile <> ''
"""
_MOST_ADDED: Final = 4
"""Of as many lines in order one may have been added; with more it is time to make the text anew."""


class Part(NamedTuple):
    """A part of the text of one kind."""

    kind: str
    part: int
    in_order: int
    lines: int
    text: str


def is_made(connection: sqlite3.Connection) -> bool:
    """Tell whether the text is there, whole."""
    (some,) = connection.execute("SELECT EXISTS (SELECT 1 FROM main.search_text)").fetchone()
    return bool(some)


def stored(connection: sqlite3.Connection, kind: str) -> list[Part]:
    """Return the parts of one kind that the database has."""
    rows = connection.execute(
        """
        SELECT kind, part, in_order, lines, text FROM main.search_text
        WHERE kind = :kind ORDER BY id
        """,
        {"kind": kind},
    )
    return list(map(Part._make, rows))


def made(connection: sqlite3.Connection) -> Iterator[Part]:
    """Yield the parts of the whole text, made of the events."""
    for part, bounds in enumerate(_ranges(connection, "event", "card_id"), 1):
        yield from _event_parts(connection, _EVENTS, bounds, part)
    for part, bounds in enumerate(_ranges(connection, "card_mobile", "mobile"), 1):
        yield from _mobile_parts(connection.execute(_MOBILES, bounds), part)


def make(connection: sqlite3.Connection) -> None:
    """Store the whole text, in the transaction that the caller has open."""
    forget(connection)
    _store(connection, made(connection))


def forget(connection: sqlite3.Connection) -> None:
    """Remove the text, in the transaction that the caller has open."""
    connection.execute("DELETE FROM search_text")


def add_incoming(connection: sqlite3.Connection, rows: int) -> None:
    """Add the lines of ``rows`` events that are held, or forget a text that they would swamp."""
    if not is_made(connection):
        return
    in_order, added, last = connection.execute(
        """
        SELECT sum(lines * in_order), sum(lines * (1 - in_order)), max(part) FROM search_text
        WHERE kind = 'card'
        """
    ).fetchone()
    if in_order is None or (added + rows) * _MOST_ADDED > in_order:
        forget(connection)
        return
    events = _event_parts(connection, "temp.incoming", {}, last + 1)
    mobiles = _mobile_parts(connection.execute(_INCOMING_MOBILES), last + 1)
    _store(connection, (part._replace(in_order=0) for part in (*events, *mobiles)))


def _store(connection: sqlite3.Connection, parts: Iterable[Part]) -> None:
    connection.executemany(
        """
        INSERT INTO search_text (kind, part, in_order, lines, text)
        VALUES (:kind, :part, :in_order, :lines, :text)
        """,
        (part._asdict() for part in parts),
    )


def _ranges(connection: sqlite3.Connection, table: str, column: str) -> Iterator[dict[str, str]]:
    """Yield the bounds of the parts: some LINES rows each, all rows of a card in one."""
    after: str | None = ""
    while after is not None:
        (last, highest) = connection.execute(
            f"""
            SELECT (
                SELECT {column} FROM main.{table} WHERE {column} > :after
                ORDER BY {column} LIMIT 1 OFFSET {LINES}
            ), max({column}) FROM main.{table}
            """,
            {"after": after},
        ).fetchone()
        if highest is None:
            return
        yield {"after": after, "last": last or highest}
        after = last if last != highest else None


def _event_parts(
    connection: sqlite3.Connection, events: str, bounds: Mapping[str, str], part: int
) -> Iterator[Part]:
    statement = _LINES.format(events=events, reference="reference")
    cards, references, lines = connection.execute(statement, bounds).fetchone()
    if not lines:
        return
    if references.count("\n") >= lines:  # hardly ever: a cell may have line ends in it
        statement = _LINES.format(events=events, reference=_IN_ONE_LINE)
        cards, references, lines = connection.execute(statement, bounds).fetchone()
    listed = cards.split("\n")
    once = [
        card if card != above else ""
        for card, above in zip(listed, ["", *listed[:-1]], strict=True)
    ]
    yield Part("card", part, 1, lines, _closed("\n".join(once)))
    yield Part("reference", part, 1, lines, _closed(references).upper())


def _mobile_parts(rows: sqlite3.Cursor, part: int) -> Iterator[Part]:
    (mobiles,) = rows.fetchone()
    if mobiles:
        once = list(dict.fromkeys(mobiles.split("\n")))
        yield Part("mobile", part, 1, len(once), _closed("\n".join(once)))


def _closed(lines: str) -> str:
    return f"\n{lines}\n"
