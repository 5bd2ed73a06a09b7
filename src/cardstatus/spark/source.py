"""Courier files as a data source of Spark: ``spark.read.format("cardstatus").load(FOLDER)``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from cardstatus.courier.files.reader import open_file
from cardstatus.errors import CardStatusError, SourceError
from cardstatus.ingestion.part import read_rows
from cardstatus.model.events import EventFields
from cardstatus.model.problems import Problem, Severity
from cardstatus.model.reports import Outcome

from .frames import SCHEMAS, batch, in_ddl
from .planning import Piece, plan, read_options

_ROWS_A_BATCH: Final = 20_000


class CardStatusSource(DataSource):
    """Events, problems or files of couriers' CSV files.

    Options: ``what`` is ``events`` (default), ``problems`` or ``files``; ``timezone``,
    ``country_code``, ``card_id_pattern``, ``dates``, ``encoding`` and ``type`` are those of
    ``cardstatus ingest``; ``first_file`` is the number of the first file, for days that are
    appended to earlier ones.
    """

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "cardstatus"

    def schema(self) -> str:
        """Return the columns of what is asked for."""
        return in_ddl(SCHEMAS[self._what()])

    def reader(self, schema: Any) -> "CardStatusReader":
        """Return the reader of what is asked for."""
        return CardStatusReader(self._what(), dict(self.options))

    def _what(self) -> str:
        what: str = self.options.get("what", "events")
        if what not in SCHEMAS:
            raise ValueError(f"option what: {what!r} is none of {', '.join(SCHEMAS)}")
        return what


class PiecePartition(InputPartition):
    """One task: a piece of a file."""

    def __init__(self, piece: Piece) -> None:
        super().__init__(piece.number)
        self.piece = piece


class CardStatusReader(DataSourceReader):
    """Plans files on the driver, and reads pieces of them on the executors."""

    def __init__(self, what: str, options: Mapping[str, str]) -> None:
        self._what = what
        self._options = options

    def partitions(self) -> Sequence[InputPartition]:
        """Plan the files; raises :class:`ValueError` for options that mean nothing."""
        try:
            paths, options, first = read_options(self._options)
        except CardStatusError as error:
            raise ValueError(str(error)) from None
        pieces = plan(paths, options, first, whole=self._what == "files")
        wanted = [piece for piece in pieces if piece.parts or self._what == "files"]
        return [PiecePartition(piece) for piece in wanted]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one piece as Arrow batches."""
        piece = partition.piece
        try:
            yield from getattr(self, f"_{self._what}")(piece)
        except SourceError as error:
            raise RuntimeError(f"{piece.name}: {error}") from None

    def _events(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        for events, _ in rows_of(piece):
            for at in range(0, len(events), _ROWS_A_BATCH):
                some = events[at : at + _ROWS_A_BATCH]
                yield batch(SCHEMAS["events"], [(*e, piece.name, piece.number) for e in some])

    def _problems(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        for _, problems in rows_of(piece):
            if problems:
                rows = [
                    (
                        p.severity.value, piece.name, p.line, p.field, p.reason.value, p.detail,
                        p.raw, piece.number,
                    )
                    for p in problems
                ]  # fmt: skip
                yield batch(SCHEMAS["problems"], rows)

    def _files(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        events = zoneless = rejected = warnings = 0
        if piece.parts:
            for some, problems in rows_of(piece):
                bad = sum(problem.severity is Severity.REJECTED for problem in problems)
                events += len(some)
                zoneless += sum(not event[6] for event in some)
                rejected += bad
                warnings += len(problems) - bad
        outcome, error = piece.outcome, piece.error
        if rejected and not events:
            outcome, error = Outcome.FAILED, "every row is rejected"
        kind = piece.type.word if piece.type else None
        row = (
            piece.name, kind, outcome.value, events + rejected, events, rejected, warnings,
            zoneless, error, piece.number,
        )  # fmt: skip
        yield batch(SCHEMAS["files"], [row])


def rows_of(piece: Piece) -> Iterator[tuple[list[EventFields], list[Problem]]]:
    """Yield the events and problems of a piece. Raises :class:`SourceError`."""
    if piece.file is None:
        return
    carried_over: Sequence[str] = piece.carried_over
    with open_file(piece.file.path) as source:
        for part in piece.parts:
            for rows in read_rows(source, piece.file, part, carried_over):
                yield rows.events, rows.problems
                carried_over = rows.rest
