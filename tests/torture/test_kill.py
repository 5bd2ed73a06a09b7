"""Killed or interrupted at any moment: whole files stay, and the next run brings the rest."""

import json
import os
import pty
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, take, write
from support.connections import at_step
from support.processes import PATIENCE, eventually, forked, held, in_session, readers, started

from cardstatus.database import connection as database_module
from cardstatus.database.reading.store import Store
from cardstatus.database.writing import staging
from cardstatus.errors import DatabaseError
from cardstatus.model.reports import Outcome

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes by way of /proc"
)

KILLS = int(os.environ.get("TORTURE_KILLS", "500"))
INTERRUPTS = int(os.environ.get("TORTURE_INTERRUPTS", "200"))

SIDECARS = ("", "-wal", "-shm", "-journal")


def told(database: Path) -> list[tuple[Any, ...]]:
    """All that a database says."""
    with Store.open(database) as store:
        problems = [problem[:7] for problem in store.problems()]  # not when they came
        return [*store.statuses(), *store.events(), *problems]


def assert_only_the_database(folder: Path) -> None:
    """Nothing lies in a folder but the files to be read, and what SQLite takes away or takes up."""
    found = {path.name for path in folder.iterdir() if path.name != "in"}
    assert found <= {f"cards.db{end}" for end in SIDECARS}


def assert_opens(database: Path) -> None:
    """Whoever asks gets answers, or hears that there are none yet."""
    if held(database):
        assert told(database)
    else:
        with suppress(DatabaseError):
            assert told(database) == []


def files_in(database: Path, files: dict[str, int]) -> int:
    """How many of the files are in; asserts that they are the first ones, and whole."""
    found = held(database)
    assert list(found.items()) == list(files.items())[: len(found)]
    return len(found)


# At each step: short runs take some of them, spread, the long one takes all


STEP_FILES = {"1 pickup.csv": 3, "2 delivered.csv": 2, "3 returned.csv": 1}
EACH = [
    pytest.param(7, id="every seventh"),
    pytest.param(1, id="every one", marks=pytest.mark.torture),
]


@pytest.fixture
def few(memory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small files, each merged by itself."""
    monkeypatch.setattr(staging, "ENOUGH", 1)
    for name, count in STEP_FILES.items():
        rows = [row(f"crd {n}", mobile="1" if n else "585550101") for n in range(count)]
        write(memory / "in", name, *rows, row(time="?"))
    return memory / "in"


@pytest.fixture
def undisturbed(few: Path, memory: Path) -> list[tuple[Any, ...]]:
    take(memory / "undisturbed.db", few)
    return told(memory / "undisturbed.db")


def steps_of(few: Path, memory: Path, stride: int) -> range:
    with at_step(0, lambda: None) as count:
        take(memory / "counted.db", few)
    assert count() > 100
    return range(1 + random.randrange(stride), count() + 1, stride)


@pytest.mark.parametrize("stride", EACH)
def test_a_kill_at_any_step_leaves_whole_files(
    few: Path, memory: Path, undisturbed: list[tuple[Any, ...]], stride: int
) -> None:
    states = set()
    for number in steps_of(few, memory, stride):
        database = memory / f"{number}" / "cards.db"
        database.parent.mkdir()
        with at_step(number, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            assert forked(partial(take, database, few)).code == -signal.SIGKILL
        assert_only_the_database(database.parent)
        assert_opens(database)
        states.add(files_in(database, STEP_FILES))
        assert Outcome.FAILED not in {file.outcome for file in take(database, few).files}
        assert told(database) == undisturbed
    assert states == {0, 1, 2, 3}


@pytest.mark.parametrize("stride", EACH)
def test_ctrl_c_at_any_step_leaves_whole_files_and_says_which(
    few: Path, memory: Path, undisturbed: list[tuple[Any, ...]], stride: int
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    states = set()
    for number in steps_of(few, memory, stride):
        database = memory / f"{number}.db"
        named: list[str] = []
        with suppress(KeyboardInterrupt), at_step(number, interrupt):
            report = take(database, few)
            named = [Path(file.source).name for file in report.files]
            assert report.interrupted
        states.add(files_in(database, STEP_FILES))
        assert named == list(held(database))
        take(database, few)
        assert told(database) == undisturbed
    assert states == {0, 1, 2, 3}


@pytest.mark.torture
def test_a_kill_in_the_midst_of_any_statement_leaves_whole_files(
    few: Path, memory: Path, undisturbed: list[tuple[Any, ...]]
) -> None:
    """Killed as SQLite's machine has done so many of its operations, for so many moments."""

    def connect(uri: str, at: int) -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        done = 0

        def operation() -> int:
            nonlocal done
            done += 1
            if done == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return 0

        connection.set_progress_handler(operation, 1)
        return connection

    survived = 0
    at = 0
    while not survived:
        at += random.randrange(1, 20)
        database = memory / f"{at}" / "cards.db"
        database.parent.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database_module, "_connect", partial(connect, at=at))
            ended = forked(partial(take, database, few))
        survived = ended.code == 0
        assert survived or ended.code == -signal.SIGKILL
        assert_only_the_database(database.parent)
        assert_opens(database)
        files_in(database, STEP_FILES)
        take(database, few)
        assert told(database) == undisturbed
        shutil.rmtree(database.parent)
    assert at > 2_000


@pytest.mark.torture
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "ftruncate", "unlink", "fcntl"])
def test_a_kill_at_any_system_call_leaves_whole_files(
    few: Path, memory: Path, undisturbed: list[tuple[Any, ...]], call: str
) -> None:
    """The N-th write (and so on) does not take place, for every N, and nothing after it."""
    survived = False
    number = 0
    while not survived:
        number += 1
        database = memory / f"{call} {number}" / "cards.db"
        database.parent.mkdir()
        inject = f"inject={call}:signal=KILL:error=EIO:when={number}"
        strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
        program = [sys.executable, "-c", EACH_BY_ITSELF, "ingest", str(few), "--db", str(database)]
        code = subprocess.run(
            [*strace, *program], check=False, capture_output=True, timeout=PATIENCE
        ).returncode
        survived = code == 3
        assert survived or code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        assert_only_the_database(database.parent)
        assert_opens(database)
        files_in(database, STEP_FILES)
        take(database, few)
        assert told(database) == undisturbed
        shutil.rmtree(database.parent)
    assert number > 2


# At random moments, with processes that read


PROGRAM = "from cardstatus.__main__ import main; main()"
EACH_BY_ITSELF = f"""
from cardstatus.database.writing import staging
staging.ENOUGH = 1
{PROGRAM}
"""
# Small parts and merges: as much happens in a second as does in minutes otherwise.
BUSY = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from cardstatus.courier.files import reader
from cardstatus.database.writing import staging
from cardstatus.ingestion import processes, workers
from cardstatus.__main__ import main
reader.PART = processes.PART = 15_000
workers._WORTH_A_POOL = 0
staging.ENOUGH = 2_500
try:
    os.write(1, b"begun\\n")
    main()
except KeyboardInterrupt:  # before main begins
    sys.stderr.write("interrupted\\n")
    sys.exit(130)
"""
LOADING = """
import sys
class CtrlC:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
"""
TAKE_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
MANY_FILES = {
    f"{n} {name}.csv": 1_500 + 100 * n
    for n, name in enumerate(
        ["pickup", "delivered", "exceptions", "returned", "pickup 2", "delivered 2"]
    )
}


@dataclass(frozen=True)
class Drop:
    """A folder to be taken in, and what comes of it undisturbed, in so many seconds."""

    folder: Path
    told: list[tuple[Any, ...]]
    seconds: float


def command(folder: Path, database: Path, *more: str, before: str = "") -> list[str | Path]:
    return ["-c", before + BUSY, "ingest", folder, "--db", database, "--workers", "2", *more]


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Drop:
    folder = tmp_path_factory.mktemp("drop")
    for number, (name, count) in enumerate(MANY_FILES.items()):
        rows = [row(f"CRD{n % 2_000:04}", f"{13 + number}-11-2023 14:00") for n in range(count - 1)]
        write(folder / "in", name, *rows, row("crd 1", f"2023-11-{13 + number}T14:00:00.5Z"))
    with started(*command(folder / "in", folder / "cards.db")) as process:
        begun(process)
        start = time.monotonic()
        assert process.wait(PATIENCE) == 0
        seconds = time.monotonic() - start
    return Drop(folder / "in", told(folder / "cards.db"), seconds)


def begun(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"


def kill_the_program(process: "subprocess.Popen[str]") -> None:
    process.kill()


def kill_one_that_reads(process: "subprocess.Popen[str]") -> None:
    for pid in readers(process.pid)[:1]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_all(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


VICTIMS = [kill_the_program, kill_one_that_reads, kill_all]


@pytest.mark.parametrize(
    "kills", [pytest.param(3, id="some"), pytest.param(KILLS, id="many", marks=pytest.mark.torture)]
)
def test_a_kill_at_a_random_moment_leaves_whole_files_and_no_process(
    drop: Drop, memory: Path, kills: int
) -> None:
    for number in range(kills):
        database = memory / f"{number}" / "cards.db"
        temporary = memory / f"{number}" / "in"
        temporary.mkdir(parents=True)
        kill = VICTIMS[number % len(VICTIMS)]
        environment = dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(temporary))
        with started(*command(drop.folder, database), **environment) as process:
            begun(process)
            time.sleep(random.uniform(0, drop.seconds))
            kill(process)
            code = process.wait(PATIENCE)
            eventually(lambda: not in_session(process.pid), "the end of all processes")
        assert code in ((0,) if kill is kill_one_that_reads else (0, -signal.SIGKILL))
        assert_only_the_database(database.parent)
        # SQLite's own are nameless from the moment they are made.
        assert [path for path in temporary.iterdir() if path.stat().st_size] == []
        assert_opens(database)
        files_in(database, MANY_FILES)
        if code == 0:
            assert told(database) == drop.told
        take(database, drop.folder)
        assert told(database) == drop.told
        shutil.rmtree(database.parent)


# Ctrl-C on a terminal


@contextmanager
def on_a_terminal(said: Path, *arguments: str | Path) -> Iterator[tuple[Any, int]]:
    """A program whose terminal this is, but for stdout; what it says there is in a file later."""
    ours, theirs = pty.openpty()
    # Else it would wait for somebody to read it.
    with said.open("wb") as file:
        copy = subprocess.Popen(["cat"], stdin=ours, stdout=file, stderr=subprocess.DEVNULL)
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        copy.wait(PATIENCE)
        os.close(ours)


@pytest.mark.parametrize(
    "times",
    [pytest.param(2, id="some"), pytest.param(INTERRUPTS, id="many", marks=pytest.mark.torture)],
)
def test_ctrl_c_at_a_random_moment_leaves_whole_files_and_says_which(
    drop: Drop, memory: Path, times: int
) -> None:
    for number in range(times):
        database = memory / f"{number}" / "cards.db"
        database.parent.mkdir()
        said = memory / "said"
        arguments = command(drop.folder, database, "--format", "json", before=TAKE_TERMINAL)
        with on_a_terminal(said, *arguments) as (process, terminal):
            begun(process)
            time.sleep(random.uniform(0, drop.seconds))
            os.write(terminal, b"\x03")
            printed, _ = process.communicate(timeout=PATIENCE)
            eventually(lambda: not in_session(process.pid), "the end of all processes")
        words = said.read_text(encoding="utf-8", errors="replace")
        assert "Traceback" not in words
        assert_only_the_database(database.parent)
        count = files_in(database, MANY_FILES)
        if process.returncode == 130:
            if found := re.search(
                r"interrupted after (\d+) files?(?:, the last (\S+.csv))?", words
            ):
                assert int(found[1]) == count
                names = [Path(file["source"]).name for file in json.loads(printed)["files"]]
                assert names == list(held(database))
            else:
                # As the program was loaded, or as it reported.
                assert "interrupted" in words
                assert count in (0, len(MANY_FILES))
        else:
            # All is said, and it is about to end of itself.
            assert process.returncode in (0, -signal.SIGINT)
            assert count == len(MANY_FILES)
        take(database, drop.folder)
        assert told(database) == drop.told
        shutil.rmtree(database.parent)


def test_ctrl_c_as_the_program_is_loaded_is_told_in_a_line() -> None:
    with started("-c", LOADING + PROGRAM, "ingest", "in") as process:
        assert process.communicate(timeout=PATIENCE) == ("", "interrupted\n")
        assert process.returncode == 130
