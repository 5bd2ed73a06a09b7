"""Packs events and problems for their way from the process that reads to the one that writes.

They travel as the bytes of a small SQLite database, which the writer attaches and copies without
looking into its rows. (Rows pickled and bound again take 4 µs each, 3 of them of the writer's;
packed 1.1 and 0.2.)
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter
from typing import Final

from cardstatus.model.events import EventFields
from cardstatus.model.problems import NO_UNKNOWN_WORDS, Problem, Reason, Severity, UnknownWords
from cardstatus.rules.spelling import Form, count_forms

INCOMING: Final = """(
    card_id TEXT, occurred_at INTEGER, type INTEGER, reference TEXT, mobile TEXT, comment TEXT,
    zoned INTEGER, line INTEGER
)"""
"""The columns of events on their way: the fields of an Event."""
INCOMING_PROBLEM: Final = """(
    severity TEXT, line INTEGER, field TEXT, reason TEXT, detail TEXT, raw TEXT
)"""

# Fifty rows a statement take 0.9 µs a row, one takes 1.8.
_ROWS_A_STATEMENT: Final = 50
_PLACES: Final = "(?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_ONE: Final = f"INSERT INTO incoming VALUES {_PLACES}"
_INSERT_MANY: Final = f"{_INSERT_ONE}{f', {_PLACES}' * (_ROWS_A_STATEMENT - 1)}"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of what was read of a file, or of a piece of one."""

    events: int = 0
    zoneless: int = 0
    """Events whose time carried no zone."""
    rejected: int = 0
    warnings: int = 0
    month_first: int = 0
    """Rows rejected because their dates may have the month first."""
    doubts: int = 0
    """Rows whose date shows another order of day and month than the usual."""
    first_rejected: Problem | None = None
    forms: Mapping[Form, int] = field(default_factory=dict)
    """Card ids by kind and form, as ``rules.spelling`` counts them."""
    unknown_statuses: UnknownWords = NO_UNKNOWN_WORDS
    """Rows that were taken in with a status of which nothing is known."""

    @property
    def rows(self) -> int:
        """Rows in all."""
        return self.events + self.rejected

    def __add__(self, below: "Tally") -> "Tally":
        """Return the counts of this piece and of one further down in the file."""
        return Tally(
            self.events + below.events,
            self.zoneless + below.zoneless,
            self.rejected + below.rejected,
            self.warnings + below.warnings,
            self.month_first + below.month_first,
            self.doubts + below.doubts,
            self.first_rejected or below.first_rejected,
            Counter(self.forms) + Counter(below.forms),
            self.unknown_statuses + below.unknown_statuses,
        )


@dataclass(frozen=True, slots=True)
class PackedEvents:
    """Events and problems of a piece of one file, packed for the writer."""

    content: bytes
    """A SQLite database with the tables ``incoming``, sorted by card, and ``incoming_problem``."""
    tally: Tally
    size: int
    """Bytes of the file on disk that the piece took."""
    rest: tuple[str, ...] = ()
    """Lines at the end that the next piece must complete."""


def pack(
    events: Sequence[EventFields],
    problems: Sequence[Problem],
    size: int,
    rest: Iterable[str] = (),
    doubts: int = 0,
    unknown_statuses: UnknownWords = NO_UNKNOWN_WORDS,
) -> PackedEvents:
    """Pack events and problems of one file; ``doubts`` as in :class:`Tally`."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(f"CREATE TABLE incoming {INCOMING}")
        connection.execute(f"CREATE TABLE incoming_problem {INCOMING_PROBLEM}")
        connection.execute("BEGIN")
        # Cards in order halve the work of the writer's sort.
        _insert_events(connection, sorted(events, key=itemgetter(0)))
        connection.executemany(
            "INSERT INTO incoming_problem VALUES (?, ?, ?, ?, ?, ?)",
            (
                (p.severity.value, p.line, p.field, p.reason.value, p.detail, p.raw)
                for p in problems
            ),
        )
        connection.execute("COMMIT")
        content = connection.serialize()
    tally = replace(_tally(events, problems), doubts=doubts, unknown_statuses=unknown_statuses)
    return PackedEvents(content, tally, size, tuple(rest))


def _tally(events: Sequence[EventFields], problems: Sequence[Problem]) -> Tally:
    rejected = [problem for problem in problems if problem.severity is Severity.REJECTED]
    return Tally(
        events=len(events),
        zoneless=len(events) - sum(map(itemgetter(6), events)),
        rejected=len(rejected),
        warnings=len(problems) - len(rejected),
        month_first=sum(problem.reason is Reason.MONTH_FIRST for problem in rejected),
        first_rejected=min(rejected, key=lambda problem: problem.line, default=None),
        forms=count_forms(list(map(itemgetter(0), events))),
    )


def _insert_events(connection: sqlite3.Connection, events: Sequence[EventFields]) -> None:
    whole = len(events) - len(events) % _ROWS_A_STATEMENT
    cells = chain.from_iterable(events[:whole])
    connection.executemany(_INSERT_MANY, zip(*[cells] * _INSERT_MANY.count("?"), strict=True))
    connection.executemany(_INSERT_ONE, events[whole:])
