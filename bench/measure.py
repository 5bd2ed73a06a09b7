"""Measures `cardstatus` on generated files, checks every answer, and prints a Markdown table.

Owns the timing and the checking of whole processes, seen from outside: it imports nothing of the
program. A wrong count, status or exit code stops the run with exit code 1; a slow run never does.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from statistics import median
from typing import Any, TextIO

GENERATOR = Path(__file__).with_name("generate.py")
PROC = Path("/proc")
SAMPLE_SECONDS = 0.05
MEGABYTE = 1_000_000
DONE, SOME_REJECTED = 0, 3  # exit codes of the command contract
COUNTS = ("rows", "new", "duplicates", "rejected", "warnings")
EXPORT_FIELDS = ["card_id", "status", "occurred_at", "mobile", "comment"]
EXPORT_FIELDS += ["reference", "source", "line"]
HEADINGS = ["rows", "rows/s", "ingest s", "peak MB", "database MB", "CSV MB"]
HEADINGS += ["unchanged s", "get s", "export s"]

# Parsed JSON, whose shape the checks below establish.
Json = dict[str, Any]


class BenchError(Exception):
    """The program gave another answer than the files call for, or none."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished child. `peak_mb` is None where there is no /proc to sample."""

    seconds: float
    peak_mb: float | None
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Case:
    """The generated files of one size, and the database they go into."""

    folder: Path
    database: Path
    expected: Json

    @property
    def totals(self) -> dict[str, int]:
        files = self.expected["files"].values()
        return {name: sum(counts[name] for counts in files) for name in COUNTS}


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of one size; the peak is the greatest of its ingests."""

    rows: int
    ingest: float
    peak_mb: float | None
    database_mb: float
    csv_mb: float
    unchanged: float
    get: float
    export: float


def status_of(pid: int) -> dict[str, str]:
    """The fields of /proc/PID/status; none when the process has just gone."""
    try:
        text = (PROC / str(pid) / "status").read_text()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def tree_rss_kib(root: int) -> int:
    """VmRSS of a process and all of its descendants, in KiB."""
    # A descendant has a greater pid than its parent (pids wrap too seldom to matter): so one pass
    # in ascending order finds them all, and the rest of a busy machine need not be read.
    pids = sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
    found = {pid: status_of(pid) for pid in pids if pid >= root}
    tree = {root}
    for pid, fields in found.items():
        if int(fields.get("PPid", "0")) in tree:
            tree.add(pid)
    return sum(int(found.get(pid, {}).get("VmRSS", "0 kB").split()[0]) for pid in tree)


class MemorySampler(threading.Thread):
    """Keeps the greatest sum of VmRSS over a process tree, until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self._peak_kib = 0

    def run(self) -> None:
        while True:
            self._peak_kib = max(self._peak_kib, tree_rss_kib(self._pid))
            if self._over.wait(SAMPLE_SECONDS):
                return

    def stop(self) -> float:
        """End the sampling; the peak in MB."""
        self._over.set()
        self.join()
        return self._peak_kib * 1024 / MEGABYTE


def run_program(arguments: Sequence[str], *, sample: bool = False) -> Run:
    """Run `python -m cardstatus ARGUMENTS`; seconds are those of the whole process."""
    command = [sys.executable, "-m", "cardstatus", *arguments]
    pipe = subprocess.PIPE
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as child:
        sampler = MemorySampler(child.pid) if sample and PROC.is_dir() else None
        if sampler:
            sampler.start()
        stdout, stderr = child.communicate()
        seconds = time.perf_counter() - started
        peak_mb = sampler.stop() if sampler else None
    return Run(seconds, peak_mb, child.returncode, stdout, stderr)


def require(what: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise BenchError(f"{what}: expected {expected!r}, got {actual!r}")


def require_code(what: str, run: Run, *codes: int) -> None:
    if run.code not in codes:
        wanted = " or ".join(str(code) for code in codes)
        raise BenchError(f"{what}: exit code {run.code} instead of {wanted}\n{run.stderr.strip()}")


def parse_json(what: str, run: Run) -> Any:
    try:
        return json.loads(run.stdout)
    except ValueError as error:
        raise BenchError(f"{what}: stdout is no JSON ({error}): {run.stdout[:200]!r}") from error


def files_by_name(report: Json) -> dict[str, Json]:
    """The report's files by bare name: where `source` starts is the program's business."""
    return {PurePath(entry["source"]).name: entry for entry in report["files"]}


def counts_of(entry: Json) -> dict[str, int]:
    return {name: entry[name] for name in COUNTS}


def ingest(case: Case, *, sample: bool = False) -> Run:
    arguments = ["ingest", str(case.folder), "--db", str(case.database), "--format", "json"]
    return run_program(arguments, sample=sample)


def check_ingested(run: Run, case: Case) -> None:
    """Every count of every file is the one the generator worked out."""
    totals = case.totals
    require_code("ingest", run, SOME_REJECTED if totals["rejected"] else DONE)
    report = parse_json("ingest", run)
    files = files_by_name(report)
    require("ingest: files", sorted(files), sorted(case.expected["files"]))
    for name, counts in case.expected["files"].items():
        require(f"ingest: outcome of {name}", files[name]["outcome"], "ingested")
        require(f"ingest: counts of {name}", counts_of(files[name]), counts)
    require("ingest: totals", counts_of(report["totals"]), totals)


def check_unchanged(run: Run, case: Case) -> None:
    """The second ingest parses nothing, adds nothing and still accounts for every row."""
    # The contract leaves open whether rows rejected the first time still make it exit 3.
    require_code("second ingest", run, DONE, SOME_REJECTED)
    files = files_by_name(parse_json("second ingest", run))
    require("second ingest: files", sorted(files), sorted(case.expected["files"]))
    for name, counts in case.expected["files"].items():
        entry = files[name]
        require(f"second ingest: outcome of {name}", entry["outcome"], "unchanged")
        for field in ("rows", "rejected"):
            require(f"second ingest: {field} of {name}", entry[field], counts[field])
        require(f"second ingest: new of {name}", entry["new"], 0)
        accounted = entry["new"] + entry["duplicates"] + entry["rejected"]
        require(f"second ingest: rows accounted for in {name}", accounted, counts["rows"])


def check_get(run: Run, case: Case) -> None:
    require_code("get", run, DONE)
    found = [(card["card_id"], card["status"]) for card in parse_json("get", run)]
    sample = case.expected["sample"]
    require("get: cards and statuses", found, [(sample["card_id"], sample["status"])])


def check_export(run: Run, path: Path, case: Case) -> None:
    """The export has the contract's columns and as many cards of each status as were made."""
    require_code("export", run, DONE)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        require("export: columns", next(rows, None), EXPORT_FIELDS)
        statuses = Counter(row[1] for row in rows)
    # Counter() on both sides: a status nobody has is left out of one and 0 in the other.
    require("export: cards of each status", statuses, Counter(case.expected["statuses"]))


def megabytes(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.glob(pattern)) / MEGABYTE


def remove_database(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()


def make_case(root: Path, events: int) -> Case:
    """Generate the files of one size under `root`, in a process of its own."""
    folder = root / "files"
    command = [sys.executable, str(GENERATOR), str(folder), "--events", str(events)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    expected = json.loads((folder / "expected.json").read_text(encoding="ascii"))
    return Case(folder, root / "bench.db", expected)


def measure_ingests(case: Case, repeat: int) -> list[Run]:
    """Ingest `repeat` times, each into a new database; the last one stays."""
    runs = []
    for _ in range(repeat):
        remove_database(case.database)
        run = ingest(case, sample=True)
        check_ingested(run, case)
        runs.append(run)
    return runs


def measure_unchanged(case: Case, repeat: int) -> float:
    runs = [ingest(case) for _ in range(repeat)]
    for run in runs:
        check_unchanged(run, case)
    return median(run.seconds for run in runs)


def measure_get(case: Case, repeat: int) -> float:
    card_id = case.expected["sample"]["card_id"]
    command = ["get", "--card-id", card_id, "--db", str(case.database), "--format", "json"]
    runs = [run_program(command) for _ in range(repeat)]
    for run in runs:
        check_get(run, case)
    return median(run.seconds for run in runs)


def measure_export(case: Case, repeat: int) -> float:
    path = case.database.with_name("export.csv")
    seconds = []
    for _ in range(repeat):
        path.unlink(missing_ok=True)
        run = run_program(["export", str(path), "--db", str(case.database)])
        check_export(run, path, case)
        seconds.append(run.seconds)
    return median(seconds)


def measure(root: Path, events: int, repeat: int) -> Result:
    """All figures of one size; `root` is an empty folder."""
    case = make_case(root, events)
    ingests = measure_ingests(case, repeat)
    peaks = [run.peak_mb for run in ingests if run.peak_mb is not None]
    return Result(
        rows=case.totals["rows"],
        ingest=median(run.seconds for run in ingests),
        peak_mb=max(peaks, default=None),
        # Before the later commands, and with the sidecars, if the program leaves any.
        database_mb=megabytes(root, f"{case.database.name}*"),
        csv_mb=megabytes(case.folder, "*.csv"),
        unchanged=measure_unchanged(case, repeat),
        get=measure_get(case, repeat),
        export=measure_export(case, repeat),
    )


def table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def result_line(result: Result) -> str:
    return table_line(
        [
            f"{result.rows:,}",
            f"{result.rows / result.ingest:,.0f}",
            f"{result.ingest:.2f}",
            "n/a" if result.peak_mb is None else f"{result.peak_mb:.0f}",
            f"{result.database_mb:.1f}",
            f"{result.csv_mb:.1f}",
            f"{result.unchanged:.3f}",
            f"{result.get:.3f}",
            f"{result.export:.2f}",
        ]
    )


def machine_line(today: date) -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.machine()}, {today}"
    )


def write_report(out: TextIO, results: Sequence[Result], repeat: int, today: date) -> None:
    out.write(f"{machine_line(today)}\n\n")
    out.write(table_line(HEADINGS))
    out.write(table_line(["---:"] * len(HEADINGS)))
    out.writelines(result_line(result) for result in results)
    out.write(
        f"\nSeconds: median of {repeat}, whole processes, files in the page cache. Peak: greatest "
        f"sum of VmRSS over the process and its descendants, sampled every "
        f"{SAMPLE_SECONDS * 1000:.0f} ms; pages that forked processes share count once for each. "
        f"MB: 10^6 bytes.\n"
    )


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure cardstatus on generated files.")
    parser.add_argument("--events", type=positive, nargs="+", default=[250_000, 2_500_000])
    parser.add_argument("--repeat", type=positive, default=3)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    options = parse_arguments(arguments)
    results = []
    try:
        for events in options.events:
            sys.stderr.write(f"measuring {events:,} events, {options.repeat} times\n")
            with tempfile.TemporaryDirectory(prefix="cardstatus-bench-") as root:
                results.append(measure(Path(root), events, options.repeat))
    except (BenchError, subprocess.CalledProcessError) as error:
        sys.exit(f"bench failed: {error}")
    write_report(sys.stdout, results, options.repeat, datetime.now(tz=UTC).date())


if __name__ == "__main__":
    main(sys.argv[1:])
