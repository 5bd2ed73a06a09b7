"""Erases cards: all that names them is deleted and overwritten. What is left of them is in
``turning_away``. Nothing here decides which cards.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cardstatus.errors import DatabaseError
from cardstatus.model.records import DEFAULT_SETTINGS

from .. import search_text
from ..connection import make_writable, opened, read_settings
from ..files import identity_of
from . import turning_away
from .turning_away import ERASED_TEXT
from .waiting import empty_wal, patiently

if TYPE_CHECKING:
    from collections.abc import Callable

OF_A_CARD: Final = ("event", "sighting", "card_mobile", "card_alias")
"""The tables whose rows are of one card each, named in ``card_id``."""
WITH_TEXT: Final = ("problem", "failure")
"""The tables with the text of rows, which may name a card or a mobile."""
MADE_ANEW: Final = ("search_text",)
"""The tables that are made of the others."""
WITHOUT_CARDS: Final = ("setting", "event_type", "source", "undone", "card_form", "erased")
"""The tables that name no card."""

_ROWS_OF_FILES: Final = ("event", "sighting")
"""Of :data:`OF_A_CARD`, those with a row for each row of a file."""
_NUMBERS: Final = re.compile(r"\+?\d[\d\s()./-]*")
_SEPARATORS: Final = re.compile(r"[^0-9]")


class Erased(NamedTuple):
    """What was erased, or would be; counts."""

    cards: int
    events: int
    sightings: int
    problems: int
    files: int
    """Files of which a row was erased."""


class Targets(NamedTuple):
    """What is to be erased."""

    card_ids: Sequence[str]
    mobiles: Sequence[str]
    """E.164; the cards that were ever given for them are among ``card_ids``."""


class Eraser:
    """A database opened to erase cards from it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._identity = identity_of(path)
        self._on_wait: Callable[[], None] = lambda: None

    @classmethod
    @contextmanager
    def open(cls, path: Path, on_wait: "Callable[[], None]" = lambda: None) -> "Iterator[Eraser]":
        """Open a database for the length of the block. Raises :class:`DatabaseError`."""
        with opened(path) as connection:
            eraser = cls(path, connection)
            eraser._on_wait = on_wait
            yield eraser

    def cards_of(self, mobiles: Iterable[str]) -> list[str]:
        """Return the cards that were ever given for one of the mobiles, by id."""
        query = "SELECT card_id FROM card_mobile WHERE mobile = :mobile ORDER BY card_id"
        rows = (self._connection.execute(query, {"mobile": mobile}) for mobile in mobiles)
        return sorted({card_id for found in rows for (card_id,) in found})

    def known(self, card_ids: Iterable[str]) -> list[str]:
        """Return those of the cards that the database has, by id."""
        return _known(self._connection, card_ids)

    def is_unfinished(self) -> bool:
        """Tell whether what was erased before has not been overwritten yet."""
        return turning_away.is_unfinished(self._connection)

    def count(self, targets: Targets) -> Erased:
        """Return what would be erased. Changes nothing."""
        connection = self._connection
        self._write_for(connection)
        patiently(connection, "BEGIN IMMEDIATE", self._on_wait)
        try:
            return _erase(connection, targets)
        finally:
            connection.rollback()

    def erase(self, targets: Targets) -> Erased:
        """Erase all of the targets in one transaction, or nothing. The bytes are still there until
        :meth:`overwrite` has been called.
        """
        connection = self._connection
        self._write_for(connection)
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        patiently(connection, "BEGIN IMMEDIATE", self._on_wait)
        try:
            erased = _erase(connection, targets)
            if erased.cards and search_text.is_made(connection):
                search_text.make(connection)
            turning_away.remember(connection, targets.card_ids, targets.mobiles)
            self._check_in_place()
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        return erased

    def overwrite(self) -> None:
        """Overwrite what was erased, in the file and beside it. Raises :class:`DatabaseError` if it
        cannot be done now; then it is still to be done.

        Deleted rows leave bytes in free pages, in the gaps of others, and in the WAL.
        """
        connection = self._connection
        self._write_for(connection)
        connection.execute("PRAGMA secure_delete = ON")
        try:
            is_empty = empty_wal(connection)  # free pages, which are zeros now, are put in place
            patiently(connection, "VACUUM", self._on_wait)
            is_empty = empty_wal(connection) and is_empty
        except sqlite3.OperationalError as error:
            raise DatabaseError(f"{self._unfinished()} ({error})") from error
        if not is_empty:
            raise DatabaseError(
                f"{self._unfinished()}: another process reads it; end 'serve' and what else has it "
                "open, and run the same command again"
            )
        patiently(connection, "DELETE FROM erased WHERE kind = 'unfinished'", self._on_wait)
        empty_wal(connection)

    def _unfinished(self) -> str:
        return f"{self._path}: the cards are erased, but their bytes are not overwritten yet"

    def _check_in_place(self) -> None:
        if identity_of(self._path) != self._identity:
            raise DatabaseError(
                f"{self._path} was replaced or removed meanwhile, and nothing was erased; run the "
                "same command again"
            )

    def _write_for(self, connection: sqlite3.Connection) -> None:
        if not make_writable(connection):
            raise DatabaseError(f"{self._path} may not be written; check its permissions")


def _erase(connection: sqlite3.Connection, targets: Targets) -> Erased:
    """Delete all that names the targets, in the transaction that the caller has open."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema ORDER BY 1")}
    cards = [(card_id,) for card_id in targets.card_ids]
    known = len(_known(connection, targets.card_ids))
    rows = {
        table: _rows_of(connection, table, cards) for table in _ROWS_OF_FILES if table in tables
    }
    places = {place for found in rows.values() for place in found}
    problems = _hide_problems(connection, targets, places)
    columns = {"event": "new", "sighting": "duplicates"}
    for table, found in rows.items():
        for source, number in sorted(Counter(source for source, _ in found).items()):
            connection.execute(
                f"""
                UPDATE source
                SET {columns[table]} = {columns[table]} - :number, erased = erased + :number
                WHERE id = :source
                """,
                {"number": number, "source": source},
            )
    for table in OF_A_CARD:
        if table in tables:
            connection.executemany(f"DELETE FROM {table} WHERE card_id = ?", cards)
    return Erased(
        cards=known,
        events=len(rows["event"]),
        sightings=len(rows.get("sighting", ())),
        problems=problems,
        files=len({source for source, _ in places}),
    )


def _known(connection: sqlite3.Connection, card_ids: Iterable[str]) -> list[str]:
    query = "SELECT EXISTS (SELECT 1 FROM event WHERE card_id = :card_id)"
    return [
        card_id
        for card_id in sorted(set(card_ids))
        if connection.execute(query, {"card_id": card_id}).fetchone() == (1,)
    ]


def _rows_of(
    connection: sqlite3.Connection, table: str, cards: Iterable[tuple[str]]
) -> list[tuple[int, int]]:
    """Return the file and the line of each row of the cards."""
    query = f"SELECT source, line FROM {table} WHERE card_id = ? ORDER BY source, line"
    return [place for card in cards for place in connection.execute(query, card)]


def _hide_problems(
    connection: sqlite3.Connection, targets: Targets, places: Collection[tuple[int, int]]
) -> int:
    """Take the text out of the problems of these rows, and of those that name a target."""
    country = (read_settings(connection) or DEFAULT_SETTINGS).country_code
    names = _Names(targets, country)
    hidden = [
        (number,)
        for number, source, line, raw, detail in connection.execute(
            "SELECT id, source, line, raw, detail FROM problem ORDER BY id"
        ).fetchall()
        if raw != ERASED_TEXT
        and ((source, line) in places or names.are_in(raw) or names.are_in(detail))
    ]
    connection.executemany(
        f"UPDATE problem SET raw = '{ERASED_TEXT}', detail = '{ERASED_TEXT}' WHERE id = ?", hidden
    )
    failures = [
        (path,)
        for path, error in connection.execute(
            "SELECT path, error FROM failure ORDER BY path"
        ).fetchall()
        if names.are_in(error)
    ]
    connection.executemany(f"UPDATE failure SET error = '{ERASED_TEXT}' WHERE path = ?", failures)
    return len(hidden) + len(failures)


class _Names:
    """The ids and numbers that are looked for in text, in any case and form."""

    def __init__(self, targets: Targets, country: str) -> None:
        ids = "|".join(re.escape(card_id.casefold()) for card_id in targets.card_ids)
        self._ids = re.compile(rf"(?<!\w)(?:{ids})(?!\w)") if ids else None
        self._numbers = tuple(
            mobile.removeprefix(f"+{country}").removeprefix("+") for mobile in targets.mobiles
        )

    def are_in(self, text: str) -> bool:
        """Tell whether one of the names is in a text."""
        if self._ids is not None and self._ids.search(text.casefold()):
            return True
        if not self._numbers:
            return False
        runs = (_SEPARATORS.sub("", run) for run in _NUMBERS.findall(text))
        return any(number in run for run in runs for number in self._numbers)
