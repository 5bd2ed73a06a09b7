"""Files are taken out again, by number, name, content or time; the command asks first."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import row, status_of, statuses, take, write
from support.connections import locked
from typer.testing import CliRunner, Result

from cardstatus.cli.app import app
from cardstatus.database import connection as database_module
from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.errors import CardStatusError, DatabaseError, OlderSchemaError, UsageError
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.standing.undo import Choice, undo
from cardstatus.model.records import EventType
from cardstatus.model.reports import Outcome, StatusChange

PICKUP = row("CRD1", "13-11-2023 10:00")
DELIVERED = row("CRD1", "13-11-2023 15:00")


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    take(database, write(tmp_path, "in/pickup.csv", PICKUP, row("CRD2")), now=1)
    take(database, write(tmp_path, "in/delivered.csv", DELIVERED), now=2)
    take(database, write(tmp_path, "more/delivered.csv", DELIVERED, row("CRD3")), now=3)
    return database


@pytest.fixture
def run(tmp_path: Path, stocked: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["undo", *arguments, "--db", str(stocked)])

    return run_it


def numbers(database: Path) -> list[int | None]:
    with Overview.open(database) as overview:
        return [file.number for file in overview.files()]


# What goes, and what stays


def test_what_another_file_says_stays_and_is_its(stocked: Path) -> None:
    report = undo(stocked, Choice(files=("2",)))
    assert report
    assert (report.removed, report.kept, report.changes) == (0, 1, ())
    with Store.open(stocked) as store:
        card = store.card("CRD1")
        assert card
        assert (Path(card.source or "").parent.name, card.line) == ("more", 2)
    with Overview.open(stocked) as overview:
        counts = [(f.rows, f.new, f.duplicates) for f in overview.files()]
    assert counts == [(2, 2, 0), (2, 2, 0)]


def test_statuses_that_change_are_told(stocked: Path) -> None:
    report = undo(stocked, Choice(files=("2", "3")))
    assert report
    assert (report.removed, report.kept) == (2, 0)
    assert report.changes == (
        StatusChange("CRD1", "delivered", "picked_up"),
        StatusChange("CRD3", "delivered", None),
    )


def test_a_dry_run_says_the_same_and_changes_nothing(stocked: Path) -> None:
    before = stocked.read_bytes()
    would = undo(stocked, Choice(files=("2", "3")), dry_run=True)
    assert stocked.read_bytes() == before
    did = undo(stocked, Choice(files=("2", "3")))
    assert would and did
    assert would.changes == did.changes
    assert would.files == did.files


def test_a_file_that_was_taken_out_may_come_in_as_another_type(
    stocked: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scan.csv"
    path.write_bytes((tmp_path / "more/delivered.csv").read_bytes())
    (refused,) = take(stocked, path, options=Options(type=EventType.RETURNED)).files
    assert refused.error
    assert "cardstatus undo 3" in refused.error
    undo(stocked, Choice(files=("3",)), now=lambda: 5)
    (taken,) = take(stocked, path, options=Options(type=EventType.RETURNED)).files
    assert taken.outcome is Outcome.INGESTED
    assert status_of(stocked, "CRD3") == "returned"


def test_files_keep_what_they_had_been_and_their_number(stocked: Path, tmp_path: Path) -> None:
    undo(stocked, Choice(files=("3",)), now=lambda: 5)
    take(stocked, tmp_path / "more/delivered.csv", now=6)
    assert numbers(stocked) == [1, 2, 4]
    with Overview.open(stocked) as overview:
        (undone,) = [f for f in overview.files(undone=True) if f.undone_at]
    assert (undone.number, undone.outcome, undone.rows, undone.new) == (3, "undone", 2, 1)
    assert undone.undone_at == "1970-01-01T00:00:00.000000005Z"


def test_problems_go_with_their_file(stocked: Path, tmp_path: Path) -> None:
    take(stocked, write(tmp_path, "returned.csv", row("CRD9"), row("")))
    with Store.open(stocked) as store:
        assert len(list(store.problems())) == 1
    undo(stocked, Choice(last=True))
    with Store.open(stocked) as store:
        assert list(store.problems()) == []


# Which file is meant


@pytest.mark.parametrize(
    ("meant", "number"),
    [("1", 1), ("in/pickup.csv", 1), ("pickup.csv", 1), ("copy.csv", 3), ("more/delivered.csv", 3)],
    ids=["number", "path", "end of the path", "content", "path of two"],
)
def test_a_file_is_meant_by(
    stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meant: str, number: int
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copy.csv").write_bytes((tmp_path / "more/delivered.csv").read_bytes())
    report = undo(stocked, Choice(files=(meant,)), dry_run=True)
    assert report
    assert [file.number for file in report.files] == [number]


def test_a_mended_file_is_known_by_its_path(stocked: Path, tmp_path: Path) -> None:
    path = write(tmp_path, "in/pickup.csv", row("CRD7"))
    report = undo(stocked, Choice(files=(str(path),)), dry_run=True)
    assert report
    assert [file.number for file in report.files] == [1]


def test_of_two_files_with_one_name_the_numbers_are_told(stocked: Path) -> None:
    with pytest.raises(CardStatusError, match=r"2 files are meant by 'delivered.csv'; .* 2 .* 3 "):
        undo(stocked, Choice(files=("delivered.csv",)))


@pytest.mark.parametrize("meant", ["4", "0", "99999999999999999999", "nothing.csv", "in", ""])
def test_what_means_no_file_is_told(stocked: Path, meant: str) -> None:
    with pytest.raises(CardStatusError, match="no file that is in is meant"):
        undo(stocked, Choice(files=(meant,)))


@pytest.mark.parametrize(
    ("choice", "gone"),
    [
        (Choice(last=True), [3]),
        (Choice(last=True, type=EventType.PICKUP), [1]),
        (Choice(since=2), [2, 3]),
        (Choice(since=1, type=EventType.DELIVERED), [2, 3]),
        (Choice(files=("delivered.csv", "1"), type=EventType.PICKUP), None),
    ],
    ids=["last", "last of a type", "since", "since, of a type", "of another type"],
)
def test_files_are_chosen(stocked: Path, choice: Choice, gone: list[int] | None) -> None:
    if gone is None:
        with pytest.raises(CardStatusError, match="no file that is in is meant"):
            undo(stocked, choice)
        return
    undo(stocked, choice)
    assert numbers(stocked) == [number for number in (1, 2, 3) if number not in gone]


@pytest.mark.parametrize(
    "choice", [Choice(since=9), Choice(last=True, type=EventType.RETURNED)], ids=["since", "last"]
)
def test_no_file_at_all_is_told(stocked: Path, choice: Choice) -> None:
    with pytest.raises(CardStatusError, match="no file"):
        undo(stocked, choice)


@pytest.mark.parametrize("wrong", [{}, {"last": True, "since": 1}, {"files": ("1",), "last": True}])
def test_a_choice_of_nothing_or_twice_is_wrong_usage(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="say which file"):
        Choice(**wrong)  # type: ignore[arg-type]


# What cannot be done


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database"):
        undo(tmp_path / "none.db", Choice(last=True))
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_locked_says_so(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    with locked(stocked), pytest.raises(DatabaseError, match="locked by another process"):
        undo(stocked, Choice(last=True))
    assert numbers(stocked) == [1, 2, 3]


def older(database: Path) -> None:
    """Make the files of a database such as an older version took in."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE source SET encoding = NULL")
        connection.execute("DELETE FROM sighting")
        connection.commit()


def test_what_nobody_can_tell_is_refused(stocked: Path, tmp_path: Path) -> None:
    """File 3 repeats file 2, and an older version did not note what."""
    older(stocked)
    with pytest.raises(DatabaseError, match="what would be left nobody can tell"):
        undo(stocked, Choice(files=("2",)))
    assert len(statuses(stocked)) == 3
    for sure in ("1", "3"):
        undo(stocked, Choice(files=(sure,)))
    undo(stocked, Choice(files=("2",)))
    assert statuses(stocked) == []


def test_an_older_schema_is_brought_up_to_date_by_ingest(stocked: Path) -> None:
    with closing(sqlite3.connect(stocked)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(OlderSchemaError, match="cardstatus ingest FOLDER"):
        undo(stocked, Choice(last=True))


# The command


def test_the_command_asks_and_needs_a_terminal_or_yes(run: Callable[..., Result]) -> None:
    refused = run("--last")
    assert refused.exit_code == 2
    assert "give --yes, or look with -n" in refused.stderr
    done = run("--last", "--yes")
    assert done.exit_code == 0
    assert "delivered.csv" in done.stdout
    assert "note: cards whose status changed: 1" in done.stderr
    assert "CRD3" in done.stdout


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("yes", 0), ("n", 1), ("", 1)])
def test_the_answer_counts(
    run: Callable[..., Result],
    stocked: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    asked = []

    def ask(question: str, *, yes: bool) -> bool:
        asked.append((question, yes))
        return answer in ("y", "yes")

    monkeypatch.setattr("cardstatus.cli.commands.intake.undo.confirmed", ask)
    assert run("in/pickup.csv").exit_code == code
    assert asked[0][0].endswith("pickup.csv (pickup), 2 rows?")
    assert (1 in numbers(stocked)) is bool(code)


def test_a_dry_run_does_not_ask(run: Callable[..., Result], stocked: Path) -> None:
    done = run("1", "2", "3", "-n", "--format", "json")
    assert done.exit_code == 0
    assert [file["number"] for file in json.loads(done.stdout)["files"]] == [1, 2, 3]
    assert "dry run, nothing was taken out" in done.stderr
    assert numbers(stocked) == [1, 2, 3]
