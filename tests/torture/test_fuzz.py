"""Whatever files hold and whatever lies in a folder: no traceback, no hang, no row unaccounted."""

import gzip
import json
import os
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from support.builders import HEADER, csv_text, row, statuses, take, write
from support.mutations import Mutant, mutant, plain_rows, surely_kept

from cardstatus.courier.files import reader
from cardstatus.courier.rows import lines
from cardstatus.ingestion import part
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome

# Mutated files

BATCH = 50
"""Files that are taken in together, which saves making a database for each."""
QUICK = 20
"""Batches of the short run."""


def lay_out(folder: Path, seed: int) -> dict[str, Mutant]:
    """Write the files of a seed and return them by path."""
    rng = Random(seed)
    folder.mkdir()
    mutants = {}
    for number in range(BATCH):
        made = mutant(rng, seed * BATCH + number)
        path = folder / made.name
        path.write_bytes(made.content)
        mutants[str(path)] = made
    return mutants


def check_file(file: FileReport, made: Mutant, *, strict: bool) -> None:
    """Whether a file's counts are what can be told of it without the program."""
    counts = file.counts
    assert counts.rows == counts.new + counts.duplicates + counts.rejected
    assert (file.error is not None) == (file.outcome is Outcome.FAILED)
    if file.error is not None:
        assert file.error.splitlines() == [file.error]
        assert not re.search(r"58555\d{4}", file.error), "a whole mobile"
    rows = plain_rows(made)
    if rows is not None and (counts.rows or file.error is None):
        assert counts.rows == rows


def check_database(path: Path, report: IngestReport, mutants: dict[str, Mutant]) -> None:
    """Whether what is stored is what was reported, and holds every row that nothing befell."""
    with closing(sqlite3.connect(path)) as connection:
        stored = connection.execute(
            "SELECT name, rows, new, duplicates, rejected, warnings FROM source"
        ).fetchall()
        problems = connection.execute(
            "SELECT source.name, count(*) FROM problem JOIN source ON source.id = problem.source"
            " WHERE severity = 'rejected' AND outcome = 'ingested' GROUP BY source.id"
        ).fetchall()
        cards = {card_id for (card_id,) in connection.execute("SELECT card_id FROM event")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    files = {file.source: file for file in report.files}
    for name, *counts in stored:
        assert Counts(*counts) == files[name].counts
    rejected = dict(problems)
    for name, file in files.items():
        if file.outcome is Outcome.INGESTED:
            assert rejected.get(name, 0) == file.counts.rejected
            assert set(surely_kept(mutants[name])) <= cards, name


def without_cause(file: FileReport) -> FileReport:
    """Return a report without the cause why nothing could be read, which may be one of two: that
    of a bad header, or that of a bad gzip further down.
    """
    return file if file.counts.rows or not file.error else replace(file, error="")


def check_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Take one batch in, once as usual and once in small pieces, which must come to the same."""
    options = Options(
        strict=seed % 10 == 9,
        encoding={3: "cp1252", 5: "utf-16-le", 7: "shift_jis"}.get(seed % 20, "utf-8"),
    )
    mutants = lay_out(tmp_path / f"{seed}", seed)
    longest = max(len(made.content) for made in mutants.values())
    with monkeypatch.context() as small:
        usual = take(tmp_path / f"{seed}.db", tmp_path / f"{seed}", options=options)
        small.setattr(reader, "PART", max(1 + seed % 700, longest // 50))
        small.setattr(lines, "BLOCK", max(1 + seed % 90, longest // 200))
        pieces = take(tmp_path / f"{seed}-pieces.db", tmp_path / f"{seed}", options=options)
    assert [file.source for file in usual.files] == sorted(mutants)
    if options.encoding == "utf-8":
        for file in usual.files:
            check_file(file, mutants[file.source], strict=options.strict)
        check_database(tmp_path / f"{seed}.db", usual, mutants)
    told = [
        replace(file, error=file.error and file.error.replace("-pieces.db", ".db"))
        for file in pieces.files
    ]
    assert list(map(without_cause, told)) == list(map(without_cause, usual.files))
    for made in tmp_path.glob(f"{seed}*"):
        shutil.rmtree(made) if made.is_dir() else made.unlink()


def test_mutated_files_are_accounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(QUICK):
        check_seed(tmp_path, monkeypatch, seed)


@pytest.mark.torture
def test_mutated_files_are_accounted_for_in_the_long_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = int(os.environ.get("TORTURE_FILES", "100000")) // BATCH
    for seed in range(1_000, 1_000 + batches):
        check_seed(tmp_path, monkeypatch, seed)


# Rows and quotes


@pytest.mark.parametrize("change", ["a cell less", "a cell more"])
def test_a_row_of_another_width_is_a_problem_and_never_a_shifted_event(
    tmp_path: Path, database: Path, change: str
) -> None:
    good = [row(f"CRD{n:04}", mobile=f"58555{n:04}") for n in range(12)]
    bad = []
    for at in range(len(HEADER)):
        cells = list(row("CRD9999"))
        if change == "a cell less":
            del cells[at]
        else:
            cells.insert(at, "+971585559999")
        bad.append(tuple(cells))
    take(database, write(tmp_path, "pickup.csv", *good[:6], *bad, *good[6:]))
    known = [(f"CRD{n:04}", f"+97158555{n:04}") for n in range(12)]
    if change == "a cell less":
        # The last cell may be left out: it is not needed, and nothing stands in another's place.
        known.append(("CRD9999", "+971585550101"))
        bad.pop()
    assert [(card.card_id, card.mobile) for card in statuses(database)] == known
    with closing(sqlite3.connect(database)) as connection:
        problems = connection.execute("SELECT line, raw FROM problem ORDER BY line").fetchall()
    assert problems == [(8 + at, ",".join(cells)) for at, cells in enumerate(bad)]


@pytest.mark.parametrize("place", range(len(HEADER)))
def test_a_quote_that_nobody_closes_costs_its_own_line(
    tmp_path: Path, database: Path, place: int
) -> None:
    rows = [row(f"CRD{n:04}", comment="two\nlines" if n % 3 == 0 else "one") for n in range(20)]
    for at in range(1, 20, 3):
        lines = csv_text(rows).splitlines(keepends=True)
        opened = next(n for n, line in enumerate(lines) if f"CRD{at:04}" in line)
        cells = lines[opened].split(",")
        cells[place] = '"' + cells[place]
        lines[opened] = ",".join(cells)
        path = tmp_path / f"pickup {at}.csv"
        path.write_text("".join(lines), encoding="utf-8")
        store = tmp_path / f"{at}.db"
        (report,) = take(store, path).files
        with closing(sqlite3.connect(store)) as connection:
            (problem,) = connection.execute("SELECT line, reason, raw FROM problem").fetchall()
        assert problem == (opened + 1, "bad_quoting", lines[opened].rstrip())
        assert (report.counts.rows, report.counts.rejected) == (20, 1)
        assert {card.card_id for card in statuses(store)} == {
            f"CRD{n:04}" for n in range(20) if n != at
        }


# Sizes

MEMORY = 500 << 20
"""Bytes of address space for a run; the program and its libraries take a third of it."""
LINES = {
    # What the lines of a gzip are, how many rows each is, and megabytes of them in the long run.
    "blank lines": (b"\n", 0, 100),
    "rows of delimiters": (b",,,,\n", 1, 10),
    "quotes that close and open": (b'a","\n', 1, 10),
    "quotes that open": (b'"a\n', 1, 10),
    "quotes alone": (b'"\n', None, 10),
    "NULs": (b"\0\n", 1, 10),
    "rows": (b"A1,CRD0001,,13-11-2023 14:00,note\n", 1, 50),
    "rows of long comments": (b"A1,CRD0001,,13-11-2023 14:00," + b"x" * 99_000 + b"\n", 1, 2_000),
    "long bad rows": (b"x" * 99_000 + b"\n", 1, 2_000),
    "one line": (b"x" * (1 << 20), None, 2_000),
}


def ingest_within(memory: int, *arguments: str, cwd: Path) -> dict[str, int]:
    """Run ingest with so much memory, and return the counts of all files."""
    command = [sys.executable, "-m", "cardstatus", "ingest", "--format", "json", "--workers", "1"]
    done = subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
    )
    assert b"Traceback" not in done.stderr, done.stderr[-2_000:]
    assert len(done.stderr) < 10_000
    return dict(json.loads(done.stdout)["totals"])


def lay_lines(path: Path, line: bytes, size: int) -> int:
    """Write a gzip of a good header and so many bytes of one line; return how many lines."""
    count = size // len(line)
    some = max(1, (1 << 20) // len(line))
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(",".join(HEADER).encode() + b"\n")
        for _ in range(count // some):
            file.write(line * some)
    return count // some * some


def check_bomb(folder: Path, line: bytes, rows: int | None, size: int) -> None:
    """Whether a file that expands to so many bytes of one line is gone through, and not held."""
    count = lay_lines(folder / "pickup.csv.gz", line, size)
    counts = ingest_within(MEMORY, "pickup.csv.gz", cwd=folder)
    assert counts["rows"] == counts["new"] + counts["duplicates"] + counts["rejected"]
    if rows is not None:
        assert counts["rows"] == count * rows


@pytest.mark.parametrize("kind", LINES)
def test_what_a_gzip_expands_to_is_not_held(tmp_path: Path, kind: str) -> None:
    line, rows, _ = LINES[kind]
    check_bomb(tmp_path, line, rows, 50 * max(1_000, len(line)))


@pytest.mark.torture
@pytest.mark.parametrize("kind", LINES)
def test_what_a_gzip_expands_to_is_not_held_in_the_long_run(tmp_path: Path, kind: str) -> None:
    line, rows, megabytes = LINES[kind]
    check_bomb(tmp_path, line, rows, megabytes << 20)


def test_a_hundred_thousand_columns_are_no_trouble(tmp_path: Path) -> None:
    header = [*HEADER, *(f"e{n}" for n in range(100_000))]
    rows = [[*row(f"CRD{n:04}"), *("" for _ in range(100_000))] for n in range(3)]
    write(tmp_path, "pickup.csv", *rows, row("CRD0009")[:3], header=header)
    counts = ingest_within(MEMORY, "pickup.csv", cwd=tmp_path)
    assert (counts["rows"], counts["new"], counts["rejected"]) == (4, 3, 1)


def test_a_header_of_very_many_mobiles_is_told_in_a_line(tmp_path: Path) -> None:
    write(tmp_path, "1 pickup.csv", row(), header=["0585550101"] * 90_000)
    write(tmp_path, "2 pickup.csv", row(), header=[*HEADER, *["Mobile"] * 90_000])
    write(tmp_path, "3 pickup.csv", row(), header=[*HEADER, *["0585550101"] * 90_000])
    report = take(tmp_path / "cards.db", tmp_path)
    said = [*(file.error or "" for file in report.files), *report.files[2].notes]
    assert "and 89,981 more" in said[1]
    assert said[3].endswith("and 89,980 more")
    assert max(map(len, said)) < 2_000
    assert not any("5550101" in text for text in said)


def test_a_cell_of_ten_megabytes_costs_its_line(tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row("CRD0001"), row(comment="x" * 10_000_000), row("CRD0002"))
    counts = ingest_within(MEMORY, "pickup.csv", cwd=tmp_path)
    assert (counts["rows"], counts["new"], counts["rejected"]) == (3, 2, 1)


def test_a_million_empty_lines_are_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "pickup.csv", row("CRD0001"))
    path.write_bytes(path.read_bytes() + b"\n" * 1_000_000 + b"A2,CRD0002,,13-11-2023 15:00,\n")
    counts = ingest_within(MEMORY, "pickup.csv", cwd=tmp_path)
    assert (counts["rows"], counts["new"]) == (2, 2)


# What lies in a folder


def test_a_folder_may_hold_anything(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "drops"
    good = write(top, "b/pickup.csv", row("CRD0001"))
    os.mkfifo(top / "x_pickup.csv")
    (top / "x_delivered.csv").symlink_to("/dev/zero")
    (top / "x_returned.csv.gz").symlink_to("/dev/tty")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(top)  # a socket's path may have a hundred characters
        listener.bind("x_exceptions.csv")
    (top / "linked picked up.csv").symlink_to(good)
    (top / "lost picked up.csv").symlink_to(top / "nowhere")
    (top / "round picked up.csv").symlink_to(top / "round picked up.csv")
    (top / "b/up").symlink_to(top, target_is_directory=True)
    (top / "a").symlink_to(top / "c", target_is_directory=True)
    (top / "c").symlink_to(top / "a", target_is_directory=True)
    (top / "folder picked up.csv").mkdir()
    report = take(database, top)
    assert {Path(file.source).name: file.error for file in report.files} == {
        "pickup.csv": None,
        "lost picked up.csv": "no such file or folder",
        "round picked up.csv": "too many levels of symbolic links",
        "x_pickup.csv": "not a regular file",
        "x_delivered.csv": "not a regular file",
        "x_returned.csv.gz": "not a regular file",
        "x_exceptions.csv": "not a regular file",
    }
    assert [file.outcome for file in report.files].count(Outcome.INGESTED) == 1
    assert report.totals.new == 1


class Meddler:
    """Does something to a file as soon as some of it has been read."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self._deed = deed
        self.done = False

    def start(self, total: int) -> None: ...

    def advance(self, count: int) -> None:
        if not self.done:
            self.done = True
            self._deed()


def become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def grow(path: Path) -> None:
    with path.open("a") as file:
        file.write("A2,CRD9999,,13-11-2023 15:00,\n")


MEDDLING: dict[str, tuple[Callable[[Path], object], str]] = {
    "grows": (grow, "changed while it was being read"),
    "shrinks": (lambda path: os.truncate(path, 999), "changed while it was being read"),
    "is emptied": (lambda path: os.truncate(path, 0), "changed while it was being read"),
    "vanishes": (Path.unlink, "cannot be read: no such file or folder"),
    "is replaced": (
        lambda path: write(path.parent, "new", row()).replace(path),
        "changed while it was being read",
    ),
    "becomes a folder": (become_folder, "cannot be read: is a directory"),
    "becomes a pipe": (become_pipe, "not a regular file"),
}


@pytest.mark.parametrize("name", ["pickup.csv", "pickup.csv.gz"])
@pytest.mark.parametrize(("deed", "said"), MEDDLING.values(), ids=MEDDLING.keys())
def test_a_file_that_is_not_left_alone_while_it_is_read_stays_out(
    tmp_path: Path,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[Path], object],
    said: str,
    name: str,
) -> None:
    monkeypatch.setattr(reader, "PART", 2_000)
    monkeypatch.setattr(part, "_EVENTS_A_PIECE", 50)
    path = write(tmp_path, f"1/{name}", *[row(f"CRD{n:04}") for n in range(900)])
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(path.read_bytes(), 0))
    other = write(tmp_path, "2/returned.csv", row("CRD5000"))
    meddler = Meddler(lambda: deed(path))
    report = ingest([tmp_path / "1", other], database, progress=meddler)
    assert meddler.done
    assert [file.outcome for file in report.files] == [Outcome.FAILED, Outcome.INGESTED]
    error = report.files[0].error or ""
    assert said in error or (name.endswith(".gz") and "cannot be read: " in error)
    assert [card.card_id for card in statuses(database)] == ["CRD5000"]
