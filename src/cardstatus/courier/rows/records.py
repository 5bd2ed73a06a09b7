"""Records over several lines, and lines whose quotes do not pair up."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from cardstatus.model.problems import Reason

from ..faults import Fault
from .lines import MAX_LINE

IsRow = Callable[[list[str]], bool]
Record = tuple[int, int, list[str] | None]
"""A row that is ``lines[start:end]``, and its cells; None if its quotes do not pair up."""


def uneven_records(lines: list[str], delimiter: str, is_row: IsRow) -> Iterator[Record]:
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
            last = None
            if cells and end - start > 1:
                last = swallowed(lines[start + 1 : end], cells, delimiter, is_row)
            if cells is None or last is not None:
                yield start, end, None
                lost = max(lost, end - 1 if last is None else start + 1 + last)
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
    reader = csv.reader(bounded, delimiter=delimiter, skipinitialspace=True, strict=True)
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


def swallowed(lines: list[str], cells: list[str], delimiter: str, is_row: IsRow) -> int | None:
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


def unparsable(text: str, *, alone: bool) -> Fault:
    """Return the fault of a line that no quote closes; ``alone``: not because of lines below."""
    limit = csv.field_size_limit()
    if alone and len(text) > limit:
        return Fault(Reason.CELL_TOO_LONG, f"a cell is longer than {limit:,} characters")
    return Fault(
        Reason.BAD_QUOTING,
        "a quote that opens on this line is not closed, or text follows a closing quote; write a "
        'quote inside a quoted cell twice ("")',
    )
