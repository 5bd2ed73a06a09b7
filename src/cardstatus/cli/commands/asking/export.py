"""The command ``export``."""

from collections.abc import Iterable
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
from cardstatus.display import serialise, streams
from cardstatus.display.serialise import Format
from cardstatus.errors import UsageError
from cardstatus.model.records import CardStatus, Status
from cardstatus.questions import lookup

_TABS, _WORKBOOK, _PARQUET = "tsv", "xlsx", "parquet"
_ENDINGS = (Format.CSV.value, _TABS, Format.JSON.value, Format.NDJSON.value, _WORKBOOK, _PARQUET)


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
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV for Excel: a byte-order mark, and local times.")
    ] = False,
    by_day: Annotated[
        bool,
        typer.Option("--by-day", help="Parquet as a folder, with one for each day of events."),
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

    A FILE that ends in .csv, .tsv, .json, .ndjson or .xlsx gets that format; a workbook has local
    times, and needs the extra excel. With --events it may end in .parquet, for warehouses, which
    needs the extra parquet. In CSV, text that a spreadsheet would run as a formula gets a
    ' in front; --raw leaves it out.

    \b
    Examples:
      cardstatus export -o cards.csv --status returned
      cardstatus export cards.xlsx
      cardstatus export --as-of 2024-03-31 > end-of-march.csv
      cardstatus export --events --format ndjson
      cardstatus export --events events.parquet
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    if file and output_file and file != output_file:
        raise UsageError(f"two files to write to, {file} and {output_file}; give one")
    target = file or output_file
    if target and belongs_to(target, db):
        raise UsageError(f"{target} is the database itself; write to another file")
    ending = _ending(target) if form is None else ""
    if excel and (form or ending or Format.CSV) not in (Format.CSV, _TABS):
        raise UsageError("--excel is for CSV; leave it out, or write a file that ends in .csv")
    if ending == _PARQUET and not events:
        raise UsageError("Parquet is for all events: add --events")
    if by_day and ending != _PARQUET:
        raise UsageError("--by-day is for Parquet; end the name of FILE in .parquet")
    with Store.open(db) as store:
        lookup.look_back(store, as_of, known_at)
        timezone = store.settings().timezone
        records = (store.events if events else store.statuses)(status or ())
        delimiter = "\t" if ending == _TABS else ","
        if ending == _WORKBOOK and target:
            from cardstatus.display.exports.workbook import write_workbook

            streams.fill_file(target, lambda place: write_workbook(place, records, timezone))
        elif ending == _PARQUET and target:
            _write_parquet(target, records, by_day=by_day)
        elif excel:
            from cardstatus.display.exports.workbook import for_excel

            chunks = for_excel(records, timezone, delimiter=delimiter, raw=raw)
            streams.write_chunks(chunks, target)
        elif ending == _TABS:
            chunks = serialise.csv_lines(CardStatus._fields, records, raw=raw, delimiter=delimiter)
            streams.write_chunks(chunks, target)
        else:
            form = form or (Format(ending) if ending else Format.CSV)
            table = streams.draw_statuses(store)
            streams.deliver(form, CardStatus._fields, records, table, target=target, raw=raw)


def _write_parquet(target: Path, events: Iterable[CardStatus], *, by_day: bool) -> None:
    from cardstatus.display.exports.parquet import write_days, write_parquet

    if by_day:
        streams.fill_folder(target, lambda place: write_days(place, events))
    else:
        streams.fill_file(target, lambda place: write_parquet(place, events))


def _ending(target: Path | None) -> str:
    """Return the ending of a file's name, without its dot; empty if it has none.

    Raises :class:`UsageError` for one that says what cannot be written.
    """
    is_file = target is not None and (target.is_file() or target.is_dir() or not target.exists())
    ending = target.suffix.removeprefix(".").lower() if target and is_file else ""
    if ending and ending not in _ENDINGS:
        raise UsageError(
            f"{target}: nothing is known of files that end in .{ending}; end the name in "
            f".{', .'.join(_ENDINGS)}, or say how to write it with --format"
        )
    return ending
