"""Questions to the database about all cards and all files."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from cardstatus.instants import MINUTE, one_iso
from cardstatus.model.events import CardEvent, History
from cardstatus.model.records import MIXED, EventType
from cardstatus.rules import ordering

from ..schema.views import GREATEST
from ..settled import partners_of
from .search import Search
from .store import Store

_AT_ONCE: Final = 1_000
"""Rows fetched together."""

# The same as not to be in what rules.attempts.same_as finds; a test holds the two together.
_COUNTS: Final = f"""
    NOT EXISTS (
        SELECT 1 FROM event AS other
        WHERE other.card_id = event.card_id AND other.type = event.type
        AND other.occurred_at > event.occurred_at - {MINUTE}
        AND other.occurred_at <= event.occurred_at + {MINUTE}
        AND CASE
            WHEN other.occurred_at = event.occurred_at
                THEN ({ordering.columns(ordering.KEY, "other")})
                    > ({ordering.columns(ordering.KEY, "event")})
            WHEN event.occurred_at % {MINUTE} <> 0 OR other.reference <> event.reference THEN FALSE
            ELSE other.occurred_at > event.occurred_at OR other.occurred_at % {MINUTE} <> 0
        END
    )
"""


class Window(NamedTuple):
    """The instants between which something is counted, both included; None for no limit.

    Nanoseconds since 1970-01-01T00:00:00Z.
    """

    since: int | None = None
    until: int | None = None

    def holds(self, instant: int) -> bool:
        """Tell whether an instant lies in the window."""
        return (self.since is None or instant >= self.since) and (
            self.until is None or instant <= self.until
        )


def _type(table: str, otherwise: str = f"'{MIXED}'") -> str:
    """Return SQL for the type of a file as users read it."""
    word = f"(SELECT type FROM event_type WHERE event_type.id = {table}.type)"
    return f"coalesce({word}, {otherwise})"


_FILES: Final = f"""
    SELECT id AS number, name, {_type("source")} AS type, outcome, ingested_at, rows, new,
        duplicates, rejected, warnings, zoneless, size, sha256, path, NULL AS error, archived,
        encoding, NULL AS undone_at, NULL AS replaced_by, erased
    FROM source
    UNION ALL
    SELECT 1 << 62, name, {_type("failure", "NULL")}, 'failed', failed_at, 0, 0, 0, 0, 0,
        0, size, sha256, path, error, NULL, NULL, NULL, NULL, 0
    FROM failure WHERE forgotten_at IS NULL
    UNION ALL
    SELECT id, name, {_type("undone")}, 'undone', ingested_at, rows, new, duplicates, rejected,
        warnings, zoneless, size, sha256, path, NULL, archived, encoding, undone_at, replaced_by,
        erased
    FROM undone WHERE :undone
"""


class StoredFile(NamedTuple):
    """The record of ``files``: one file that was read."""

    source: str
    """As the user named it."""
    type: str | None
    """None for a file that failed by its name."""
    outcome: str
    """``ingested``, or ``failed`` if none of its rows could be kept, or read; ``undone`` of one
    that was taken out again."""
    ingested_at: str
    """ISO 8601 in UTC, ending in ``Z``."""
    rows: int
    new: int
    duplicates: int
    rejected: int
    warnings: int
    zoneless: int
    """Events with a time that was read in the database's zone."""
    size: int
    """Bytes."""
    sha256: str | None
    """None for a file whose bytes could not be read."""
    path: str
    """Absolute, on the machine that read it."""
    error: str | None
    """Why it failed before a row was read; None if it did not."""
    archived: str | None
    """Where ``watch`` put it, absolute; None if it was not moved."""
    number: int | None
    """Given to no other file, also when this one is taken out again; None if it failed before a row
    was read."""
    encoding: str | None
    """How its bytes were read; None if an older version did."""
    undone_at: str | None
    """When the file was taken out again; the other fields say what it had been. None: it is in."""
    replaced_by: int | None
    """The number of the file that took its place."""
    erased: int = 0
    """Rows of cards that were erased."""


class TypeActivity(NamedTuple):
    """The files that came in of one type, or whose rows may be of it, and its newest event; None if
    there is none.
    """

    type: str
    files: int
    last_source: str | None
    """The file ingested last."""
    last_ingested_at: str | None
    newest_event: str | None
    """The latest instant of an event of the type."""


class FailureReason(NamedTuple):
    """The number of failed attempts with one comment."""

    comment: str | None
    events: int


class Overview(Store):
    """A database opened for reading as a whole."""

    def search(self) -> Search:
        """Return the same database, opened to be searched."""
        return Search(self.path, self._connection)

    def count_events(self) -> int:
        """Return the number of events."""
        (events,) = self._connection.execute("SELECT coalesce(sum(new), 0) FROM source").fetchone()
        return int(events)

    def status_counts(self) -> dict[str, int]:
        """Return the number of cards by status, as ``stats`` counts them, a few times as quick."""
        counts = dict(
            self._connection.execute(
                f"SELECT type, count(*) FROM event WHERE {GREATEST} GROUP BY type ORDER BY type"
            )
        )
        return {kind.status.value: counts.get(int(kind), 0) for kind in EventType}

    def histories(self, advance: Callable[[int], None] | None = None) -> Iterator[History]:
        """Yield the events of each card in rule order, by card id.

        They are plain tuples in the order of :class:`CardEvent`, since a million of these are made
        0.4 s sooner. ``advance`` is called with the number of further events that have been read.
        """
        rows = self._connection.execute(
            f"""
            SELECT {", ".join(CardEvent._fields)} FROM event
            ORDER BY {ordering.columns(ordering.IDENTITY)}
            """
        )
        batches = iter(partial(rows.fetchmany, _AT_ONCE), [])
        if advance:
            batches = _reported(batches, advance)
        for _, events in groupby(chain.from_iterable(batches), itemgetter(0)):
            yield list(events)

    def source_names(self) -> dict[int, str]:
        """Return the names of all files by number."""
        return dict(self._connection.execute("SELECT id, name FROM source ORDER BY id"))

    def files(
        self,
        window: Window = Window(),
        *,
        newest_first: bool = False,
        limit: int | None = None,
        undone: bool = False,
    ) -> Iterator[StoredFile]:
        """Yield the files read in a window of time, in that order or against it: those that are in,
        and those that failed and are not forgotten.

        ``limit``: yield so many at most. ``undone``: also those that were taken out again.
        """
        rows = self._connection.execute(
            f"""
            SELECT name, type, outcome, ingested_at, rows, new, duplicates, rejected,
                warnings, zoneless, size, sha256, path, error, archived,
                nullif(number, 1 << 62), encoding, undone_at, replaced_by, erased
            FROM ({_FILES})
            WHERE (:since IS NULL OR ingested_at >= :since)
            AND (:until IS NULL OR ingested_at <= :until)
            ORDER BY iif(:newest_first, -ingested_at, ingested_at),
                iif(:newest_first, -number, number), path
            LIMIT :limit
            """,
            {
                **window._asdict(),
                "newest_first": newest_first,
                "limit": -1 if limit is None else limit,
                "undone": undone,
            },
        )
        for name, kind, outcome, ingested_at, *rest, undone_at, replaced_by, erased in rows:
            ended = (_iso(undone_at), replaced_by, erased)
            yield StoredFile._make((name, kind, outcome, one_iso(ingested_at), *rest, *ended))

    def activity(self) -> list[TypeActivity]:
        """Return the activity of each type, in the order of the life cycle."""
        newest = dict(
            self._connection.execute("SELECT type, max(occurred_at) FROM event GROUP BY type")
        )
        mixed = self._partners_of_mixed_files()
        return [
            self._activity(kind, newest.get(int(kind)), mixed.get(kind.word, []))
            for kind in EventType
        ]

    def _partners_of_mixed_files(self) -> dict[str, list[str]]:
        """Return by type the partners whose files may hold it in the rows of one file."""
        partners: dict[str, list[str]] = {}
        for name, declared in partners_of(self._connection).items():
            for word in {*json.loads(declared).get("status", {}).values()}:
                partners.setdefault(word, []).append(name)
        return partners

    def _activity(
        self, kind: EventType, newest: int | None, partners: Sequence[str]
    ) -> TypeActivity:
        files, name, ingested_at = self._connection.execute(
            """
            SELECT count(*) OVER (), name, ingested_at FROM source
            WHERE outcome = 'ingested' AND (
                type = :type
                OR type IS NULL AND partner IN (SELECT value FROM json_each(:partners))
            )
            ORDER BY ingested_at DESC, id DESC LIMIT 1
            """,
            {"type": int(kind), "partners": json.dumps(partners)},
        ).fetchone() or (0, None, None)
        return TypeActivity(kind.word, files, name, _iso(ingested_at), _iso(newest))

    def failure_reasons(self, window: Window, limit: int) -> list[FailureReason]:
        """Return the commonest comments of failed attempts in a window of time.

        An attempt of which several events tell has the comment of the one that counts.
        """
        rows = self._connection.execute(
            f"""
            SELECT comment, count(*) AS attempts FROM event
            WHERE type = :type
            AND (:since IS NULL OR occurred_at >= :since)
            AND (:until IS NULL OR occurred_at <= :until)
            AND {_COUNTS}
            GROUP BY comment ORDER BY attempts DESC, comment LIMIT :limit
            """,
            {
                **window._asdict(),
                "type": int(EventType.DELIVERY_EXCEPTIONS),
                "limit": limit,
            },
        )
        return [FailureReason(comment or None, count) for comment, count in rows]


_Rows = list[tuple[Any, ...]]


def _reported(batches: Iterator[_Rows], advance: Callable[[int], None]) -> Iterator[_Rows]:
    for batch in batches:
        yield batch
        advance(len(batch))


def _iso(instant: int | None) -> str | None:
    return None if instant is None else one_iso(instant)
