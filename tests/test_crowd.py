"""Many at once: writers wait for each other, readers see whole files, and those who may not write
in the folder have answers, too."""

import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from builders import row, statuses, take, write
from processes import PATIENCE, Ended, held, program, started

from cardstatus import database as database_module
from cardstatus.ingest import ingest
from cardstatus.store import Store

SECONDS = float(os.environ.get("TORTURE_CROWD_SECONDS", "60"))
STARTS = int(os.environ.get("TORTURE_STARTS", "300"))


def many(count: int) -> ProcessPoolExecutor:
    """So many processes, which know all that this one knows."""
    return ProcessPoolExecutor(count, multiprocessing.get_context("fork"))


# Two that write


class Waits:
    """Hears that a run waits, and does something about it."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.wait = do

    def start(self, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


@pytest.fixture
def other(database: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process that is writing to a database with one file in it."""
    take(database, write(tmp_path, "1 pickup.csv", row("CRD1")))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_AT_A_TIME", 0.01)


@pytest.mark.usefixtures("impatient")
def test_whoever_waits_for_another_process_is_told_and_goes_on(
    database: Path, tmp_path: Path, other: sqlite3.Connection
) -> None:
    file = write(tmp_path, "2 pickup.csv", row("CRD2"))
    told: list[str] = []

    def wait() -> None:
        told.append("waiting")
        other.execute("COMMIT")

    assert ingest([file], database, progress=Waits(wait)).totals.new == 1
    assert told == ["waiting"]


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_ends_the_wait_for_another_process(
    database: Path, tmp_path: Path, other: sqlite3.Connection
) -> None:
    def wait() -> None:
        raise KeyboardInterrupt

    report = ingest([write(tmp_path, "2 pickup.csv", row("CRD2"))], database, progress=Waits(wait))
    assert (report.interrupted, report.files) == (True, ())
    other.execute("COMMIT")
    assert held(database) == {"1 pickup.csv": 1}


def test_the_program_says_that_it_waits(
    database: Path, tmp_path: Path, other: sqlite3.Connection
) -> None:
    file = write(tmp_path, "2 pickup.csv", row("CRD2"))
    with started("-m", "cardstatus", "ingest", file, "--db", database) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == (
            f"waiting for another process that is writing to {database}\n"
        )
        other.execute("COMMIT")
        assert process.wait(PATIENCE) == 0
    assert held(database) == {"1 pickup.csv": 1, "2 pickup.csv": 1}


@pytest.mark.parametrize(
    "times",
    [pytest.param(8, id="some"), pytest.param(STARTS, id="many", marks=pytest.mark.torture)],
)
def test_two_that_make_the_database_at_once_both_end_well(memory: Path, times: int) -> None:
    files = [write(memory, f"{n} pickup.csv", row(f"CRD{n}"), row("CRD9")) for n in range(2)]
    with many(2) as pool:
        for number in range(times):
            database = memory / f"{number}.db"
            moment = time.time() + 0.01
            runs = [pool.submit(at, moment, "ingest", file, "--db", database) for file in files]
            assert [run.result(PATIENCE).code for run in runs] == [0, 0]
            assert [record.card_id for record in statuses(database)] == ["CRD0", "CRD1", "CRD9"]
            assert sorted(path.name for path in memory.glob(f"{number}.db*")) == [database.name]


def at(moment: float, *command: str | Path) -> Ended:
    """The program, begun at a moment."""
    time.sleep(max(0, moment - time.time()))
    return program(*command)


# Two that write, eight that read

ROWS = 40
FILES = 5


def write_for(seconds: float, database: Path, who: str) -> tuple[int, float]:
    """Ingest new files, again and again; return how many, and the longest that one run took."""
    end = time.monotonic() + seconds
    files, longest = 0, 0.0
    while time.monotonic() < end:
        folder = database.parent / who
        for number in range(FILES):
            name = f"{who}{files + number}"
            rows = [row(f"{name}-{n}", reference=name, mobile="") for n in range(ROWS)]
            write(folder, f"{name} pickup.csv", *rows, row("SHARED", comment=name))
        begin = time.monotonic()
        assert program("ingest", folder, "--db", database).code == 0
        longest = max(longest, time.monotonic() - begin)
        files += FILES
        shutil.rmtree(folder)
    return files, longest


def read_for(seconds: float, database: Path, how: str) -> tuple[int, float]:
    """Ask again and again; return how often, and the longest that one answer took."""
    end = time.monotonic() + seconds
    times, longest, most = 0, 0.0, 0
    while time.monotonic() < end:
        begin = time.monotonic()
        most = max(most, HOW[how](database, most))
        longest = max(longest, time.monotonic() - begin)
        times += 1
    assert most
    return times, longest


def assert_whole(sources: Counter[str], before: int) -> int:
    """Each file with all its events, and none that was there before has gone."""
    assert set(sources.values()) <= {ROWS + 1}
    assert len(sources) >= before
    return len(sources)


def list_events(database: Path, before: int) -> int:
    with Store.open(database) as store:
        return assert_whole(Counter(event.source for event in store.events()), before)


def ask_twice(database: Path, before: int) -> int:
    """Two questions to one store are answered from one state."""
    with Store.open(database) as store:
        cards = Counter(card.source for card in store.statuses() if card.card_id != "SHARED")
        assert set(cards.values()) <= {ROWS}
        found = assert_whole(Counter(event.source for event in store.events()), before)
        assert found == len(cards)
    return found


def export(database: Path, before: int) -> int:
    target = database.parent / f"{os.getpid()}.csv"
    command = ["export", "--events", "--raw", "-o", target, "--db", database]
    assert program(*command) == (0, "")
    lines = target.read_text(encoding="utf-8").splitlines()[1:]
    return assert_whole(Counter(line.split(",")[-2] for line in lines), before)


def get(database: Path, before: int) -> int:
    name = f"{random.choice('ab')}{random.randrange(50)}"
    command = ["get", "--card-id", f"{name}-0", "--card-id", f"{name}-{ROWS - 1}"]
    code, said = program(*command, "--db", database)
    assert (code, said.count("no card matches")) in ((0, 0), (4, 1), (4, 2))
    return 1


HOW: dict[str, Callable[[Path, int], int]] = {
    "list": list_events, "ask twice": ask_twice, "export": export, "get": get,
}  # fmt: skip


@pytest.mark.parametrize(
    "seconds",
    [pytest.param(3, id="short"), pytest.param(SECONDS, id="long", marks=pytest.mark.torture)],
)
def test_two_ingests_and_eight_readers_get_along(memory: Path, seconds: float) -> None:
    database = memory / "cards.db"
    first = [row(f"Z-{n}") for n in range(ROWS)]
    take(database, write(memory, "pickup.csv", *first, row("SHARED", comment="Z")))
    with many(10) as pool:
        writing = [pool.submit(write_for, seconds, database, who) for who in "ab"]
        reading = [pool.submit(read_for, seconds, database, how) for how in [*HOW, *HOW]]
        written = [future.result(seconds + PATIENCE) for future in writing]
        read = [future.result(seconds + PATIENCE) for future in reading]
    files = 1 + sum(count for count, _ in written)
    assert list_events(database, 0) == files
    assert set(held(database).values()) == {ROWS + 1}
    longest = max(longest for _, longest in [*written, *read])
    answers = sum(count for count, _ in read)
    sys.stdout.write(f"\n{files} files, {answers} answers, the longest took {longest:.2f} s\n")
