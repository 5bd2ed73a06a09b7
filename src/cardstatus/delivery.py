"""What the commands that read have in common: their options, and how their records get out."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer

from . import output, render
from .render import Format, ReportFormat

if TYPE_CHECKING:
    from .answers import CardStatus
    from .store import Store
    from .tables import Look

_Record = TypeVar("_Record", bound=NamedTuple)

Database = Annotated[
    Path,
    typer.Option(
        "--db", envvar="CARDSTATUS_DB", metavar="PATH", readable=False, help="The database file."
    ),
]
Words = Annotated[
    list[str] | None, typer.Argument(hidden=True, metavar="[--card-id ID] [--mobile NUMBER]")
]
"""What stands without an option, so that the error can say where it belongs; and the usage."""
CardIds = Annotated[
    list[str] | None,
    typer.Option("--card-id", metavar="ID", help="A card; may be repeated."),
]
Mobiles = Annotated[
    list[str] | None,
    typer.Option("--mobile", metavar="NUMBER", help="A user's number; may be repeated."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="Only what had happened by then."),
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", metavar="TIME", help="Only what had been ingested by then."),
]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="TIME", help="Judge as at this time, not by the clock."),
]
Raw = Annotated[
    bool, typer.Option("--raw", help="CSV exactly as stored, not guarded against formulas.")
]
Output = Annotated[Format, typer.Option("--format", help="How to print.", case_sensitive=False)]
ReportOutput = Annotated[
    ReportFormat, typer.Option("--format", help="How to print.", case_sensitive=False)
]
DEFAULT_DATABASE = Path("cardstatus.db")


def status_table(store: "Store") -> "Callable[[Iterable[CardStatus], Look], str]":
    """Return what draws records of this database as a table."""

    def table(records: "Iterable[CardStatus]", look: "Look") -> str:
        from . import tables

        return tables.status_table(records, store.settings().timezone, look)

    return table


def deliver(
    form: Format,
    fields: Sequence[str],
    records: Iterable[_Record],
    table: "Callable[[Iterable[_Record], Look], str]",
    *,
    target: Path | None = None,
    raw: bool = False,
) -> None:
    """Print records in the format asked for, to stdout or into a file."""
    to_file = target is not None and str(target) != "-"
    if form is Format.TABLE:
        chunks: Iterable[str] = [table(records, output.look(to_file=to_file))]
    else:
        chunks = render.stream(form, fields, records, raw=raw)
    if target is not None and to_file:
        output.save(target, chunks)
    elif form is Format.TABLE:
        output.show(chunks)
    else:
        output.emit(chunks)
