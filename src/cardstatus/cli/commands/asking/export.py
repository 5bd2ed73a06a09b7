"""The command ``export``."""

from pathlib import Path
from typing import Annotated

import typer

from cardstatus.cli.options import (
    DEFAULT_DATABASE,
    AsOf,
    Database,
    KnownAt,
    Raw,
)
from cardstatus.database.files import belongs_to
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.serialise import Format
from cardstatus.errors import UsageError
from cardstatus.model.records import CardStatus, Status
from cardstatus.questions import lookup


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
    as_of: AsOf = None,
    known_at: KnownAt = None,
    raw: Raw = False,
    db: Database = DEFAULT_DATABASE,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="How to print. [default: what the name of FILE ends in, else csv]",
            case_sensitive=False,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the status of every card as CSV, sorted by card id.

    In CSV, text that a spreadsheet would run as a formula gets a ' in front; --raw leaves it out.

    \b
    Examples:
      cardstatus export -o cards.csv --status returned
      cardstatus export --as-of 2024-03-31 > end-of-march.csv
      cardstatus export --events --format ndjson
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    if file and output_file and file != output_file:
        raise UsageError(f"two files to write to, {file} and {output_file}; give one")
    target = file or output_file
    if target and belongs_to(target, db):
        raise UsageError(f"{target} is the database itself; write to another file")
    form = form or _form_of(target)
    with Store.open(db) as store:
        lookup.look_back(store, as_of, known_at)
        records = (store.events if events else store.statuses)(status or ())
        streams.deliver(
            form, CardStatus._fields, records, streams.draw_statuses(store), target=target, raw=raw
        )


def _form_of(target: Path | None) -> Format:
    """Return the format for a file: by the ending of its name, else CSV."""
    ending = target.suffix.removeprefix(".").lower() if target else ""
    return Format(ending) if ending in (Format.JSON, Format.NDJSON) else Format.CSV
