"""Answers from the database: by card, by mobile and in full. Does not write (see ``writer``)."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from cardstatus.model.records import CardStatus, Status
from cardstatus.rules import ordering

from ..connection import check_undisturbed, opened, read_settings
from ..schema.views import GREATEST, views_within

if TYPE_CHECKING:
    from cardstatus.model.events import CardEvent
    from cardstatus.model.problems import Reason, Severity, StoredProblem
    from cardstatus.model.records import EventType, Settings
    from cardstatus.model.reports import FileReport, StatusChange

_FIELDS: Final = ", ".join(CardStatus._fields)
_AT_ONCE: Final = 1_000
"""Rows that become records together."""


class Store:
    """A database opened for reading."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        """The database's file."""
        self._connection = connection
        self.looks_back = False
        """Whether :meth:`look_back` has hidden some events."""

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open the database for the length of the block, which sees one state of it.

        Raises :class:`DatabaseError`.
        """
        with opened(path) as connection:
            # Else one card of a file that comes in meanwhile would be seen and another not.
            connection.execute("BEGIN")
            try:
                yield cls(path, connection)
            finally:  # before the error is taken for damage
                check_undisturbed(path, connection)

    def look_back(self, *, as_of: int | None = None, known_at: int | None = None) -> None:
        """Hide events after ``as_of``, and those of files ingested after ``known_at``.

        Nanoseconds since 1970-01-01T00:00:00Z, None for no limit. From here on every answer is
        that of a database without the hidden events.
        """
        # The views are this connection's alone, but "query_only" takes them for changes.
        self._connection.execute("PRAGMA query_only = OFF")
        in_order = known_at is None or self._came_in_order(known_at)
        for view in views_within(as_of, known_at, in_order=in_order):
            self._connection.execute(view)
        self._connection.execute("PRAGMA query_only = ON")
        self.looks_back = True

    def _came_in_order(self, instant: int) -> bool:
        """Tell whether all files ingested by an instant came in before all others."""
        (went_back,) = self._connection.execute(
            """
            SELECT EXISTS (
                SELECT 1 FROM source WHERE ingested_at <= :instant
                AND id > (SELECT min(id) FROM source WHERE ingested_at > :instant)
            )
            """,
            {"instant": instant},
        ).fetchone()
        return not went_back

    def settings(self) -> "Settings":
        """Return the zone and the country code that the database was begun with."""
        from cardstatus.model.records import DEFAULT_SETTINGS

        return read_settings(self._connection) or DEFAULT_SETTINGS

    def recorded(self, sha256: str, event_type: "EventType | None") -> "FileReport | None":
        """Return the report of the file with this content, None if none has been ingested."""
        from cardstatus.model.reports import Counts, FileReport, Outcome

        from .problems import is_settled

        row = self._connection.execute(
            """
            SELECT id, name, rows, new, duplicates, rejected, warnings, erased, zoneless
            FROM source
            WHERE sha256 = :sha256 AND type IS :type AND outcome = 'ingested'
            ORDER BY id
            """,
            {"sha256": sha256, "type": event_type and int(event_type)},
        ).fetchone()
        if row is None:
            return None
        number, name, *each, zoneless = row
        counts = Counts(*each)
        return FileReport(
            name, event_type, Outcome.INGESTED, counts, zoneless=zoneless,
            is_settled=counts.rejected > 0 and is_settled(self._connection, number),
        )  # fmt: skip

    def changes_since(self, number: int) -> "Iterator[StatusChange]":
        """Yield the cards whose status the files after that number have changed, by card id.

        Goes through all events.
        """
        from cardstatus.model.reports import StatusChange

        # A status can have changed only where a new event decides.
        rows = self._connection.execute(
            f"""
            SELECT card_id, before.status, after.status
            FROM (
                SELECT card_id, type AS now_type, (
                    SELECT type FROM event AS known
                    WHERE known.card_id = event.card_id AND source <= :known
                    ORDER BY {ordering.descending(ordering.KEY)} LIMIT 1
                ) AS known_type
                FROM event WHERE source > :known AND {GREATEST}
            )
            JOIN event_type AS after ON after.id = now_type
            LEFT JOIN event_type AS before ON before.id = known_type
            WHERE known_type IS NOT now_type ORDER BY card_id
            """,
            {"known": number},
        )
        return map(StatusChange._make, rows)

    def card(self, card_id: str) -> CardStatus | None:
        """Return the status of one card, None if it is not known."""
        row = self._connection.execute(
            f"SELECT {_FIELDS} FROM card_status WHERE card_id = :card_id ORDER BY card_id",
            {"card_id": card_id},
        ).fetchone()
        return CardStatus(*row) if row else None

    def history(self, card_id: str) -> "list[CardEvent]":
        """Return all events of one card in rule order; the last decides its status."""
        from cardstatus.model.events import CardEvent

        rows = self._connection.execute(
            f"""
            SELECT {", ".join(CardEvent._fields)} FROM event
            WHERE card_id = :card_id ORDER BY {ordering.columns(ordering.IDENTITY)}
            """,
            {"card_id": card_id},
        )
        return list(map(CardEvent._make, rows))

    def sightings(self, card_id: str) -> "dict[tuple[Any, ...], list[tuple[int, int]]]":
        """Return the rows that say an event of a card again: by its identity, the number of the
        file and the line of each.
        """
        rows = self._connection.execute(
            f"""
            SELECT {ordering.columns(ordering.IDENTITY)}, source, line FROM sighting
            WHERE card_id = :card_id
            ORDER BY {ordering.columns(ordering.IDENTITY)}, source, line
            """,
            {"card_id": card_id},
        )
        found: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
        for *identity, source, line in rows:
            found.setdefault(tuple(identity), []).append((source, line))
        return found

    def source(self, number: int) -> tuple[str, int]:
        """Return the name of a file and when it was ingested (nanoseconds since 1970, UTC)."""
        row: tuple[str, int] = self._connection.execute(
            "SELECT name, ingested_at FROM source WHERE id = :number", {"number": number}
        ).fetchone()
        return row

    def place(self, number: int) -> tuple[str, str | None, str, str | None]:
        """Return where a file was read, where it was archived, its hash, and its encoding if that
        was kept.
        """
        row: tuple[str, str | None, str, str | None] = self._connection.execute(
            "SELECT path, archived, sha256, encoding FROM source WHERE id = :number",
            {"number": number},
        ).fetchone()
        return row

    def cards_of_mobile(self, mobile: str) -> list[str]:
        """Return the ids of the cards of which any event has this number, sorted."""
        return [
            card_id
            for (card_id,) in self._connection.execute(
                "SELECT card_id FROM card_mobile WHERE mobile = :mobile ORDER BY card_id",
                {"mobile": mobile},
            )
        ]

    def has_near_ids(self) -> bool:
        """Tell whether two known cards may have near ids; in most databases none can have."""
        (some,) = self._connection.execute("SELECT EXISTS (SELECT 1 FROM card_alias)").fetchone()
        return bool(some)

    def near_ids(self, card_id: str) -> list[str]:
        """Return the ids of known cards that differ from a card id in spelling only, sorted."""
        from .near import near_ids

        return near_ids(self._connection, card_id)

    def near_pairs(self) -> "Iterator[tuple[str, str]]":
        """Yield all pairs of known cards whose ids differ in spelling only."""
        from .near import near_pairs

        return near_pairs(self._connection)

    def new_near_pairs(self, number: int) -> "Iterator[tuple[str, str]]":
        """Yield those that the files after that number have made."""
        from .near import new_pairs

        return new_pairs(self._connection, number)

    def statuses(self, only: Sequence[Status] = (), after: str = "") -> Iterator[CardStatus]:
        """Yield the status of every card by card id.

        ``only``: of cards with one of these. ``after``: of cards behind this one.
        """
        return self._records(f"card_id > ? AND {GREATEST}", only, after)

    def events(self, only: Sequence[Status] = ()) -> Iterator[CardStatus]:
        """Yield every event as a record by card id, each card's in rule order."""
        return self._records("TRUE", only)

    def _records(
        self, condition: str, only: Sequence[Status], *values: str
    ) -> Iterator[CardStatus]:
        """Yield the events that fulfil a condition as records, in the order of the table.

        The records are those of the views, made in two thirds of their time: statuses, names and
        instants are added here.
        """
        if only:
            statuses = ", ".join("?" * len(only))
            condition += f" AND type IN (SELECT id FROM event_type WHERE status IN ({statuses}))"
        events = self._connection.execute(
            f"""
            SELECT card_id, type, occurred_at, mobile, comment, reference, source, line
            FROM event WHERE {condition} ORDER BY {ordering.columns(ordering.IDENTITY)}
            """,
            (*values, *only),
        )
        from .batches import as_records

        # After the events: while these are being read, all is of the same state.
        look_up = self._connection.execute
        status_of = dict(look_up("SELECT id, status FROM event_type ORDER BY id"))
        name_of = dict(look_up("SELECT id, name FROM source ORDER BY id"))
        batches = iter(partial(events.fetchmany, _AT_ONCE), [])
        records = chain.from_iterable(as_records(batch, status_of, name_of) for batch in batches)
        return chain(records, self._checked())

    def _checked(self) -> Iterator[CardStatus]:
        # Here, for the caller next puts the file of these records in place of an older one.
        check_undisturbed(self.path, self._connection)
        yield from ()

    def problems(
        self,
        severity: "Severity | None" = None,
        *,
        reason: "Reason | None" = None,
        file: str | None = None,
        since: int | None = None,
        only_open: bool = False,
    ) -> "Iterator[StoredProblem]":
        """Yield problems by file, in the order of ingest, and line; then files that failed whole.

        ``file``: only of this file, by its name as it was given, its path, or the end of that.
        ``since``: only of files read then or later, nanoseconds since 1970-01-01T00:00:00Z.
        """
        from .problems import ProblemFilter, stored_problems

        wanted = ProblemFilter(severity, reason, file, since, only_open)
        return stored_problems(self._connection, wanted)


def fold(card_id: str) -> str:
    """Return the card id in upper case without blanks, as ``find`` compares it.

    Only ASCII letters are raised, as SQLite's ``upper`` does.
    """
    return card_id.replace(" ", "").encode().upper().decode()
