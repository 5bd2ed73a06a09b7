"""Compares answers with what the generated files call for. A wrong answer is a `BenchError`."""

from __future__ import annotations

import csv
import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, zip_longest
from operator import itemgetter
from pathlib import Path, PurePath
from typing import Any

from .processes import MEGABYTE, Run

DONE, SOME_REJECTED = 0, 3  # exit codes of the command contract
COUNTS = ("rows", "new", "duplicates", "rejected", "warnings")
EXPORT_FIELDS = ["card_id", "status", "occurred_at", "mobile", "comment"]
EXPORT_FIELDS += ["reference", "source", "line"]
STATUSES = "SELECT card_id, status, occurred_at, mobile FROM card_status ORDER BY card_id"
TOTALS = "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM card_mobile)"

# Parsed JSON, whose shape the checks below establish.
Json = dict[str, Any]


class BenchError(Exception):
    """A program gave another answer than the files call for, or none."""


@dataclass(frozen=True, slots=True)
class Case:
    """Generated files of one shape and size, and what a right reader makes of them."""

    root: Path
    expected: Json

    @classmethod
    def load(cls, root: Path) -> Case:
        return cls(root, json.loads((root / "expected.json").read_text(encoding="ascii")))

    @property
    def folder(self) -> Path:
        return self.root / "files"

    @property
    def rows(self) -> int:
        rows: int = self.expected["totals"]["rows"]
        return rows

    @property
    def csv_mb(self) -> float:
        return sum(path.stat().st_size for path in self.folder.iterdir()) / MEGABYTE

    def statuses(self) -> Iterator[str]:
        """`card_id,status,instant,mobile` of every card the case is about, by card id."""
        with (self.root / "expected.csv").open(encoding="ascii") as lines:
            for line in lines:
                yield line.rstrip("\n")

    def sample(self, count: int) -> list[list[str]]:
        """The statuses of `count` cards with a mobile, evenly spread."""
        cards = sum(1 for _ in self.statuses())
        spread = islice(self.statuses(), 0, None, max(1, cards // (2 * count)))
        with_mobile = (line.split(",") for line in spread if not line.endswith(","))
        return list(islice(with_mobile, 0, 2 * count, 2))[:count]


def require(what: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise BenchError(f"{what}: expected {expected!r}, got {actual!r}")


def require_code(what: str, run: Run, *codes: int) -> None:
    if run.code not in codes:
        wanted = " or ".join(str(code) for code in codes)
        raise BenchError(
            f"{what}: exit code {run.code} instead of {wanted}\n{run.stderr.strip()[-2000:]}"
        )


def require_statuses(what: str, actual: Iterable[str], expected: Iterable[str]) -> None:
    """Every card, no other card, and each with the same status, instant and mobile."""
    for mine, wanted in zip_longest(actual, expected):
        require(f"{what}: statuses", mine, wanted)


def parse_json(what: str, run: Run) -> Any:
    try:
        return json.loads(run.stdout)
    except ValueError as error:
        raise BenchError(f"{what}: stdout is no JSON ({error}): {run.stdout[:200]!r}") from error


def report_of(what: str, run: Run, case: Case) -> tuple[Json, dict[str, Json]]:
    """The report of an ingest and its files by bare name: where `source` starts is free."""
    require_code(what, run, SOME_REJECTED if case.expected["totals"]["rejected"] else DONE)
    report: Json = parse_json(what, run)
    files = {PurePath(entry["source"]).name: entry for entry in report["files"]}
    require(f"{what}: files", sorted(files), sorted(case.expected["files"]))
    return report, files


def counts_of(entry: Json, names: Iterable[str]) -> dict[str, int]:
    return {name: entry[name] for name in names}


def check_ingested(what: str, run: Run, case: Case) -> None:
    """Every count of every file is the one the generator worked out."""
    report, files = report_of(what, run, case)
    names = COUNTS if case.expected["by_file"] else ("rows", "rejected", "warnings")
    for name, counts in case.expected["files"].items():
        require(f"{what}: outcome of {name}", files[name]["outcome"], "ingested")
        actual = counts_of(files[name], names)
        require(f"{what}: counts of {name}", actual, counts_of(counts, names))
    require(f"{what}: totals", counts_of(report["totals"], COUNTS), case.expected["totals"])


def check_unchanged(what: str, run: Run, case: Case) -> None:
    """An ingest of the same files parses nothing, adds nothing, and accounts for every row."""
    _, files = report_of(what, run, case)
    for name, counts in case.expected["files"].items():
        entry = files[name]
        kept = counts["rows"] - counts["rejected"]
        wanted = {**counts, "new": 0, "duplicates": kept}
        require(f"{what}: outcome of {name}", entry["outcome"], "unchanged")
        require(f"{what}: counts of {name}", counts_of(entry, COUNTS), wanted)


def statuses_in_csv(path: Path, *, header: bool) -> Iterator[str]:
    """The first four cells of every line of an export."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        if header:
            require("export: columns", next(rows, None), EXPORT_FIELDS)
        for row in rows:
            yield ",".join(row[:4])


def overlaid(base: Case, later: Case) -> Iterator[str]:
    """The statuses of `base`, once the events of `later`, all of them later, are in too."""
    ranked = heapq.merge(
        ((line.partition(",")[0], 0, line) for line in base.statuses()),
        ((line.partition(",")[0], 1, line) for line in later.statuses()),
    )
    last = None
    for card, _, line in ranked:
        if last and last[0] != card:
            yield last[1]
        last = card, line
    if last:
        yield last[1]


def sqlite_rows(database: Path, query: str) -> Iterator[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        yield from connection.execute(query)


def check_sqlite(what: str, database: Path, case: Case) -> None:
    """A peer's database has every event, every pair of mobile and card, and every status."""
    totals = next(sqlite_rows(database, TOTALS))
    require(f"{what}: events, mobiles", totals, expected_totals(case))
    rows = sqlite_rows(database, STATUSES)
    require_statuses(what, map(",".join, rows), case.statuses())


def check_duckdb(what: str, database: Path, case: Case) -> None:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        totals = connection.execute(TOTALS).fetchone()
        require(f"{what}: events, mobiles", totals, expected_totals(case))
        answer = connection.execute(STATUSES)
        chunks = iter(lambda: answer.fetchmany(10_000), [])
        rows = (",".join(row) for chunk in chunks for row in chunk)
        require_statuses(what, rows, case.statuses())


def expected_totals(case: Case) -> tuple[int, int]:
    return case.expected["totals"]["new"], case.expected["mobiles"]


def check_raw_rows(what: str, database: Path, case: Case) -> None:
    """Every physical row is in its file's table; that is all that a raw insert promises."""
    for name, counts in case.expected["files"].items():
        query = f'SELECT count(*) FROM "{PurePath(name).stem}"'
        (rows,) = map(itemgetter(0), sqlite_rows(database, query))
        require(f"{what}: rows of {name}", rows, counts["rows"])
