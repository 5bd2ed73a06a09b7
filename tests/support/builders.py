"""Small builders of courier files and short ways to ask the program, shared by the tests."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cardstatus.courier.files.reader import WHOLE, Part, open_file
from cardstatus.courier.files.search import FoundFile
from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.header.reading import read_header
from cardstatus.database.reading.store import Store
from cardstatus.database.writing.packing import PackedEvents
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.part import FileToRead, read_part
from cardstatus.ingestion.plan import FilePlan
from cardstatus.ingestion.processes import PendingPart
from cardstatus.instants import SECOND
from cardstatus.model.events import CardEvent, Event
from cardstatus.model.problems import Problem, Reason, Severity
from cardstatus.model.records import DEFAULT_SETTINGS, CardStatus, EventType
from cardstatus.model.reports import IngestReport

HEADER = ("ID ", "Card ID", "User contact", "Timestamp", "Comment")


def csv_text(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> str:
    """Return a courier file's text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def write(folder: Path, name: str, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    """Write a courier file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text(rows, header), encoding="utf-8", newline="")
    return path


def row(
    card_id: str = "CRD1",
    time: str = "13-11-2023 14:00",
    *,
    mobile: str = "585550101",
    reference: str = "A1",
    comment: str = "note",
) -> tuple[str, str, str, str, str]:
    """Return a row for the default header."""
    return reference, card_id, mobile, time, comment


def take(database: Path, *paths: Path, options: Options = Options(), now: int = 0) -> IngestReport:
    """Ingest with a clock that stands still."""
    return ingest(paths, database, options, now=lambda: now)


def statuses(database: Path) -> list[CardStatus]:
    """Return every card's status."""
    with Store.open(database) as store:
        return list(store.statuses())


def status_of(database: Path, card_id: str = "CRD1") -> str | None:
    """Return the status of one card."""
    with Store.open(database) as store:
        card = store.card(card_id)
    return card.status if card else None


HOUR = 3_600 * SECOND
MONDAY = 1_699_833_600 * SECOND
"""2023-11-13T00:00Z, from which :func:`history` counts."""


def history(*told: str) -> list[CardEvent]:
    """Return a card's events in rule order, each told as ``TYPE HOUR`` and fields of it.

    >>> history("pickup 0", "delivered 5.5 mobile=+971585550101 zoned=0")[-1].mobile
    '+971585550101'
    """
    events = []
    for line, text in enumerate(told, 2):
        kind, hour, *rest = text.split()
        fields = {"reference": "", "mobile": "", "comment": ""}
        fields |= dict(part.split("=") for part in rest)
        zoned = int(fields.pop("zoned", "1"))
        instant = MONDAY + round(float(hour) * HOUR)
        stage = int(EventType[kind.upper()])
        events.append(CardEvent("CRD1", instant, stage, **fields, zoned=zoned, source=1, line=line))
    return sorted(events)


def load_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def plan(path: Path, encoding: str = "utf-8", kind: EventType = EventType.PICKUP) -> FilePlan:
    """Look at a courier file as a run of ingest does."""
    with open_file(path) as file:
        header = read_header(file.blocks(encoding), formats_of(kind))
        parts = file.parts(encoding)
    to_read = FileToRead(path, file.stamp, "00", kind, header, encoding, DEFAULT_SETTINGS)
    return FilePlan(FoundFile(str(path), path), file=to_read, parts=parts)


def pending(planned: FilePlan) -> list[PendingPart]:
    """Return the parts of a file that are to be read."""
    assert planned.file
    return [PendingPart(planned.file, part) for part in planned.parts]


def read_alone(
    planned: FilePlan, part: Part = WHOLE, carried_over: Sequence[str] = ()
) -> Iterator[PackedEvents]:
    """Read a part of a file as a process does that reads no other."""
    assert planned.file
    with open_file(planned.file.path) as source:
        yield from read_part(source, planned.file, part, carried_over)


def unpacked(piece: PackedEvents) -> tuple[list[Event], list[Problem]]:
    """Return the events and the problems of a piece, in the order in which they lie in it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(piece.content)
        events = connection.execute("SELECT * FROM incoming ORDER BY rowid").fetchall()
        problems = connection.execute("SELECT * FROM incoming_problem ORDER BY rowid").fetchall()
    return [Event(*event) for event in events], [
        Problem(Severity(severity), line, field, Reason(reason), detail, raw)
        for severity, line, field, reason, detail, raw in problems
    ]


def gathered(pieces: Iterable[PackedEvents]) -> tuple[list[Event], list[Problem]]:
    """Return the events and the problems of all pieces, in the order of lines."""
    events: list[Event] = []
    problems: list[Problem] = []
    for piece in pieces:
        more_events, more_problems = unpacked(piece)
        events += more_events
        problems += more_problems
    return sorted(events, key=lambda e: e.line), sorted(problems, key=lambda p: p.line)
