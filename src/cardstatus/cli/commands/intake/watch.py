"""The command ``watch``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.cli.exits import Exit
from cardstatus.cli.options import DEFAULT_DATABASE, Database
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
from cardstatus.display.messages import LogFormat
from cardstatus.signals import sigterm_as_interrupt

if TYPE_CHECKING:
    from cardstatus.model.reports import WatchedFile


def watch(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", readable=False, help="Folders to watch.")
    ],
    settle: Annotated[
        float,
        typer.Option(
            min=0, metavar="SECONDS", help="A file is whole when it has not changed for so long."
        ),
    ] = 2.0,
    archive: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="Move files that are in to this folder."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take in what is there, and end.")] = False,
    db: Database = DEFAULT_DATABASE,
    kind: Kind = None,
    only: Only = None,
    strict: Strict = False,
    replace: Annotated[
        bool,
        typer.Option("--replace-same-name", help="A file replaces the one read last at its path."),
    ] = False,
    timezone: Timezone = None,
    country_code: CountryCode = None,
    card_id_pattern: CardIdPattern = None,
    dates: Dates = None,
    encoding: Encoding = None,
    partners: Partners = None,
    workers: WorkerCount = None,
    form: Annotated[
        LogFormat, typer.Option("--log-format", help="How to print.", case_sensitive=False)
    ] = LogFormat.TEXT,
) -> None:
    """Take courier files in as they arrive in folders, one line for each.

    A file is taken in once it has stopped changing and nobody has it open for writing. A file that
    fails is reported, on stderr as well, and tried again when it changes.
    Ends on Ctrl-C and SIGTERM.

    \b
    Examples:
      cardstatus watch drops/ --archive done/
      cardstatus watch drops/ --once --log-format json
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.ingestion.watch import WatchOptions
    from cardstatus.ingestion.watch import watch as run

    options = run_options(
        kind=kind,
        only=only,
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
    files: list[WatchedFile] = []
    one_place = streams.are_one()  # of a terminal, or a journal, that has the line already
    with sigterm_as_interrupt() as code:
        try:
            for file in run(folders, db, options, WatchOptions(settle, archive, once)):
                streams.write_data([messages.watch_line(file, form)])
                if not one_place:
                    for line in messages.watch_failures(file):
                        streams.message(line)
                if once:
                    files.append(file)
        except KeyboardInterrupt:
            streams.message("stopped; every file that was told of is in whole")
            raise typer.Exit(code()) from None
    if any(file.archive_error for file in files):
        raise typer.Exit(Exit.FAILED)
    raise typer.Exit(exit_code(file.report for file in files))
