"""The progress bar of a long ingest: on a terminal only, on stderr, by bytes over all files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .ingest import Progress


class _Bar:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self.display = Progress(
            TextColumn("Ingesting"),
            BarColumn(),
            TaskProgressColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self.display.add_task("", total=None)

    def start(self, total: int) -> None:
        self.display.update(self._task, total=total)

    def advance(self, count: int) -> None:
        self.display.advance(self._task, count)


@contextmanager
def shown() -> Iterator[Progress | None]:
    """Show a bar for the length of the block; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar()
    with bar.display:
        yield bar
