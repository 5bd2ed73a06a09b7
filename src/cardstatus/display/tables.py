"""Records and reports as tables for people, and the drawing of tables.

Text is returned, never printed. Cells are never read as Rich markup, and unsafe characters in them
are written out.
"""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cardstatus.model.records import CardStatus, EventType, Status

from .serialise import printable
from .wording import local_time, matched, zone_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from cardstatus.database.whole.backup import Backup
    from cardstatus.model.problems import StoredProblem
    from cardstatus.model.reports import Counts, FileReport, IngestReport, StatusChange
    from cardstatus.questions.find import FoundCard


class TableStyle(NamedTuple):
    """The width and colours of a table."""

    width: int | None
    """Columns of the terminal; None for no limit, as in a pipe."""
    color: bool


FOLDED = 16
"""Columns that a text that folds gets at least; a table without room for it is drawn as blocks."""
ROOMY = 100
"""Columns of the narrowest terminal in which ingest shows the type of each file."""
CHANGES_SHOWN = 20
"""Cards that a dry run names in its table."""
_GAP = 2
_UNCUT = 1_000_000

STATUS_STYLE = {kind.status: kind.colour for kind in EventType}
OUTCOME_STYLE = {"ingested": "green", "unchanged": "dim", "failed": "bold red", "undone": "dim"}

Cell: TypeAlias = "str | tuple[str, str] | Text | None"
"""A text, a text and its Rich style, or Rich's text."""


class Column(NamedTuple):
    """A column of a table; a plain name stands for a column of short texts."""

    name: str
    folds: bool = False
    """Whether its texts may take several lines."""
    number: bool = False
    """Whether its texts stand at the right."""


Columns: TypeAlias = Sequence[Column | str]
Rows: TypeAlias = "Iterable[Sequence[Cell]]"
SOURCE_LINE = Column("Source:line", folds=True)


def status_table(records: Iterable[CardStatus], timezone: str, style: TableStyle) -> str:
    """Return the records of ``get`` as a table, with times in the database's zone."""
    zone = zone_of(timezone)
    columns: Columns = (
        "Card ID", "Status", f"Time ({timezone})", "Mobile", Column("Comment", folds=True),
        "Reference", SOURCE_LINE,
    )  # fmt: skip
    return draw(columns, (_status_row(record, zone) for record in records), style)


def found_table(records: "Iterable[FoundCard]", timezone: str, style: TableStyle) -> str:
    """Return the records of ``find`` as a table, each with the reason why it matched."""
    zone = zone_of(timezone)
    columns: Columns = (
        "Card ID", "Status", f"Time ({timezone})", "Mobile", Column("Comment", folds=True),
        "Reference", SOURCE_LINE, Column("Matched", folds=True),
    )  # fmt: skip
    rows = ((*_status_row(CardStatus(*one[:8]), zone), matched(one)) for one in records)
    return draw(columns, rows, style)


def status_cell(word: str | None) -> Cell:
    """Return a status as a person reads it, in its colour."""
    status = Status(word) if word else None
    return (status.label, STATUS_STYLE[status]) if status else ("unknown", "dim")


def _status_row(record: CardStatus, zone: tzinfo) -> Sequence[Cell]:
    return (
        record.card_id,
        status_cell(record.status),
        local_time(record.occurred_at, zone) if record.occurred_at else "",
        record.mobile,
        record.comment,
        record.reference,
        f"{record.source}:{record.line}" if record.source else "",
    )


def problem_table(problems: "Iterable[StoredProblem]", style: TableStyle) -> str:
    """Return problems as a table."""
    detail, raw = Column("Detail", folds=True), Column("Raw", folds=True)
    columns: Columns = ("Severity", SOURCE_LINE, "Field", "Reason", detail, raw)
    listed = list(problems)
    rows = list(map(_problem_row, listed))
    if any(problem.state != "open" for problem in listed):
        columns = (*columns, "State")
        rows = [(*row, problem.state) for row, problem in zip(rows, listed, strict=True)]
    return draw(columns, rows, style)


def _problem_row(problem: "StoredProblem") -> Sequence[Cell]:
    return (
        (problem.severity, "yellow" if problem.severity == "warning" else "red"),
        problem.source if problem.line is None else f"{problem.source}:{problem.line}",
        problem.field,
        problem.reason,
        problem.detail,
        problem.raw,
    )


def ingest_table(report: "IngestReport", style: TableStyle, *, verbose: bool = False) -> str:
    """Return a table of the files of a run with their totals, and the changes of a dry run.

    Unchanged files are counted in one row, unless ``verbose`` lists them, too.
    """
    erased = report.totals.erased > 0
    totals = _counts(report.totals, erased=erased)
    counts = [Column(name.capitalize(), number=True) for name in totals]
    columns: Columns = [Column("File", folds=True), "Type", "Outcome", *counts]
    listed = [file for file in report.files if verbose or file.outcome != "unchanged"]
    unchanged = [file for file in report.files if not verbose and file.outcome == "unchanged"]
    rows = [_file_row(file, dry_run=report.dry_run, erased=erased) for file in listed]
    if unchanged:
        rows.append(_unchanged_row(unchanged, dry_run=report.dry_run, erased=erased))
    rows.append(("Total", "", "", *totals.values()))
    if style.width is not None and style.width < ROOMY:
        # The type is the widest column, and nearly always in the file's name.
        columns = [columns[0], *columns[2:]]
        rows = [(row[0], *row[2:]) for row in rows]
    table = draw(columns, rows, style, last_apart=True)
    would = "Would be" if report.dry_run else "Is"
    return table + changes_table(
        report.changes, "Status now" if report.dry_run else "Was", would, style
    )


def changes_table(
    changes: "Sequence[StatusChange]", before: str, after: str, style: TableStyle
) -> str:
    """Return the first of the changed statuses as a table, with a line for how many more there are.

    Empty if there are none. ``before`` and ``after`` are the names of the columns.
    """
    if not changes:
        return ""
    rows = [
        (change.card_id, status_cell(change.before), status_cell(change.after))
        for change in changes[:CHANGES_SHOWN]
    ]
    more = len(changes) - len(rows)
    below = f" and {more:,} more; see all with --format json\n" if more else ""
    return "\n" + draw(("Card ID", before, after), rows, style) + below


def _file_row(file: "FileReport", *, dry_run: bool, erased: bool) -> Sequence[Cell]:
    kind = file.type_word or ""
    return (
        file.source,
        kind,
        _outcome(file.outcome, dry_run=dry_run),
        *_counts(file.counts, erased=erased).values(),
    )


def _unchanged_row(files: "Sequence[FileReport]", *, dry_run: bool, erased: bool) -> Sequence[Cell]:
    counts = sum((file.counts for file in files[1:]), files[0].counts)
    name = f"{len(files):,} file" + ("" if len(files) == 1 else "s")
    outcome = _outcome(files[0].outcome, dry_run=dry_run)
    return name, "", outcome, *_counts(counts, erased=erased).values()


def _outcome(outcome: str, *, dry_run: bool) -> Cell:
    return f"{outcome} (dry run)" if dry_run else outcome, OUTCOME_STYLE[outcome]


def _counts(counts: "Counts", *, erased: bool) -> dict[str, str]:
    """Return the counts as text; those of erased rows only where there are any in the table."""
    from dataclasses import asdict

    named = {name: f"{count:,}" for name, count in asdict(counts).items()}
    return named if erased else {name: text for name, text in named.items() if name != "erased"}


def backup_table(backup: "Backup", style: TableStyle) -> str:
    """Return what is in a backup as a table."""
    counts = (backup.size, backup.files, backup.events, backup.problems)
    names = ("Bytes", "Files", "Events", "Problems")
    columns: Columns = (
        Column("Backup", folds=True), *(Column(name, number=True) for name in names)
    )  # fmt: skip
    return draw(columns, [(backup.backup, *(f"{count:,}" for count in counts))], style)


def draw(
    columns: Columns,
    rows: Rows,
    style: TableStyle,
    *,
    last_apart: bool = False,
) -> str:
    """Draw rows as a table, or where that does not fit, as a block of lines for each row.

    ``last_apart``: set the last row apart from the others.
    """
    laid_out = [Column(one) if isinstance(one, str) else one for one in columns]
    texts = [[_text(cell) for cell in row] for row in rows]
    if style.width is not None and style.width < _least_width(laid_out, texts):
        names = [column.name for column in laid_out]
        blocks = ([(n, t) for n, t in zip(names, row, strict=True) if t] for row in texts)
        return draw_blocks(blocks, style)
    from rich import box  # 40 ms to import with what follows, and JSON and CSV need none of it
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name, folds, number in laid_out:
        # Folded, not cut: half a card id is a wrong one.
        table.add_column(
            name, overflow="fold", no_wrap=not folds, justify="right" if number else "left"
        )
    for row in texts:
        if last_apart and row is texts[-1]:
            table.add_section()
        table.add_row(*row)
    return _print(table, style)


def draw_blocks(blocks: Iterable[Iterable[tuple[str, Cell]]], style: TableStyle) -> str:
    """Draw a line for each name and its text, with a blank line between blocks."""
    from rich.table import Table

    drawn = Table.grid(padding=(0, _GAP, 0, 0))
    drawn.add_column(overflow="fold")
    drawn.add_column(overflow="fold")
    for block in blocks:
        for name, cell in block:
            drawn.add_row(name, _text(cell))
        drawn.add_row("", "")
    return _print(drawn, style)


def _least_width(columns: Sequence[Column], rows: Sequence[Sequence["Text"]]) -> int:
    """Return the columns of the narrowest terminal that the table fits."""
    width = 0
    for at, column in enumerate(columns):
        widest = max(len(column.name), *(row[at].cell_len for row in rows), 0)
        width += (min(widest, FOLDED) if column.folds else widest) + _GAP
    return width


def _text(cell: Cell) -> "Text":
    """Return a cell as text that is never read as markup."""
    from rich.text import Text

    if isinstance(cell, Text):
        return cell
    text, style = cell if isinstance(cell, tuple) else (cell or "", "")
    return Text(printable(text), style=style, overflow="fold")


def _print(drawn: "RenderableType", style: TableStyle) -> str:
    from io import StringIO

    from rich.console import Console

    console = Console(
        file=StringIO(),
        width=style.width or _UNCUT,
        force_terminal=style.color,
        no_color=not style.color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(drawn)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join(lines).strip("\n") + "\n"
