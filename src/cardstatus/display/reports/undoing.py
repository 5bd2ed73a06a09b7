"""Files taken out again, and cards erased: the question before, the report after. Text is returned,
never printed.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..serialise import plain, printable, to_json
from ..tables import Column, Columns, TableStyle, changes_table, draw

if TYPE_CHECKING:
    from cardstatus.database.writing.erasing import Erased
    from cardstatus.model.reports import RecordedFile, UndoReport

_NAMED = 5
"""Files, or cards, that a question names."""


def undo_json(report: "UndoReport") -> str:
    """Return the report as one JSON object."""
    return to_json(
        {
            "database": report.database,
            "files": plain(report.files),
            "removed": report.removed,
            "kept": report.kept,
            "changes": [
                {"card_id": card_id, "from": before, "to": after}
                for card_id, before, after in report.changes
            ],
        }
    )


def undo_table(report: "UndoReport", style: TableStyle) -> str:
    """Return a table of the files, as they had been, and of the cards whose status changes."""
    counts = ("rows", "new", "duplicates", "rejected", "warnings")
    columns: Columns = (
        Column("No.", number=True), Column("File", folds=True), "Type", "Ingested (UTC)",
        *(Column(name.capitalize(), number=True) for name in counts),
    )  # fmt: skip
    rows = [
        (
            str(file.number),
            file.source,
            file.type,
            file.ingested_at[:16].replace("T", " "),
            *(f"{getattr(file, name):,}" for name in counts),
        )
        for file in report.files
    ]
    would = "Would be" if report.dry_run else "Is"
    return draw(columns, rows, style) + changes_table(report.changes, "Status before", would, style)


def undo_notices(report: "UndoReport") -> Iterator[str]:
    """Yield the notes on what was taken out, a line each."""
    would = "would " if report.dry_run else ""
    yield (
        f"note: events that {would}go: {report.removed:,}; that other files say, too, and stay: "
        f"{report.kept:,}"
    )
    changed = "would change" if report.dry_run else "changed"
    yield f"note: cards whose status {changed}: {len(report.changes):,}"
    if report.dry_run:
        yield "note: dry run, nothing was taken out"
    if not report.wal_is_in:
        path = printable(report.database)
        yield (
            f"note: somebody is reading {path}: until the next run a plain copy of that file still "
            "has what was taken out"
        )


def question(files: "Sequence[RecordedFile]") -> str:
    """Return the question whether to take files out."""
    named = ", ".join(f"{printable(file.source)} ({file.type})" for file in files[:_NAMED])
    more = len(files) - _NAMED
    rows = sum(file.rows for file in files)
    these = f"{named} and {more:,} more" if more > 0 else named
    return f"take out {these}, {rows:,} rows?"


# Erased


def erase_question(erased: "Erased", card_ids: Sequence[str]) -> str:
    """Return what to ask before it is done."""
    named = ", ".join(card_ids[:_NAMED])
    more = f" and {len(card_ids) - _NAMED:,} more" if len(card_ids) > _NAMED else ""
    cards = f" ({named}{more})" if card_ids else ""
    return f"Erase for good: {_counted_erased(erased)}{cards}?"


def erase_sentence(erased: "Erased", *, dry_run: bool) -> str:
    """Return what was done, or would be."""
    return f"{'would erase' if dry_run else 'erased and overwritten'}: {_counted_erased(erased)}\n"


def erase_json(database: str, erased: "Erased", *, dry_run: bool) -> str:
    """Return the report as JSON."""
    report = {"database": database, **erased._asdict(), "dry_run": dry_run}
    return to_json(report) + "\n"


def _counted_erased(erased: "Erased") -> str:
    names = ("card", "event", "repeated row", "problem's text", "file touched")
    plurals = ("cards", "events", "repeated rows", "problems' texts", "files touched")
    return ", ".join(
        f"{number:,} {one if number == 1 else many}"
        for number, one, many in zip(erased, names, plurals, strict=True)
    )
