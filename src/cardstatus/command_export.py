"""The commands that list: ``export`` and ``problems``."""

from pathlib import Path
from typing import Annotated

import typer

from . import output
from .answers import CardStatus, Severity, Status, StoredProblem
from .delivery import DEFAULT_DATABASE, Database, Output, deliver, status_table
from .errors import UsageError
from .render import Format
from .store import Store

_DB_FILES = ("", "-wal", "-shm", "-journal")


def export(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", readable=False, help="Where to write; stdout if not given."
        ),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", readable=False, help="The same as FILE."),
    ] = None,
    status: Annotated[
        list[Status] | None, typer.Option(help="Only cards with this status; may be repeated.")
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="All events, not just each card's latest.")
    ] = False,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="CSV exactly as stored, not guarded against formulas."),
    ] = False,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.CSV,
) -> None:
    """Write the status of every card as CSV, sorted by card id.

    In CSV, text that a spreadsheet would run as a formula gets a ' in front; --raw leaves it out.

    Example: cardstatus export -o cards.csv --status returned
    """
    if file and output_file and file != output_file:
        raise UsageError(f"two files to write to, {file} and {output_file}; give one")
    target = file or output_file
    if target and target.resolve() in {db.resolve().with_name(db.name + end) for end in _DB_FILES}:
        raise UsageError(f"{target} is the database itself; write to another file")
    with Store.open(db) as store:
        records = (store.events if events else store.statuses)(status or ())
        deliver(form, CardStatus._fields, records, status_table(store), target=target, raw=raw)


def problems(
    severity: Annotated[
        Severity | None, typer.Option(help="Only rejected rows, or only warnings.")
    ] = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """List rejected rows and unreadable cells, each with its source.

    Example: cardstatus problems --format csv > for-the-partner.csv
    """
    from . import tables

    with Store.open(db) as store:
        found = list(store.problems(severity))
    if form is Format.TABLE and not found:
        output.say("no problems")
        return
    deliver(form, StoredProblem._fields, found, tables.problem_table)
