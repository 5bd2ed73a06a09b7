"""Explanations, histories, checks, statistics and files as pages for a person.

Text is returned, never printed. Tables are drawn by ``tables``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from cardstatus.model.records import Status

from .tables import (
    FOLDED,
    OUTCOME_STYLE,
    SOURCE_LINE,
    Cell,
    Column,
    Columns,
    Rows,
    TableStyle,
    draw,
    draw_blocks,
    status_cell,
)
from .wording import WHY_BEATEN, age, assumptions, local_time, span, to_the_minute, zone_of

if TYPE_CHECKING:
    from cardstatus.database.backup import Backup
    from cardstatus.database.reading.overview import StoredFile, TypeActivity
    from cardstatus.questions.check import CardFinding
    from cardstatus.questions.history import Beaten, Explanation, HistoryEvent
    from cardstatus.questions.stats import DeliveryTimes, FileRejects, Stats

_BAR: Final = 40
"""Characters of the longest bar in a wide terminal."""
_LEAST_BAR: Final = 8
"""The same in the narrowest terminal."""
_GAPS: Final = 6
"""Blanks between the columns of a table with bars."""
_PERIODS: Final = 31
"""The last days, weeks or months, of which a page shows the deliveries."""
_BEATEN_SHOWN: Final = 20


def history_table(records: Iterable[HistoryEvent], timezone: str, style: TableStyle) -> str:
    """Return events as a table, in the order given, the deciding ones marked."""
    zone = zone_of(timezone)
    columns: Columns = (
        "Decides", "Card ID", "Status", f"Time ({timezone})", "Mobile",
        Column("Comment", folds=True), "Reference", SOURCE_LINE, "Ingested",
    )  # fmt: skip
    rows = (
        (
            ("→", "bold") if event.decides else "",
            event.card_id,
            status_cell(event.status),
            local_time(event.occurred_at, zone),
            event.mobile,
            event.comment,
            event.reference,
            f"{event.source}:{event.line}",
            to_the_minute(event.ingested_at, zone),
        )
        for event in records
    )
    return draw(columns, rows, style)


def explanations(records: Iterable[Explanation], timezone: str, style: TableStyle) -> str:
    """Return the reasons for the answers, a block of lines for each card."""
    zone = zone_of(timezone)
    return draw_blocks((_explanation(record, timezone, zone) for record in records), style)


def _explanation(record: Explanation, timezone: str, zone: tzinfo) -> Iterator[tuple[str, Cell]]:
    yield "Card ID", record.card_id
    yield "Status", status_cell(record.status)
    if record.occurred_at is None or record.ingested_at is None or record.assumed is None:
        return
    yield f"Time ({timezone})", f"{local_time(record.occurred_at, zone)}, {age(record)}"
    yield "Mobile", record.mobile or "unknown"
    yield "Because", f"{record.source}:{record.line} says {record.type}{_remarks(record)}"
    yield "Ingested", to_the_minute(record.ingested_at, zone)
    for at, beaten in enumerate(record.beats[:_BEATEN_SHOWN]):
        yield "" if at else "It beats", _beaten(beaten, zone)
    if not record.beats:
        yield "It beats", "nothing: it is the only event of this card"
    if (more := len(record.beats) - _BEATEN_SHOWN) > 0:
        yield "", f"and {more:,} more; see 'cardstatus history'"
    attempts = f"{record.failed_attempts} failed since the last pickup"
    yield "Attempts", attempts if record.failed_attempts else "none failed since the last pickup"
    for at, assumed in enumerate(assumptions(record) or ["nothing"]):
        yield "" if at else "Assumed", assumed
    for at, doubt in enumerate(record.contradictions):
        yield "" if at else "Contradicts", (f"{doubt['reason']}: {doubt['detail']}", "yellow")
    if not record.contradictions:
        yield "Contradicts", "nothing"


def _remarks(record: Explanation) -> str:
    comment = f", with the comment {record.comment!r}" if record.comment else ""
    reference = f", reference {record.reference}" if record.reference else ""
    return comment + reference


def _beaten(beaten: Beaten, zone: tzinfo) -> str:
    time = local_time(beaten["occurred_at"], zone)
    why = WHY_BEATEN[beaten["by"]]
    return f"{time}  {beaten['type']}  {beaten['source']}:{beaten['line']}  ({why})"


def check_tables(
    listed: Iterable[CardFinding], counts: Mapping[str, int], timezone: str, style: TableStyle
) -> str:
    """Return the number of cards for each reason, and a table of the findings to list."""
    zone = zone_of(timezone)
    found = [(reason, f"{count:,}") for reason, count in sorted(counts.items())]
    rows = (
        (
            finding.card_id,
            (finding.reason, "yellow"),
            finding.detail,
            status_cell(finding.status),
            local_time(finding.occurred_at, zone),
            f"{finding.source}:{finding.line}",
        )
        for finding in listed
    )
    columns: Columns = (
        "Card ID", "Reason", Column("Detail", folds=True), "Status", f"Time ({timezone})",
        SOURCE_LINE,
    )  # fmt: skip
    counted = draw(("Reason", Column("Cards", number=True)), found, style)
    return counted + "\n" + draw(columns, rows, style)


def files_tables(
    files: Iterable[StoredFile], activity: Iterable[TypeActivity], timezone: str, style: TableStyle
) -> str:
    """Return a table of the files taken in, and one of the activity of each type."""
    return f"{_by_file(files, timezone, style)}\n{_by_type(activity, timezone, style)}"


def _by_file(files: Iterable[StoredFile], timezone: str, style: TableStyle) -> str:
    zone = zone_of(timezone)
    counts = ("Rows", "New", "Duplicates", "Rejected", "Warnings")
    columns: Columns = (
        Column("File", folds=True), "Type", "Outcome", f"Ingested ({timezone})", "SHA-256",
        *(Column(name, number=True) for name in counts),
    )  # fmt: skip
    rows: Rows = (
        (
            file.source,
            file.type,
            (file.outcome, OUTCOME_STYLE[file.outcome]),
            to_the_minute(file.ingested_at, zone),
            file.sha256[:12],
            *(f"{count:,}" for count in file[4:9]),
        )
        for file in files
    )
    return draw(columns, rows, style)


def _by_type(activity: Iterable[TypeActivity], timezone: str, style: TableStyle) -> str:
    zone = zone_of(timezone)
    columns: Columns = (
        "Type", "Files", f"Last ingested ({timezone})", "Newest event",
        Column("Last file", folds=True),
    )  # fmt: skip
    rows = (
        (
            kind.type,
            f"{kind.files:,}",
            to_the_minute(kind.last_ingested_at, zone) if kind.last_ingested_at else "never",
            local_time(kind.newest_event, zone) if kind.newest_event else "none",
            kind.last_source,
        )
        for kind in activity
    )
    return draw(columns, rows, style)


def backup_page(backup: Backup, style: TableStyle) -> str:
    """Return what is in a backup as a table."""
    counts = (backup.size, backup.files, backup.events, backup.problems)
    names = ("Bytes", "Files", "Events", "Problems")
    columns: Columns = (
        Column("Backup", folds=True), *(Column(name, number=True) for name in names)
    )  # fmt: skip
    return draw(columns, [(backup.backup, *(f"{count:,}" for count in counts))], style)


def stats_page(stats: Stats, style: TableStyle) -> str:
    """Return the statistics as a page, with bars beside numbers that are compared."""
    cards = [(Status(status).label, count) for status, count in stats.cards.items()]
    period = Column(f"{stats.by.capitalize()} ({stats.timezone})")
    days = [(each.begins, each.deliveries) for each in stats.deliveries]
    attempts = [(f"{count.attempts:,}", count.cards) for count in stats.attempts]
    reasons = [
        (reason.comment or "(no comment)", reason.events) for reason in stats.failure_reasons
    ]
    sections = (
        _window(stats),
        _bars(Column("Status"), "Cards", cards, style),
        _bars(period, "Deliveries", days[-_PERIODS:], style),
        f" and {len(days) - _PERIODS:,} before\n" if len(days) > _PERIODS else "",
        _length(stats.seconds_to_delivery),
        _bars(Column("Attempts"), "Delivered cards", attempts, style),
        _bars(Column("Why attempts failed", folds=True), "Events", reasons, style),
        _rejects(stats.rejects, style),
    )
    return "\n".join(filter(None, sections))


def _window(stats: Stats) -> str:
    zone = zone_of(stats.timezone)
    since = f"from {local_time(stats.since, zone)}" if stats.since else ""
    until = f"to {local_time(stats.until, zone)[:19]}" if stats.until else ""
    window = " ".join(filter(None, (since, until)))
    return f" Events {window} ({stats.timezone})\n" if window else ""


def _length(length: DeliveryTimes) -> str:
    if length.median is None or length.p90 is None:
        return ""
    return (
        f" From first pickup to delivery: half within {span(length.median)}, nine in ten within "
        f"{span(length.p90)} (cards: {length.cards:,})\n"
    )


def _bars(column: Column, counted: str, rows: Sequence[tuple[str, int]], style: TableStyle) -> str:
    """Return a line for each row: its text, its number, and a bar, the longest for the greatest."""
    if not rows:
        return ""
    greatest = max(count for _, count in rows)
    digits = len(f"{greatest:,}")
    longest = _room_for_bar(column, [text for text, _ in rows], max(len(counted), digits), style)
    lines = (
        (text, f"{count:>{digits},}", ("█" * round(longest * count / (greatest or 1)), "cyan"))
        for text, count in rows
    )
    return draw((column, counted, ""), lines, style)


def _room_for_bar(column: Column, texts: Iterable[str], numbers: int, style: TableStyle) -> int:
    """Return the characters of the longest bar with which the table fits the terminal.

    They are never too few to compare bars: a table that does not fit with those is drawn as
    blocks. ``numbers``: the width of the column of numbers.
    """
    if style.width is None:
        return _BAR
    widest = max(map(len, (column.name, *texts)))
    beside = min(widest, FOLDED) if column.folds else widest
    return min(_BAR, max(_LEAST_BAR, style.width - beside - numbers - _GAPS))


def _rejects(rejects: Sequence[FileRejects], style: TableStyle) -> str:
    if not rejects:
        return ""
    counts = (Column(name, number=True) for name in ("Rows", "Rejected", "Warnings"))
    columns: Columns = (Column("Files with problems", folds=True), "Type", *counts)
    rows = (
        (file.source, file.type, f"{file.rows:,}", f"{file.rejected:,}", f"{file.warnings:,}")
        for file in rejects
    )
    return draw(columns, rows, style)
