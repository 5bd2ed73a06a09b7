"""The options of the commands that take files in, and how a run of either ends."""

from collections.abc import Iterable
from typing import Annotated

import typer

from cardstatus.model.reports import EventType, FileReport, Outcome

from .exits import Exit


def _event_type(word: str) -> EventType:
    try:
        return EventType[word.upper().replace("-", "_")]
    except KeyError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(_TYPES)}") from None


_TYPES = [kind.word for kind in EventType]
_TYPE_METAVAR = f"[{'|'.join(_TYPES)}]"

Kind = Annotated[
    EventType | None,
    typer.Option(
        "--type",
        parser=_event_type,
        metavar=_TYPE_METAVAR,
        help="For files whose name tells no type, or several.",
    ),
]
Only = Annotated[
    list[EventType] | None,
    typer.Option(
        "--only",
        parser=_event_type,
        metavar=_TYPE_METAVAR,
        help="Take in just this type; may be repeated.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="A rejected row fails its whole file.")]
Timezone = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
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
Encoding = Annotated[str, typer.Option(metavar="NAME", help="Of files without a byte-order mark.")]
WorkerCount = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=64,
        help="Processes that read large files. [default: one a core]",
        show_default=False,
    ),
]


def exit_code(files: Iterable[FileReport]) -> int:
    """Return how a run over these files ends."""
    outcomes = [(file.outcome, file.counts.rejected) for file in files]
    if any(outcome is Outcome.FAILED for outcome, _ in outcomes):
        return Exit.FAILED
    return Exit.SOME_REJECTED if any(rejected for _, rejected in outcomes) else 0
