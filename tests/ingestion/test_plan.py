"""Plans say of each file whether it is read, and in which parts, or what is known of it."""

from pathlib import Path

import pytest
from support.builders import HEADER, row, take, write

from cardstatus.courier.files import reader
from cardstatus.courier.files.search import find_files
from cardstatus.database.writing.writer import Writer
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.plan import FilePlan, Planner
from cardstatus.model.records import DEFAULT_SETTINGS, EventType
from cardstatus.model.reports import Counts, FileReport, Outcome


def planned(database: Path, path: Path, options: Options = Options()) -> FilePlan:
    """Plan one file."""
    (found,) = find_files([path])
    with Writer.open(database) as writer:
        plan = Planner(writer, database, options, DEFAULT_SETTINGS).plan(found)
    assert plan.found == found
    return plan


def reported(database: Path, path: Path, options: Options = Options()) -> FileReport:
    """Return the report of a file that is not to be read."""
    plan = planned(database, path, options)
    assert plan.file is None
    assert plan.parts == ()
    assert plan.report
    return plan.report


def test_a_new_file_is_read_in_its_parts(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PART", 100)
    path = write(tmp_path, "pickup.csv", *[row()] * 20)
    path.write_text(path.read_text("utf-8").replace("note", "zur\u00fcck"), encoding="cp1252")
    plan = planned(database, path, Options(encoding="cp1252"))
    assert plan.report is None
    assert plan.file
    assert (plan.file.path, plan.file.type, plan.file.encoding, plan.file.settings) == (
        path,
        EventType.PICKUP,
        "cp1252",
        DEFAULT_SETTINGS,
    )
    assert plan.file.stamp == plan.found.stamp
    assert plan.file.header.columns.width == len(HEADER)
    assert [part.start for part in plan.parts[1:]] == [part.end for part in plan.parts[:-1]]
    assert len(plan.parts) > 5
    assert not database.exists(), "a plan changes nothing"


def test_a_file_in_utf8_is_read_so_whatever_is_declared(tmp_path: Path, database: Path) -> None:
    path = write(tmp_path, "pickup.csv", row(comment="zur\u00fcck"))
    plan = planned(database, path, Options(encoding="cp1252"))
    assert plan.file
    assert plan.file.encoding == "utf-8"


def test_a_file_that_is_in_is_reported_from_its_stored_counts(
    tmp_path: Path, database: Path
) -> None:
    path = write(tmp_path, "pickup.csv", row(), row(), row("CRD2", mobile="1"), row(""))
    take(database, path)
    again = path.with_name("pickup again.csv")
    path.rename(again)
    assert reported(database, again) == FileReport(
        str(again), EventType.PICKUP, Outcome.UNCHANGED, Counts(4, 0, 3, 1, 1), zoneless=3
    )


def test_a_file_that_is_in_as_another_type_is_refused(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row()), now=1_700_000_000_123_456_789)
    report = reported(database, write(tmp_path, "returned.csv", row()))
    assert report.error == (
        f"the same bytes are in as pickup, since 2023-11-14T22:13:20Z, by the name {tmp_path}/"
        "pickup.csv, and cannot be both; if that is wrong, run "
        f"'cardstatus undo 1 --db {database}', then the same command again"
    )


def test_two_files_without_rows_are_no_doubt_of_type(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv"))
    assert planned(database, write(tmp_path, "returned.csv")).file


FAILING = {
    "of no type": ("monday.csv", "x", None, "the name tells no type"),
    "of two types": ("returned deliveries.csv", "x", None, "say which with --type"),
    "empty": ("pickup.csv", "", EventType.PICKUP, "the file is empty"),
    "without a column": ("pickup.csv", "ID,Card ID\n", EventType.PICKUP, "no column for"),
}


@pytest.mark.parametrize(("name", "content", "kind", "said"), FAILING.values(), ids=FAILING.keys())
def test_a_file_that_cannot_be_read_is_reported_as_failed(
    tmp_path: Path, database: Path, name: str, content: str, kind: EventType | None, said: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    report = reported(database, path)
    assert (report.type, report.outcome, report.counts) == (kind, Outcome.FAILED, Counts())
    assert said in (report.error or "")


def test_what_is_not_found_is_reported_as_failed(tmp_path: Path, database: Path) -> None:
    report = reported(database, tmp_path / "pickup.csv")
    assert (report.type, report.error) == (None, "no such file or folder")


def test_the_database_is_no_courier_file(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row()))
    link = tmp_path / "returned.csv"
    link.symlink_to(database)
    assert "this is the database itself" in (reported(database, link).error or "")


RETURNED = frozenset({EventType.RETURNED})
LEFT_OUT = {
    "of another type": ("pickup.csv", None, True),
    "of that type": ("returned.csv", None, False),
    "of several types, that one too": ("returned deliveries.csv", None, False),
    "of no type": ("monday.csv", None, False),
    "said to be of another type": ("monday.csv", EventType.PICKUP, True),
    "said to be of that type": ("monday.csv", EventType.RETURNED, False),
    "of another type, whatever is said": ("pickup.csv", EventType.RETURNED, True),
}


@pytest.mark.parametrize(("name", "kind", "left_out"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_files_of_other_types_are_left_out(
    tmp_path: Path, database: Path, name: str, kind: EventType | None, left_out: bool
) -> None:
    options = Options(type=kind, only=RETURNED)
    plan = planned(database, write(tmp_path, name, row()), options)
    assert ((plan.report, plan.file) == (None, None)) is left_out
