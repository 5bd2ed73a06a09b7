"""What is to be said of a file that was read: why it failed, and what a person should know."""

from pathlib import Path

from cardstatus.courier.header.claims import some_of
from cardstatus.database.writing.packing import Tally
from cardstatus.database.writing.staging import StagedFile
from cardstatus.errors import command
from cardstatus.model.records import type_word
from cardstatus.model.reports import FileReport

from .options import Options
from .part import FileToRead


def report_on(staged: StagedFile, file: FileToRead, options: Options) -> FileReport:
    """Return the report of a held file, without its counts."""
    return FileReport(
        staged.name,
        staged.type,
        staged.outcome,
        error=staged.error,
        zoneless=0 if staged.error else staged.tally.zoneless,
        notes=_notes(file, options, staged.tally),
    )


def why_failed(tally: Tally, database: Path, *, strict: bool) -> str | None:
    """Return why a file as a whole must stay out, None if it goes in."""
    first = tally.first_rejected
    if first is None or (tally.events and not strict):
        return None
    what = f"{tally.rejected:,} of {tally.rows:,} rows rejected and --strict takes all or nothing"
    if not tally.events:
        what = "every row is rejected" if tally.rows > 1 else "its only row is rejected"
    see = command("problems", database)
    return f"{what}; the first is line {first.line}: {first.detail} (see '{see}')"


def _notes(file: FileToRead, options: Options, tally: Tally) -> tuple[str, ...]:
    notes = [*file.notes, *file.header.notes]
    if options.type not in (None, file.type):
        by = f"{type_word(file.type)} by its name" if file.type else "the types of its rows"
        notes.append(f"taken as {by}, --type is for names that do not tell")
    if ignored := file.header.columns.ignored:
        notes.append(f"columns ignored: {some_of(ignored)}")
    if tally.month_first and tally.events and not file.dates:
        notes.append(
            f"dates with the month first: {tally.month_first:,}; if all dates are meant so, say "
            "--dates month-first"
        )
    if (unknown := tally.unknown_statuses).rows:
        notes.append(
            f"statuses that are not understood: {unknown.rows:,}, such as "
            f"{some_of(unknown.words, repr)}; ask whether one of them says otherwise than "
            f"{type_word(file.type)}"
        )
    if not tally.rows:
        notes.append("no rows below the header")
    return tuple(notes)
