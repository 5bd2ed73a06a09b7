"""A file taken out, or replaced, whatever happens meanwhile: before or after, never between."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, take, write
from support.connections import at_step
from support.processes import PATIENCE, forked

from cardstatus.database.reading.overview import Overview
from cardstatus.errors import DatabaseError
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.standing.undo import Choice, undo

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="forks and looks at processes by way of /proc"
)

EACH = [
    pytest.param(9, id="every ninth"),
    pytest.param(1, id="every one", marks=pytest.mark.torture),
]
ROUNDS = int(os.environ.get("TORTURE_UNDOS", "100"))
NOW = 9


class Stock:
    """A database with files that repeat each other, one of which goes or is replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "stocked.db"
        same = [row(f"crd {n}", "13-11-2023 14:00", mobile=f"58555010{n}") for n in range(4)]
        zoned = [row(f"crd {n}", "2023-11-13T14:00:00Z", mobile=f"58555010{n}") for n in (1, 2)]
        take(self.database, write(folder, "in/1 pickup.csv", *same, row(time="?")), now=1)
        take(self.database, write(folder, "in/2 pickup.csv", *same[:3], *zoned), now=2)
        take(self.database, write(folder, "in/3 pickup.csv", *same[2:], row("CRD9")), now=3)
        self.path = folder / "in/1 pickup.csv"
        self.mended = folder / "mended" / "1 pickup.csv"
        write(folder, "mended/1 pickup.csv", *same[:2], row("CRD7"), row(""))

    def copy(self, name: str) -> Path:
        place = self.folder / name / "cards.db"
        place.parent.mkdir()
        shutil.copy(self.database, place)
        return place


def told(database: Path) -> list[Any]:
    """All that a database says, its sightings included."""
    with Overview.open(database) as overview:
        said = [
            *overview.statuses(), *overview.events(), *overview.problems(),
            *overview.files(undone=True), *overview.cards_of_mobile("+971585550101"),
        ]  # fmt: skip
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = ("event", "sighting", "card_mobile", "card_alias")
        return said + [connection.execute(f"SELECT * FROM {t}").fetchall() for t in tables]


@pytest.fixture
def stock(memory: Path) -> Stock:
    return Stock(memory)


def take_out(stock: Stock, database: Path) -> None:
    undo(database, Choice(files=("1",)), now=lambda: NOW)


def put_in_place(stock: Stock, database: Path) -> None:
    if stock.path.read_bytes() != stock.mended.read_bytes():
        shutil.copy(stock.mended, stock.path)
    take(database, stock.path, options=Options(replace=True), now=NOW)


DEEDS: dict[str, Callable[[Stock, Path], None]] = {"undo": take_out, "replace": put_in_place}


@pytest.fixture(params=DEEDS.values(), ids=DEEDS.keys())
def deed(request: pytest.FixtureRequest) -> Callable[[Stock, Path], None]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def states(stock: Stock, deed: Callable[[Stock, Path], None]) -> tuple[list[Any], list[Any]]:
    """What a database says before and after."""
    before = told(stock.database)
    undisturbed = stock.copy("undisturbed")
    deed(stock, undisturbed)
    after = told(undisturbed)
    assert before != after
    return before, after


Deed = Callable[[Stock, Path], None]
States = tuple[list[Any], list[Any]]


@pytest.mark.parametrize("stride", EACH)
def test_a_kill_at_any_step(stock: Stock, deed: Deed, states: States, stride: int) -> None:
    with at_step(0, lambda: None) as count:
        deed(stock, stock.copy("counted"))
    met = set()
    for number in range(1, count() + 1, stride):
        database = stock.copy(f"{number}")
        with at_step(number, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            assert forked(partial(deed, stock, database)).code == -signal.SIGKILL
        met.add(states.index(told(database)))
        if states.index(told(database)) == 0:
            deed(stock, database)
        assert told(database) == states[1]
    assert met == {0, 1}


@pytest.mark.parametrize("stride", EACH)
def test_ctrl_c_at_any_step(stock: Stock, deed: Deed, states: States, stride: int) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with at_step(0, lambda: None) as count:
        deed(stock, stock.copy("counted"))
    met = set()
    for number in range(1, count() + 1, stride):
        database = stock.copy(f"{number}")
        with suppress(KeyboardInterrupt), at_step(number, interrupt):
            deed(stock, database)
        met.add(states.index(told(database)))
    assert met == {0, 1}


def test_a_disk_that_is_full(stock: Stock, deed: Deed, states: States) -> None:
    """The database may not grow, nor may any file beyond some sizes."""
    met = set()
    for number, limit in enumerate(range(0, 400_000, 12_000)):
        database = stock.copy(f"{number}")

        if deed is put_in_place:
            shutil.copy(stock.mended, stock.path)  # before there is a limit

        def limited(limit: int = limit, database: Path = database) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            with suppress(DatabaseError):
                deed(stock, database)

        ended = forked(limited)
        assert ended.code == 0, ended.said
        met.add(states.index(told(database)))
    assert met == {0, 1}


READER = """
import sys
from cardstatus.database.reading.overview import Overview
from pathlib import Path
seen = set()
print("begun", flush=True)
while not Path(sys.argv[2]).exists():
    with Overview.open(Path(sys.argv[1])) as overview:
        counts = (overview.count_events(), len(list(overview.events())))
        assert counts[0] == counts[1], counts
        seen.add(counts)
print(sorted(seen))
"""


@pytest.mark.parametrize(
    "rounds",
    [pytest.param(3, id="few"), pytest.param(ROUNDS, marks=pytest.mark.torture, id="many")],
)
def test_beside_readers_and_an_ingest(stock: Stock, rounds: int) -> None:
    """Whoever reads sees whole states; an ingest at the same time waits, and both are done."""
    database, end = stock.copy("busy"), stock.folder / "end"
    command = [sys.executable, "-c", READER, str(database), str(end)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    other = write(stock.folder, "in/4 delivered.csv", *[row(f"CRD{n}") for n in range(50)])
    program = [
        sys.executable, "-c", "from cardstatus.__main__ import main; main()", "ingest", str(other),
        "--db", str(database),
    ]  # fmt: skip
    try:
        for reader in readers:
            assert reader.stdout
            reader.stdout.readline()
        for _ in range(rounds):
            with subprocess.Popen(
                program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as ingest:
                with Overview.open(database) as overview:
                    (number,) = [f.number for f in overview.files() if f.path == str(stock.path)]
                undo(database, Choice(files=(str(number),)))
                take(database, stock.path)
                assert ingest.wait(PATIENCE) == 0
            undo(database, Choice(files=(str(other),)))
    finally:
        end.touch()
        seen = [reader.communicate(timeout=PATIENCE)[0] for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0]
    assert all(text.startswith("[(") for text in seen)
