"""Files that failed as a whole, what later versions have mended, and what a person forgets."""

from pathlib import Path

import pytest
from support.builders import row, take, write
from support.connections import locked

from cardstatus.cli.runs import exit_code
from cardstatus.database import connection as database_module
from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.database.writing.failures import forget
from cardstatus.ingestion.options import Options
from cardstatus.model.problems import Reason, Severity
from cardstatus.model.records import EventType
from cardstatus.model.reports import Outcome

BAD_HEADER = ("a", "b", "c", "d", "e")


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    take(database, write(tmp_path, "in/pickup.csv", row("CRD1"), row("CRD2")), now=1)
    return database


def failures(database: Path) -> list[tuple[str, str]]:
    """The files that are on record as failed, and their states."""
    with Store.open(database) as store:
        return [(Path(p.source).name, p.state) for p in store.problems(Severity.FAILED)]


def states(database: Path) -> list[tuple[str, int | None, str]]:
    with Store.open(database) as store:
        return [(Path(p.source).name, p.line, p.state) for p in store.problems()]


# Files that fail


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("cards.csv", None, None),
        ("Returned deliveries.csv", None, None),
        ("returned.csv", BAD_HEADER, "returned"),
    ],
)
def test_a_file_that_fails_is_on_record_with_what_was_said(
    stocked: Path, tmp_path: Path, name: str, header: tuple[str, ...] | None, kind: str | None
) -> None:
    file = write(tmp_path, f"in/{name}", row("CRD1"), **({"header": header} if header else {}))
    (report,) = take(stocked, file, now=3_000_000_000).files
    with Store.open(stocked) as store:
        (problem,) = store.problems()
    assert problem == (
        "failed", str(file), None, None, "file_failed", report.error, "", "1970-01-01T00:00:03Z",
        "open",
    )  # fmt: skip
    with Overview.open(stocked) as overview:
        *_, stored = overview.files()
    assert stored[:4] == (str(file), kind, "failed", "1970-01-01T00:00:03Z")
    assert stored[4:11] == (0, 0, 0, 0, 0, 0, file.stat().st_size)
    assert (len(stored.sha256 or ""), stored.path, stored.error) == (64, str(file), report.error)


def test_what_is_no_file_is_not_on_record(stocked: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = take(stocked, tmp_path / "none.csv", tmp_path / "empty", stocked)
    assert [file.outcome for file in report.files] == [Outcome.FAILED] * 3
    assert failures(stocked) == []


def test_of_failures_alone_no_database_is_made(tmp_path: Path, database: Path) -> None:
    assert take(database, write(tmp_path, "cards.csv", row())).record_error is None
    assert not database.exists()


def test_the_first_run_has_its_failures_on_record(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "in/cards.csv", row("CRD9"))
    write(tmp_path, "in/pickup.csv", row())
    take(database, tmp_path / "in")
    assert failures(database) == [("cards.csv", "open")]


def test_a_dry_run_records_nothing(stocked: Path, tmp_path: Path) -> None:
    take(stocked, write(tmp_path, "cards.csv", row("CRD9")), options=Options(dry_run=True))
    assert failures(stocked) == []


def test_it_is_on_record_once_and_as_it_failed_last(stocked: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "in/cards.csv", row("CRD9"))
    take(stocked, file, now=1_000_000_000)
    before = stocked.read_bytes()
    take(stocked, file, now=2_000_000_000)
    assert stocked.read_bytes() == before  # nothing is news
    write(tmp_path, "in/cards.csv", row("CRD8"))
    take(stocked, file, now=3_000_000_000)
    with Store.open(stocked) as store:
        assert [p.ingested_at for p in store.problems()] == ["1970-01-01T00:00:03Z"]


def test_it_stands_until_the_same_path_is_read(stocked: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "in/delivered.csv", row("CRD9"), header=BAD_HEADER)
    take(stocked, file)
    assert failures(stocked) == [("delivered.csv", "open")]
    write(tmp_path, "in/delivered.csv", row("CRD9"))
    take(stocked, file)
    assert failures(stocked) == []


def test_it_stands_until_the_same_content_is_read(stocked: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "in/cards.csv", row("CRD9"))
    take(stocked, file)
    take(stocked, file.rename(tmp_path / "in/delivered.csv"))
    assert failures(stocked) == []
    # Found once more under a name that tells nothing it is in, all the same.
    take(stocked, write(tmp_path, "in/cards.csv", row("CRD9")))
    assert failures(stocked) == []


def test_it_stands_until_its_path_has_what_is_in(stocked: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "other/pickup.csv", row("CRD9"), header=BAD_HEADER)
    take(stocked, file)
    file.write_bytes((tmp_path / "in/pickup.csv").read_bytes())
    assert take(stocked, file).files[0].outcome is Outcome.UNCHANGED
    assert failures(stocked) == []


def test_given_its_type_it_is_read(stocked: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "in/cards.csv", row("CRD9"))
    take(stocked, file)
    take(stocked, file, options=Options(type=EventType.DELIVERED))
    assert failures(stocked) == []


def test_a_file_whose_rows_are_all_rejected_has_a_record_of_its_own(
    stocked: Path, tmp_path: Path
) -> None:
    file = write(tmp_path, "in/delivered.csv", row("CRD9"), header=BAD_HEADER)
    take(stocked, file)
    write(tmp_path, "in/delivered.csv", row("CRD9", "?"))
    take(stocked, file)
    assert states(stocked) == [("delivered.csv", 2, "open")]
    write(tmp_path, "in/delivered.csv", row("CRD9"))
    take(stocked, file)
    assert states(stocked) == [("delivered.csv", 2, "mended")]


def test_a_database_that_cannot_be_written_costs_the_record_and_no_report(
    stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.1)
    file = write(tmp_path, "in/cards.csv", row("CRD9"))
    with locked(stocked):
        report = take(stocked, file)
    assert [one.outcome for one in report.files] == [Outcome.FAILED]
    assert "is locked by another process" in str(report.record_error)
    assert failures(stocked) == []


# What a later version has mended

FIRST = [row("CRD1"), row("CRD2"), row("CRD3", "31-02-2023 10:00"), row("CRD4", mobile="1")]
VERSIONS = {
    "mended": ([*FIRST[:2], row("CRD3"), row("CRD4")], "mended"),
    "one row is still wrong": ([*FIRST[:3], row("CRD4")], "mended"),
    "and more": ([*FIRST[:2], row("CRD3"), row("CRD4"), row("CRD5")], "mended"),
    "the row is gone": (FIRST[:2], "open"),
    "another day's": ([row(f"CRD1{n}") for n in range(4)], "open"),
    "another day's, one row again": ([row("CRD1"), *(row(f"CRD1{n}") for n in range(4))], "open"),
}


@pytest.mark.parametrize(("rows", "state"), VERSIONS.values(), ids=VERSIONS.keys())
def test_a_later_version_mends(
    tmp_path: Path, database: Path, rows: list[tuple[str, ...]], state: str
) -> None:
    file = write(tmp_path, "pickup.csv", *FIRST)
    first = file.read_bytes()
    assert exit_code(take(database, file).files) == 3
    assert exit_code(take(database, file).files) == 3
    write(tmp_path, "pickup.csv", *rows)
    take(database, file)
    again = write(tmp_path, "archive/pickup.csv")
    again.write_bytes(first)
    with Store.open(database) as store:
        assert [p.state for p in store.problems()][:2] == [state] * 2
        still_open = list(store.problems(only_open=True))
    assert len(still_open) == len(states(database)) - (2 if state == "mended" else 0)
    # The first version found once more, say in an archive.
    report = take(database, again)
    assert report.files[0].outcome is Outcome.UNCHANGED
    assert exit_code(report.files) == (0 if state == "mended" else 3)


def test_a_file_at_another_path_mends_nothing(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", *FIRST))
    take(database, write(tmp_path, "in/pickup.csv", *VERSIONS["mended"][0]))
    assert {state for *_, state in states(database)} == {"open"}


# What a person forgets


@pytest.mark.parametrize("by", ["{folder}/in/cards.csv", "cards.csv", "in/cards.csv"])
def test_a_failure_that_is_forgotten_stays_so_until_it_changes(
    stocked: Path, tmp_path: Path, by: str
) -> None:
    file = write(tmp_path, "in/cards.csv", row("CRD9"))
    take(stocked, file)
    assert forget(stocked, by.format(folder=tmp_path), 5) == 1
    assert failures(stocked) == [("cards.csv", "forgotten")]
    take(stocked, file)
    assert failures(stocked) == [("cards.csv", "forgotten")]
    with Overview.open(stocked) as overview:
        assert len(list(overview.files())) == 1
    write(tmp_path, "in/cards.csv", row("CRD8"))
    take(stocked, file)
    assert failures(stocked) == [("cards.csv", "open")]


def test_problems_that_are_forgotten_give_no_exit_code(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", *FIRST)
    take(database, file)
    assert forget(database, "pickup.csv", 5) == 1
    assert {state for *_, state in states(database)} == {"forgotten"}
    assert exit_code(take(database, file).files) == 0
    assert forget(database, "pickup.csv", 6) == 0


@pytest.mark.parametrize("name", ["ckup.csv", "PICKUP.CSV", "", "%", "_ickup.csv", "none"])
def test_only_the_file_of_that_name_is_forgotten(tmp_path: Path, database: Path, name: str) -> None:
    take(database, write(tmp_path, "pickup.csv", *FIRST))
    assert forget(database, name, 5) == 0


# What is asked for


def test_problems_of_a_file_a_reason_and_a_time(stocked: Path, tmp_path: Path) -> None:
    write(tmp_path, "in/cards.csv", row("CRD9"))
    take(stocked, write(tmp_path, "in/delivered.csv", *FIRST), now=2)
    take(stocked, write(tmp_path, "in/returned.csv", *FIRST, row("CRD8")), now=3)
    take(stocked, tmp_path / "in/cards.csv", now=4)
    with Store.open(stocked) as store:

        def found(**wanted: object) -> list[tuple[str, int | None]]:
            return [(Path(p.source).name, p.line) for p in store.problems(**wanted)]  # type: ignore[arg-type]

        assert len(found()) == 5
        assert found(file="returned.csv") == [("returned.csv", 4), ("returned.csv", 5)]
        assert found(file="cards.csv") == [("cards.csv", None)]
        assert found(reason=Reason.BAD_TIME) == [("delivered.csv", 4), ("returned.csv", 4)]
        assert found(reason=Reason.FILE_FAILED) == [("cards.csv", None)]
        assert found(since=3) == found()[2:]
        assert found(since=4) == [("cards.csv", None)]
        assert found(severity=Severity.FAILED, file="returned.csv") == []
        assert found(severity=Severity.WARNING, since=3) == [("returned.csv", 5)]


def test_what_fails_and_what_is_in_come_by_time(stocked: Path, tmp_path: Path) -> None:
    take(stocked, write(tmp_path, "in/cards.csv", row("CRD9")), now=5)
    take(stocked, write(tmp_path, "in/delivered.csv", row("CRD9", "14-11-2023 14:00")), now=9)
    with Overview.open(stocked) as overview:
        names = [Path(file.source).name for file in overview.files()]
        assert names == ["pickup.csv", "cards.csv", "delivered.csv"]
        last = list(overview.files(newest_first=True, limit=2))
    assert [Path(file.source).name for file in last] == names[:0:-1]
