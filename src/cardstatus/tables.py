"""Records and reports as tables for people. Returns text, never prints.

Text is never read as Rich markup, and what a terminal would obey is written out.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from .answers import CardStatus, Status, StoredProblem
from .render import printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from .model import Counts, FileReport, IngestReport


class Look(NamedTuple):
    """How a table is to look."""

    width: int | None
    """Columns of the terminal; None where nothing may be cut or wrapped, as in a pipe."""
    color: bool


FOLDED = 16
"""What a text that may be folded gets at least; a table that cannot give it is shown as blocks."""
ROOMY = 100
"""Columns of a terminal from which ingest shows the type of each file."""
_GAP = 2
_UNCUT = 1_000_000

_STATUS_STYLE = {
    Status.PICKED_UP: "cyan",
    Status.DELIVERY_EXCEPTION: "yellow",
    Status.DELIVERED: "green",
    Status.RETURNED: "magenta",
}
_OUTCOME_STYLE = {"ingested": "green", "unchanged": "dim", "failed": "bold red"}

Cell = str | tuple[str, str] | None
"""A text, or a text and its Rich style."""


def status_table(records: Iterable[CardStatus], timezone: str, look: Look) -> str:
    """Return records as a table, times in the database's zone."""
    zone = _zone(timezone)
    headers = (
        "Card ID", "Status", f"Time ({timezone})", "Mobile", "Comment*", "Reference",
        "Source:line*",
    )  # fmt: skip
    return _draw(headers, (_status_row(record, zone) for record in records), look)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # 3 ms to import

    return ZoneInfo(name)


def _status_row(record: CardStatus, zone: tzinfo) -> Sequence[Cell]:
    status = Status(record.status) if record.status else None
    return (
        record.card_id,
        (status.label, _STATUS_STYLE[status]) if status else ("unknown", "dim"),
        local_time(record.occurred_at, zone) if record.occurred_at else "",
        record.mobile,
        record.comment,
        record.reference,
        f"{record.source}:{record.line}" if record.source else "",
    )


def local_time(iso: str, zone: tzinfo) -> str:
    """Return an instant (ISO 8601, UTC, ``Z``) as local date and time, decimals kept.

    >>> from zoneinfo import ZoneInfo
    >>> local_time("2023-11-13T09:34:56.5Z", ZoneInfo("Asia/Dubai"))
    '2023-11-13 13:34:56.5'
    """
    whole, dot, decimals = iso.removesuffix("Z").partition(".")
    local = datetime.fromisoformat(whole + "+00:00").astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}{dot}{decimals}"


def problem_table(problems: Iterable[StoredProblem], look: Look) -> str:
    """Return problems as a table."""
    headers = ("Severity", "Source:line*", "Field", "Reason", "Detail*", "Raw*")
    return _draw(headers, map(_problem_row, problems), look)


def _problem_row(problem: StoredProblem) -> Sequence[Cell]:
    return (
        (problem.severity, "red" if problem.severity == "rejected" else "yellow"),
        f"{problem.source}:{problem.line}",
        problem.field,
        problem.reason,
        problem.detail,
        problem.raw,
    )


def ingest_table(report: "IngestReport", look: Look) -> str:
    """Return what ingest did with each file, and the totals."""
    totals = _counts(report.totals)
    headers = ("File*", "Type", "Outcome", *(name.capitalize() for name in totals))
    rows = [_file_row(file, dry_run=report.dry_run) for file in report.files]
    rows.append(("Total", "", "", *totals.values()))
    if look.width is not None and look.width < ROOMY:
        # The type is the widest column, and nearly always in the file's name.
        headers = (headers[0], *headers[2:])
        rows = [(row[0], *row[2:]) for row in rows]
    return _draw(headers, rows, look, numbers=len(totals), last_apart=True)


def _file_row(file: "FileReport", *, dry_run: bool) -> Sequence[Cell]:
    outcome = f"{file.outcome} (dry run)" if dry_run else file.outcome.value
    kind = file.type.word if file.type else ""
    counts = _counts(file.counts).values()
    return file.source, kind, (outcome, _OUTCOME_STYLE[file.outcome]), *counts


def _counts(counts: "Counts") -> dict[str, str]:
    from dataclasses import asdict

    return {name: f"{count:,}" for name, count in asdict(counts).items()}


def _draw(
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    look: Look,
    *,
    numbers: int = 0,
    last_apart: bool = False,
) -> str:
    """Draw rows as a table, or where it would not fit as a block of lines for each row.

    Columns whose header ends in ``*`` may be folded. The last ``numbers`` columns are numbers; the
    last row stands apart if asked.
    """
    names = [header.removesuffix("*") for header in headers]
    folds = [header.endswith("*") for header in headers]
    texts = [[_text(cell) for cell in row] for row in rows]
    if look.width is not None and look.width < _least_width(names, folds, texts):
        return _print(_blocks(names, texts), look)
    from rich import box  # 40 ms to import with what follows, and JSON and CSV need none of it
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, (name, fold) in enumerate(zip(names, folds, strict=True)):
        # Folded, not cut: half a card id is a wrong one.
        right = position >= len(names) - numbers
        table.add_column(
            name, overflow="fold", no_wrap=not fold, justify="right" if right else "left"
        )
    for row in texts:
        if last_apart and row is texts[-1]:
            table.add_section()
        table.add_row(*row)
    return _print(table, look)


def _least_width(
    names: Sequence[str], folds: Sequence[bool], rows: Sequence[Sequence["Text"]]
) -> int:
    widths = [max(len(name), *(row[i].cell_len for row in rows), 0) for i, name in enumerate(names)]
    least = [min(w, FOLDED) if fold else w for w, fold in zip(widths, folds, strict=True)]
    return sum(least) + _GAP * len(least)


def _text(cell: Cell) -> "Text":
    """Return a cell as text that is never read as markup."""
    from rich.text import Text

    text, style = cell if isinstance(cell, tuple) else (cell or "", "")
    return Text(printable(text), style=style, overflow="fold")


def _blocks(names: Sequence[str], rows: Iterable[Sequence["Text"]]) -> "RenderableType":
    """Return a line for each cell that is not empty, and a blank line between rows."""
    from rich.table import Table

    blocks = Table.grid(padding=(0, _GAP, 0, 0))
    blocks.add_column(overflow="fold")
    blocks.add_column(overflow="fold")
    for row in rows:
        for name, text in zip(names, row, strict=True):
            if text:
                blocks.add_row(name, text)
        blocks.add_row("", "")
    return blocks


def _print(drawn: "RenderableType", look: Look) -> str:
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
        console.print(drawn)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join(lines).strip("\n") + "\n"
