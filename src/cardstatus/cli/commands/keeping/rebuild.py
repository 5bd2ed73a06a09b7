"""The command ``rebuild``."""

from pathlib import Path
from typing import Annotated

import typer

from cardstatus.cli.exits import Exit
from cardstatus.cli.options import DEFAULT_DATABASE, Database, ReportOutput
from cardstatus.cli.runs import (
    CardIdPattern,
    CountryCode,
    Dates,
    Encoding,
    Partners,
    Timezone,
    WorkerCount,
    run_options,
)
from cardstatus.display import streams
from cardstatus.display.serialise import ReportFormat
from cardstatus.errors import UsageError
from cardstatus.model.reports import Outcome


def rebuild(
    new: Annotated[
        Path | None,
        typer.Argument(metavar="[NEW]", readable=False, help="The new database."),
    ] = None,
    swap: Annotated[
        bool, typer.Option("--swap", help="Put it in the place of the old one, which is kept.")
    ] = False,
    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", metavar="DIR", readable=False, help="Where files may lie by now; repeatable."
        ),
    ] = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Do without files that are not found.")
    ] = False,
    timezone: Timezone = None,
    country_code: CountryCode = None,
    card_id_pattern: CardIdPattern = None,
    dates: Dates = None,
    encoding: Encoding = None,
    partners: Partners = None,
    workers: WorkerCount = None,
    db: Database = DEFAULT_DATABASE,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Read all files again into a new database, and say which cards differ.

    With another zone, country code, order of dates or declaration of partners, or by a newer
    version of the program; what is not given stays as it was. Files are looked for where they were
    read, in the archive, and in each --from, by their content. Cards that were erased stay so.

    \b
    Examples:
      cardstatus rebuild dubai.db --timezone Asia/Dubai
      cardstatus rebuild --swap --timezone Asia/Dubai
      cardstatus rebuild new.db --from /srv/old-drops --skip-missing
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.display import progress
    from cardstatus.display.reports import rebuilding
    from cardstatus.ingestion.standing.rebuild import Places
    from cardstatus.ingestion.standing.rebuild import rebuild as run

    if (new is None) != swap:
        raise UsageError("say where to: give the name of a NEW database, or --swap, and not both")
    options = run_options(
        kind=None,
        only=None,
        dry_run=False,
        strict=False,
        timezone=timezone,
        country_code=country_code,
        card_id_pattern=card_id_pattern,
        dates=dates,
        encoding=encoding,
        replace=False,
        workers=workers,
        partners=partners,
        db=db,
    )

    def waits() -> None:
        streams.message(f"waiting for another process that has {db} open")

    with progress.shown("Reading again", in_bytes=True) as bar:
        report = run(
            db, new, options, Places(folders or (), skip_missing), progress=bar, on_wait=waits
        )
    if form is ReportFormat.JSON:
        streams.write_data([rebuilding.rebuild_json(report), "\n"])
    else:
        streams.write_safe([rebuilding.rebuild_table(report, streams.style())])
    for notice in rebuilding.rebuild_notices(report):
        streams.message(notice)
    if any(file.outcome is Outcome.FAILED for file in report.files):
        raise typer.Exit(Exit.FAILED)
