"""The command ``ingest``."""

from pathlib import Path
from typing import Annotated

import typer

from . import output, render
from .delivery import DEFAULT_DATABASE, Database, ReportOutput
from .model import EventType, IngestReport, Outcome
from .render import ReportFormat
from .shell import Exit


def _event_type(word: str) -> EventType:
    try:
        return EventType[word.upper().replace("-", "_")]
    except KeyError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(_TYPES)}") from None


_TYPES = [kind.word for kind in EventType]
_TYPE_METAVAR = f"[{'|'.join(_TYPES)}]"


def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", readable=False, help="Folders, or single CSV files."),
    ],
    db: Database = DEFAULT_DATABASE,
    kind: Annotated[
        EventType | None,
        typer.Option(
            "--type",
            parser=_event_type,
            metavar=_TYPE_METAVAR,
            help="For files whose name tells no type, or several.",
        ),
    ] = None,
    only: Annotated[
        list[EventType] | None,
        typer.Option(
            "--only",
            parser=_event_type,
            metavar=_TYPE_METAVAR,
            help="Take in just this type; may be repeated.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be done, store nothing.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="A rejected row fails its whole file.")
    ] = False,
    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Zone of times that carry none, such as Asia/Dubai; fixed by the first ingest. "
            "[default: UTC]",
            show_default=False,
        ),
    ] = None,
    country_code: Annotated[
        str | None,
        typer.Option(
            metavar="DIGITS",
            help="Country of mobiles that carry none; fixed by the first ingest. [default: 971]",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="Of files without a byte-order mark.")
    ] = "utf-8",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="Processes that read large files. [default: one a core]",
            show_default=False,
        ),
    ] = None,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Take courier files in: all *.csv and *.csv.gz below a folder.

    A file is taken in whole or not at all, and one that is in already is not read again. Exit code
    3 says that some rows were rejected, 1 that a file failed.

    \b
    Examples:
      cardstatus ingest drops/ --timezone Asia/Dubai
      cardstatus ingest drops/ --dry-run
      cardstatus ingest scans.csv --type pickup
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from . import progress, tables
    from .ingest import ingest as run
    from .options import Options
    from .workers import cores

    options = Options(
        type=kind,
        only=frozenset(only or ()),
        dry_run=dry_run,
        strict=strict,
        timezone=timezone,
        country_code=country_code,
        encoding=encoding,
        workers=workers or cores(),
    )
    with progress.shown("Ingesting", in_bytes=True) as bar:
        report = run(paths, db, options, progress=bar)
    if form is ReportFormat.JSON:
        output.emit([render.ingest_json(report), "\n"])
    else:
        output.show([tables.ingest_table(report, output.look())])
    for notice in render.ingest_notices(report):
        output.say(notice)
    raise typer.Exit(_ingest_exit(report))


def _ingest_exit(report: IngestReport) -> int:
    if report.interrupted:
        return Exit.INTERRUPTED
    if any(file.outcome is Outcome.FAILED for file in report.files):
        return Exit.FAILED
    return Exit.SOME_REJECTED if report.totals.rejected else 0
