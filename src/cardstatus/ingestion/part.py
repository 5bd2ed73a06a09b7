"""Reads one part of one file: bytes to rows, rows to events, events to a sorted run.

What may be done in another process than the rest, and therefore knows no database and no report.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cardstatus.courier.files import PART, FileStamp, Part, is_gzipped, open_file
from cardstatus.courier.header import Header
from cardstatus.courier.lines import Block
from cardstatus.courier.mobiles import MobileReader
from cardstatus.courier.normalise import Normaliser
from cardstatus.courier.rows import Batch, Table
from cardstatus.courier.times import TimeReader
from cardstatus.database.packing import PackedEvents, pack
from cardstatus.model.problems import Problem
from cardstatus.model.records import EventFields, EventType, Settings

_EVENTS_A_RUN: Final = 50_000
_TEXT_A_RUN: Final = 8 * PART
"""Events and characters of rows: more than a part of PART bytes nearly ever has. They bound what is
held of a file without parts."""


@dataclass(frozen=True, slots=True)
class Book:
    """A file that has been looked at, and how it is to be read."""

    path: Path
    stamp: FileStamp
    type: EventType
    header: Header
    encoding: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Job:
    """A part of a file that is to be read."""

    book: Book
    part: Part

    @property
    def size(self) -> int:
        """Bytes on disk."""
        end = self.book.stamp.size if self.part.end is None else self.part.end
        return end - self.part.start

    @property
    def is_small(self) -> bool:
        """Whether all that is read of it may be in memory at a time."""
        return self.size <= 4 * PART and not is_gzipped(self.book.path)


def read(job: Job, before: Sequence[str] = ()) -> Iterator[PackedEvents]:
    """Yield the part as runs, one nearly always; of the last of them ``rest`` counts.

    ``before`` is the rest of the part before, which belongs to this one. Raises
    :class:`SourceError`, also if the file is no longer the one that was looked at.
    """
    book, part = job.book, job.part
    with open_file(book.path) as file:
        file.check_is(book.stamp)
        blocks = file.blocks(book.encoding, part)
        if before:
            blocks = chain([Block(list(before))], blocks)
        table = Table(book.header, blocks, part.line - len(before), last=part.end is None)
        normaliser = Normaliser(book.type, book.header.columns, *_readers(book.settings))
        done = part.start
        for events, problems in _pieces(table, normaliser):
            position = file.position
            yield pack(events, problems, position - done, table.rest)
            done = position


def _pieces(
    table: Table, normaliser: Normaliser
) -> Iterator[tuple[list[EventFields], list[Problem]]]:
    events: list[EventFields] = []
    problems: list[Problem] = []
    text = 0
    for batch in table.batches():
        more_events, more_problems = _read_batch(batch, table, normaliser)
        events += more_events
        problems += more_problems
        text += sum(map(len, batch.texts)) + sum(len(problem.raw) for problem in batch.problems)
        if len(events) + len(problems) >= _EVENTS_A_RUN or text >= _TEXT_A_RUN:
            yield events, problems
            events, problems, text = [], [], 0
    yield events, problems


def _read_batch(
    batch: Batch, table: Table, normaliser: Normaliser
) -> tuple[list[EventFields], list[Problem]]:
    events, odd = normaliser.usual(batch)
    problems = list(batch.problems)
    for row in table.examine(batch, odd):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        event, found = normaliser(row)
        problems += found
        if event:
            events.append(event)
    return events, problems


@lru_cache(maxsize=1)
def _readers(settings: Settings) -> tuple[TimeReader, MobileReader]:
    # They remember what they have read, which serves the next part.
    return TimeReader(ZoneInfo(settings.timezone)), MobileReader(settings.country_code)
