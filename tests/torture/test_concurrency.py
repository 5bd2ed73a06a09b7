"""Many at once: writers wait for each other, readers see whole files, and those who may not write
in the folder have answers, too."""

import multiprocessing
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from support.builders import row, statuses, take, write
from support.processes import PATIENCE, Ended, held, program, started

from cardstatus.database.reading.store import Store
from cardstatus.database.writing import waiting
from cardstatus.display.serialise import csv_lines
from cardstatus.display.streams import write_file
from cardstatus.errors import DatabaseError
from cardstatus.ingestion.ingest import ingest
from cardstatus.model.records import CardStatus

SECONDS = float(os.environ.get("TORTURE_CROWD_SECONDS", "60"))
STARTS = int(os.environ.get("TORTURE_STARTS", "300"))


def many(count: int) -> ProcessPoolExecutor:
    """So many processes, which know all that this one knows."""
    return ProcessPoolExecutor(count, multiprocessing.get_context("fork"))


# Two that write


@pytest.fixture
def other(database: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process that is writing to a database with one file in it."""
    take(database, write(tmp_path, "1 pickup.csv", row("CRD1")))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_AT_A_TIME", 0.01)


@pytest.mark.usefixtures("impatient")
def test_whoever_waits_for_another_process_is_told_and_goes_on(
    database: Path, tmp_path: Path, other: sqlite3.Connection
) -> None:
    file = write(tmp_path, "2 pickup.csv", row("CRD2"))
    told: list[str] = []

    def wait() -> None:
        told.append("waiting")
        other.execute("COMMIT")

    assert ingest([file], database, on_wait=wait).totals.new == 1
    assert told == ["waiting"]


@pytest.mark.usefixtures("impatient")
def test_whoever_finds_another_making_the_database_waits(database: Path, tmp_path: Path) -> None:
    """For the lock that making it a WAL database takes SQLite does not wait."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        file = write(tmp_path, "pickup.csv", row("CRD1"))
        report = ingest([file], database, on_wait=other.commit)
    assert report.totals.new == 1


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_ends_the_wait_for_another_process(
    database: Path, tmp_path: Path, other: sqlite3.Connection
) -> None:
    def wait() -> None:
        raise KeyboardInterrupt

    report = ingest([write(tmp_path, "2 pickup.csv", row("CRD2"))], database, on_wait=wait)
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
    [pytest.param(4, id="some"), pytest.param(STARTS, id="many", marks=pytest.mark.torture)],
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
            write(folder, f"{name} pickup.csv", *rows, row("SHARED1", comment=name))
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
        cards = Counter(card.source for card in store.statuses() if card.card_id != "SHARED1")
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
    [pytest.param(2, id="short"), pytest.param(SECONDS, id="long", marks=pytest.mark.torture)],
)
def test_two_ingests_and_eight_readers_get_along(memory: Path, seconds: float) -> None:
    database = memory / "cards.db"
    first = [row(f"Z-{n}") for n in range(ROWS)]
    take(database, write(memory, "pickup.csv", *first, row("SHARED1", comment="Z")))
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


# Those who may not write in the folder


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder of another user's, in which this one may only read."""
    with tempfile.TemporaryDirectory(prefix="cardstatus-") as folder:
        path = Path(folder) / "theirs"
        path.mkdir()
        for each in (path.parent, path):
            each.chmod(0o755)
        take(path / "cards.db", write(path, "1 pickup.csv", row("CRD1"), row("CRD2")))
        (path / "cards.db").chmod(0o644)
        try:
            yield path
        finally:
            path.chmod(0o755)


def nobody() -> None:
    """Become a user for whom permissions count; whoever is not root is one already."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)


def as_somebody_else(folder: Path, *command: str | Path) -> tuple[int, str, str]:
    """The program, run by a user who may not write in the folder: its code and what it says."""
    folder.chmod(0o555)
    out = folder.parent / "out"
    out.write_text("")
    try:
        code, said = program(*command, before=nobody, stdout=str(out))
    finally:
        folder.chmod(0o755)
    return code, out.read_text(encoding="utf-8"), said


def cards(printed: str) -> list[str]:
    return [line.split(",")[0] for line in printed.splitlines()[1:]]


@contextmanager
def in_use(database: Path, folder: Path) -> Iterator[None]:
    """Another process has the database open, and a file is not yet where it will be."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM event").fetchone()
        take(database, write(folder, "2 pickup.csv", row("CRD3")))
        assert database.with_name("cards.db-wal").stat().st_size
        yield


def test_a_database_at_rest_is_read(theirs: Path) -> None:
    code, printed, said = as_somebody_else(theirs, "export", "--db", theirs / "cards.db")
    assert (code, cards(printed), said) == (0, ["CRD1", "CRD2"], "")
    assert sorted(path.name for path in theirs.iterdir()) == ["1 pickup.csv", "cards.db"]


def test_a_database_in_use_is_read(theirs: Path) -> None:
    with in_use(theirs / "cards.db", theirs):
        code, printed, said = as_somebody_else(theirs, "export", "--db", theirs / "cards.db")
    assert (code, cards(printed), said) == (0, ["CRD1", "CRD2", "CRD3"], "")


@pytest.fixture
def left(theirs: Path) -> Path:
    """What a process that was killed leaves, with a file that is only in the WAL."""
    left = theirs / "left"
    left.mkdir()
    with in_use(theirs / "cards.db", theirs):
        for end in ("", "-wal", "-shm"):
            shutil.copy(theirs / f"cards.db{end}", left)
    return left


def test_a_database_whose_writer_was_killed_is_read(left: Path) -> None:
    code, printed, said = as_somebody_else(left, "export", "--db", left / "cards.db")
    assert (code, cards(printed), said) == (0, ["CRD1", "CRD2", "CRD3"], "")


def test_where_too_little_is_left_it_is_said_what_to_change(left: Path) -> None:
    (left / "cards.db-shm").unlink()
    ask = ("export", "--db", left / "cards.db")
    code, printed, said = as_somebody_else(left, *ask)
    assert (code, printed) == (1, "")
    assert said == (
        f"error: {left}/cards.db cannot be read as long as cards.db-wal, which another process "
        "left, is beside it: have its owner run any cardstatus command, or allow this user to "
        "write in the folder (and see that its disk is not full)\n"
    )
    assert len(statuses(left / "cards.db")) == 3  # by its owner
    assert [path.name for path in left.iterdir()] == ["cards.db"]
    assert as_somebody_else(left, *ask)[0] == 0


def test_a_change_that_was_never_finished_is_not_read_past(theirs: Path) -> None:
    """A rollback journal of another tool's, without which the file may be of two states."""
    database = theirs / "cards.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("PRAGMA cache_spill = 1")
        other.execute("PRAGMA cache_size = 1")
        other.execute("BEGIN")
        other.execute("UPDATE event SET comment = hex(zeroblob(90000))")
        for end in ("", "-journal"):
            shutil.copy(theirs / f"cards.db{end}", theirs / f"left.db{end}")
        other.execute("ROLLBACK")
    code, printed, said = as_somebody_else(theirs, "export", "--db", theirs / "left.db")
    assert (code, printed) == (1, "")
    assert "cannot be read as long as left.db-journal, which another process left" in said
    assert [card.comment for card in statuses(theirs / "left.db")] == ["note", "note"]


REFUSED = {
    "a file for its owner only": (0o600, ["export"], "cannot be opened; check the permissions of"),
    "ingest": (0o644, ["ingest", "."], "may not be written; check the permissions of"),
    "ingest, for its owner only": (0o600, ["ingest", "."], "cannot be opened; check the perm"),
}


@pytest.mark.skipif(os.geteuid() != 0, reason="there is but one user")
@pytest.mark.parametrize(("mode", "command", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_may_not_be_done_is_said(
    theirs: Path, mode: int, command: list[str], why: str
) -> None:
    database = theirs / "cards.db"
    database.chmod(mode)
    before = database.read_bytes()
    if "." in command:
        write(theirs, "2 pickup.csv", row("CRD3")).chmod(0o644)
        command = ["ingest", str(theirs)]
    code, printed, said = as_somebody_else(theirs, *command, "--db", database)
    assert (code, printed, said.count("\n")) == (1, "", 1)
    assert said.startswith(f"error: {database} {why}")
    assert database.read_bytes() == before
    assert not list(theirs.glob("cards.db-*"))


@contextmanager
def restricted(folder: Path) -> Iterator[None]:
    """For the block, this process may not write in the folder."""
    me = os.geteuid()
    folder.chmod(0o555)
    if me == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(me)
        folder.chmod(0o755)


def test_a_writer_that_comes_meanwhile_is_noticed(theirs: Path, memory: Path) -> None:
    """Without its locks SQLite would not see it."""
    database = theirs / "cards.db"
    target = memory / "cards.csv"
    target.write_text("as it was")
    more = write(memory, "2 pickup.csv", row("CRD1", "14-11-2023 10:00"))
    noticed = pytest.raises(DatabaseError, match="was written to while it was read; run the same")
    with noticed, ExitStack() as stack:
        with restricted(theirs):
            store = stack.enter_context(Store.open(database))
        records = store.statuses()
        take(database, more)
        write_file(target, csv_lines(CardStatus._fields, records))
    assert target.read_text() == "as it was"


def test_a_writer_that_comes_meanwhile_is_noticed_at_the_end(theirs: Path, memory: Path) -> None:
    more = write(memory, "2 pickup.csv", row("CRD1", "14-11-2023 10:00"))
    with ExitStack() as stack:
        with restricted(theirs):
            store = stack.enter_context(Store.open(theirs / "cards.db"))
        take(theirs / "cards.db", more)
        store.card("CRD1")
        with pytest.raises(DatabaseError, match="was written to while it was read; run the same"):
            stack.close()


def test_what_is_written_meanwhile_is_not_taken_for_damage(theirs: Path) -> None:
    database = theirs / "cards.db"
    noticed = pytest.raises(DatabaseError, match="was written to while it was read; run the same")
    with noticed, ExitStack() as stack:
        with restricted(theirs):
            store = stack.enter_context(Store.open(database))
        with database.open("r+b") as file:
            file.seek(8_192)
            file.write(b"\xff" * (database.stat().st_size - 8_192))
        list(store.statuses())


@pytest.mark.skipif(os.geteuid() != 0, reason="there is but one user")
@pytest.mark.parametrize(
    "seconds",
    [pytest.param(1, id="short"), pytest.param(SECONDS, id="long", marks=pytest.mark.torture)],
)
def test_those_who_may_not_write_see_whole_files_or_hear_why_not(
    theirs: Path, seconds: float
) -> None:
    database = theirs / "cards.db"
    with many(3) as pool:
        writing = pool.submit(write_for, seconds, database, "a")
        reading = [pool.submit(read_as_nobody_for, seconds, database) for _ in range(2)]
        files, _ = writing.result(seconds + PATIENCE)
        answers, refusals = map(sum, zip(*[it.result(PATIENCE) for it in reading], strict=True))
    sys.stdout.write(f"\n{files} files, {answers} answers, {refusals} refusals\n")


def read_as_nobody_for(seconds: float, database: Path) -> tuple[int, int]:
    """Ask again and again, and return how often there was an answer, and how often none."""
    nobody()
    end = time.monotonic() + seconds
    answers = refusals = most = 0
    while time.monotonic() < end:
        try:
            with Store.open(database) as store:
                sources = Counter(event.source for event in store.events())
        except DatabaseError as error:
            if not re.search("cannot be read as long|was written to while|check the", str(error)):
                raise
            refusals += 1
            continue
        del sources[str(database.with_name("1 pickup.csv"))]
        most = assert_whole(sources, most)
        answers += 1
    assert answers
    return answers, refusals
