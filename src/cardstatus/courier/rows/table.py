"""Lines to rows: parses the lines below the header, and recovers from stray quotes.

Every physical row comes out once, as a :class:`RawRow` or as the :class:`Problem` of its shape.
Does not read the cells (see ``normalise``).
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from cardstatus.model.events import RawRow
from cardstatus.model.problems import Problem, Reason

from ..faults import Fault, has_undecoded, rejected
from ..header.reading import Header
from .lines import MAX_LINE, Block

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
    :attr:`rest`, and belong in front of the next part.
    """

    def __init__(
        self, header: Header, blocks: Iterator[Block], line: int = 1, *, last: bool = True
    ) -> None:
        self.rest: list[str] = []
        self._header = header
        self._blocks = blocks
        self._line = line
        self._last = last
        self._card = header.columns.index["card_id"]

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
            rows = list(csv.reader(lines, delimiter=self._header.delimiter, strict=True))
        except csv.Error:
            return self._uneven_rows(lines, more=more)
        if len(rows) != len(lines):
            return self._uneven_rows(lines, more=more)
        # A row a line, as nearly always.
        first = self._line
        self._line += len(lines)
        return Batch(range(first, self._line), rows, lines, odd=self._odd(rows, text)), []

    def _odd(self, rows: list[list[str]], text: str) -> list[int]:
        width, card, header = self._header.columns.width, self._card, self._header.card_id
        even = list(map(len, rows)).count(width) == len(rows)
        # Searched in the text it costs a tenth of what it does in the column. A quote in it may be
        # written twice.
        if even and header.partition('"')[0] not in text:
            return []  # as nearly always
        return [at for at, cells in enumerate(rows) if len(cells) != width or cells[card] == header]

    def _uneven_rows(self, lines: list[str], *, more: bool) -> tuple[Batch, list[str]]:
        base = self._line
        rows: list[RawRow] = []
        problems: list[Problem] = []
        rest: list[str] = []
        delimiter = self._header.delimiter
        for start, end, cells in _uneven_records(lines, delimiter, self._looks_like_a_row):
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
                # Only the first line is given up.
                fault = _unparsable(lines[start], alone=end - start == 1)
                problems.append(rejected(RawRow(base + start, (), lines[start]), None, fault))
        self._line = base + len(lines) - len(rest)
        return Batch(*_columns(rows), problems), rest

    def _looks_like_a_row(self, cells: list[str]) -> bool:
        """Tell whether the cells of one line are as many as a row has, and hold a time."""
        columns = self._header.columns
        if len(cells) != columns.width:
            return False
        return re.search(r"\d:\d\d", cells[columns.index["occurred_at"]]) is not None

    def examine(self, batch: Batch, positions: Iterable[int]) -> Iterator[RawRow | Problem]:
        """Yield some rows of a batch, or the problems of their shape. A blank line is no row."""
        for at in positions:
            row = self._examined(batch.numbers[at], batch.cells[at], batch.texts[at])
            if row is not None:
                yield row

    def _examined(self, line: int, cells: Sequence[str], text: str) -> RawRow | Problem | None:
        if not text.strip() and self._header.delimiter not in text:
            return None
        fault = self._fault(cells, text)
        row = RawRow(line, cells, text)
        return rejected(row, None, fault) if fault else row

    def _fault(self, cells: Sequence[str], text: str) -> Fault | None:
        width = self._header.columns.width
        if not "".join(cells).strip():
            return Fault(Reason.EMPTY_ROW, "every cell is empty; delete the line")
        if has_undecoded(text):
            return Fault(
                Reason.UNDECODABLE,
                "some bytes are not valid in the file's encoding; save the file as UTF-8, or give "
                "--encoding (cp1252 for most Windows files)",
            )
        if len(cells) < width:
            return Fault(Reason.TOO_FEW_CELLS, f"{len(cells)} cells where the header has {width}")
        if len(cells) > width:
            return Fault(
                Reason.TOO_MANY_CELLS,
                f"{len(cells)} cells where the header has {width}; put a cell that holds the "
                "delimiter in quotes",
            )
        if cells[self._card].strip() == self._header.card_id:
            return Fault(
                Reason.REPEATED_HEADER,
                "the header again, as when files are joined; delete the line",
            )
        return None


def _columns(rows: list[RawRow]) -> tuple[list[int], list[list[str]], list[str]]:
    return [row.line for row in rows], [list(row.cells) for row in rows], [row.text for row in rows]


_IsRow = Callable[[list[str]], bool]
_Record = tuple[int, int, list[str] | None]
"""A row that is ``lines[start:end]``, and its cells; None if its quotes do not pair up."""


def _uneven_records(lines: list[str], delimiter: str, is_row: _IsRow) -> Iterator[_Record]:
    """Parse lines some of which are parts of rows, or cannot be parsed.

    After a quote that does not pair up, parsing goes on at the next line: it costs its own line,
    not the rows that it would swallow. The csv module's own way (``strict=False``) is to take all
    that follows into one cell, in silence.

    However many quotes open, the time is that of the lines. A text goes on inside quotes in the
    same way, wherever they were opened. So if a quote leads to nothing, one that is open at the end
    of a line in between leads there, too, and such lines are tried by themselves. Only below the
    last row that the first quote would have swallowed may another be right.
    """
    start = lost = 0
    while start < len(lines):
        stop = start + 1 if start < lost else len(lines)
        for end, cells in _parsed(lines, start, stop, delimiter):
            swallowed = None
            if cells and end - start > 1:
                swallowed = _swallowed(lines[start + 1 : end], cells, delimiter, is_row)
            if cells is None or swallowed is not None:
                yield start, end, None
                lost = max(lost, end - 1 if swallowed is None else start + 1 + swallowed)
                start += 1
                break
            yield start, end, cells
            start = end


def _parsed(
    lines: Sequence[str], start: int, stop: int, delimiter: str
) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the cells of each row of ``lines[start:stop]``, behind the position where it ends.

    A row that cannot be parsed is the last, with None for its cells.
    """
    bounded = _Bounded(lines, start, stop)
    reader = csv.reader(bounded, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield start + reader.line_num, cells
            bounded.room = _ROOM
    except csv.Error:
        yield start + reader.line_num, None


_ROOM: Final = MAX_LINE + len("\r\n")


class _Bounded:
    """Some lines, as long as no row takes more characters than a line may.

    With what closes a quote and opens the next on every line a row would have no end.
    """

    def __init__(self, lines: Sequence[str], start: int, stop: int) -> None:
        self.room = _ROOM
        self._lines = lines
        self._positions = range(start, stop)  # islice would go there from the first

    def __iter__(self) -> Iterator[str]:
        for at in self._positions:
            line = self._lines[at]
            self.room -= len(line)
            if self.room < 0:
                raise csv.Error("the row is longer than a line may be")
            yield line


def _swallowed(lines: list[str], cells: list[str], delimiter: str, is_row: _IsRow) -> int | None:
    """Return the last line of a row over several, below its first, that is a row of its own.

    Two quotes that were never meant as a pair, such as ditto marks in two rows, make one row of
    all that is between them, and nothing else is wrong with that row.
    """
    # If the first cell is the one over several lines, the last line has all the other cells, and
    # looks like a row.
    own = lines[:-1] if re.search(r"[\r\n]", cells[0]) else lines
    for at, line in reversed([*enumerate(own)]):
        with suppress(csv.Error):  # a cell longer than any of the row over several
            if is_row(next(csv.reader([line], delimiter=delimiter))):
                return at
    return None


def _unparsable(text: str, *, alone: bool) -> Fault:
    limit = csv.field_size_limit()
    if alone and len(text) > limit:
        return Fault(Reason.CELL_TOO_LONG, f"a cell is longer than {limit:,} characters")
    return Fault(
        Reason.BAD_QUOTING,
        "a quote that opens on this line is not closed, or text follows a closing quote; write a "
        'quote inside a quoted cell twice ("")',
    )
