"""Explanations, histories, checks, statistics and files as pages for a person.

Text is returned, never printed. Tables are drawn by ``tables``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from cardstatus.errors import DEFAULT_DATABASE, command
from cardstatus.model.records import Status

from .beside import beaten_line, evidence_rows, mobile_of, near_block, near_id
from .charts import Bars, bar_charts, sparkline
from .journey import journey_lines
from .tables import (
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
from .wording import (
    age,
    also_said_by,
    assumptions,
    local_time,
    remarks,
    span,
    to_the_minute,
    zone_of,
)

if TYPE_CHECKING:
    from cardstatus.database.reading.overview import StoredFile, TypeActivity
    from cardstatus.questions.check import CardFinding
    from cardstatus.questions.history import Explanation, HistoryEvent
    from cardstatus.questions.stats import DeliveryTimes, FileRejects, Stats

_PERIODS: Final = 31
"""The last days, weeks or months, of which a page shows the deliveries."""
_DAYS: Final = 92
"""The days of which a line of small bars shows the deliveries, at most."""
_BESIDE_DAYS: Final = 26
"""Characters beside those bars."""
_UNLIMITED: Final = 1_000
_BEATEN_SHOWN: Final = 20


def history_table(records: Iterable[HistoryEvent], timezone: str, style: TableStyle) -> str:
    """Return events as a table, in the order given, the deciding ones marked; below it journeys.

    A last column, where there is need of one, has the times as which events count that tell of an
    attempt once more.
    """
    zone = zone_of(timezone)
    events = list(records)
    some_again = any(event.same_as for event in events)
    also = [also_said_by(getattr(event, "also_said_by", ())) for event in events]
    journeys: dict[str, list[tuple[str, str]]] = {}
    for event in events:
        journeys.setdefault(event.card_id, []).append((event.status, event.occurred_at))
    columns: Columns = (
        "Decides", "Card ID", "Status", f"Time ({timezone})", "Mobile",
        Column("Comment", folds=True), "Reference", SOURCE_LINE, "Ingested",
        *(["Same as"] if some_again else []),
        *([Column("Also said by", folds=True)] if any(also) else []),
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
            *([local_time(event.same_as, zone) if event.same_as else ""] if some_again else []),
            *([said] if any(also) else []),
        )
        for event, said in zip(events, also, strict=True)
    )
    below = (journey_lines(journeys, zone), near_block(events, zone))
    return "\n".join(filter(None, (draw(columns, rows, style), *below)))


def explanations(
    records: Iterable[Explanation],
    timezone: str,
    style: TableStyle,
    database: str = DEFAULT_DATABASE,
) -> str:
    """Return the reasons for the answers, a block of lines for each card."""
    zone = zone_of(timezone)
    return draw_blocks(
        (_explanation(record, timezone, zone, database) for record in records), style
    )


def _explanation(
    record: Explanation, timezone: str, zone: tzinfo, database: str
) -> Iterator[tuple[str, Cell]]:
    yield "Card ID", record.card_id
    yield "Status", status_cell(record.status)
    if record.occurred_at is None or record.ingested_at is None or record.assumed is None:
        return
    yield f"Time ({timezone})", f"{local_time(record.occurred_at, zone)}, {age(record)}"
    yield "Mobile", mobile_of(record, zone)
    yield "Because", f"{record.source}:{record.line} says {record.type}{remarks(record)}"
    if record.also_said_by:
        yield "Also said by", also_said_by(record.also_said_by)
    yield from evidence_rows(record)
    yield "Ingested", to_the_minute(record.ingested_at, zone)
    for at, beaten in enumerate(record.beats[:_BEATEN_SHOWN]):
        yield "" if at else "It beats", beaten_line(beaten, zone)
    if not record.beats:
        yield "It beats", "nothing: it is the only event of this card"
    if (more := len(record.beats) - _BEATEN_SHOWN) > 0:
        yield "", f"and {more:,} more; see '{command('history', database)}'"
    attempts = f"{record.failed_attempts} failed since the last pickup"
    yield "Attempts", attempts if record.failed_attempts else "none failed since the last pickup"
    for at, assumed in enumerate(assumptions(record) or ["nothing"]):
        yield "" if at else "Assumed", assumed
    for at, near in enumerate(record.near_ids):
        yield "" if at else "Near ids", (f"{near['card_id']}: {near_id(near, zone)}", "yellow")
    for at, doubt in enumerate(record.contradictions):
        yield "" if at else "Contradicts", (f"{doubt['reason']}: {doubt['detail']}", "yellow")
    if not record.contradictions:
        yield "Contradicts", "nothing"


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
    listed = list(files)
    erased = ("Erased",) if any(file.erased for file in listed) else ()
    counts = ("Rows", "New", "Duplicates", "Rejected", "Warnings", *erased)
    columns: Columns = (
        Column("No.", number=True), Column("File", folds=True), "Type", "Outcome",
        f"Ingested ({timezone})", "SHA-256",
        *(Column(name, number=True) for name in counts),
    )  # fmt: skip
    rows: Rows = (
        (
            str(file.number or ""),
            file.source,
            file.type,
            _outcome(file, zone),
            to_the_minute(file.ingested_at, zone),
            (file.sha256 or "")[:12],
            *(f"{count:,}" for count in (*file[4:9], file.erased)[: len(counts)]),
        )
        for file in listed
    )
    return draw(columns, rows, style)


def _outcome(file: StoredFile, zone: tzinfo) -> Cell:
    said = file.outcome
    if file.undone_at:
        said += f" {to_the_minute(file.undone_at, zone)}"
    if file.replaced_by:
        said = f"replaced by {file.replaced_by}"
    return said, OUTCOME_STYLE[file.outcome]


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


def stats_page(stats: Stats, style: TableStyle) -> str:
    """Return the statistics as a page, with bars beside numbers that are compared."""
    period = Column(f"{stats.by.capitalize()} ({stats.timezone})")
    days = [(each.begins, each.deliveries) for each in stats.deliveries]
    cards = [(Status(status).label, count) for status, count in stats.cards.items()]
    attempts = [(f"{count.attempts:,}", count.cards) for count in stats.attempts]
    reasons = [
        (reason.comment or "(no comment)", reason.events) for reason in stats.failure_reasons
    ]
    statuses, deliveries, tries, failures = bar_charts(
        [
            Bars(Column("Status"), "Cards", cards, has_shares=True),
            Bars(period, "Deliveries", days[-_PERIODS:]),
            Bars(Column("Attempts"), "Delivered cards", attempts, has_shares=True),
            Bars(Column("Why attempts failed", folds=True), "Events", reasons),
        ],
        style,
    )
    sections = (
        _window(stats),
        statuses,
        deliveries,
        f" and {len(days) - _PERIODS:,} before\n" if len(days) > _PERIODS else "",
        _each_day(stats, style),
        _length(stats.seconds_to_delivery),
        tries,
        failures,
        _rejects(stats.rejects, style),
    )
    return "\n".join(filter(None, sections))


def _window(stats: Stats) -> str:
    zone = zone_of(stats.timezone)
    since = f"from {local_time(stats.since, zone)}" if stats.since else ""
    until = f"to {local_time(stats.until, zone)[:19]}" if stats.until else ""
    window = " ".join(filter(None, (since, until)))
    return f" Events {window} ({stats.timezone})\n" if window else ""


def _each_day(stats: Stats, style: TableStyle) -> str:
    """Return a line with a small bar for each of the last days, those without deliveries too."""
    if stats.by != "day" or len(stats.deliveries) < 2:
        return ""
    counts = {date.fromisoformat(each.begins): each.deliveries for each in stats.deliveries}
    last = max(counts)
    room = min(_DAYS, (style.width or _UNLIMITED) - _BESIDE_DAYS)
    first = max(min(counts), last - timedelta(days=max(room, 1) - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return f" {first} {sparkline([counts.get(day, 0) for day in days])} {last}\n"


def _length(length: DeliveryTimes) -> str:
    if length.median is None or length.p90 is None:
        return ""
    return (
        f" From first pickup to delivery: half within {span(length.median)}, nine in ten within "
        f"{span(length.p90)} (cards: {length.cards:,})\n"
    )


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
