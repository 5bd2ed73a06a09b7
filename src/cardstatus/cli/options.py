"""The options that several commands share, and what ingest and watch make of theirs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.display.serialise import Format, ReportFormat
from cardstatus.model.records import EventType

if TYPE_CHECKING:
    from cardstatus.ingestion.options import Options

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


_TYPES = [kind.word for kind in EventType]
_TYPE_METAVAR = f"<{'|'.join(_TYPES)}>"  # as Typer writes choices


def _event_type(word: str) -> EventType:
    try:
        return EventType[word.upper().replace("-", "_")]
    except KeyError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(_TYPES)}") from None


def zone_names() -> list[str]:
    """Return the names of all zones, for completion."""
    from zoneinfo import available_timezones

    return sorted(available_timezones())


Kind = Annotated[
    EventType | None,
    typer.Option(
        "--type",
        parser=_event_type,
        autocompletion=lambda: _TYPES,
        metavar=_TYPE_METAVAR,
        help="Type of files whose name tells none, or several.",
    ),
]

Only = Annotated[
    list[EventType] | None,
    typer.Option(
        "--only",
        parser=_event_type,
        autocompletion=lambda: _TYPES,
        metavar=_TYPE_METAVAR,
        help="Take in just this type; may be repeated.",
    ),
]

Strict = Annotated[bool, typer.Option("--strict", help="A rejected row fails its whole file.")]

Timezone = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        autocompletion=zone_names,
        help="Zone of times that carry none, such as Asia/Dubai; fixed by the first ingest. "
        "[default: UTC]",
        show_default=False,
    ),
]

CountryCode = Annotated[
    str | None,
    typer.Option(
        metavar="DIGITS",
        help="Country of mobiles that carry none; fixed by the first ingest. [default: 971]",
        show_default=False,
    ),
]

Encoding = Annotated[
    str, typer.Option(metavar="NAME", help="Encoding of files without a byte-order mark.")
]

WorkerCount = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        max=64,
        help="Processes that read large files. [default: one a core]",
        show_default=False,
    ),
]


def run_options(  # noqa: PLR0913 - a run has as many
    *,
    kind: EventType | None,
    only: Sequence[EventType] | None,
    strict: bool,
    timezone: str | None,
    country_code: str | None,
    encoding: str,
    workers: int | None,
    dry_run: bool = False,
) -> "Options":
    """Return the options of a run, from those of ``ingest`` or ``watch``."""
    from cardstatus.ingestion.options import Options
    from cardstatus.ingestion.workers import cores

    return Options(
        type=kind,
        only=frozenset(only or ()),
        dry_run=dry_run,
        strict=strict,
        timezone=timezone,
        country_code=country_code,
        encoding=encoding,
        workers=workers or cores(),
    )
