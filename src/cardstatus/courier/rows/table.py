"""Lines to rows: parses the lines below the header, and recovers from stray quotes.

Every physical row comes out once, as a :class:`RawRow` or as the :class:`Problem` of its shape.
Does not read the cells (see ``normalise``).
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from cardstatus.model.events import RawRow
from cardstatus.model.problems import Problem, Reason

from ..cells.encodings import readings
from ..faults import Fault, has_undecoded, rejected
from ..header.reading import Header
from .lines import MAX_LINE, Block
from .records import uneven_records, unparsable
from .shape import Shape

_OVERLONG: Final = Fault(
    Reason.LINE_TOO_LONG,
    f"the line is longer than {MAX_LINE:,} characters, which no courier row is",
)


class Batch(NamedTuple):
    """Some rows of a file, as three columns of the same length, and problems in place of rows."""

    numbers: Sequence[int]
    """Physical lines on which the rows start."""
    cells: Sequence[list[str]]
    texts: Sequence[str]
    """The rows as they are written in the file."""
    problems: Sequence[Problem] = ()
    odd: Sequence[int] = ()
    """Positions of the rows of another width than the header, and of the header repeated."""


class Table:
    """The rows of a courier file, or of a part of it, below its header.

    ``line`` is the number of the first line of ``blocks``. Every part but the ``last`` may end with
    lines of a row that only the next part completes. Once all batches are read, these are the
    :attr:`rest`, and belong in front of the next part. ``encoding`` is that of the file.
    """

    def __init__(
        self,
        header: Header,
        blocks: Iterator[Block],
        line: int = 1,
        *,
        last: bool = True,
        encoding: str = "utf-8",
    ) -> None:
        self.rest: list[str] = []
        self._header = header
        self._blocks = blocks
        self._line = line
        self._last = last
        self._encoding = encoding
        self._card = header.columns.index["card_id"]
        self._shape = Shape(header)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows some hundred at a time, as many as were read in one block.

        The odd rows want :meth:`examine`. So does a row whose card id is not a plain word: it may
        be empty, or the header between blanks. (To examine all rows takes 1 µs a row.)
        """
        pending: list[str] = []
        for block in self._blocks:
            lines = self._below_header(block.lines)
            if block.overlong and lines:
                yield self._rows(pending)[0]
                yield Batch(
                    (), (), (), [rejected(RawRow(self._line, (), lines[0]), None, _OVERLONG)]
                )
                self._line += 1
                pending = lines[1:]
            else:
                batch, rest = self._rows(pending, more=True)
                yield batch
                pending = rest + lines
        batch, self.rest = self._rows(pending, more=not self._last)
        yield batch

    def _below_header(self, lines: list[str]) -> list[str]:
        above = min(len(lines), max(0, self._header.line + 1 - self._line))
        self._line += above
        return lines[above:]

    def _rows(self, lines: list[str], *, more: bool = False) -> tuple[Batch, list[str]]:
        """Return the rows of ``lines``, and the last lines if only ``more`` can complete them."""
        text = "".join(lines)
        if has_undecoded(text):
            return self._uneven_rows(lines, more=more)
        try:
            rows = list(self._split(lines))
        except csv.Error:
            return self._uneven_rows(lines, more=more)
        if len(rows) != len(lines):
            return self._uneven_rows(lines, more=more)
        # A row a line, as nearly always.
        first = self._line
        self._line += len(lines)
        return Batch(range(first, self._line), rows, lines, odd=self._odd(rows, lines, text)), []

    def _split(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines, delimiter=self._header.delimiter, skipinitialspace=True, strict=True
        )

    def _odd(self, rows: list[list[str]], lines: Sequence[str], text: str) -> list[int]:
        """Level the rows that certainly have the cells of the header, and return the others."""
        width, card, header = self._header.columns.width, self._card, self._header.card_id
        even = list(map(len, rows)).count(width) == len(rows)
        # Searched in the text it costs a tenth of what it does in the column. A quote in it may be
        # written twice.
        if even and header.partition('"')[0] not in text:
            return []  # as nearly always
        odd: list[int] = []
        for at, cells in enumerate(rows):
            if len(cells) != width:
                rows[at] = self._shape.levelled(cells, lines[at])
            if len(rows[at]) != width or rows[at][card] == header:
                odd.append(at)
        return odd

    def _uneven_rows(self, lines: list[str], *, more: bool) -> tuple[Batch, list[str]]:
        base = self._line
        rows: list[RawRow] = []
        problems: list[Problem] = []
        rest: list[str] = []
        delimiter = self._header.delimiter
        for start, end, cells in uneven_records(lines, delimiter, self._shape.is_row):
            if cells is not None:
                examined = self._examined(base + start, cells, "".join(lines[start:end]))
                if isinstance(examined, Problem):
                    problems.append(examined)
                elif examined:
                    rows.append(examined)
            elif end == len(lines) and more:
                rest = lines[start:]
                break
            else:
                # Only the first line is given up, if it is no row even so.
                row = RawRow(base + start, self._shape.split_loosely(lines[start]), lines[start])
                if row.cells:
                    rows.append(row)
                else:
                    fault = unparsable(lines[start], alone=end - start == 1)
                    problems.append(rejected(row, None, fault))
        self._line = base + len(lines) - len(rest)
        return Batch(*_columns(rows), problems), rest

    def examine(self, batch: Batch, positions: Iterable[int]) -> Iterator[RawRow | Problem]:
        """Yield some rows of a batch, or the problems of their shape. A blank line is no row."""
        for at in positions:
            row = self._examined(batch.numbers[at], batch.cells[at], batch.texts[at])
            if row is not None:
                yield row

    def _examined(self, line: int, cells: list[str], text: str) -> RawRow | Problem | None:
        if not text.strip() and self._header.delimiter not in text:
            return None
        cells = self._shape.levelled(cells, text)
        fault = self._fault(cells, text, line)
        row = RawRow(line, cells, text)
        return rejected(row, None, fault) if fault else row

    def _fault(self, cells: Sequence[str], text: str, line: int) -> Fault | None:
        width = self._header.columns.width
        if not "".join(cells).strip():
            return Fault(Reason.EMPTY_ROW, "every cell is empty; delete the line")
        if has_undecoded(text):
            return _undecodable(next(filter(has_undecoded, cells), ""), self._encoding)
        is_again = len(cells) == width and cells[self._card].strip() == self._header.card_id
        if self._shape.is_header(cells, text, line) or is_again:
            return Fault(
                Reason.REPEATED_HEADER,
                "the header again, as when files are joined; delete the line",
            )
        if len(cells) < width:
            is_cut = len(cells) >= self._header.columns.least and not text.endswith(("\n", "\r"))
            detail = f"{len(cells)} cells where the header has {width}"
            if is_cut:
                detail += "; the file may have been cut here"
            return Fault(Reason.TOO_FEW_CELLS, detail)
        if len(cells) > width:
            return Fault(
                Reason.TOO_MANY_CELLS,
                f"{len(cells)} cells where the header has {width}; put a cell that holds the "
                "delimiter in quotes",
            )
        return None


def _undecodable(cell: str, encoding: str) -> Fault:
    detail = f"some bytes are no character in {encoding}; save the file as UTF-8"
    if likely := readings(cell, encoding):
        shown = ", ".join(f"{text!r} ({name})" for name, text in likely)
        detail += f", or ingest it with the --encoding that reads this right: {shown}"
    return Fault(Reason.UNDECODABLE, detail)


def _columns(rows: list[RawRow]) -> tuple[list[int], list[list[str]], list[str]]:
    return [row.line for row in rows], [list(row.cells) for row in rows], [row.text for row in rows]
