"""The contestants of the bulk load: how each is run, what it needs, how its answer is checked."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .checks import (
    DONE,
    Case,
    check_duckdb,
    check_ingested,
    check_raw_rows,
    check_sqlite,
    require_code,
    require_statuses,
    statuses_in_csv,
)
from .processes import Run, run

PROGRAMS = Path(__file__).with_name("programs")
Command = list[str | Path]


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to get the files of a case into a database. `needs` is what it cannot do without."""

    name: str
    commands: Callable[[Case, Path], Sequence[Command]]
    check: Callable[[str, Run, Path, Case], None]
    missing: Callable[[], bool] = lambda: False


def cardstatus(*arguments: str | Path) -> Command:
    return [sys.executable, "-m", "cardstatus", *arguments]


def ingest_command(case: Case, database: Path, *options: str) -> Command:
    return cardstatus("ingest", case.folder, "--db", database, "--format", "json", *options)


@cache
def takes_workers() -> bool:
    """Whether this cardstatus has the option `ingest --workers`."""
    return "--workers" in run(cardstatus("ingest", "--help")).stdout


def check_every_card(what: str, database: Path, expected: Iterable[str]) -> None:
    """Hold what cardstatus exports against the lines of an `expected.csv`."""
    path = database.with_suffix(".csv")
    require_code("export", run(cardstatus("export", "--raw", "--db", database), output=path), DONE)
    require_statuses(what, statuses_in_csv(path, header=True), expected)
    path.unlink()


def check_cardstatus(what: str, loaded: Run, database: Path, case: Case) -> None:
    check_ingested(what, loaded, case)
    check_every_card(what, database, case.statuses())


def ingest_commands(case: Case, database: Path, *options: str) -> list[Command]:
    return [ingest_command(case, database, *options)]


def with_workers(count: int) -> Peer:
    def commands(case: Case, database: Path) -> list[Command]:
        return ingest_commands(case, database, "--workers", str(count))

    return Peer(
        f"cardstatus --workers {count}", commands, check_cardstatus, lambda: not takes_workers()
    )


def script(name: str) -> Callable[[Case, Path], list[Command]]:
    """A Python program that is given the folder and the database."""
    return lambda case, database: [[sys.executable, PROGRAMS / name, case.folder, database]]


def sqlite3_commands(case: Case, database: Path) -> list[Command]:
    return [["sqlite3", "-bail", database, f'.read "{PROGRAMS / "sqlite3_load.sql"}"']]


def raw_commands(case: Case, database: Path, *options: str) -> list[Command]:
    insert: Command = [sys.executable, "-m", "sqlite_utils", "insert", database]
    names = case.expected["files"]
    return [
        [*insert, Path(name).stem, case.folder / name, "--csv", *options] for name in sorted(names)
    ]


def checked_by(
    check: Callable[[str, Path, Case], None],
) -> Callable[[str, Run, Path, Case], None]:
    """The exit code must be 0, then the database is looked at."""

    def whole(what: str, loaded: Run, database: Path, case: Case) -> None:
        require_code(what, loaded, DONE)
        check(what, database, case)

    return whole


CARDSTATUS = Peer("cardstatus", ingest_commands, check_cardstatus)
DUCKDB = Peer(
    "DuckDB, 2 threads",
    script("duckdb_load.py"),
    checked_by(check_duckdb),
    lambda: find_spec("duckdb") is None,
)
SQLITE3 = Peer(
    "sqlite3 program",
    sqlite3_commands,
    checked_by(check_sqlite),
    lambda: shutil.which("sqlite3") is None,
)
PANDAS = Peer(
    "pandas",
    script("pandas_load.py"),
    checked_by(check_sqlite),
    lambda: find_spec("pandas") is None,
)
RAW = Peer("sqlite-utils insert --csv", raw_commands, checked_by(check_raw_rows))
# What makes it quicker: no guessing of types (half of the time), and one commit a file.
RAW_TUNED = Peer(
    "sqlite-utils insert, tuned",
    lambda case, database: raw_commands(
        case, database, "--no-detect-types", "--batch-size", "100000"
    ),
    checked_by(check_raw_rows),
)
PEERS = (CARDSTATUS, with_workers(1), DUCKDB, SQLITE3, PANDAS, RAW_TUNED, RAW)
