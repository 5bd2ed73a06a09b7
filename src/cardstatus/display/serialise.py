"""Records and reports as JSON, NDJSON or CSV, and text made safe for terminals.

Data never becomes instructions: to a terminal no control characters, to a spreadsheet no formulas.
Text is returned, never printed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from itertools import islice
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, NamedTuple


class Format(StrEnum):
    """The forms in which records are printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class ReportFormat(StrEnum):
    """The forms in which a report is printed."""

    TABLE = "table"
    JSON = "json"


# Characters that make a terminal show other than the text: controls, line and paragraph separators,
# annotation marks, the braille blank, and those that Unicode lists as Default_Ignorable_Code_Point
# (marks that turn the direction of text, joiners, fillers, variation selectors, tags).
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)


# Compiled when a text first needs it, 1.5 ms each. Most look-ups have no such text.
@cache
def _unsafe() -> re.Pattern[str]:
    return re.compile(f"[{_UNSAFE}]")


@cache
def _unsafe_but_line_feeds() -> re.Pattern[str]:
    return re.compile("[" + _UNSAFE.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f") + "]")


def printable(text: str) -> str:
    r"""Return the text on one line with every unsafe character written out, as ``\x1b``.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isascii() and text.isprintable():
        return text
    return _unsafe().sub(_escape, text)


def safe_lines(text: str) -> str:
    """Return the text with unsafe characters written out, but for line feeds: CSV and JSON."""
    return _unsafe_but_line_feeds().sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _escape_in_json(match: re.Match[str]) -> str:
    # JSON has \uXXXX only, two of them for a character beyond.
    units = match.group().encode("utf-16-be").hex(" ", 2).split()
    return "".join(f"\\u{unit}" for unit in units)


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """Return JSON that parses to exactly ``value`` and is safe to show on a terminal."""
    text = _encoder(indent)(value)
    if text.isascii() and "\x7f" not in text:
        return text  # JSON itself writes the other controls of ASCII out
    # Line feeds stand between values, never inside a string.
    return _unsafe_but_line_feeds().sub(_escape_in_json, text)


@cache
def _encoder(indent: int | None) -> Callable[[Any], str]:
    import json

    return json.JSONEncoder(ensure_ascii=False, indent=indent).encode


def json_list(records: Iterable[NamedTuple]) -> Iterator[str]:
    """Yield a JSON list of records, one record a line, without holding them all."""
    separator = "[\n  "
    for record in records:
        yield separator + to_json(record._asdict(), indent=None)
        separator = ",\n  "
    yield "[]\n" if separator.startswith("[") else "\n]\n"


def json_report(
    name: str, records: Iterable[NamedTuple], totals: Callable[[], dict[str, Any]]
) -> Iterator[str]:
    """Yield one JSON object: a list of records under ``name``, one a line, and then the totals.

    ``totals`` is called when all records have gone by.
    """
    yield f'{{\n  "{name}": ['
    separator = "\n    "
    for record in records:
        yield separator + to_json(record._asdict(), indent=None)
        separator = ",\n    "
    yield "],\n" if separator.startswith("\n") else "\n  ],\n"
    yield to_json(plain(totals())).removeprefix("{\n") + "\n"


def plain(value: Any) -> Any:
    """Return a value with the records in it, at any depth, as objects with their fields."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return list(map(plain, value)) if isinstance(value, list | tuple) else value


def ndjson(records: Iterable[NamedTuple]) -> Iterator[str]:
    """Yield one JSON object a line."""
    for record in records:
        yield to_json(record._asdict(), indent=None) + "\n"


# Excel, LibreOffice and Google Sheets take a cell that begins so for a formula (CWE-1236), the wide
# ones where Japanese is set.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""The characters that a formula begins with."""
# The fields that a partner writes. Mobiles are not among them: a guarded one would be spoiled, and
# to a spreadsheet "+971..." is a number.
_FREE_TEXT = frozenset({"card_id", "comment", "reference", "source", "raw", "detail"})


def csv_lines(
    fields: Sequence[str],
    records: Iterable[NamedTuple],
    *,
    raw: bool = False,
    delimiter: str = ",",
) -> Iterator[str]:
    """Yield CSV with a header line; free text that would be a formula gets a ``'`` in front.

    ``raw``: no text is guarded, for programs that read the values back.
    """
    guarded = [] if raw else [i for i, field in enumerate(fields) if field in _FREE_TEXT]
    yield _csv_text([fields], delimiter)
    rows = iter(records)
    while chunk := list(islice(rows, 1_000)):
        yield _csv_text(_guarded(_spelled(chunk), guarded), delimiter)


def _spelled(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Return the rows with true, false and lists as JSON spells them; few records have any."""
    flags = {at for at, cell in enumerate(rows[0]) if isinstance(cell, bool | list)}
    if not flags:
        return rows
    return [
        [to_json(cell, indent=None) if at in flags else cell for at, cell in enumerate(row)]
        for row in rows
    ]


def _guarded(rows: Sequence[Sequence[Any]], columns: Sequence[int]) -> Sequence[Sequence[Any]]:
    """Return the rows with formulas in these columns guarded; few rows have any."""
    begin = {cell[:1] for column in columns for cell in map(itemgetter(column), rows) if cell}
    if not begin & _FORMULA:
        return rows
    return [
        [
            f"'{cell}" if at in columns and cell and cell[0] in _FORMULA else cell
            for at, cell in enumerate(row)
        ]
        for row in rows
    ]


def _csv_text(rows: Sequence[Iterable[Any]], delimiter: str) -> str:
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    if "\r" not in text.getvalue():
        return text.getvalue()
    # The writer quotes CR only if its own line end has one. So it gets CRLF, and the CR is taken
    # off again.
    lines: list[str] = []
    to_lines = SimpleNamespace(write=lines.append)
    csv.writer(to_lines, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(line[:-2] + "\n" for line in lines)


def stream(
    form: Format, fields: Sequence[str], records: Iterable[NamedTuple], *, raw: bool = False
) -> Iterator[str]:
    """Yield records in one of the formats for programs, in constant memory."""
    if form is Format.CSV:
        return csv_lines(fields, records, raw=raw)
    return json_list(records) if form is Format.JSON else ndjson(records)
