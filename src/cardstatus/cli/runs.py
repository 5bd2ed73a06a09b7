"""The options of ingest and watch, the run that they ask for, and its exit code. Apart, since they
would take a look-up 1 ms.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType
from cardstatus.model.reports import FileReport, Outcome

from .exits import Exit
from .options import zone_names

if TYPE_CHECKING:
    from cardstatus.courier.partners.declaration import Partner
    from cardstatus.ingestion.options import Options

_TYPES = [kind.word for kind in EventType]
_TYPE_METAVAR = f"<{'|'.join(_TYPES)}>"  # as Typer writes choices


def _event_type(word: str) -> EventType:
    try:
        return EventType[word.upper().replace("-", "_")]
    except KeyError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(_TYPES)}") from None


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

CardIdPattern = Annotated[
    str | None,
    typer.Option(
        "--card-id-pattern",
        metavar="REGEX",
        help="Form of all card ids, such as 'ENB-\\d{6}'; fixed by the first ingest. [default: "
        "any with a digit]",
        show_default=False,
    ),
]

Dates = Annotated[
    DateOrder | None,
    typer.Option(
        "--dates",
        case_sensitive=False,
        help="What stands first in the dates. [default: the day if the year stands last; a file "
        "that shows otherwise is refused]",
        show_default=False,
    ),
]

Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Encoding of files without a byte-order mark; those that are in by another one are "
        "read anew. [default: utf-8]",
        show_default=False,
    ),
]

Partners = Annotated[
    Path | None,
    typer.Option(
        "--partners",
        metavar="PATH",
        envvar="CARDSTATUS_PARTNERS",
        readable=False,
        help="What partners declare of their files. [default: partners.toml beside the database, "
        "if it is there]",
        show_default=False,
    ),
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
    card_id_pattern: str | None,
    dates: DateOrder | None,
    encoding: str | None,
    workers: int | None,
    partners: Path | None,
    db: Path,
    dry_run: bool = False,
    replace: bool = False,
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
        card_id_pattern=card_id_pattern,
        dates=dates,
        encoding=encoding,
        replace=replace,
        partners=_declared(partners, db),
        workers=workers or cores(),
    )


def _declared(path: Path | None, db: Path) -> "tuple[Partner, ...]":
    beside = db.parent / "partners.toml"
    if path is None and not beside.is_file():
        return ()
    from cardstatus.courier.partners.reading import read_partners

    return read_partners(path or beside)


def exit_code(files: Iterable[FileReport]) -> int:
    """Return the exit code of a run over these files."""
    outcomes = [(file.outcome, 0 if file.is_settled else file.counts.rejected) for file in files]
    if any(outcome is Outcome.FAILED for outcome, _ in outcomes):
        return Exit.FAILED
    return Exit.SOME_REJECTED if any(rejected for _, rejected in outcomes) else 0
