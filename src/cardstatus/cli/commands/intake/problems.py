"""The command ``problems``."""

import time
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from cardstatus.cli.options import (
    DEFAULT_DATABASE,
    Database,
    Limit,
    Output,
    Raw,
    recent_times,
)
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.serialise import Format, printable
from cardstatus.errors import CardStatusError, command
from cardstatus.model.problems import Reason, Severity, StoredProblem
from cardstatus.questions.inputs import read_time


def problems(
    severity: Annotated[
        Severity | None, typer.Option(help="Only rejected rows, warnings, or files that failed.")
    ] = None,
    reason: Annotated[
        Reason | None, typer.Option(metavar="REASON", help="Only this reason.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="NAME", help="Only of this file: its name, or its path."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", autocompletion=recent_times, help="Only of files read from then on."
        ),
    ] = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only what is neither mended nor forgotten.")
    ] = False,
    forget: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Note that the problems of this file are dealt with, and end."
        ),
    ] = None,
    limit: Limit = None,
    raw: Raw = False,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """List rejected rows, unreadable cells and files that failed, each with its source.

    What a later version of a file has mended is marked so, and what is forgotten; neither makes
    ingest end with exit code 3 any more.

    \b
    Examples:
      cardstatus problems --open
      cardstatus problems --file delivery.csv --since 7d
      cardstatus problems --severity rejected --format csv > for-the-partner.csv
      cardstatus problems --forget "Returned deliveries.csv"
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    if forget is not None:
        _forget(db, forget)
        return
    from cardstatus.display import tables

    with Store.open(db) as store:
        timezone = store.settings().timezone
        instant = None if since is None else read_time(since, timezone, "--since", day_begins=True)
        wanted = store.problems(
            severity, reason=reason, file=file, since=instant, only_open=only_open
        )
        found = list(islice(wanted, limit))
    if form is Format.TABLE and not found:
        streams.message("no problems")
        return
    streams.deliver(form, StoredProblem._fields, found, tables.problem_table, raw=raw)


def _forget(database: Path, file: str) -> None:
    from cardstatus.database.writing.failures import forget

    if not (count := forget(database, file, time.time_ns())):
        raise CardStatusError(
            f"no file {printable(file)} has open problems; see those that have with "
            f"'{printable(command('problems --open', database))}'"
        )
    streams.message(f"forgotten: the problems of {count:,} file{'' if count == 1 else 's'}")
