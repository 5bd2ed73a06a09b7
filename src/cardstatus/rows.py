"""Lines to rows: finds the header and the delimiter of a courier file and parses what is below.

Every physical row comes out once, as a :class:`RawRow` or as a :class:`Problem` that says what is
wrong with its shape; what the cells mean is not decided here (see ``normalise``).
"""

import csv
import re
from collections.abc import Generator, Iterator
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
Rows = Generator[RawRow | Problem, None, list[str]]


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
        self._card_header = header.cells[self._card]

    def __iter__(self) -> Iterator[RawRow | Problem]:
        pending = self._below
        for block in self._blocks:
            if block.overlong:
                yield from self._rows(pending, final=True)
                yield _rejected(self._line, _OVERLONG, block.lines[0])
                self._line += 1
                pending = block.lines[1:]
            else:
                pending = (yield from self._rows(pending, final=False)) + block.lines
        yield from self._rows(pending, final=True)

    def _rows(self, lines: list[str], *, final: bool) -> Rows:
        """Yield the rows of ``lines``; return the lines of a last row that may go on."""
        base = self._line
        width, card, card_header = self.columns.width, self._card, self._card_header
        suspect = has_undecoded("".join(lines))
        for start, end, cells in _records(lines, self._delimiter):
            if cells is None and end == len(lines) and not final:
                self._line = base + start
                return lines[start:]
            text = lines[start] if end - start == 1 else "".join(lines[start:end])
            if (
                cells is not None
                and len(cells) == width
                and cells[card]
                and cells[card] != card_header
                and not suspect
            ):
                yield RawRow(base + start, cells, text)
            else:
                row = self._odd_row(base + start, cells, text, alone=end - start == 1)
                if row is not None:
                    yield row
        self._line = base + len(lines)
        return []

    def _odd_row(
        self, line: int, cells: list[str] | None, text: str, *, alone: bool
    ) -> RawRow | Problem | None:
        """Say what is odd about a row; a RawRow if nothing is, None if it is a blank line."""
        if not text.strip():
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
        if cells[self._card].strip() == self._card_header.strip():
            return Reason.REPEATED_HEADER, (
                "the header again, as when files are joined; delete the line"
            )
        return None


def _records(lines: list[str], delimiter: str) -> Iterator[tuple[int, int, list[str] | None]]:
    """Parse lines into ``(start, end, cells)``, a record being ``lines[start:end]``.

    Where quotes do not pair up, ``cells`` is None and parsing goes on at ``start + 1``: a quote
    that nobody closed costs its own line, not the rows that it would swallow. The csv module's
    own way (``strict=False``) is to take all that follows into one cell, in silence.
    """
    start = 0
    while start < len(lines):
        offset = start
        reader = csv.reader(lines[offset:], delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                end = offset + reader.line_num
                yield start, end, cells
                start = end
        except csv.Error:
            yield start, offset + reader.line_num, None
            start += 1


def _read_header(blocks: Iterator[Block], fmt: SourceFormat) -> _Header:
    """Find the first line that is not blank and tell the delimiter by it."""
    line, declared = 0, ""
    for block in blocks:
        if block.overlong:
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
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise SourceError(f"the header line cannot be read: {error}") from error
        splits.append((cells, delimiter))
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
