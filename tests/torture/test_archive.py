"""Files on their way to the archive while couriers write, and while runs end: none is lost, and no
piece of one is left.
"""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TextIO

import pytest
from support.builders import csv_text, row, take, write
from support.places import OLD, Place
from support.processes import PATIENCE, eventually, forked, started
from support.steps import at_call

from cardstatus.ingestion.arriving.arrivals import look_at

NEW = "CRD2"
NEW_ROW = csv_text([row(NEW)]).split("\n", 1)[1]

EACH = [
    pytest.param(97, id="some"),
    pytest.param(1, id="every one", marks=pytest.mark.torture),
]


@pytest.fixture(params=["the same disk", "another disk"])
def places(request: pytest.FixtureRequest, tmp_path: Path, memory: Path) -> Callable[[], Place]:
    numbers = count()
    is_other = request.param == "another disk"
    folder = tmp_path if is_other else memory
    if is_other and folder.stat().st_dev == memory.stat().st_dev:
        pytest.skip("there is one disk only")

    def make() -> Place:
        number = str(next(numbers))
        return Place(folder / number, memory / f"done {number}")

    make().watch()  # what is loaded at need is loaded
    return make


def steps_of(place: Place, stride: int, *, once: bool = False) -> range:
    with at_call() as done:
        place.watch(once=once)
    place.assert_nothing_is_lost(OLD)
    assert done() > 500
    return range(1 + random.randrange(stride), done() + 1, stride)


# What couriers do


class Courier:
    """Somebody else, who may have to wait for us: for a lease that we have on his file."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._thread = Thread(target=act)
        self._has_begun = False

    def acts(self) -> None:
        """Act, or begin to wait."""
        if not self._has_begun:
            self._has_begun = True
            self._thread.start()
            self._thread.join(0.05)

    def ends(self) -> None:
        """Act now at the latest, and be done."""
        self.acts()
        self._thread.join()


def replaces(path: Path) -> None:
    """Put another file in its place, of the same size."""
    beside = path.with_name("new")
    beside.write_text(csv_text([row(NEW)]))
    beside.rename(path)


def appends(path: Path) -> None:
    """Write a row more, behind a header if the file is new."""
    with path.open("a") as file:
        file.write(NEW_ROW if file.tell() else csv_text([row(NEW)]))


def overwrites(path: Path) -> None:
    """Write the file anew under its name."""
    path.write_text(csv_text([row(OLD), row(NEW)]))


@pytest.mark.parametrize("stride", EACH)
@pytest.mark.parametrize("act", [replaces, appends, overwrites])
def test_what_a_courier_writes_at_any_step_is_read(
    places: Callable[[], Place], act: Callable[[Path], None], stride: int
) -> None:
    for number in steps_of(places(), stride):
        place = places()
        courier = Courier(partial(act, place.path))
        with at_call({number: courier.acts}):
            place.watch()
        courier.ends()
        place.watch()
        place.assert_nothing_is_lost(NEW)
        assert len(place.archived()) <= 2


def changes_mode(path: Path) -> None:
    with suppress(FileNotFoundError):  # it has been taken
        path.chmod(0o640)


@pytest.mark.parametrize("stride", EACH)
def test_a_change_of_mode_at_any_step_is_no_change(
    places: Callable[[], Place], stride: int
) -> None:
    for number in steps_of(places(), stride):
        place = places()
        with at_call({number: partial(changes_mode, place.path)}):
            told = place.watch()
        assert [file.archived for file in told] == [place.archive / "pickup.csv"]
        place.assert_nothing_is_lost(OLD)


@pytest.mark.parametrize("stride", EACH)
def test_what_is_written_late_to_a_file_opened_at_any_step_is_read(
    places: Callable[[], Place], stride: int
) -> None:
    for number in steps_of(places(), stride):
        place = places()
        opened: list[TextIO] = []
        opens = Courier(partial(_open, place.path, opened))
        writes = Courier(partial(_write, opens, opened))
        later = number + random.choice((1, 2, 5, 20, 60, 200))
        with at_call({number: opens.acts, later: writes.acts}):
            place.watch()
        writes.ends()
        place.watch()
        place.assert_nothing_is_lost(OLD, *([NEW] if opened else []))
        assert len(place.archived()) == 1


def _open(path: Path, opened: list[TextIO]) -> None:
    with suppress(FileNotFoundError):  # it has been taken
        opened.append(path.open("r+"))


def _write(opens: Courier, opened: list[TextIO]) -> None:
    opens.ends()
    for file in opened:
        file.seek(0, os.SEEK_END)
        file.write(NEW_ROW)
        file.close()


# How runs end


def _watch_until(place: Place, acts: Mapping[int, Callable[[], object]]) -> None:
    with suppress(KeyboardInterrupt), at_call(acts):
        place.watch()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("stride", EACH)
def test_a_kill_at_any_step_loses_nothing_and_leaves_nothing(
    places: Callable[[], Place], stride: int
) -> None:
    for number in steps_of(places(), stride):
        place = places()
        assert forked(partial(_watch_until, place, {number: _kill})).code == -signal.SIGKILL
        assert_no_piece_has_a_name(place)
        place.watch()
        place.assert_nothing_is_lost(OLD)
        assert len(place.archived()) == 1


@pytest.mark.parametrize("stride", EACH)
@pytest.mark.parametrize("again", [0, 1, 2, 7], ids=lambda again: f"again after {again}")
def test_ctrl_c_at_any_step_loses_nothing_and_leaves_nothing(
    places: Callable[[], Place], stride: int, again: int
) -> None:
    for number in steps_of(places(), stride):
        place = places()
        acts = dict.fromkeys({number, number + again}, _interrupt)
        assert forked(partial(_watch_until, place, acts)).code == 0
        assert_no_piece_has_a_name(place)
        place.watch()
        place.assert_nothing_is_lost(OLD)
        assert len(place.archived()) == 1


def _interrupt() -> None:
    raise KeyboardInterrupt


def assert_no_piece_has_a_name(place: Place) -> None:
    named = [path for path in place.archived() if not path.parent.name.startswith(".")]
    assert all(path.read_text() == csv_text([row(OLD)]) for path in named)


@pytest.mark.parametrize("stride", EACH)
def test_another_watch_at_any_step_does_not_get_in_the_way(
    places: Callable[[], Place], stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # While this one writes to the database, the other is told that it is locked, and goes on.
    monkeypatch.setattr("cardstatus.database.connection.BUSY_SECONDS", 0.01)
    for number in steps_of(places(), stride):
        place = places()
        others = []
        with at_call(
            {number: lambda place=place, others=others: others.append(forked(place.watch))}
        ):
            place.watch()
        assert [other.code for other in others] == [0]
        place.watch()
        place.assert_nothing_is_lost(OLD)
        assert len(place.archived()) == 1


@pytest.mark.parametrize(
    "stride",
    [
        pytest.param(97, id="some"),
        pytest.param(11, id="more", marks=pytest.mark.torture),  # each takes a second
    ],
)
def test_two_runs_of_cron_that_overlap_at_any_step_end_in_peace(
    places: Callable[[], Place], stride: int
) -> None:
    for number in steps_of(places(), stride, once=True):
        place = places()
        others: list[subprocess.Popen[str]] = []
        with ExitStack() as stack:
            begins = partial(_other_run_of_cron, stack, place, others)
            with at_call({number: begins}):
                told = place.watch(once=True)
            assert [other.communicate(timeout=PATIENCE)[1] for other in others] == [""]
            assert [other.returncode for other in others] == [0]
        assert not [file for file in told if file.report.error or file.archive_error]
        place.assert_nothing_is_lost(OLD)
        assert len(place.archived()) == 1


def _other_run_of_cron(
    stack: ExitStack, place: Place, others: list["subprocess.Popen[str]"]
) -> None:
    """Begin another run, and give it time to end, or to wait for the database."""
    where = ["--archive", place.archive, "--db", place.database, "--workers", "1"]
    command = [sys.executable, "-m", "cardstatus", "watch", place.drop, "--once", "--settle", "0"]
    pipe = subprocess.PIPE
    other = subprocess.Popen([*command, *where], stdout=pipe, stderr=pipe, text=True)
    others.append(stack.enter_context(other))
    with suppress(subprocess.TimeoutExpired):
        other.wait(1.5)


def test_a_file_that_goes_at_any_step_of_a_look_is_no_news(tmp_path: Path) -> None:
    with at_call() as done:
        look_at([tmp_path], None)
    for number in range(1, done() + 20):
        path = write(tmp_path, "sub/pickup.csv", row(OLD))
        with at_call({number: partial(path.unlink, missing_ok=True)}):
            assert look_at([tmp_path], None).errors == {}


# System calls as the kernel sees them


STRACE = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
CALLS = "pwrite64,mkdir,rename,renameat2,fsync,fdatasync,unlink,rmdir,flock"


@pytest.mark.torture
@STRACE
@pytest.mark.parametrize("call", CALLS.split(","))
def test_a_kill_at_any_system_call_loses_nothing_and_leaves_nothing(
    places: Callable[[], Place], call: str
) -> None:
    """The N-th call of a kind does not take place, for every N, and nothing after it."""
    survived = False
    number = 0
    while not survived:
        number += 1
        place = places()
        inject = f"inject={call}:signal=KILL:error=EIO:when={number}"
        code = traced(place, place.database.with_name("trace"), "-e", inject).returncode
        survived = code == 0
        assert survived or code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        assert_no_piece_has_a_name(place)
        place.watch()
        place.assert_nothing_is_lost(OLD)
        assert len(place.archived()) == 1
    assert number > 1


def traced(place: Place, trace: Path, *options: str) -> "subprocess.CompletedProcess[bytes]":
    strace = ["strace", "-f", "-y", "-qq", "-o", str(trace), "-e", f"trace={CALLS}", *options]
    program = [sys.executable, "-m", "cardstatus", "watch", str(place.drop), "--once"]
    where = ["--settle", "0", "--archive", str(place.archive), "--db", str(place.database)]
    command = [*strace, *program, *where, "--workers", "1"]
    return subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE)


@STRACE
def test_each_step_is_on_disk_before_the_next(places: Callable[[], Place]) -> None:
    place = places()
    take(place.database, write(place.drop.parent, "delivered.csv", row(OLD, comment="before")))
    trace = place.database.with_name("trace")
    with closing(sqlite3.connect(place.database)) as reader:
        # As `serve` does: a database that is open is not tidied up after an ingest.
        reader.execute("SELECT * FROM card_status").fetchall()
        assert traced(place, trace).returncode == 0
    calls = trace.read_text()

    def at(pattern: str, after: int = 0) -> int:
        found = re.compile(pattern).search(calls, after)
        assert found, (pattern, calls)
        return found.start()

    taken = at(r'rename\("\S*/in/pickup\.csv", "\S*/in/\.cardstatus-taken-\w+/pickup\.csv"\)')
    # Behind it the new place is noted in the database.
    wal = re.compile(r"pwrite64\(\d+<\S*cards\.db-wal>")
    *_, written = (write.start() for write in wal.finditer(calls, 0, taken))
    assert at(r"f(data)?sync\(\d+<\S*cards\.db-wal>\)", written) < taken
    done = re.escape(str(place.archive))
    if place.drop.stat().st_dev == place.archive.stat().st_dev:
        content = at(r"fsync\(\d+<\S*/in/\.cardstatus-taken-\w+/pickup\.csv>\)", taken)
        named = at(rf'renameat2\(.*"{done}/pickup\.csv", RENAME_NOREPLACE\) += 0', content)
        at(rf"fsync\(\d+<{done}>\)", named)
    else:
        copy = at(rf"fsync\(\d+<{done}/\.cardstatus-copy-\w+/pickup\.csv>\)", taken)
        named = at(rf'renameat2\(.*"{done}/pickup\.csv", RENAME_NOREPLACE\) += 0', copy)
        folder = at(rf"fsync\(\d+<{done}>\)", named)
        at(r'unlink\("\S*/in/\.cardstatus-taken-\w+/pickup\.csv"\)', folder)


# Many


@pytest.mark.parametrize(
    "number", [pytest.param(60, id="60"), pytest.param(1_000, id="1000", marks=pytest.mark.torture)]
)
def test_two_watches_over_many_files_lose_none(places: Callable[[], Place], number: int) -> None:
    place = places()
    command = ["watch", place.drop, "--archive", place.archive, "--db", place.database]
    with ExitStack() as stack:
        watches = [
            stack.enter_context(started("-m", "cardstatus", *command, "--settle", "0.1"))
            for _ in range(2)
        ]
        for n in range(number):
            path = write(place.drop, f"{n % 7}/pickup {n}.csv", row(f"A{n}"))
            act = (lambda _: None, appends, changes_mode)[n % 3]
            act(path)
        # Each file is stored and synced by itself: on a busy machine a second or more.
        patience = max(PATIENCE, 3 * number)
        eventually(
            lambda: not any(files for _, _, files in os.walk(place.drop)), "all moved", patience
        )
        for process in watches:
            process.terminate()
        assert [process.wait(PATIENCE) for process in watches] == [128 + signal.SIGTERM] * 2
    shutil.rmtree(place.drop)
    place.drop.mkdir()
    place.assert_nothing_is_lost(OLD, *(f"A{n}" for n in range(number)))
