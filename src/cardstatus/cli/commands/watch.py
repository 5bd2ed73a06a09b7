"""The command ``watch``."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cardstatus.cli.exits import Exit, exit_code
from cardstatus.cli.options import (
    DEFAULT_DATABASE,
    CountryCode,
    Database,
    Encoding,
    Kind,
    Only,
    Strict,
    Timezone,
    WorkerCount,
)
from cardstatus.display import messages, streams
from cardstatus.display.messages import LogFormat
from cardstatus.errors import CardStatusError, UsageError


def watch(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", readable=False, help="Folders to watch.")
    ],
    settle: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long a file must not have changed."),
    ] = 2.0,
    archive: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="Move files there that are in."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take in what is there, and end.")] = False,
    db: Database = DEFAULT_DATABASE,
    kind: Kind = None,
    only: Only = None,
    strict: Strict = False,
    timezone: Timezone = None,
    country_code: CountryCode = None,
    encoding: Encoding = "utf-8",
    workers: WorkerCount = None,
    form: Annotated[
        LogFormat, typer.Option("--log-format", help="How to print.", case_sensitive=False)
    ] = LogFormat.TEXT,
) -> None:
    """Take courier files in as they arrive in folders, one line for each.

    A file is taken when it has stopped changing; one that is moved into the folder, at once. One
    that fails is told of, and tried again when it changes. Ends on Ctrl-C and SIGTERM.

    \b
    Examples:
      cardstatus watch drops/ --archive done/
      cardstatus watch drops/ --once --log-format json
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.database.connection import stored_settings
    from cardstatus.ingestion.options import Options, check
    from cardstatus.ingestion.options import settle as settle_settings
    from cardstatus.ingestion.wakeups import wakeups
    from cardstatus.ingestion.watch import WatchOptions
    from cardstatus.ingestion.watch import watch as run
    from cardstatus.ingestion.workers import cores

    options = Options(
        type=kind,
        only=frozenset(only or ()),
        strict=strict,
        timezone=timezone,
        country_code=country_code,
        encoding=encoding,
        workers=workers or cores(),
    )
    check(options)
    settle_settings(stored_settings(db), options)
    for folder in folders:
        if not folder.is_dir():
            raise CardStatusError(f"there is no folder {folder}; make it, or give another one")
    if archive and any(folder.resolve().is_relative_to(archive.resolve()) for folder in folders):
        raise UsageError("--archive: the folder to watch is in it; give another one")
    files = []
    with _signals() as caught:
        try:
            for handled in run(
                folders, db, options, WatchOptions(settle, archive, once), wakeups(folders)
            ):
                streams.emit([messages.watch_line(handled, form)])
                if once:
                    files.append(handled.report)
        except KeyboardInterrupt:
            streams.say("stopped; every file that was told of is in whole")
            raise typer.Exit(128 + caught[-1] if caught else Exit.INTERRUPTED) from None
    raise typer.Exit(exit_code(files))


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Have SIGTERM end the block as Ctrl-C does, and tell which of them it was."""
    caught: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        caught.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGTERM, before)
