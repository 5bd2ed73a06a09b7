"""Reads one part of one file: bytes to rows, rows to events, events packed for the writer.

May run in another process than the rest. Knows no database and no report.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.courier.cells.card_ids import CardIdReader
from cardstatus.courier.cells.mobiles import MobileReader
from cardstatus.courier.cells.times import TimeReader
from cardstatus.courier.files.reader import PART, OpenFile, Part
from cardstatus.courier.files.search import FileStamp
from cardstatus.courier.header.reading import Header
from cardstatus.courier.header.zones import zone_of
from cardstatus.courier.partners.declaration import Partner
from cardstatus.courier.rows.lines import Block
from cardstatus.courier.rows.normalise import Normaliser
from cardstatus.courier.rows.table import Batch, Table
from cardstatus.database.writing.packing import PackedEvents, pack
from cardstatus.model.dates import DateOrder
from cardstatus.model.events import EventFields
from cardstatus.model.problems import Problem, UnknownWords
from cardstatus.model.records import EventType, Settings

_EVENTS_A_PIECE: Final = 50_000
_TEXT_A_PIECE: Final = 8 * PART
"""Events and characters of rows: more than a part of PART bytes nearly ever has. They limit the
memory that a file without parts takes."""


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file that has been planned, with all that reading it takes."""

    path: Path
    stamp: FileStamp
    sha256: str
    type: EventType | None
    """None if each row has its own."""
    header: Header
    encoding: str
    """The one that it is read in, whatever was declared for files that do not tell."""
    settings: Settings
    dates: DateOrder | None = None
    """The order of its dates, if the user declares it."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was understood."""
    replaces: tuple[int, ...] = ()
    """The numbers of the files whose place it takes."""
    partner: Partner | None = None
    """Whose it is; None for nobody's."""


class Rows(NamedTuple):
    """What some rows of a part say."""

    events: list[EventFields]
    problems: list[Problem]
    rest: Sequence[str]
    """Lines at the end that the next rows must complete."""
    doubts: int
    unknown: UnknownWords


def read_part(
    source: OpenFile, file: FileToRead, part: Part, carried_over: Sequence[str] = ()
) -> Iterator[PackedEvents]:
    """Yield the events of a part, nearly always as one piece.

    ``carried_over``: the ``rest`` of the last piece of the part before, which this part completes.
    Raises :class:`SourceError` if the open file is not the one that was planned, or has changed.
    """
    done = part.start
    for rows in read_rows(source, file, part, carried_over):
        position = source.position
        yield pack(
            rows.events, rows.problems, position - done, rows.rest, rows.doubts, rows.unknown
        )
        done = position


def read_rows(
    source: OpenFile, file: FileToRead, part: Part, carried_over: Sequence[str] = ()
) -> Iterator[Rows]:
    """Yield what the rows of a part say; see :func:`read_part`."""
    source.check_is(file.stamp)
    blocks = source.blocks(file.encoding, part)
    if carried_over:
        blocks = chain([Block(list(carried_over))], blocks)
    table = Table(
        file.header,
        blocks,
        part.line - len(carried_over),
        last=part.end is None,
        encoding=file.encoding,
    )
    columns = file.header.columns
    readers = _readers(file.settings, columns.zone, file.dates)
    own = file.partner.row_types(columns) if file.partner and file.type is None else None
    normaliser = Normaliser(file.type, columns, *readers, own)
    for events, problems in _pieces(table, normaliser):
        unknown = normaliser.take_unknown()
        yield Rows(events, problems, table.rest, normaliser.doubts, unknown)
        normaliser.doubts = 0


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
        if len(events) + len(problems) >= _EVENTS_A_PIECE or text >= _TEXT_A_PIECE:
            yield events, problems
            events, problems, text = [], [], 0
    yield events, problems


def _read_batch(
    batch: Batch, table: Table, normaliser: Normaliser
) -> tuple[list[EventFields], list[Problem]]:
    events, odd = normaliser.usual(batch)
    problems = list(batch.problems)
    for row in table.examine(batch, sorted(odd)):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        event, found = normaliser(row)
        problems += found
        if event:
            events.append(event)
    return events, problems


@lru_cache(maxsize=8)
def _readers(
    settings: Settings, declared: str, dates: DateOrder | None
) -> tuple[TimeReader, MobileReader, CardIdReader]:
    # Cached, for they remember what they have read, which serves the next part.
    return (
        TimeReader(zone_of(declared or settings.timezone), dates),
        MobileReader(settings.country_code),
        CardIdReader(settings.card_id_pattern),
    )
