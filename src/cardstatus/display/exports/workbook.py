"""Records for spreadsheet programs: as an Excel workbook, or as CSV that Excel opens rightly.

Times are those of the database's zone, which the header names.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cardstatus.errors import CardStatusError
from cardstatus.model.records import CardStatus

from ..serialise import csv_lines
from ..wording import local_time, zone_of

_ROWS: Final = 1_048_575
"""Rows of a sheet, below the header."""
_CHARACTERS: Final = 32_767
"""Characters of a cell."""
_TIME: Final = CardStatus._fields.index("occurred_at")
_WIDTHS: Final = (16, 19, 20, 16, 40, 14, 40, 8)
"""Of the columns of a record, in characters."""
_FIRST_DAY: Final = "1900-03-01"
"""Before it Excel counts a day that never was."""


def for_excel(
    records: Iterable[CardStatus], timezone: str, *, delimiter: str = ",", raw: bool = False
) -> Iterator[str]:
    """Yield CSV with a byte-order mark, by which Excel knows that it is UTF-8."""
    yield "\ufeff"
    yield from csv_lines(_header(timezone), _local(records, timezone), raw=raw, delimiter=delimiter)


def write_workbook(path: Path, records: Iterable[CardStatus], timezone: str) -> None:
    """Write records into a file as a workbook: its header stays in sight, and has filters.

    Every text stays text: no card id loses its zeros, and nothing is a formula or a link. Raises
    :class:`CardStatusError` for more records than a sheet holds, and :class:`OSError`.
    """
    writer = _writer()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with writer.Workbook(str(path), options) as book:
            _fill(book, records, timezone)
    except writer.exceptions.FileCreateError as error:
        raise error.args[0] from error


def _writer() -> Any:
    try:
        import xlsxwriter
    except ModuleNotFoundError as error:
        raise CardStatusError(
            "a workbook needs xlsxwriter, which is not installed; write .csv with --excel, or get "
            "it, in the clone of cardstatus, with: pip install '.[excel]'"
        ) from error
    return xlsxwriter


def _fill(book: Any, records: Iterable[CardStatus], timezone: str) -> None:
    sheet = book.add_worksheet("cards")
    bold, time = (
        book.add_format({"bold": True}),
        book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    )
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, _header(timezone), bold)
    row = 0
    for row, record in enumerate(_local(records, timezone), 1):
        if row > _ROWS:
            raise CardStatusError(
                f"a sheet holds {_ROWS:,} rows, and there are more; write .csv, or ask for fewer"
            )
        for at, cell in enumerate(record):
            if isinstance(cell, int):
                sheet.write_number(row, at, cell)
            elif cell and at == _TIME and _is_excels(cell):
                sheet.write_datetime(row, at, datetime.fromisoformat(cell), time)
            elif cell:
                sheet.write_string(row, at, _cut(cell))
    sheet.autofilter(0, 0, row, len(CardStatus._fields) - 1)


def _is_excels(time: str) -> bool:
    """Tell whether Excel can hold a local time as it is: to the second, and late enough."""
    return len(time) == len("2024-03-12 09:40:21") and time >= _FIRST_DAY


def _cut(text: str) -> str:
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"


def _header(timezone: str) -> Sequence[str]:
    return [f"{n} ({timezone})" if n == "occurred_at" else n for n in CardStatus._fields]


def _local(records: Iterable[CardStatus], timezone: str) -> Iterator[CardStatus]:
    zone = zone_of(timezone)
    for record in records:
        yield record._replace(
            occurred_at=record.occurred_at and local_time(record.occurred_at, zone)
        )
