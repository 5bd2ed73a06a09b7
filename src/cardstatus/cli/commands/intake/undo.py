"""The command ``undo``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.cli.confirm import confirmed
from cardstatus.cli.exits import Exit
from cardstatus.cli.options import DEFAULT_DATABASE, Database, ReportOutput, recent_times
from cardstatus.cli.runs import Kind
from cardstatus.display import streams
from cardstatus.display.serialise import ReportFormat

if TYPE_CHECKING:
    from cardstatus.database.reading.standing import StandingFile


def undo(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...", help="A number or a name that files lists, or the file itself."
        ),
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="The file that came in last.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", autocompletion=recent_times, help="All that came in since then."
        ),
    ] = None,
    kind: Kind = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would change, change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    db: Database = DEFAULT_DATABASE,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Take files out again, as if they had never come in. What other files say, too, stays.

    A file that was taken out may be taken in again, also as another type. The command asks first,
    unless --yes is given.

    \b
    Examples:
      cardstatus undo --last
      cardstatus undo drops/delivered.csv --dry-run
      cardstatus undo 17 18 --yes
      cardstatus undo --since today --type returned
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.display.reports import undoing
    from cardstatus.ingestion.standing.undo import Choice
    from cardstatus.ingestion.standing.undo import undo as run

    def asked(chosen: "Sequence[StandingFile]") -> bool:
        records = [file.recorded() for file in chosen]
        return confirmed(undoing.question(records), yes=yes)

    def waits() -> None:
        streams.message(f"waiting for another process that is writing to {db}")

    instant = None if since is None else _instant(db, since)
    choice = Choice(tuple(files or ()), last, instant, kind)
    report = run(db, choice, dry_run=dry_run, confirm=asked, on_wait=waits)
    if report is None:
        streams.message("nothing was taken out")
        raise typer.Exit(Exit.FAILED)
    if form is ReportFormat.JSON:
        streams.write_data([undoing.undo_json(report), "\n"])
    else:
        streams.write_safe([undoing.undo_table(report, streams.style())])
    for notice in undoing.undo_notices(report):
        streams.message(notice)


def _instant(db: "Database", since: str) -> int:
    from cardstatus.database.reading.store import Store
    from cardstatus.questions.inputs import read_time

    with Store.open(db) as store:
        timezone = store.settings().timezone
    return read_time(since, timezone, "--since", day_begins=True)
