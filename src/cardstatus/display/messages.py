"""Messages of ingest and watch about files, as text for programs and for people.

Text is returned, never printed.
"""

from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cardstatus.errors import command
from cardstatus.instants import SECOND, one_iso
from cardstatus.model.records import DEFAULT_SETTINGS
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome

from .serialise import printable, to_json

if TYPE_CHECKING:
    from cardstatus.model.reports import WatchedFile


_NAMED: Final = 10
PASSED_OVER: Final = "if couriers' rows are in it, save them as CSV UTF-8 in a file of such a name"
"""What to do about a file that is not named as one of those that are taken in."""


class LogFormat(StrEnum):
    """The forms in which watch prints its lines."""

    TEXT = "text"
    JSON = "json"


def ingest_json(report: IngestReport) -> str:
    """Return the report as one JSON object."""
    changes = [
        {"card_id": change.card_id, "from": change.before, "to": change.after}
        for change in report.changes
    ]
    return to_json(
        {
            "database": report.database,
            "timezone": report.timezone,
            "files": list(map(_fields, report.files)),
            "totals": asdict(report.totals),
            **({"near_ids": report.near_ids} if report.near_ids else {}),
            **({"changes": changes} if report.dry_run or changes else {}),
            **({"passed_over": report.passed_over} if report.passed_over else {}),
        }
    )


def _fields(file: FileReport) -> dict[str, Any]:
    counts = asdict(file.counts)
    del counts["erased"]  # at the end, since it came last
    return {
        "source": file.source,
        "type": file.type_word,
        "outcome": file.outcome,
        **counts,
        "error": file.error,
        "erased": file.counts.erased,
    }


def watch_line(handled: "WatchedFile", form: LogFormat) -> str:
    """Return the fate of a watched file as one line."""
    file = handled.report
    time = one_iso(handled.time // SECOND * SECOND)
    archived = str(handled.archived) if handled.archived else None
    if form is LogFormat.JSON:
        fields = {"time": time, **_fields(file), "notes": file.notes, "archived": archived}
        fields["erased"] = fields.pop("erased")  # at the end here, too
        return to_json(fields, indent=None) + "\n"
    if file.error:
        said = file.error
    elif file.outcome is Outcome.PASSED_OVER:
        said = f"not named *.csv or *.csv.gz; {PASSED_OVER}"
    else:
        counts = ", ".join(
            f"{name} {count:,}"
            for name, count in asdict(file.counts).items()
            if count or name != "erased"
        )
        said = f"{file.type_word or ''}: {counts}"
    said = "; ".join([said, *file.notes, *([f"moved to {archived}"] if archived else [])])
    return printable(f"{time} {file.outcome} {file.source}: {said}") + "\n"


def ingest_failures(report: IngestReport) -> Iterator[str]:
    """Yield a line for each file that failed, and one if the run was interrupted."""
    for file in report.files:
        if file.error:
            yield _failed(file)
    if report.interrupted:
        yield _interrupted(report)


def watch_failures(handled: "WatchedFile") -> Iterator[str]:
    """Yield a line if a watched file failed, and one if it could not be archived."""
    if handled.report.error:
        yield _failed(handled.report)
    if handled.archive_error:
        source = printable(handled.report.source)
        yield f"not moved to the archive: {source}: {printable(handled.archive_error)}"


def _failed(file: FileReport) -> str:
    return f"failed: {printable(file.source)}: {printable(file.error or '')}"


def ingest_notices(report: IngestReport) -> Iterator[str]:
    """Yield the notes on a run that stand beside its counts, a line each."""
    for file in report.files:
        if file.error:
            yield _failed(file)
        for note in file.notes:
            yield f"note: {printable(file.source)}: {printable(note)}"
    if report.left_out:
        yield f"note: {_files(report.left_out)} of other types left out (--only)"
    if passed_over := report.passed_over:
        some = ", ".join(map(printable, passed_over[:_NAMED]))
        more = len(passed_over) - _NAMED
        yield (
            f"note: {_files(len(passed_over))} passed over, not named *.csv or *.csv.gz: {some}"
            f"{f' and {more:,} more' if more > 0 else ''}; {PASSED_OVER}"
        )
    zoneless = sum(file.zoneless for file in report.files)
    if zoneless:
        # A user who chose a zone has thought of it.
        advice = (
            "; if the couriers' clocks show another zone, make it anew with 'cardstatus rebuild "
            "--swap --timezone NAME'"
            if report.timezone == DEFAULT_SETTINGS.timezone
            else ""
        )
        yield (f"note: times that carry no zone, read as {report.timezone}: {zoneless:,}{advice}")
    # A failed file has its own line, and rows rejected with it are no problem by themselves.
    inside = (f for f in report.files if f.outcome is not Outcome.FAILED and not f.is_settled)
    totals = sum((file.counts for file in inside), Counts())
    if (totals.rejected or totals.warnings) and not report.dry_run:
        yield (
            f"note: rows rejected: {totals.rejected:,}, warnings: {totals.warnings:,}; "
            f"see them with: {printable(command('problems', report.database))}"
        )
    yield from _database_notices(report)
    yield from _change_notices(report)
    if report.interrupted:
        yield _interrupted(report)


def _change_notices(report: IngestReport) -> Iterator[str]:
    if report.dry_run:
        yield f"note: cards whose status would change: {len(report.changes):,}"
        yield "note: dry run, nothing was stored"
    elif report.changes:
        yield f"note: cards whose status changed by what was replaced: {len(report.changes):,}"


def _database_notices(report: IngestReport) -> Iterator[str]:
    if report.near_example:
        one, other = map(printable, report.near_example)
        yield (
            f"note: pairs of card ids that differ in spelling only: {report.near_ids:,}, such as "
            f"{one!r} and {other!r}; they stay two cards, see them with: "
            f"{printable(command('check --reason near_ids', report.database))}"
        )
    path = printable(report.database)
    if report.open_to_all:
        yield f"note: any user may read {path}, and it holds phone numbers; run: chmod o= {path}"
    if report.record_error:
        yield f"note: files that failed are not on record: {printable(report.record_error)}"
    if not report.wal_is_in:
        yield (
            f"note: somebody is reading {path}: until the next run a plain copy of that file lacks "
            f"what has just been taken in, which is in {path}-wal; it is safe, and readers see it"
        )


def _interrupted(report: IngestReport) -> str:
    inside = [file for file in report.files if file.outcome is not Outcome.FAILED]
    after = f"interrupted after {_files(len(inside))}"
    if inside:
        after += f", the last {printable(inside[-1].source)}"
    if report.dry_run:
        return after
    stays = "what is in stays in" if inside else "nothing is in"
    return f"{after}; {stays}, and the same command takes in the rest"


def _files(count: int) -> str:
    return f"{count:,} file" + ("" if count == 1 else "s")
