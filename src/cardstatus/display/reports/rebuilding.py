"""A database made anew: what became of its files, and the cards that differ. Text is returned,
never printed.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cardstatus.model.reports import Outcome

from ..serialise import plain, to_json
from ..tables import Column, Columns, TableStyle, changes_table, draw

if TYPE_CHECKING:
    from cardstatus.ingestion.standing.rebuild import RebuildReport


def rebuild_json(report: "RebuildReport") -> str:
    """Return the report as one JSON object."""
    outcomes = Counter(file.outcome for file in report.files)
    return to_json(
        {
            "database": report.database,
            "made": report.made,
            "backup": report.backup,
            "timezone": report.timezone,
            "country_code": report.country_code,
            "files": {outcome.value: outcomes[outcome] for outcome in Outcome},
            "failed": [
                {"source": file.source, "error": file.error}
                for file in report.files
                if file.outcome is Outcome.FAILED
            ],
            "missing": plain(report.missing),
            "cards": report.cards,
            "changes": [
                {"card_id": card_id, "from": before, "to": after}
                for card_id, before, after in report.changes
            ],
        }
    )


def rebuild_table(report: "RebuildReport", style: TableStyle) -> str:
    """Return the counts, and a table of the cards whose status differs."""
    outcomes = Counter(file.outcome for file in report.files)
    columns: Columns = (
        "Database", "Zone", "Country", Column("Files", number=True),
        Column("Failed", number=True), Column("Missing", number=True), Column("Cards", number=True),
        Column("Other status", number=True),
    )  # fmt: skip
    row = (
        report.made,
        report.timezone,
        report.country_code,
        *(
            f"{count:,}"
            for count in (
                len(report.files), outcomes[Outcome.FAILED], len(report.missing), report.cards,
                len(report.changes),
            )
        ),
    )  # fmt: skip
    return draw(columns, [row], style) + changes_table(report.changes, "Status before", "Is", style)


def rebuild_notices(report: "RebuildReport") -> Iterator[str]:
    """Yield what went otherwise than before, a line each."""
    for file in report.files:
        if file.outcome is Outcome.FAILED:
            yield f"failed: {file.source}: {file.error}"
    for missing in report.missing:
        yield f"missing, and not in {report.made}: {missing.source} (number {missing.number})"
    if report.backup:
        yield f"the old database is {report.backup} now"
