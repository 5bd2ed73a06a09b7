"""What the sections of the benchmark share: cases, databases of cardstatus, rounds of loads."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from . import peers
from .checks import Case
from .peers import Peer
from .processes import MEGABYTE, Run, run, run_all, settle
from .shapes import fingerprint


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `value` is held against `reach` and `least`: a ratio, unless it has
    a `unit`; the smaller, the better.
    """

    work: str
    measured: str
    value: float | None = None
    reach: float | None = None
    least: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Loads:
    """One contestant's loads of the same case."""

    peer: Peer
    rows: int
    runs: list[Run]
    disk_mb: float

    @property
    def seconds(self) -> float:
        return median_seconds(self.runs)

    @property
    def peak_mb(self) -> float | None:
        return median_peak(self.runs)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user of the benchmark asks for."""

    rows: int
    repeat: int
    sections: Sequence[str]
    big: int | None = None  # rows of the big size, if it is wanted


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def say_run(what: str, one: Run) -> None:
    peak = "" if one.peak_mb is None else f", {one.peak_mb:.0f} MB"
    say(f"  {what}: {one.seconds:.2f} s{peak}")


def remove_database(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        if path.is_dir():  # where DuckDB puts what does not fit into memory
            shutil.rmtree(path)
        else:
            path.unlink()


def size_mb(database: Path) -> float:
    """On disk, with the sidecars, if the program leaves any."""
    files = database.parent.glob(f"{database.name}*")
    return sum(path.stat().st_size for path in files) / MEGABYTE


def alternate(repeat: int, measures: Sequence[Callable[[], Run]]) -> list[list[Run]]:
    """The runs of each measure; rounds A B A B, so that what the machine does besides hits all."""
    runs: list[list[Run]] = [[] for _ in measures]
    for _ in range(repeat):
        for measure, taken in zip(measures, runs, strict=True):
            taken.append(measure())
    return runs


def median_seconds(runs: Sequence[Run]) -> float:
    return median(run.seconds for run in runs)


def median_peak(runs: Sequence[Run]) -> float | None:
    peaks = [run.peak_mb for run in runs if run.peak_mb is not None]
    return median(peaks) if peaks else None


class Lab:
    """Generates, loads and keeps; `data` may outlive the run, `scratch` never does."""

    def __init__(self, settings: Settings, data: Path, scratch: Path) -> None:
        self.settings = settings
        self._data = data
        self._scratch = scratch
        self._loads: dict[str, Loads] = {}

    def path(self, name: str) -> Path:
        """A place for a file that lives no longer than the run."""
        return self._scratch / name

    def case(self, shape: str, rows: int, *options: str, part: str = "") -> Case:
        """The case of one shape and size, generated unless it is there from an earlier time."""
        root = self._data / "-".join(
            [shape, str(rows), *(option.lstrip("-") for option in options), fingerprint()]
        )
        # Present in full or not at all: it is moved to its name last.
        if not root.is_dir():
            say(f"generating {shape}, {rows:,} rows {' '.join(options)}")
            unfinished = root.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            command = [sys.executable, "-m", "bench.shapes", shape, str(unfinished)]
            command += ["--rows", str(rows), *options]
            subprocess.run(command, check=True, cwd=Path(__file__).parents[1])
            unfinished.rename(root)
        case = Case.load(root / part)
        for path in case.folder.iterdir():
            settle(path)
        return case

    def four(self, rows: int | None = None) -> Case:
        return self.case("four", rows or self.settings.rows)

    def load(self, peer: Peer, case: Case, database: Path) -> Run:
        """Load a case into a database, and check every answer; the database stays."""
        if database.exists():
            settle(database)
        one = run_all(peer.commands(case, database), case.folder)
        say_run(peer.name, one)
        peer.check(peer.name, one, database, case)
        return one

    def fresh_load(self, peer: Peer, case: Case, database: Path) -> Run:
        remove_database(database)
        return self.load(peer, case, database)

    def base(self, rows: int | None = None) -> Path:
        """A database that cardstatus made of `four`."""
        case = self.four(rows)
        database = self.path(f"base-{case.rows}.db")
        if not database.exists():
            say(f"loading {case.rows:,} rows for what follows")
            self.load(peers.CARDSTATUS, case, database)
        return database

    def copy_of_base(self, rows: int) -> Path:
        copy = self.path("copy.db")
        remove_database(copy)
        shutil.copyfile(self.base(rows), copy)
        return copy

    def loads(self) -> dict[str, Loads]:
        """Loads of `four` by contestant: all that are here, or cardstatus alone if no section
        compares.
        """
        if not self._loads:
            everyone = "load" in self.settings.sections
            here = [peer for peer in peers.PEERS if not peer.missing()]
            self._loads = self._measure(here if everyone else [peers.CARDSTATUS])
        return self._loads

    def _measure(self, contestants: Sequence[Peer]) -> dict[str, Loads]:
        case = self.four()
        sizes: dict[str, float] = {}
        say(f"loading {case.rows:,} rows, {self.settings.repeat} rounds")
        rounds = alternate(
            self.settings.repeat,
            [partial(self._measure_one, peer, case, sizes) for peer in contestants],
        )
        return {
            peer.name: Loads(peer, case.rows, runs, sizes[peer.name])
            for peer, runs in zip(contestants, rounds, strict=True)
        }

    def _measure_one(self, peer: Peer, case: Case, sizes: dict[str, float]) -> Run:
        database = self.path("load.db")
        one = self.fresh_load(peer, case, database)
        sizes[peer.name] = size_mb(database)
        if peer is peers.CARDSTATUS and not self.path(f"base-{case.rows}.db").exists():
            settle(database)
            database.rename(self.path(f"base-{case.rows}.db"))
        remove_database(database)
        return one

    def ingest(self, what: str, case: Case, database: Path) -> Run:
        """`cardstatus ingest` once, not yet checked."""
        settle(database)
        one = run(peers.ingest_command(case, database))
        say_run(what, one)
        return one
