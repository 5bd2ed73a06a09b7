"""Several processes read the same as one does, and none of them stays behind."""

import fcntl
import gc
import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import termios
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import csv_text, gathered, plan, read_alone, row, take, write
from support.processes import PATIENCE, assert_gone, children, eventually, held, readers, started
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.courier.files import reader
from cardstatus.courier.files.reader import Part
from cardstatus.courier.files.search import FoundFile
from cardstatus.database.writing.packing import PackedEvents
from cardstatus.errors import SourceError
from cardstatus.ingestion import processes, workers
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.part import FileToRead
from cardstatus.ingestion.plan import FilePlan
from cardstatus.ingestion.processes import PendingPart, Pool
from cardstatus.ingestion.workers import Workers, cores
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes by way of /proc"
)

PART = 500


@contextmanager
def small_parts(
    size: int = PART,
    *,
    worth_a_pool: int = 0,
    kind: Callable[[int], Pool] = Pool,
) -> Iterator[list[Any]]:
    """Have small inputs read by processes; yields the pools that are begun."""
    pools: list[Any] = []

    def pool(number: int) -> Pool:
        pools.append(kind(number))
        return pools[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PART", size)
        patch.setattr(processes, "PART", size)
        patch.setattr(workers, "_WORTH_A_POOL", worth_a_pool)
        patch.setattr(workers, "Pool", pool)
        # Else each process imports pytest, which takes longer than its work.
        patch.delattr(sys.modules["__main__"], "__file__", raising=False)
        yield pools


# Processes


def own_processes() -> set[int]:
    return {*readers(os.getpid()), *(child.pid or 0 for child in multiprocessing.active_children())}


@contextmanager
def no_process_left() -> Iterator[None]:
    before = own_processes()
    yield
    assert own_processes() == before


@pytest.fixture(scope="module", autouse=True)
def _nothing_hangs() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise AssertionError("something hangs")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(5 * PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# One messy folder, taken in with one process and with more


def comment_over_lines(count: int) -> str:
    return "".join(f'line {n} of what they said, "quoted", and, so, on\n' for n in range(count))


def messy_folder(folder: Path) -> Path:
    """Files of all four types and of all faults, most of them many times as long as a part."""
    folder.mkdir()

    def put(name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)

    pickups = [
        row(
            f"CRD{n:03}",
            time="11/25/2023 10:00" if n % 50 == 7 else "?" if n % 40 == 3 else "13-11-2023 14:00",
            mobile="12" if n % 30 == 11 else f"5855{50_000 + n}",
        )
        for n in range(200)
    ]
    pickup = csv_text(pickups).replace("\n", "\r\n").encode()
    put("01 pickup.csv", pickup)
    exceptions = [row(f"CRD{n:03}", "14-11-2023 10:00", comment=f"try {n}") for n in range(60)]
    exceptions[20] = row("CRD020", "14-11-2023 11:00", comment=comment_over_lines(60))
    exceptions[40] = row("CRD040", "14-11-2023 11:00", comment=comment_over_lines(9).strip())
    put("02 exceptions.csv", csv_text(exceptions).encode())
    delivered = csv_text([row(f"CRD{n:03}", "15-11-2023 10:00") for n in range(80)]).splitlines(
        True
    )
    delivered[30] = delivered[30].replace(",note", ',"never closed')
    delivered[31] = "\n"
    delivered[50] = ",,,,\n"
    delivered[51] = delivered[51].replace("note", '"ditto"s')
    put("03 delivered.csv", "".join(delivered).encode())
    put("04 returned, header cut off.csv", b"A1,CRD1,585550101,13-11-2023 14:00\n" * 99)
    put("05 returned, all rejected.csv", csv_text([row(time=f"{n}") for n in range(99)]).encode())
    put("06 delivered.csv.gz", gzip.compress(csv_text([row(f"Z{n}") for n in range(99)]).encode()))
    put("07 delivered, cut.csv.gz", gzip.compress(csv_text([row("Y")] * 999).encode())[:-9])
    put(
        "08 returned, UTF-16.csv", csv_text([row(f"CRD{n:03}ä") for n in range(9)]).encode("utf-16")
    )
    put("09 pickup, a copy.csv", pickup)
    again = [row(f"CRD{n:03}", "2023-11-15T10:00:00Z") for n in range(40, 120)]
    put("10 delivered, again.csv", csv_text([*again, *again[:30]]).encode())
    aliases = csv_text([row(f"crd {n:03}", "16-11-2023 9:00 AM") for n in range(60)])
    put("11 returned.csv", b"\xef\xbb\xbfsep=,\r\n\r\n" + aliases.encode())
    latin = csv_text([row(f"CRD{n:03}", comment="café" if n % 9 else "né") for n in range(60)])
    put("12 exceptions, Latin-1.csv", latin.encode("latin-1"))
    wide = [
        row("WIDE1"),
        row("WIDE2", comment="x" * 9 * PART),
        *[row(f"WIDE{n}") for n in range(60)],
    ]
    put("13 picked up, a long line.csv", csv_text(wide).encode())
    put("14 picked up, empty.csv", b"")
    put("15 of no type.csv", b"x\n")
    put("16 picked up, header only.csv", csv_text([]).encode())
    open_end = csv_text([row(f"END{n}") for n in range(60)])[:-5] + '"' + "and so on\n" * 300
    put("17 exceptions, open end.csv", open_end.encode())
    put("18 exceptions, CR.csv", csv_text(exceptions[:30]).replace("\n", "\r").encode())
    put("19 delivered.csv", csv_text([row("CRD001", "17-11-2023 10:00")]).encode())
    return folder


class Told(NamedTuple):
    """All that a user is told."""

    files: tuple[FileReport, ...]
    totals: Counts
    export: bytes
    events: bytes
    problems: bytes
    again: tuple[FileReport, ...]


def ask(database: Path, *command: str) -> bytes:
    result = CliRunner().invoke(app, [*command, "--db", str(database)])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def reported(report: IngestReport) -> tuple[FileReport, ...]:
    """The reports on files; what they advise does not name the database."""
    name = f" --db {report.database}"
    return tuple(
        replace(file, error=file.error and file.error.replace(name, "")) for file in report.files
    )


def tell(folder: Path, database: Path, options: Options) -> Told:
    report = take(database, folder, options=options)
    return Told(
        reported(report),
        report.totals,
        ask(database, "export", "--raw"),
        ask(database, "export", "--events", "--format", "json"),
        ask(database, "problems", "--format", "json"),
        reported(take(database, folder)),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return messy_folder(tmp_path_factory.mktemp("messy") / "in")


@pytest.fixture(scope="module")
def plain(folder: Path) -> Told:
    """The same if the files are not cut and no other process reads."""
    return tell(folder, folder.parent / "plain.db", Options())


@pytest.fixture(scope="module", params=[1, 2, 8], ids="{} workers".format)
def told(request: pytest.FixtureRequest, folder: Path) -> Told:
    with small_parts() as pools, no_process_left():
        found = tell(folder, folder.parent / f"{request.param}.db", Options(workers=request.param))
    assert len(pools) == (0 if request.param == 1 else 1)
    return found


def test_the_messy_folder_is_messy(plain: Told) -> None:
    outcomes = [file.outcome.value for file in plain.files]
    assert len(outcomes) == 19
    assert outcomes.count("failed") == 6
    assert outcomes.count("unchanged") == 1
    assert {problem["reason"] for problem in json.loads(plain.problems)} == {
        "bad_time",
        "month_first",
        "bad_mobile",
        "bad_quoting",
        "empty_row",
        "too_few_cells",
        "undecodable",
        "file_failed",
    }
    assert all(astuple(replace(plain.totals, erased=1)))  # nobody is erased
    assert comment_over_lines(60).strip() in [e["comment"] for e in json.loads(plain.events)]


@pytest.mark.parametrize("what", Told._fields)
def test_more_processes_tell_the_same(plain: Told, told: Told, what: str) -> None:
    assert getattr(told, what) == getattr(plain, what)


def test_options_mean_the_same_with_more_processes(folder: Path, tmp_path: Path) -> None:
    alone = take(tmp_path / "1.db", folder, options=Options(strict=True, dry_run=True))
    with small_parts() as pools, no_process_left():
        options = Options(strict=True, dry_run=True, workers=2)
        together = take(tmp_path / "2.db", folder, options=options)
    assert len(pools) == 1
    assert reported(together) == reported(alone)
    assert not list(tmp_path.iterdir())


# One pool, many files


def read_with(workers: Workers, *files: FilePlan) -> list[tuple[Any, Any] | str]:
    """The events and problems of each file, or the error instead."""
    found: list[tuple[Any, Any] | str] = []
    for _, pieces in workers.read(files):
        try:
            found.append(gathered(pieces))
        except SourceError as error:
            found.append(str(error))
    return found


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Two processes that have begun, and now read any part that may be given away."""
    with no_process_left(), Workers(2) as readers:
        with small_parts() as pools:
            file = write(tmp_path_factory.mktemp("two"), "pickup.csv", row())
            assert len(read_with(readers, plan(file))) == len(pools) == 1
        yield readers


ROW = "1,CRD1,585550101,13-11-2023 14:00,note\n"
PIECES = st.sampled_from(
    [
        ROW,
        ROW * 3,
        "2,CRD2,,11/13/2023 14:00,\r\n",
        '3,C3,,13-11-2023 14:00,"a\n',
        '"\n',
        "b\n",
        '"',
    ]
)


@settings(max_examples=25)
@given(st.lists(st.lists(PIECES, max_size=20).map("".join), min_size=1, max_size=3))
def test_two_processes_read_what_one_reads(
    two: Workers, tmp_path_factory: pytest.TempPathFactory, bodies: list[str]
) -> None:
    files = []
    with small_parts(60):
        for number, body in enumerate(bodies):
            path = tmp_path_factory.getbasetemp() / f"pickup {number}.csv"
            path.write_text(csv_text([]) + body, encoding="utf-8", newline="")
            files.append(plan(path))
        found = read_with(two, *files)
    assert found == [gathered(read_alone(f)) for f in files]


@pytest.mark.parametrize("number", [1, 2], ids="{} workers".format)
def test_a_file_that_vanishes_after_the_plan_fails_alone(
    two: Workers, tmp_path: Path, number: int
) -> None:
    rows = [row(f"CRD{n}") for n in range(60)]
    files = [write(tmp_path, f"pickup {n}.csv", *rows[n:]) for n in range(3)]

    def plans() -> Iterator[FilePlan]:
        for file in files:
            planned = plan(file)
            if file == files[1]:
                file.unlink()
            yield planned

    with small_parts():
        workers = two if number == 2 else Workers(1)
        first, second, third = read_with(workers, *plans())
    assert [len(first[0]), second, len(third[0])] == [
        60,
        "cannot be read: no such file or folder",
        58,
    ]


@pytest.mark.parametrize("number", [1, 2], ids="{} workers".format)
def test_a_file_that_vanishes_while_others_are_read_stays_out(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    rows = [row(f"CRD{n}") for n in range(60)]
    drops = [write(tmp_path, f"pickup {n}.csv", *rows[n:]) for n in range(3)]
    inode = drops[1].stat().st_ino
    parts = reader.OpenFile.parts

    def vanishes(source: reader.OpenFile, encoding: str) -> tuple[reader.Part, ...]:
        found = parts(source, encoding)
        if source.stamp.inode == inode:
            drops[1].unlink()
        return found

    monkeypatch.setattr(reader.OpenFile, "parts", vanishes)
    with small_parts() as pools, no_process_left():
        report = take(database, *drops, options=Options(workers=number))
    assert len(pools) == number - 1
    assert [(file.outcome, file.counts, file.error) for file in report.files] == [
        (Outcome.INGESTED, Counts(60, 60), None),
        (Outcome.FAILED, Counts(), "cannot be read: no such file or folder"),
        (Outcome.INGESTED, Counts(58, 0, 58), None),
    ]


# Processes that are killed, or never begin


class Killed(Pool):
    """Kills its processes before they can read the part that is given at position ``at``."""

    at = 0
    given = 0

    def give(self, part: PendingPart) -> None:
        self.given += 1
        last = self.given == self.at
        if last:
            for pid in self.processes():
                os.kill(pid, signal.SIGSTOP)
        super().give(part)
        if last:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            with pytest.raises((EOFError, OSError)):
                part.taken()

    def processes(self) -> list[int]:
        return list(own_processes() - self.others)

    def __init__(self, number: int) -> None:
        self.others = own_processes()
        super().__init__(number)


KILLED = {
    "as the first begins": (1, 200),
    "as the others begin": (2, 200),
    "as they work": (60, 200),
    "little ahead, as they work": (9, 3),
}


@pytest.mark.parametrize(("at", "ahead"), KILLED.values(), ids=KILLED.keys())
def test_without_its_processes_a_run_goes_on_alone(
    folder: Path, plain: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, ahead: int
) -> None:
    monkeypatch.setattr(Killed, "at", at)
    monkeypatch.setattr(workers, "_PARTS_AHEAD", ahead)
    with small_parts(kind=Killed) as pools, no_process_left():
        told = tell(folder, tmp_path / "cards.db", Options(workers=2))
    (pool,) = pools
    assert pool.given >= at
    assert told == plain


def test_one_killed_in_the_middle_changes_nothing(
    folder: Path, plain: Told, tmp_path: Path
) -> None:
    others = own_processes()

    class Kills:
        done = 0

        def start(self, total: int) -> None: ...

        def advance(self, count: int) -> None:
            self.done += 1
            if self.done == 10:
                for pid in list(own_processes() - others)[:1]:
                    os.kill(pid, signal.SIGKILL)

    with small_parts(), no_process_left():
        options, database = Options(workers=2), tmp_path / "cards.db"
        report = ingest([folder], database, options, now=lambda: 0, progress=Kills())
    assert reported(report) == plain.files
    assert ask(database, "export", "--raw") == plain.export


class LongAnswers(Pool):
    """Kills one of its processes when that has written half of a result."""

    killed = False

    def give(self, part: PendingPart) -> None:
        super().give(part)
        if not self.killed:
            self.killed = True
            (reader,) = self._readers
            # The result does not fit into the pipe, and waits there for a reader.
            eventually(lambda: unread(reader) > 50_000, "an answer")
            os.kill(reader._process.pid or 0, signal.SIGKILL)


def unread(reader: Any) -> int:
    answer = array("i", [0])
    fcntl.ioctl(reader._connection.fileno(), termios.FIONREAD, answer)
    return answer[0]


def test_one_killed_as_it_answers_is_not_waited_for(tmp_path: Path, database: Path) -> None:
    """Half of its result is in the pipe, which does not take more."""
    file = write(tmp_path, "pickup.csv", *[row(f"CRD{n}", comment="x" * 99) for n in range(9_000)])
    with small_parts(600_000, kind=LongAnswers) as pools, no_process_left():
        report = take(database, file, options=Options(workers=2))
    assert pools[0].killed
    assert report.totals.new == 9_000


def test_a_process_that_meets_a_bug_leaves_the_telling_to_the_run(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its traceback might repeat what a row says."""
    pool = Pool(1)
    with small_parts(), no_process_left():
        part = PendingPart(cast(FileToRead, "no file"), Part(0, 1, 1))
        pool.give(part)
        with pytest.raises((EOFError, OSError)):
            part.taken()
        pool.stop()
    assert capfd.readouterr() == ("", "")


class NeverBegins(Pool):
    def give(self, part: PendingPart) -> None:
        raise PermissionError(13, "Permission denied")


class CannotGrow(Pool):
    def give(self, part: PendingPart) -> None:
        if self.grown:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        self.grown = True
        super().give(part)

    grown = False


@pytest.mark.parametrize("kind", [NeverBegins, CannotGrow])
def test_where_no_process_may_begin_this_one_reads(
    folder: Path, plain: Told, tmp_path: Path, kind: type[Pool]
) -> None:
    with small_parts(kind=kind), no_process_left():
        told = tell(folder, tmp_path / "cards.db", Options(workers=2))
    assert told == plain


# When processes are begun

ROWS = [row(f"CRD{n:04}") for n in range(100)]


def test_small_inputs_are_read_without_them(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "Pool", None)
    write(tmp_path, "pickup.csv", *ROWS)
    write(tmp_path, "delivered.csv", *ROWS[1:])
    assert take(database, tmp_path, options=Options(workers=8)).totals.new == 199


@pytest.mark.parametrize(
    ("less", "number", "begun"), [(0, 2, 1), (1, 2, 0), (0, 1, 0)], ids=["enough", "less", "alone"]
)
def test_so_many_bytes_are_worth_a_pool(tmp_path: Path, less: int, number: int, begun: int) -> None:
    files = [write(tmp_path, f"pickup {n}.csv", *ROWS) for n in range(2)]
    (tmp_path / "pickup.csv.gz").write_bytes(gzip.compress(files[0].read_bytes()))
    size = sum(file.stat().st_size for file in files)
    with small_parts(worth_a_pool=size + less) as pools, no_process_left():
        read = [plan(file) for file in [tmp_path / "pickup.csv.gz", *files]]
        with Workers(number) as readers:
            assert [len(found[0]) for found in read_with(readers, *read)] == [100, 100, 100]
    assert len(pools) == begun


AHEAD = {"alone": (1, 200, 2), "others, little": (2, 2, 3), "others, much": (2, 200, 5)}


@pytest.mark.parametrize(("number", "jobs", "at_most"), AHEAD.values(), ids=AHEAD.keys())
def test_files_are_looked_at_so_far_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, jobs: int, at_most: int
) -> None:
    monkeypatch.setattr(workers, "_PARTS_AHEAD", jobs)
    files = [write(tmp_path, f"{n}.csv", row()) for n in range(5)]
    planned, read, most = 0, 0, 0

    def plans() -> Iterator[FilePlan]:
        nonlocal planned, most
        for file in files:
            planned += 1
            most = max(most, planned - read)
            yield plan(file)

    with Workers(number) as readers:
        for _, pieces in readers.read(plans()):
            assert gathered(pieces)[0]
            read += 1
    assert (read, most) == (5, at_most)


@pytest.mark.parametrize("number", [1, 2], ids="{} workers".format)
def test_what_is_held_of_a_file_does_not_grow_with_it(
    two: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(workers, "_PARTS_AHEAD", 3)
    most = []
    gc.collect()  # else what other tests have left in circles is counted: Python 3.12 on
    for count in (100, 800):
        with small_parts(600):
            planned = plan(write(tmp_path, "pickup.csv", *[row(f"CRD{n}") for n in range(count)]))
            for _, pieces in (two if number == 2 else Workers(1)).read([planned]):
                held = [
                    sum(isinstance(it, PackedEvents) for it in gc.get_objects()) for _ in pieces
                ]
        assert len(held) == len(planned.parts) > count / 15
        most.append(max(held))
    # One is taken and two wait, read ahead; another may be on its way.
    assert most[0] == most[1] <= 4


@pytest.mark.parametrize("number", [1, 2], ids="{} workers".format)
def test_what_is_left_of_a_file_is_none_of_the_next(
    two: Workers, tmp_path: Path, number: int
) -> None:
    with small_parts(100):
        files = [write(tmp_path, f"pickup {n}.csv", *ROWS) for n in range(2)]
        with files[0].open("a") as file:
            file.write('9,CRD9,,13-11-2023 14:00,"' + "open\n" * 100)
        found = []
        workers = two if number == 2 else Workers(1)
        for planned, pieces in workers.read(map(plan, files)):
            if planned.found.path == files[0]:
                while not next(pieces).rest:
                    pass
            else:
                found.append(gathered(pieces))
    ((events, problems),) = found
    assert ([event.line for event in events], problems) == ([*range(2, 102)], [])


LEFT_OUT = FoundFile("a.csv", Path("a.csv"))


def test_nothing_to_read_is_nothing(two: Workers) -> None:
    assert read_with(Workers(1)) == read_with(two) == []
    assert read_with(two, FilePlan(LEFT_OUT), FilePlan(LEFT_OUT)) == [([], []), ([], [])]


@pytest.fixture
def pace() -> Iterator[tuple[int, int, int]]:
    """The thresholds of the garbage collector before and after."""
    before = gc.get_threshold()
    gc.set_threshold(701, 11, 9)
    yield 701, 11, 9
    gc.set_threshold(*before)


@pytest.mark.parametrize("error", [None, KeyboardInterrupt], ids=["returns", "is interrupted"])
def test_whoever_stops_in_the_middle_leaves_no_process(
    tmp_path: Path, pace: tuple[int, int, int], error: type[BaseException] | None
) -> None:
    file = write(tmp_path, "pickup.csv", *ROWS)
    with small_parts() as pools, no_process_left():  # noqa: SIM117
        with suppress(KeyboardInterrupt), Workers(2) as readers:
            _, pieces = next(readers.read([plan(file)]))
            assert next(pieces).tally.events > 0
            assert gc.get_threshold() != pace
            if error:
                raise error
    assert len(pools) == 1
    assert gc.get_threshold() == pace


def test_there_is_a_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("number", ["0", "65", "-1", "two", "1.5", ""])
def test_so_many_workers_cannot_be_meant(tmp_path: Path, number: str) -> None:
    database = tmp_path / "cards.db"
    file = write(tmp_path, "pickup.csv", row())
    command = ["ingest", str(file), "--db", str(database), "--workers", number]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert "--workers" in result.stderr
    assert not database.exists()


@pytest.mark.parametrize("number", ["1", "64"])
def test_so_many_workers_can_be_meant(tmp_path: Path, number: str) -> None:
    command = ["ingest", str(write(tmp_path, "pickup.csv", row())), "--workers", number]
    result = CliRunner().invoke(app, [*command, "--db", str(tmp_path / "cards.db")])
    assert result.exit_code == 0


# The program as a whole, ended before its time

PROGRAM = "from cardstatus.__main__ import main; main()"
SMALL_PARTS = f"""
import multiprocessing, os, signal
from contextlib import contextmanager
from pathlib import Path
from cardstatus.courier.files import reader
from cardstatus.display import progress
from cardstatus.ingestion import processes, workers
reader.PART = processes.PART = {PART}
workers._WORTH_A_POOL = 0
# A shell that runs the tests in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
STOPS = f"""{SMALL_PARTS}
class Stops:
    done = 0
    def start(self, total): ...
    def advance(self, count):
        self.done += count
        if self.done > int(os.environ["STOP_BEHIND"]):
            print("here", flush=True)
            signal.pause()
@contextmanager
def shown(*_, **__):
    yield Stops()
progress.shown = shown
{PROGRAM}
"""
CTRL_C_AT_THE_START = f"""{SMALL_PARTS}
class Pool(processes.Pool):
    def give(self, part):
        super().give(part)
        for child in multiprocessing.active_children():
            while child.is_alive() and not self.takes_note(child.pid):
                pass
        os.killpg(0, signal.SIGINT)
    def takes_note(self, pid):
        lines = Path(f"/proc/{{pid}}/status").read_text().splitlines()
        masks = [line.split()[1] for line in lines if line[:6] in ("SigBlk", "SigIgn", "SigCgt")]
        return any(int(mask, 16) >> signal.SIGINT - 1 & 1 for mask in masks)
workers.Pool = Pool
{PROGRAM}
"""
CTRL_C_TWICE = f"""{SMALL_PARTS}
class Pool(processes.Pool):
    def stop(self):
        os.killpg(0, signal.SIGINT)
        super().stop()
workers.Pool = Pool
class Stops:
    def start(self, total): ...
    def advance(self, count):
        os.killpg(0, signal.SIGINT)
@contextmanager
def shown(*_, **__):
    yield Stops()
progress.shown = shown
{PROGRAM}
"""


NOTHING_IN = "interrupted after 0 files; nothing is in, and the same command takes in the rest\n"
WHOLE_FILES = {"1 pickup.csv": 100, "2 delivered.csv": 300, "3 returned.csv": 100}


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    for name, count in WHOLE_FILES.items():
        # The same bytes of two types would be refused.
        rows = [row(f"CRD{n}", reference=name[:1]) for n in range(count)]
        write(tmp_path, f"in/{name}", *rows)
    return tmp_path / "in"


@contextmanager
def stopped_in_the_second_file(drop: Path, database: Path) -> Iterator["subprocess.Popen[str]"]:
    """The program as it waits, with part of the second file held."""
    first = (drop / "1 pickup.csv").stat().st_size
    command = ["-c", STOPS, "ingest", drop, "--db", database, "--workers", "2"]
    with started(*command, STOP_BEHIND=f"{first}") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        assert 1 <= len(readers(process.pid)) <= 2
        yield process


def assert_whole_and_completed(drop: Path, database: Path) -> None:
    before = held(database)
    assert before.items() <= WHOLE_FILES.items()
    assert "2 delivered.csv" not in before
    report = take(database, drop)
    assert all(file.outcome is not Outcome.FAILED for file in report.files)
    assert held(database) == WHOLE_FILES


def test_who_is_killed_leaves_whole_files_and_no_process(drop: Path, database: Path) -> None:
    with stopped_in_the_second_file(drop, database) as process:
        pids = list(children(process.pid))
        process.kill()
        assert process.wait(PATIENCE) == -signal.SIGKILL
        assert_gone(pids)
    assert_whole_and_completed(drop, database)


def test_ctrl_c_leaves_whole_files_and_no_process(drop: Path, database: Path) -> None:
    with stopped_in_the_second_file(drop, database) as process:
        pids = list(children(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 130
        assert_gone(pids)
    assert "interrupted after" in said
    assert "Traceback" not in said
    assert_whole_and_completed(drop, database)


def test_ctrl_c_as_the_processes_begin_ends_all(drop: Path, database: Path) -> None:
    command = ["-c", CTRL_C_AT_THE_START, "ingest", drop, "--db", database, "--workers", "2"]
    with started(*command) as process:
        said = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 130
        assert said == NOTHING_IN
    assert_whole_and_completed(drop, database)


def test_ctrl_c_by_an_impatient_user_ends_all(drop: Path, database: Path) -> None:
    command = ["-c", CTRL_C_TWICE, "ingest", drop, "--db", database, "--workers", "2"]
    with started(*command) as process:
        said = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 130
        assert said == NOTHING_IN
    assert_whole_and_completed(drop, database)


# The program unchanged, with enough rows for processes

BIG = {"1 pickup.csv": 10_000, "2 delivered.csv": 10_000}


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "in"
    for name, count in BIG.items():
        comment = "and so on " * 29 + name[:1]
        write(path, name, *[row(f"CRD{n:07}", comment=comment) for n in range(count)])
    assert sum(file.stat().st_size for file in path.iterdir()) > workers._WORTH_A_POOL
    return path


def at_work(pid: int) -> list[int]:
    """The processes that read and already ignore Ctrl-C, which they do first."""
    found = []
    for number in readers(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{number}/status").read_text(encoding="utf-8").splitlines()
            (ignored,) = [line.split()[1] for line in lines if line.startswith("SigIgn")]
            if int(ignored, 16) >> signal.SIGINT - 1 & 1:
                found.append(number)
    return found


@contextmanager
def with_processes(
    big: Path, database: Path, which: Callable[[int], list[int]]
) -> Iterator["subprocess.Popen[str]"]:
    """The program, caught while it has such processes."""
    command = ["-m", "cardstatus", "ingest", big, "--db", database, "--workers", "2"]
    while True:
        with started(*command) as process:
            eventually(lambda: which(process.pid) or process.poll() is not None, "processes")
            if process.poll() is None:
                yield process
                return
        # The program ended while the machine let the tests wait.
        database.unlink(missing_ok=True)


def test_a_long_run_that_is_killed_can_be_done_again(big: Path, database: Path) -> None:
    for which in (readers, at_work):
        with with_processes(big, database, which) as process:
            pids = list(children(process.pid))
            process.kill()
            process.wait(PATIENCE)
            assert_gone(pids)
        assert held(database).items() <= BIG.items()
    command = ["-m", "cardstatus", "ingest", big, "--db", database, "--workers", "2"]
    with started(*command, "--format", "json") as process:
        said = process.communicate(timeout=2 * PATIENCE)[0]
        assert process.returncode == 0
    totals = json.loads(said)["totals"]
    assert (totals["rows"], totals["rejected"]) == (20_000, 0)
    assert held(database) == BIG


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="the program would ignore it, too"
)
def test_ctrl_c_ends_a_long_run(big: Path, database: Path) -> None:
    with with_processes(big, database, at_work) as process:
        pids = list(children(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 130
        assert_gone(pids)
    assert "interrupted after" in said
    assert "Traceback" not in said
    assert held(database).items() <= BIG.items()
