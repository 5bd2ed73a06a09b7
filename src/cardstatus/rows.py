"""Lines to rows: finds the header and the delimiter of a courier file and parses what is below.

Every physical row comes out once, as a :class:`RawRow` or as a :class:`Problem` that says what is
wrong with its shape; what the cells mean is not decided here (see ``normalise``).
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, count, islice
from typing import NamedTuple

from .errors import SourceError
from .evidence import has_undecoded, raw_text
from .formats import Columns, map_columns, recognised
from .model import Problem, RawRow, Reason, Severity, SourceFormat
from .sources import MAX_LINE, Block

DELIMITERS = (",", ";", "\t")

_Fault = tuple[Reason, str]
"""What is wrong with a row, and what to do about it."""
_OVERLONG: _Fault = (
    Reason.LINE_TOO_LONG,
    f"the line is longer than {MAX_LINE:,} characters, which no courier row is",
)
Batch = list[RawRow | Problem]


class _Header(NamedTuple):
    cells: list[str]
    delimiter: str
    next_line: int
    """Number of the physical line below the header."""
    below: list[str]
    """The lines below the header that were read with it."""


class Table:
    """The rows of one courier file, below a header that has been understood.

    Iterating yields every physical row once, in file order; blank lines are no rows.
    """

    def __init__(self, blocks: Iterator[Block], fmt: SourceFormat) -> None:
        self._blocks = blocks
        header = _read_header(blocks, fmt)
        self.columns: Columns = map_columns(fmt, header.cells)
        self._delimiter = header.delimiter
        self._line = header.next_line
        self._below = header.below
        self._card = self.columns.index["card_id"]
        self._card_header = header.cells[self._card].strip()

    def __iter__(self) -> Iterator[RawRow | Problem]:
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[Batch]:
        """Yield the rows some thousand at a time, as many as were read in one block."""
        pending = self._below
        for block in self._blocks:
            if block.overlong:
                yield self._rows(pending)[0]
                yield [_rejected(self._line, _OVERLONG, block.lines[0])]
                self._line += 1
                pending = block.lines[1:]
            else:
                batch, rest = self._rows(pending, more=True)
                yield batch
                pending = rest + block.lines
        yield self._rows(pending)[0]

    def _rows(self, lines: list[str], *, more: bool = False) -> tuple[Batch, list[str]]:
        """Return the rows of ``lines``, and the lines of a last row that ``more`` may complete."""
        base = self._line
        width, card, no_card = self.columns.width, self._card, ("", self._card_header)
        suspect = has_undecoded("".join(lines))
        new_row = partial(tuple.__new__, RawRow)  # 0.2 µs less than RawRow(...)
        batch: Batch = []
        for start, end, cells in _records(lines, self._delimiter, self._looks_like_a_row):
            if cells is None and end == len(lines) and more:
                self._line = base + start
                return batch, lines[start:]
            alone = end - start == 1
            # Of a row that cannot be parsed only the first line is given up.
            text = lines[start] if alone or cells is None else "".join(lines[start:end])
            if (
                cells is not None
                and len(cells) == width
                and cells[card].strip() not in no_card
                and not suspect
            ):
                batch.append(new_row((base + start, cells, text)))
            elif row := self._odd_row(base + start, cells, text, alone=alone):
                batch.append(row)
        self._line = base + len(lines)
        return batch, []

    def _looks_like_a_row(self, cells: list[str]) -> bool:
        """Tell whether cells from one line have the number and the time that a row has."""
        if len(cells) != self.columns.width:
            return False
        return re.search(r"\d:\d\d", cells[self.columns.index["occurred_at"]]) is not None

    def _odd_row(
        self, line: int, cells: list[str] | None, text: str, *, alone: bool
    ) -> RawRow | Problem | None:
        """Say what is odd about a row; a RawRow if nothing is, None if it is a blank line."""
        if not text.strip() and self._delimiter not in text:
            return None
        if cells is None:
            fault: _Fault | None = _unparsable(text, alone=alone)
        else:
            fault = self._fault(cells, text)
        if fault is None:
            return RawRow(line, cells or [], text)
        return _rejected(line, fault, text)

    def _fault(self, cells: list[str], text: str) -> _Fault | None:
        width = self.columns.width
        if not "".join(cells).strip():
            return Reason.EMPTY_ROW, "every cell is empty; delete the line"
        if has_undecoded(text):
            return Reason.UNDECODABLE, (
                "some bytes are not valid in the file's encoding; save the file as UTF-8, or give "
                "--encoding (cp1252 for most Windows files)"
            )
        if len(cells) < width:
            return Reason.TOO_FEW_CELLS, f"{len(cells)} cells where the header has {width}"
        if len(cells) > width:
            return Reason.TOO_MANY_CELLS, (
                f"{len(cells)} cells where the header has {width}; put a cell that holds the "
                "delimiter in quotes"
            )
        if cells[self._card].strip() == self._card_header:
            return Reason.REPEATED_HEADER, (
                "the header again, as when files are joined; delete the line"
            )
        return None


_IsRow = Callable[[list[str]], bool]
_Record = tuple[int, int, list[str] | None]
"""A row that is ``lines[start:end]``, and its cells; None if its quotes do not pair up."""


def _records(lines: list[str], delimiter: str, is_row: _IsRow) -> Iterable[_Record]:
    """Parse lines into records."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        rows = []
    if len(rows) == len(lines):
        # A row a line, as nearly always: nothing to keep count of, and 0.8 µs a row saved.
        return zip(count(), count(1), rows)
    return _uneven_records(lines, delimiter, is_row)


def _uneven_records(lines: list[str], delimiter: str, is_row: _IsRow) -> Iterator[_Record]:
    """Parse lines some of which are parts of rows, or cannot be parsed.

    After a quote that does not pair up, parsing goes on at the next line: it costs its own line,
    not the rows that it would swallow. The csv module's own way (``strict=False``) is to take all
    that follows into one cell, in silence.
    """
    start = 0
    while start < len(lines):
        offset = start
        reader = csv.reader(islice(lines, offset, None), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                end = offset + reader.line_num
                if end - start > 1 and _swallows(lines[start + 1 : end], cells, delimiter, is_row):
                    raise csv.Error
                yield start, end, cells
                start = end
        except csv.Error:
            yield start, offset + reader.line_num, None
            start += 1


def _swallows(lines: list[str], cells: list[str], delimiter: str, is_row: _IsRow) -> bool:
    """Tell whether a row over several lines holds a line that is a row of its own.

    Two quotes that were never meant as a pair, such as ditto marks in two rows, make one row of
    all that is between them, and nothing about that row is wrong but this.
    """
    # Where the first cell is the one over several lines, the last line ends the row as a whole
    # row would.
    own = lines[:-1] if re.search(r"[\r\n]", cells[0]) else lines
    return any(is_row(next(csv.reader([line], delimiter=delimiter))) for line in own)


def _read_header(blocks: Iterator[Block], fmt: SourceFormat) -> _Header:
    """Find the first line that is not blank and tell the delimiter by it."""
    line, declared = 0, ""
    for block in blocks:
        if block.overlong:
            line += 1
            break
        for position, text in enumerate(block.lines):
            line += 1
            directive = re.fullmatch(r'\ufeff?"?sep=([,;\t])"?\s*', text)
            if directive:
                # Excel's own first line, for Excel only.
                declared = directive.group(1)
            elif text.strip("\ufeff \t\r\n"):
                cells, delimiter = _split_header(text.lstrip("\ufeff"), fmt, declared)
                return _Header(cells, delimiter, line + 1, block.lines[position + 1 :])
    if line:
        raise SourceError("there is no header line of a courier file; is this a CSV file?")
    raise SourceError("the file is empty; ask the partner to send it again")


def _split_header(text: str, fmt: SourceFormat, declared: str) -> tuple[list[str], str]:
    """Split the header at the delimiter by which most of its columns are known ones."""
    splits: list[tuple[list[str], str]] = []
    for delimiter in declared or DELIMITERS:
        # Quoted headers are an error at every delimiter but their own.
        with suppress(csv.Error):
            cells = next(csv.reader([text], delimiter=delimiter, strict=True))
            splits.append((cells, delimiter))
    if not splits:
        raise SourceError("the quotes of the header line do not pair up; mend the line")
    return max(splits, key=lambda split: recognised(fmt, split[0]))


def _unparsable(text: str, *, alone: bool) -> _Fault:
    limit = csv.field_size_limit()
    if alone and len(text) > limit:
        return Reason.CELL_TOO_LONG, f"a cell is longer than {limit:,} characters"
    return Reason.BAD_QUOTING, (
        "a quote that opens on this line is not closed, or text follows a closing quote; write a "
        'quote inside a quoted cell twice ("")'
    )


def _rejected(line: int, fault: _Fault, text: str) -> Problem:
    reason, detail = fault
    return Problem(Severity.REJECTED, line, None, reason, detail, raw_text(text))
