"""Courier files planned for Spark: which are read, in which pieces, and what is told of the others.

The driver goes through each file for its hash and its lines, and, where the file has quotes, for
the rows that stand across a cut. Cells are understood by the executors.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from cardstatus.courier.files.reader import WHOLE, OpenFile, Part, open_file
from cardstatus.courier.files.search import FoundFile, find_files
from cardstatus.courier.rows.doubts import check_order
from cardstatus.courier.rows.lines import Block
from cardstatus.courier.rows.table import Table
from cardstatus.errors import SourceError, UsageError
from cardstatus.ingestion.options import Options, reconcile, validate
from cardstatus.ingestion.part import FileToRead
from cardstatus.ingestion.plan import Planner
from cardstatus.model.records import EventType
from cardstatus.model.reports import Outcome

PARTS_A_PIECE: Final = 16
"""Parts of a file that one task reads, some 300,000 rows."""

_NO_MONTH: Final = re.compile(rb"[-/.](?:1[3-9]|2\d|3[01])[-/.]")
"""Without it, in the middle of a date, no date shows that a file has not the usual order."""
_AT_ONCE: Final = 1 << 20
_OPTIONS: Final = ("timezone", "country_code", "card_id_pattern", "encoding", "dates", "type")


@dataclass(frozen=True, slots=True)
class Piece:
    """Parts of one file that follow each other: what one task reads. With no part: a file of which
    no row is read.
    """

    name: str
    """As the user would write it."""
    number: int
    """Of the file, in the order in which files are taken in."""
    type: EventType | None
    outcome: Outcome
    error: str | None = None
    file: FileToRead | None = None
    parts: tuple[Part, ...] = ()
    carried_over: tuple[str, ...] = ()
    """The lines before the first part that it completes."""


class _NoDatabase:
    """Stands where a run of ingest has the files that are in."""

    standing = None

    def recorded(self, *_: object) -> None:
        return None


def read_options(given: Mapping[str, str]) -> tuple[list[Path], Options, int]:
    """Return the paths, the options and the number of the first file.

    Raises :class:`UsageError`.
    """
    paths = [*json.loads(given.get("paths", "[]")), *filter(None, [given.get("path")])]
    if not paths:
        raise UsageError("say which files: .load('FOLDER')")
    chosen = {name: given[name] for name in _OPTIONS if name in given}
    if kind := chosen.pop("type", None):
        chosen["type"] = EventType[kind.upper()]  # type: ignore[assignment]
    options = Options(**chosen)  # type: ignore[arg-type]
    validate(options)
    return [Path(path) for path in paths], options, int(given.get("first_file", "1"))


def plan(paths: Sequence[Path], options: Options, first: int, *, whole: bool) -> Iterator[Piece]:
    """Yield the pieces of all files; ``whole``: one piece a file."""
    settings = reconcile(None, options)
    planner = Planner(_NoDatabase(), Path(), options, settings)  # type: ignore[arg-type]
    seen: dict[str, Piece] = {}
    for number, found in enumerate(find_files(paths), first):
        planned = planner.plan(found)
        if planned.report:
            report = planned.report
            yield Piece(found.name, number, report.type, report.outcome, report.error)
            continue
        if planned.file is None:
            continue
        file = planned.file
        before = seen.setdefault(
            file.sha256, Piece(found.name, number, file.type, Outcome.INGESTED)
        )
        if before.number != number:
            yield _again(found, number, file, before)
            continue
        try:
            yield from _pieces(found, number, file, planned.parts, whole=whole)
        except SourceError as error:
            yield Piece(found.name, number, file.type, Outcome.FAILED, str(error))


def _again(found: FoundFile, number: int, file: FileToRead, before: Piece) -> Piece:
    if before.type is file.type:
        return Piece(found.name, number, file.type, Outcome.UNCHANGED)
    error = f"the same bytes are in as {before.type and before.type.word}: {before.name}"
    return Piece(found.name, number, file.type, Outcome.FAILED, error)


def _pieces(
    found: FoundFile, number: int, file: FileToRead, parts: Sequence[Part], *, whole: bool
) -> Iterator[Piece]:
    size = len(parts) if whole else PARTS_A_PIECE
    groups = [tuple(parts[at : at + size]) for at in range(0, len(parts), size)]
    carried_over: tuple[str, ...] = ()
    with open_file(file.path) as source:
        source.check_is(file.stamp)
        has_quotes = _check_dates(source, file, parts) and len(groups) > 1
        for group in groups:
            yield Piece(
                found.name, number, file.type, Outcome.INGESTED, None, file, group, carried_over
            )
            if has_quotes and group is not groups[-1]:
                carried_over = _left_over(source, file, group, carried_over)


def _check_dates(source: OpenFile, file: FileToRead, parts: Sequence[Part]) -> bool:
    """Return whether a file has quotes.

    Raises :class:`SourceError` if it does not tell the order of its dates for certain.
    """
    has_quotes = in_doubt = False
    before = b""
    with file.path.open("rb") as content:
        while some := content.read(_AT_ONCE):
            has_quotes = has_quotes or b'"' in some
            in_doubt = in_doubt or bool(_NO_MONTH.search(before[-3:] + some))
            before = some
    # In other encodings, and compressed, bytes do not show it.
    if in_doubt or file.dates or parts == (WHOLE,):
        check_order(file.header, source.blocks(file.encoding), file.dates)
    return has_quotes


def _left_over(
    source: OpenFile, file: FileToRead, parts: Sequence[Part], carried_over: Sequence[str]
) -> tuple[str, ...]:
    """Return the lines at the end of parts that the next part must complete."""
    rest = tuple(carried_over)
    for part in parts:
        blocks = source.blocks(file.encoding, part)
        if rest:
            blocks = chain([Block(list(rest))], blocks)
        table = Table(file.header, blocks, part.line - len(rest), last=part.end is None)
        for _ in table.batches():
            pass
        rest = tuple(table.rest)
    return rest
