"""Records and reports as tables for people. Returns text, never prints.

Text is never read as Rich markup, and what a terminal would obey is written out.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from .model import CardStatus, Counts, FileReport, IngestReport, Outcome, Status, StoredProblem
from .render import printable

if TYPE_CHECKING:
    from rich.table import Table


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
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join(lines).strip("\n") + "\n"
