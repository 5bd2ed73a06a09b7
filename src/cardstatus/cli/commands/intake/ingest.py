"""The command ``ingest``."""

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
    Kind,
    Only,
    Partners,
    Strict,
    Timezone,
    WorkerCount,
    exit_code,
    run_options,
)
from cardstatus.display import messages, streams
from cardstatus.display.serialise import ReportFormat
from cardstatus.errors import UsageError
from cardstatus.model.reports import Outcome


def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", readable=False, help="Folders, or single CSV files."),
    ],
    db: Database = DEFAULT_DATABASE,
    kind: Kind = None,
    only: Only = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be done, store nothing.")
    ] = False,
    strict: Strict = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="A file replaces the one read last at its path.")
    ] = False,
    timezone: Timezone = None,
    country_code: CountryCode = None,
    card_id_pattern: CardIdPattern = None,
    dates: Dates = None,
    encoding: Encoding = None,
    partners: Partners = None,
    workers: WorkerCount = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List files that are in already, too.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what failed.")] = False,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Take courier files in: all *.csv and *.csv.gz below a folder.

    A file is taken in whole or not at all. One that is in already is not read again, and counted
    only; one that has only grown replaces what it was. Exit code 3 says that some rows were
    rejected, 1 that a file failed.

    \b
    Examples:
      cardstatus ingest drops/ --timezone Asia/Dubai
      cardstatus ingest drops/ --dry-run
      cardstatus ingest scans.csv --type pickup
      cardstatus ingest drops/delivered.csv --replace
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.display import progress, tables
    from cardstatus.ingestion.ingest import ingest as run

    if verbose and quiet:
        raise UsageError("--verbose and --quiet cannot be had together; give one")
    options = run_options(
        kind=kind,
        only=only,
        dry_run=dry_run,
        strict=strict,
        timezone=timezone,
        country_code=country_code,
        card_id_pattern=card_id_pattern,
        dates=dates,
        encoding=encoding,
        replace=replace,
        workers=workers,
        partners=partners,
        db=db,
    )

    def waits() -> None:
        streams.message(f"waiting for another process that is writing to {db}")

    with progress.shown("Ingesting", in_bytes=True) as bar:
        report = run(paths, db, options, progress=bar, on_wait=waits)
    try:
        if form is ReportFormat.JSON:
            streams.write_data([messages.ingest_json(report), "\n"])
        elif not quiet and any(
            file.outcome is not Outcome.FAILED or file.counts.rows for file in report.files
        ):
            # Else the lines below say all there is to say.
            streams.write_safe([tables.ingest_table(report, streams.style(), verbose=verbose)])
    finally:  # what failed is said even where the table cannot be written
        notices = messages.ingest_failures if quiet else messages.ingest_notices
        for notice in notices(report):
            streams.message(notice)
    raise typer.Exit(Exit.INTERRUPTED if report.interrupted else exit_code(report.files))
