"""The options that several commands share; those of ingest and watch are in ``runs``."""

from pathlib import Path
from typing import Annotated

import typer

from cardstatus import errors
from cardstatus.display.serialise import Format, ReportFormat

_RECENT = ["today", "yesterday", "30m", "2h", "7d"]


def recent_times() -> list[str]:
    """Return some times that count from now, for completion."""
    return _RECENT


Database = Annotated[
    Path,
    typer.Option(
        "--db", envvar="CARDSTATUS_DB", metavar="PATH", readable=False, help="The database file."
    ),
]
Words = Annotated[
    list[str] | None, typer.Argument(hidden=True, metavar="[--card-id ID] [--mobile NUMBER]")
]
"""Words without an option, taken only to say in the error where they belong. The metavar stands in
the usage."""
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
    typer.Option(
        "--as-of",
        metavar="TIME",
        autocompletion=recent_times,
        help="Only what had happened by then.",
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="TIME",
        autocompletion=recent_times,
        help="Only what had been ingested by then.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        autocompletion=recent_times,
        help="Judge as at this time, not by the clock.",
    ),
]
Raw = Annotated[
    bool, typer.Option("--raw", help="CSV exactly as stored, not guarded against formulas.")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="List so many at most."),
]
Output = Annotated[Format, typer.Option("--format", help="How to print.", case_sensitive=False)]
ReportOutput = Annotated[
    ReportFormat, typer.Option("--format", help="How to print.", case_sensitive=False)
]
DEFAULT_DATABASE = Path(errors.DEFAULT_DATABASE)


def zone_names() -> list[str]:
    """Return the names of all zones, for completion."""
    from zoneinfo import available_timezones

    return sorted(available_timezones())
