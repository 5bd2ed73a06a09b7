"""What becomes of files in watched folders. The tests tell when to look; how the program knows is
tried as a process.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, status_of, statuses, take, write
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.display.messages import LogFormat, watch_line
from cardstatus.ingestion.arriving.arrivals import Clocks
from cardstatus.ingestion.arriving.wakeups import Wakeup
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.watch import WatchOptions, watch
from cardstatus.model.reports import Outcome

PATIENCE = 60
"""Seconds after which a process hangs for sure."""


def looked(
    folders: Sequence[Path],
    database: Path,
    looks: Sequence[Any],
    watch_options: WatchOptions = WatchOptions(0),
) -> list[tuple[str, str]]:
    """Watch for so many looks, each after something was done; return each file and its outcome."""

    def wakeups() -> Iterator[Wakeup]:
        for act in looks:
            act()
            yield Wakeup()

    return [
        (Path(handled.report.source).name, handled.report.outcome.value)
        for handled in watch(folders, database, Options(), watch_options, wakeups())
    ]


def nothing() -> None:
    pass


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def test_what_is_there_and_what_comes_is_taken_in(drop: Path, database: Path) -> None:
    write(drop, "pickup.csv", row("CRD1"))
    told = looked(
        [drop], database,
        [
            nothing,
            lambda: write(drop, "sub/delivered.csv", row("CRD1", "14-11-2023 10:00")),
            nothing,
        ],
    )  # fmt: skip
    assert told == [("pickup.csv", "ingested"), ("delivered.csv", "ingested")]
    assert status_of(database) == "delivered"


def test_a_file_that_fails_is_told_of_once_and_again_when_it_changes(
    drop: Path, database: Path
) -> None:
    bad = write(drop, "pickup.csv", row(), header=("a", "b", "c", "d", "e"))
    told = looked([drop], database, [nothing, nothing, lambda: write(drop, bad.name, row("CRD1"))])
    assert told == [("pickup.csv", "failed"), ("pickup.csv", "ingested")]


def test_files_that_look_like_data_are_passed_over_and_told_once(
    drop: Path, database: Path
) -> None:
    def comes(name: str) -> Callable[[], None]:
        return (drop / name).touch

    (drop / "delivered.xlsx").touch()
    write(drop, "pickup.csv", row("CRD1"))
    looks = [
        nothing,
        nothing,
        comes("returned.csv.part"),
        comes("readme.md"),
        comes("returned.csv.1"),
        nothing,
        comes("archive/returned.txt"),
        (drop / "delivered.xlsx").unlink,
        comes("delivered.xlsx"),
    ]
    (drop / "archive").mkdir()
    told = looked([drop], database, looks, WatchOptions(0, drop / "archive"))
    assert told == [
        ("delivered.xlsx", "passed_over"),
        ("pickup.csv", "ingested"),
        ("returned.csv.1", "passed_over"),
        ("delivered.xlsx", "passed_over"),
    ]


def test_a_line_tells_of_a_file_passed_over(drop: Path, database: Path) -> None:
    (drop / "delivered.xlsx").touch()
    (told,) = watch([drop], database, Options(), WatchOptions(0), [Wakeup()])
    assert watch_line(told, LogFormat.TEXT).partition(" ")[2] == (
        f"passed_over {drop}/delivered.xlsx: not named *.csv or *.csv.gz; if couriers' rows are in "
        "it, save them as CSV UTF-8 in a file of such a name\n"
    )
    assert json.loads(watch_line(told, LogFormat.JSON))["outcome"] == "passed_over"


def test_a_folder_that_goes_and_returns(drop: Path, database: Path) -> None:
    away = drop.with_name("away")

    def returns() -> None:
        away.rename(drop)
        write(drop, "delivered.csv", row("CRD1", "14-11-2023 10:00"))

    write(drop, "pickup.csv", row("CRD1"))
    told = looked([drop], database, [nothing, lambda: drop.rename(away), nothing, returns])
    assert told == [
        ("pickup.csv", "ingested"),
        ("in", "failed"),
        ("delivered.csv", "ingested"),
        ("pickup.csv", "unchanged"),
    ]


def test_a_file_replaced_by_another_is_taken_in_too(drop: Path, database: Path) -> None:
    write(drop, "pickup.csv", row("CRD1"))

    def replaced() -> None:
        write(drop, "new.txt", row("CRD2")).rename(drop / "pickup.csv")

    assert looked([drop], database, [nothing, replaced]) == [("pickup.csv", "ingested")] * 2
    assert [card.card_id for card in statuses(database)] == ["CRD1", "CRD2"]


def test_what_is_watched_and_what_is_ingested_by_hand_is_the_same(
    drop: Path, database: Path, tmp_path: Path
) -> None:
    write(drop, "a/pickup.csv", row("CRD1"), row("CRD2", "tomorrow"))
    write(drop, "delivered.csv", row("CRD1", "14-11-2023 10:00"), row("CRD1", mobile="1"))
    by_hand = tmp_path / "by_hand.db"
    ingest([drop], by_hand, now=lambda: 7)
    list(watch([drop], database, Options(), WatchOptions(0), [Wakeup()], Clocks(lambda: 7)))
    dumps = []
    for path in (database, by_hand):
        with sqlite3.connect(path) as connection:
            dumps.append([line for line in connection.iterdump() if "_migrations" not in line])
        connection.close()
    assert dumps[0] == dumps[1]


def test_once_waits_for_what_settles_and_leaves_what_does_not(drop: Path, database: Path) -> None:
    write(drop, "pickup.csv", row("CRD1"))
    growing = write(drop, "delivered.csv", row("CRD1"))
    clock = time.time_ns()

    def wakeups() -> Iterator[Wakeup]:
        nonlocal clock
        yield Wakeup()
        for _ in range(100):
            clock += 500_000_000
            with growing.open("a") as file:
                file.write("more\n")
            os.utime(growing, ns=(clock, clock))
            yield Wakeup(look=False)

    clocks = Clocks(lambda: clock, lambda: clock)
    run = watch([drop], database, Options(), WatchOptions(once=True), wakeups(), clocks)
    told = [(Path(file.report.source).name, file.report.outcome.value) for file in run]
    assert told == [("pickup.csv", "ingested"), ("delivered.csv", "failed")]


def test_a_locked_database_is_told_of_once_and_tried_again(
    drop: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardstatus.database.connection.BUSY_SECONDS", 0.01)
    take(database, write(drop.parent, "pickup.csv", row("CRD0")))
    write(drop, "pickup.csv", row("CRD1"))
    clock = 10**19 // 2
    other = sqlite3.connect(database, isolation_level=None)

    def wakeups() -> Iterator[Wakeup]:
        nonlocal clock
        other.execute("BEGIN IMMEDIATE")
        for look in range(6):
            yield Wakeup()
            clock += 3 * 10**9
            if look == 3:
                other.rollback()

    clocks = Clocks(lambda: clock, lambda: clock)
    told = [
        (handled.report.outcome, "locked" in str(handled.report.error))
        for handled in watch([drop], database, Options(), WatchOptions(0), wakeups(), clocks)
    ]
    other.close()
    assert told == [(Outcome.FAILED, True), (Outcome.INGESTED, False)]


# The archive


def test_what_is_in_goes_to_the_archive_and_nothing_there_is_overwritten(
    drop: Path, database: Path
) -> None:
    archive = drop / "done"  # below the folder: what is in it is not taken in again
    write(drop, "sub/pickup.csv.csv", row("CRD1"))
    again = lambda: write(drop, "sub/pickup.csv.csv", row("CRD2"))  # noqa: E731
    failing = lambda: write(drop, "delivered.csv", row(), header=("a", "b", "c", "d", "e"))  # noqa: E731
    told = looked([drop], database, [nothing, again, failing, nothing], WatchOptions(0, archive))
    assert [outcome for _, outcome in told] == ["ingested", "ingested", "failed"]
    left = sorted(str(path.relative_to(drop)) for path in drop.rglob("*.csv"))
    assert left == ["delivered.csv", "done/sub/pickup (2).csv.csv", "done/sub/pickup.csv.csv"]


def test_a_file_that_has_changed_since_is_not_moved_away(
    drop: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(drop, "pickup.csv", row("CRD1"))

    def late(*arguments: Any, **options: Any) -> Any:
        report = ingest(*arguments, **options)
        if path.stat().st_size < 100:
            with path.open("a") as file:
                file.write("A2,CRD2,585550102,13-11-2023 15:00,late\n")
        return report

    monkeypatch.setattr("cardstatus.ingestion.watch.ingest", late)
    handled = list(
        watch(
            [drop], database, Options(), WatchOptions(0, drop.parent / "done"), [Wakeup(), Wakeup()]
        )
    )
    assert "not moved to the archive" in handled[0].report.notes[0]
    assert handled[1].archived == drop.parent / "done/pickup.csv"
    assert [card.card_id for card in statuses(database)] == ["CRD1", "CRD2"]


# The lines


def test_a_line_tells_what_became_of_a_file(drop: Path, database: Path) -> None:
    write(drop, "pickup.csv", row("CRD1"), row("CRD2", "tomorrow"))
    write(drop, "b\x1b_pickup.csv", row("CRD1"), header=("a", "b", "c", "d", "e"))
    clocks = Clocks(lambda: 2_700_000_000_123_456_789)
    failed, taken = watch([drop], database, Options(), WatchOptions(0), [Wakeup()], clocks)
    assert watch_line(taken, LogFormat.TEXT) == (
        f"2055-07-24T00:00:00Z ingested {drop}/pickup.csv: pickup: rows 2, new 1, duplicates 0, "
        "rejected 1, warnings 0\n"
    )
    assert "\\x1b_pickup.csv: the header has no column" in watch_line(failed, LogFormat.TEXT)
    fields = json.loads(watch_line(taken, LogFormat.JSON))
    assert list(fields) == [
        "time", "source", "type", "outcome", "rows", "new", "duplicates", "rejected", "warnings",
        "error", "notes", "archived", "erased",
    ]  # fmt: skip
    assert json.loads(watch_line(failed, LogFormat.JSON))["outcome"] == "failed"


# The program


@contextmanager
def watching(*arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "cardstatus", "watch", *map(str, arguments)]
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_program_takes_in_what_comes_and_ends_cleanly(
    drop: Path, database: Path, number: int, code: int
) -> None:
    write(drop, "pickup.csv", row("CRD1"))
    with watching(drop, "--db", database, "--settle", "0.2") as process:
        assert " ingested " in next_line(process)
        beside = write(drop.parent, "new", row("CRD1", "14-11-2023 10:00"))
        beside.rename(drop / "delivered.csv")
        assert "delivered: rows 1, new 1" in next_line(process)
        drop.rename(drop.with_name("away"))
        assert "no such file or folder" in next_line(process)
        drop.with_name("away").rename(drop)
        write(drop, "deep/er/returned.csv", row("CRD1", "15-11-2023 10:00"))
        assert {next_line(process).split()[1] for _ in range(3)} == {"ingested", "unchanged"}
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == code
        assert said.endswith("stopped; every file that was told of is in whole\n")
    assert status_of(database) == "returned"


def test_a_moved_file_need_not_settle(drop: Path, database: Path) -> None:
    with watching(drop, "--db", database, "--settle", "3600", "--log-format", "json") as process:
        old = write(drop.parent, "old", row("CRD1"))
        os.utime(old, (0, 0))
        old.rename(drop / "pickup.csv")
        assert json.loads(next_line(process))["outcome"] == "ingested"


def test_a_thousand_files_at_once(drop: Path, database: Path) -> None:
    with watching(drop, "--db", database, "--settle", "0.3") as process:
        for number in range(1_000):
            write(drop, f"{number % 7}/pickup {number}.csv", row(f"CRD{number}"))
        assert sum(" ingested " in next_line(process) for _ in range(1_000)) == 1_000
    assert len(statuses(database)) == 1_000


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere"], 1, "there is no folder nowhere"),
        (["in", "--archive", "."], 2, "--archive: the folder to watch is in it"),
        (["in", "--timezone", "Mars"], 2, "--timezone"),
        ([], 2, "DIR"),
    ],
)
def test_wrong_usage(
    drop: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(drop.parent)
    result = CliRunner().invoke(app, ["watch", *arguments])
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_once_ends_as_ingest_does(drop: Path, database: Path) -> None:
    def run() -> int:
        arguments = ["watch", drop, "--once", "--settle", "0", "--db", database]
        return CliRunner().invoke(app, list(map(str, arguments))).exit_code

    assert run() == 0
    write(drop, "pickup.csv", row("CRD1"))
    (drop / "delivered.xlsx").touch()
    assert run() == 0
    write(drop, "delivered.csv", row("CRD1"), row("CRD2", "tomorrow"))
    assert run() == 3
    write(drop, "returned.csv", row("CRD2", "tomorrow"))
    assert run() == 1


def test_without_the_extra_it_says_how_to_get_it(
    drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = CliRunner().invoke(app, ["watch", str(drop)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "pip install '.[watch]'" in result.stderr
