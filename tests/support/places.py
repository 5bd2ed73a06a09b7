"""A folder that is watched, with its archive and its database."""

from collections.abc import Iterator
from pathlib import Path

from support.builders import csv_text, row, statuses, write

from cardstatus.ingestion.arriving.arrivals import Clocks
from cardstatus.ingestion.arriving.wakeups import Wakeup
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.watch import WatchOptions, watch
from cardstatus.model.reports import WatchedFile

OLD = "CRD1"
"""The card of the file that lies in a place from its beginning."""


class Place:
    """A folder that is watched, its archive and its database."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self.drop = folder / "in"
        self.archive = archive
        self.database = folder / "cards.db"
        self.path = write(self.drop, "pickup.csv", row(OLD))

    def watch(self, *, once: bool = False) -> list[WatchedFile]:
        """Look three times, a minute and more between two looks; with ``once`` as cron does."""
        clock = 0

        def wakeups() -> Iterator[Wakeup]:
            nonlocal clock
            for _ in range(3):
                clock += 100 * 10**9
                yield Wakeup()

        options = WatchOptions(0, self.archive, once)
        clocks = Clocks(steady=lambda: clock)
        return list(watch([self.drop], self.database, Options(), options, wakeups(), clocks))

    def archived(self) -> list[Path]:
        return sorted(path for path in self.archive.rglob("*") if path.is_file())

    def assert_nothing_is_lost(self, *ids: str) -> None:
        """These cards are known and archived, as is all that is archived; nothing else is left."""
        known = {card.card_id for card in statuses(self.database)}
        assert set(ids) <= known
        assert list(self.drop.rglob("*")) == []
        assert not list(self.archive.rglob(".*"))
        archived = set()
        for path in self.archived():
            first, *rows = path.read_text().splitlines(keepends=True)
            assert first == csv_text([])
            assert rows
            assert all(line.endswith("\n") for line in rows)
            archived |= {line.split(",")[1] for line in rows}
        assert set(ids) <= archived <= known
