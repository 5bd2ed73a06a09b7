"""Whether a file tells the order of day and month for certain; if not, it is refused as a whole."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from cardstatus.errors import SourceError
from cardstatus.model.dates import DateOrder
from cardstatus.privacy import redact

from ..cells.orders import Shown, showing
from ..header.reading import Header
from .lines import Block
from .table import Table

_YEAR_LAST: Final = (Shown.MONTH_FIRST, Shown.DAY_FIRST, Shown.EITHER_FIRST)
_YEAR_FIRST: Final = (Shown.MONTH_LAST, Shown.DAY_LAST, Shown.EITHER_LAST)


class Shows(NamedTuple):
    """The dates of a file that show the same, and the first of them."""

    rows: int
    line: int
    date: str

    def __str__(self) -> str:
        """Return the number, and the first as an example."""
        return f"{self.rows:,} (line {self.line}: {redact(self.date)!r})"


def check_order(header: Header, blocks: Iterator[Block], order: DateOrder | None) -> None:
    """Read all of a file's dates, and raise :class:`SourceError` if some can be read both ways
    while others show that it is not the usual one.

    Only for a file in which some date shows this. ``order``: as the user declares it.
    """
    shown = _shown(Table(header, blocks), header.columns.index["occurred_at"])
    if order is None:
        _check_year_last(*map(shown.get, _YEAR_LAST))
    if order != DateOrder.YEAR_FIRST:
        _check_year_first(*map(shown.get, _YEAR_FIRST))


def _shown(table: Table, place: int) -> Mapping[Shown, Shows]:
    shown: dict[Shown, Shows] = {}
    for batch in table.batches():
        for line, cells in zip(batch.numbers, batch.cells, strict=True):
            what = showing(cells[place]) if place < len(cells) else None
            if what:
                before = shown.get(what.what, Shows(0, line, what.date))
                shown[what.what] = before._replace(rows=before.rows + 1)
    return shown


def _check_year_last(
    month_first: Shows | None, day_first: Shows | None, either: Shows | None
) -> None:
    if not month_first or not either:
        return
    seen = f"dates with the month first: {month_first}"
    if day_first:
        seen += f", with the day first: {day_first}"
    raise SourceError(
        f"{seen}, and dates that can be read both ways: {either}; ask the partner how these are "
        "meant, then say --dates day-first or --dates month-first"
    )


def _check_year_first(
    month_last: Shows | None, day_last: Shows | None, either: Shows | None
) -> None:
    # One slip among dates that show the usual order is a slip: nobody writes these otherwise.
    if not month_last or not either or day_last:
        return
    raise SourceError(
        f"dates with the month last: {month_last}, and dates that can be read both ways: {either}; "
        "ask the partner for YYYY-MM-DD, or say --dates year-first if these are meant so"
    )
