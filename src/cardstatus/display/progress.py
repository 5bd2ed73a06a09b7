"""The progress bar of long work, on stderr and on terminals only."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cardstatus.signals import held_back

if TYPE_CHECKING:
    from cardstatus.model.reports import Progress


class _Bar:
    def __init__(self, doing: str, *, in_bytes: bool) -> None:
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
            TextColumn(doing),
            BarColumn(),
            TaskProgressColumn(),
            *([DownloadColumn()] if in_bytes else []),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self.display.add_task("", total=None)

    def start(self, total: int) -> None:
        self.display.update(self._task, total=total)
        with held_back():
            self.display.start()  # starts a thread, too

    def advance(self, count: int) -> None:
        self.display.advance(self._task, count)


@contextmanager
def shown(
    doing: str, *, in_bytes: bool = False, beside_data: bool = False
) -> Iterator["Progress | None"]:
    """Yield a bar that shows from its start to the end of the block, None without a terminal.

    ``beside_data``: data is written to stdout meanwhile, and a bar on the same terminal would be in
    its way.
    """
    if not sys.stderr.isatty() or (beside_data and sys.stdout.isatty()):
        yield None
        return
    bar = _Bar(doing, in_bytes=in_bytes)
    try:
        yield bar
    finally:
        if bar.display.live.is_started:  # else Rich ends a line that was never begun
            bar.display.stop()
