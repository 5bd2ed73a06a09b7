"""What is left of erased cards and mobiles: hashes with a salt of the database. By them a card is
turned away when a file brings it again.
"""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import Final

from cardstatus.courier.cells.card_ids import fold_card_id
from cardstatus.courier.cells.mobiles import BadMobileError, MobileReader
from cardstatus.model.records import DEFAULT_SETTINGS

from ..connection import read_settings

ERASED_TEXT: Final = "erased"
"""What stands in the place of the raw text of a problem, and of its sentence."""

_CELLS: Final = re.compile(r"[,;|\t\n\r]")
_WORDS: Final = re.compile(r"[\s,;|\"'()\[\]{}<>]+")


def remember(
    connection: sqlite3.Connection, card_ids: Iterable[str], mobiles: Iterable[str]
) -> None:
    """Keep the hashes of what is erased, and that bytes of it are left."""
    salt = _salt(connection)
    if salt is None:
        salt = os.urandom(16)
        connection.execute("INSERT INTO erased (kind, value) VALUES ('salt', ?)", (salt,))
    hashes = [("card", _hash(salt, card_id)) for card_id in card_ids]
    hashes += [("mobile", _hash(salt, mobile)) for mobile in mobiles]
    connection.executemany(
        "INSERT INTO erased (kind, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [*hashes, ("unfinished", b"")],
    )


Hashes = list[tuple[str, bytes]]
"""Rows of the table of what is erased."""


def hashes_of(connection: sqlite3.Connection) -> Hashes:
    """Return what is left of erased cards, for another database of the same files."""
    return connection.execute("SELECT kind, value FROM erased ORDER BY kind, value").fetchall()


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Tell whether what was erased has not been overwritten yet."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM erased WHERE kind = 'unfinished')"
    ).fetchone()
    return bool(found)


def _salt(connection: sqlite3.Connection) -> bytes | None:
    row = connection.execute("SELECT value FROM erased WHERE kind = 'salt' ORDER BY 1").fetchone()
    return row[0] if row else None


def _hash(salt: bytes, text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=salt, digest_size=16).digest()


def turn_away(connection: sqlite3.Connection) -> Counter[int]:
    """Remove the held rows of cards that were erased, and return how many by file.

    The text of held problems that name them is removed, too. Where nobody is erased it costs one
    look-up.
    """
    salt = _salt(connection)
    if salt is None:
        return Counter()
    rows = connection.execute("SELECT kind, value FROM erased ORDER BY kind, value")
    hashes = set(rows)
    cards = connection.execute("SELECT DISTINCT card_id FROM temp.incoming ORDER BY 1").fetchall()
    gone = [card for card in cards if ("card", _hash(salt, card[0])) in hashes]
    away: Counter[int] = Counter()
    for card in gone:
        query = "SELECT file FROM temp.incoming WHERE card_id = ? ORDER BY rowid"
        away.update(file for (file,) in connection.execute(query, card))
    connection.executemany("DELETE FROM temp.incoming WHERE card_id = ?", gone)
    _hide_held_problems(connection, salt, hashes)
    return away


def _hide_held_problems(
    connection: sqlite3.Connection, salt: bytes, hashes: Collection[tuple[str, bytes]]
) -> None:
    reader = MobileReader((read_settings(connection) or DEFAULT_SETTINGS).country_code)

    def names_one(text: str) -> bool:
        return any(
            ("card", _hash(salt, fold_card_id(cell))) in hashes
            or ("mobile", _hash(salt, _as_mobile(reader, cell))) in hashes
            for cell in {*_CELLS.split(text), *_WORDS.split(text)}
        )

    problems = connection.execute(
        "SELECT rowid, raw, detail FROM temp.incoming_problem ORDER BY rowid"
    ).fetchall()
    connection.executemany(
        f"""
        UPDATE temp.incoming_problem SET raw = '{ERASED_TEXT}', detail = '{ERASED_TEXT}'
        WHERE rowid = ?
        """,
        [(number,) for number, raw, detail in problems if names_one(raw) or names_one(detail)],
    )


def _as_mobile(reader: MobileReader, cell: str) -> str:
    try:
        return reader.read(cell) or ""
    except BadMobileError as bad:
        return bad.kept or ""
