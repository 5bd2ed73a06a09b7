"""Records and reports as text: table, JSON, NDJSON or CSV. Returns text, never prints.

Data is never instructions here (rule 6): no Rich markup, no control character that a terminal
would obey, no formula for a spreadsheet.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from .model import CardStatus, Counts, FileReport, IngestReport, Outcome, Status, StoredProblem

if TYPE_CHECKING:
    from rich.table import Table


class Format(StrEnum):
    """How records are printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class ReportFormat(StrEnum):
    """How the report of ingest is printed."""

    TABLE = "table"
    JSON = "json"


# Controls, the marks that turn the direction of text, line and paragraph separators, and what is
# invisible: all that makes a terminal show other than what is there.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_UNSAFE_ON_TERMINAL = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))


def printable(text: str) -> str:
    r"""Return the text on one line with every unsafe character written out, as ``\x1b``.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return _UNSAFE.sub(_escape, text)


def safe_lines(text: str) -> str:
    """Like :func:`printable` but for line feeds: for CSV and JSON shown on a terminal."""
    return _UNSAFE_ON_TERMINAL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """Return JSON that parses to exactly ``value`` and is safe to show on a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # JSON escapes are \uXXXX only; line feeds stand between values, never inside a string.
    return _UNSAFE_ON_TERMINAL.sub(lambda char: f"\\u{ord(char.group()):04x}", text)


def json_list(records: Iterable[NamedTuple]) -> Iterator[str]:
    """Yield a JSON list of records, one record a line, without holding them all."""
    separator = "[\n  "
    for record in records:
        yield separator + to_json(record._asdict(), indent=None)
        separator = ",\n  "
    yield "[]\n" if separator.startswith("[") else "\n]\n"


def ndjson(records: Iterable[NamedTuple]) -> Iterator[str]:
    """Yield one JSON object a line."""
    for record in records:
        yield to_json(record._asdict(), indent=None) + "\n"


# Excel, LibreOffice and Google Sheets take a cell that begins so as a formula (CWE-1236).
_FORMULA = re.compile(r"^[=+\-@\t\r\n]")
# The fields that a partner writes. A guarded mobile would be spoiled, and "+971..." is no more
# than a number to a spreadsheet.
_FREE_TEXT = frozenset({"card_id", "comment", "reference", "source", "raw", "detail"})


def csv_lines(
    fields: Sequence[str], records: Iterable[NamedTuple], *, raw: bool = False
) -> Iterator[str]:
    """Yield CSV with a header line; free text that would be a formula gets a ``'`` in front.

    ``raw`` leaves it as it is, for programs that read the values back.
    """
    lines: list[str] = []
    # The writer quotes CR and LF only if its own line end holds them, so it gets CRLF, of
    # which the CR is taken off again.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    guarded = [] if raw else [i for i, field in enumerate(fields) if field in _FREE_TEXT]
    writer.writerow(fields)
    for record in records:
        cells = list(record)
        for index in guarded:
            if cells[index] and _FORMULA.match(cells[index]):
                cells[index] = "'" + cells[index]
        writer.writerow(cells)
        if len(lines) >= 1_000:
            yield "".join(line[:-2] + "\n" for line in lines)
            lines.clear()
    yield "".join(line[:-2] + "\n" for line in lines)


def stream(
    form: Format, fields: Sequence[str], records: Iterable[NamedTuple], *, raw: bool = False
) -> Iterator[str]:
    """Yield records in one of the formats for programs, flat in memory."""
    if form is Format.CSV:
        return csv_lines(fields, records, raw=raw)
    return json_list(records) if form is Format.JSON else ndjson(records)


class Look(NamedTuple):
    """How a table is to look."""

    width: int | None
    """Columns of the terminal; None where nothing may be cut or wrapped, as in a pipe."""
    color: bool


_UNCUT = 1_000_000
_STATUS_STYLE = {
    Status.PICKED_UP: "cyan",
    Status.DELIVERY_EXCEPTION: "yellow",
    Status.DELIVERED: "green",
    Status.RETURNED: "magenta",
}
_OUTCOME_STYLE = {Outcome.INGESTED: "green", Outcome.UNCHANGED: "dim", Outcome.FAILED: "bold red"}


def status_table(records: Iterable[CardStatus], timezone: str, look: Look) -> str:
    """Return records as a table, times in the database's zone."""
    zone = ZoneInfo(timezone)
    table = _table("Card ID", "Status", f"Time ({timezone})", "Mobile", "Comment", "Reference",
                   "Source:line")  # fmt: skip
    for record in records:
        status = Status(record.status) if record.status else None
        _add_row(
            table,
            record.card_id,
            (status.label, _STATUS_STYLE[status]) if status else ("unknown", "dim"),
            local_time(record.occurred_at, zone) if record.occurred_at else "",
            record.mobile,
            record.comment,
            record.reference,
            f"{record.source}:{record.line}" if record.source else "",
        )
    return _draw(table, look)


def local_time(iso: str, zone: ZoneInfo) -> str:
    """Return an instant (ISO 8601, UTC, ``Z``) as local date and time, decimals kept.

    >>> local_time("2023-11-13T09:34:56.5Z", ZoneInfo("Asia/Dubai"))
    '2023-11-13 13:34:56.5'
    """
    whole, dot, decimals = iso.removesuffix("Z").partition(".")
    local = datetime.fromisoformat(whole + "+00:00").astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}{dot}{decimals}"


def problem_table(problems: Iterable[StoredProblem], look: Look) -> str:
    """Return problems as a table."""
    table = _table("Severity", "Source:line", "Field", "Reason", "Detail", "Raw")
    for problem in problems:
        style = "red" if problem.severity == "rejected" else "yellow"
        where = f"{problem.source}:{problem.line}"
        _add_row(table, (problem.severity, style), where, problem.field, problem.reason,
                 problem.detail, problem.raw)  # fmt: skip
    return _draw(table, look)


_COUNTS = tuple(asdict(Counts()))


def ingest_table(report: IngestReport, look: Look) -> str:
    """Return what ingest did with each file, and the totals."""
    table = _table("File", "Type", "Outcome", *(name.capitalize() for name in _COUNTS))
    for column in table.columns[3:]:
        column.justify = "right"
        column.no_wrap = True
    for file in report.files:
        outcome = (_outcome_word(file, report), _OUTCOME_STYLE[file.outcome])
        kind = file.type.word if file.type else ""
        _add_row(table, file.source, kind, outcome, *_thousands(file.counts))
    table.add_section()
    _add_row(table, "Total", "", "", *_thousands(report.totals))
    return _draw(table, look)


def _outcome_word(file: FileReport, report: IngestReport) -> str:
    return f"{file.outcome} (dry run)" if report.dry_run else file.outcome


def _thousands(counts: Counts) -> list[str]:
    return [f"{count:,}" for count in asdict(counts).values()]


def ingest_json(report: IngestReport) -> str:
    """Return the report as one JSON object."""
    files = [
        {
            "source": file.source,
            "type": file.type.word if file.type else None,
            "outcome": file.outcome,
            **asdict(file.counts),
            "error": file.error,
        }
        for file in report.files
    ]
    return to_json(
        {
            "database": report.database,
            "timezone": report.timezone,
            "files": files,
            "totals": asdict(report.totals),
        }
    )


def ingest_notices(report: IngestReport) -> Iterator[str]:
    """Yield what a person should know of a run besides the counts, a line each."""
    for file in report.files:
        if file.error:
            yield f"failed: {printable(file.source)}: {printable(file.error)}"
        for note in file.notes:
            yield f"note: {printable(file.source)}: {printable(note)}"
    if report.left_out:
        yield f"note: {_files(report.left_out)} of other types left out (--only)"
    zoneless = sum(file.zoneless for file in report.files)
    if zoneless:
        yield (
            f"note: {zoneless:,} times carry no zone and were read as {report.timezone}; "
            "if the couriers' clocks show another zone, begin a new database with --timezone"
        )
    totals = report.totals
    if (totals.rejected or totals.warnings) and not report.dry_run:
        yield (
            f"note: {totals.rejected:,} rows rejected, {totals.warnings:,} warnings; "
            "see them with: cardstatus problems"
        )
    if report.dry_run:
        yield "note: dry run, nothing was stored"
    if report.interrupted:
        yield f"interrupted: the {_files(len(report.files))} above are dealt with, the rest are not"


def _files(count: int) -> str:
    return f"{count:,} file" + ("" if count == 1 else "s")


def _table(*headers: str) -> "Table":
    from rich import box  # 40 ms to import, and JSON and CSV need none of it
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        # Folded, not cut: half a card id is a wrong one.
        table.add_column(header, overflow="fold")
    return table


def _add_row(table: "Table", *cells: str | tuple[str, str] | None) -> None:
    """Add cells, each a text or a (text, style); text is never read as markup."""
    from rich.text import Text

    pairs = (cell if isinstance(cell, tuple) else (cell or "", "") for cell in cells)
    table.add_row(*(Text(printable(text), style=style) for text, style in pairs))


def _draw(table: "Table", look: Look) -> str:
    from io import StringIO

    from rich.console import Console

    console = Console(
        file=StringIO(),
        width=look.width or _UNCUT,
        force_terminal=look.color,
        no_color=not look.color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
