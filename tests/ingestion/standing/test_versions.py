"""A file that has grown, was mended, or is read otherwise takes the place of what it was."""

from pathlib import Path
from typing import Any

import pytest
from support.builders import HEADER, csv_text, row, status_of, statuses, take, write
from support.older import make_first_database, write_first_files

from cardstatus.database.reading.overview import Overview, StoredFile
from cardstatus.database.reading.store import Store
from cardstatus.ingestion.options import Options
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType
from cardstatus.model.reports import FileReport, IngestReport, Outcome, StatusChange

REPLACE = Options(replace=True)


def files(database: Path) -> list[StoredFile]:
    with Overview.open(database) as overview:
        return list(overview.files(undone=True))


def only(report: IngestReport) -> FileReport:
    (file,) = report.files
    return file


# Grown


@pytest.mark.parametrize(
    ("begin", "half", "rest"),
    [
        ("Reference,Timestamp,User Mobile,Card ID", "A1,13-11-2023 14:00,585550101,CRD60", "02\n"),
        ("Reference,Card ID,User Mobile,Timestamp", "A1,CRD6,585550101,12-11-2023 11:59", " PM\n"),
    ],
    ids=["half an id", "half a time"],
)
def test_half_a_last_line_is_gone_when_the_file_has_grown(
    tmp_path: Path, database: Path, begin: str, half: str, rest: str
) -> None:
    short = f"{begin}\n{half}"
    path = tmp_path / "pickup.csv"
    path.write_text(short)
    take(database, path, now=1)
    path.write_text(short + rest)
    report = take(database, path, now=2)
    file = only(report)
    assert file.notes[0].startswith("has grown, and replaces what it was on 1970-01-01T00:00:00Z")
    fresh = tmp_path / "fresh.db"
    take(fresh, path, now=2)
    assert statuses(database) == statuses(fresh)
    assert file.counts == only(take(tmp_path / "other.db", path)).counts
    assert [(f.number, f.outcome, f.replaced_by) for f in files(database)] == [
        (1, "undone", 2), (2, "ingested", None),
    ]  # fmt: skip


def test_a_file_elsewhere_or_of_another_type_has_not_grown(tmp_path: Path, database: Path) -> None:
    text = csv_text([row("CRD1")])
    for name, kind, content in (
        ("scan.csv", EventType.PICKUP, text),
        ("scan 2.csv", EventType.PICKUP, text + ",".join(row("CRD2")) + "\n"),
        ("scan.csv", EventType.RETURNED, text + ",".join(row("CRD3")) + "\n"),
    ):
        path = tmp_path / name
        path.write_text(content)
        assert only(take(database, path, options=Options(type=kind))).notes == ()
    assert [f.outcome for f in files(database)] == ["ingested"] * 3


def test_another_file_by_the_same_name_replaces_nothing_unasked(
    tmp_path: Path, database: Path
) -> None:
    for card in ("CRD1", "CRD2"):
        take(database, write(tmp_path, "DELIVERED.CSV", row(card)))
    assert len(statuses(database)) == 2


def test_what_an_older_version_took_in_grows_without_being_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Path
) -> None:
    """What its files say again was not noted: what would be left nobody can tell."""
    monkeypatch.chdir(tmp_path)
    write_first_files(tmp_path / "drops")
    make_first_database(database)
    before = {card.card_id for card in statuses_after_update(database)}
    for path in sorted((tmp_path / "drops").rglob("*.csv")):
        with path.open("a") as file:
            file.write("A9,CRD9,585550109,13-11-2023 14:00,late\n")
        assert only(take(database, path)).outcome is Outcome.INGESTED
    assert {card.card_id for card in statuses(database)} >= before


def statuses_after_update(database: Path) -> list[Any]:
    take(database, Path("drops"))
    return list(statuses(database))


CUT = "the last line has no end, and its time or card id may be cut"


@pytest.mark.parametrize(
    ("header", "last", "told"),
    [
        ("Reference,Card ID,Mobile,Timestamp", "A1,CRD1,1,13-11-2023 14:00", True),
        ("Reference,Mobile,Timestamp,Card ID", "A1,1,13-11-2023 14:00,CRD60", True),
        ("Reference,Card ID,Mobile,Timestamp", "A1,CRD1,1,13-11-2023 14:00\n", False),
        ("Reference,Card ID,Mobile,Timestamp", 'A1,CRD1,1,"13-11-2023 14:00"', False),
        ("Card ID,Timestamp,Mobile,Comment", "CRD1,13-11-2023 14:00,1,at the do", False),
    ],
    ids=["time", "card id", "with an end", "quoted", "comment"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_last_line_that_may_be_cut_is_noted(
    tmp_path: Path, database: Path, header: str, last: str, told: bool, encoding: str
) -> None:
    path = tmp_path / "pickup.csv"
    path.write_text(f"{header}\n{last}", encoding)
    notes = only(take(database, path)).notes
    assert any(note.startswith(CUT) for note in notes) is told


# Mended


def test_a_mended_file_replaces_what_it_was(tmp_path: Path, database: Path) -> None:
    path = write(tmp_path, "delivered.csv", row("CRD1", comment="a"), row("CRD2"))
    take(database, path, now=1)
    write(tmp_path, "delivered.csv", row("CRD1", comment="b"), row("CRD3"))
    report = take(database, path, options=REPLACE, now=2)
    assert only(report).notes[0].startswith("replaces what it was on")
    assert report.changes == (
        StatusChange("CRD2", "delivered", None),
        StatusChange("CRD3", None, "delivered"),
    )
    with Store.open(database) as store:
        assert [event.comment for event in store.events()] == ["b", "note"]
    assert (only(report).counts.new, only(report).counts.duplicates) == (2, 0)


def test_a_dry_run_of_replacing_says_the_same_and_stores_nothing(
    tmp_path: Path, database: Path
) -> None:
    take(database, write(tmp_path, "other/pickup.csv", row("CRD2", "12-11-2023 10:00")), now=1)
    path = write(tmp_path, "delivered.csv", row("CRD1"), row("CRD2"))
    take(database, path, now=1)
    write(tmp_path, "delivered.csv", row("CRD1"))
    before = database.read_bytes()
    would = take(database, path, options=Options(replace=True, dry_run=True), now=2)
    assert database.read_bytes() == before
    did = take(database, path, options=REPLACE, now=2)
    assert would.changes == did.changes == (StatusChange("CRD2", "delivered", "picked_up"),)


def test_only_the_last_that_came_by_a_name_is_replaced(tmp_path: Path, database: Path) -> None:
    for card in ("CRD1", "CRD2"):
        take(database, write(tmp_path, "DELIVERED.CSV", row(card)))
    take(database, write(tmp_path, "DELIVERED.CSV", row("CRD3")), options=REPLACE)
    assert [card.card_id for card in statuses(database)] == ["CRD1", "CRD3"]


def test_the_same_file_again_replaces_nothing(tmp_path: Path, database: Path) -> None:
    path = write(tmp_path, "pickup.csv", row())
    take(database, path)
    assert only(take(database, path, options=REPLACE)).outcome is Outcome.UNCHANGED


# Read otherwise


LATIN = b"Card ID,Phone,Timestamp,Comment\nC1,0585550123,12-03-2024 10:00,ok\n" + (
    b"C2,0585550124,12-03-2024 10:00,Andr\xe9\n"
)


def test_another_encoding_reads_a_file_anew(tmp_path: Path, database: Path) -> None:
    path = tmp_path / "delivered.csv"
    path.write_bytes(LATIN)
    take(database, path)
    assert status_of(database, "C2") is None
    report = take(database, path, options=Options(encoding="cp1252"))
    assert only(report).notes == ("read anew, as cp1252; it had been read as utf-8",)
    assert report.changes == (StatusChange("C2", None, "delivered"),)
    with Store.open(database) as store:
        assert [event.comment for event in store.events()] == ["ok", "André"]
        assert list(store.problems()) == []
    for options in (Options(), Options(encoding="cp1252")):
        assert only(take(database, path, options=options)).outcome is Outcome.UNCHANGED
    take(database, path, options=Options(encoding="cp1251"))
    with Store.open(database) as store:
        assert [event.comment for event in store.events()] == ["ok", "Andrй"]
    assert [f.encoding for f in files(database)] == ["utf-8", "cp1252", "cp1251"]


def test_a_file_of_which_nothing_is_left_that_way_stays_as_it_was(
    tmp_path: Path, database: Path
) -> None:
    path = tmp_path / "delivered.csv"
    path.write_bytes(LATIN.replace(b"C1,0585550123,12-03-2024 10:00,ok\n", b""))
    take(database, path, options=Options(encoding="cp1252"))
    report = take(database, path, options=Options(encoding="utf-8"))
    assert only(report).outcome is Outcome.FAILED
    assert status_of(database, "C2") == "delivered"
    assert [f.outcome for f in files(database)] == ["ingested"]


def test_another_order_of_dates_reads_a_file_anew(tmp_path: Path, database: Path) -> None:
    path = write(tmp_path, "pickup.csv", row("CRD1", "11-12-2023 10:00"))
    take(database, path)
    take(database, path, options=Options(dates=DateOrder("month-first")))
    with Store.open(database) as store:
        assert [event.occurred_at for event in store.events()] == ["2023-11-12T10:00:00Z"]
    assert only(take(database, path)).outcome is Outcome.UNCHANGED


# The same bytes as two types


def test_of_two_types_of_one_run_the_second_is_refused(tmp_path: Path, database: Path) -> None:
    for name in ("Delivered.csv", "Delivery exceptions.csv"):
        write(tmp_path, f"in/{name}", row("CRD1"))
    first, second = take(database, tmp_path / "in").files
    assert (first.outcome, second.outcome) == (Outcome.INGESTED, Outcome.FAILED)
    assert second.error
    assert "the same bytes are in as delivered" in second.error
    assert "undo 1" in second.error
    assert status_of(database) == "delivered"


def test_bytes_that_failed_as_one_type_may_come_as_another(tmp_path: Path, database: Path) -> None:
    text = ",".join(HEADER) + "\nA1,,585550101,13-11-2023 14:00,x\n"
    for name in ("pickup.csv", "returned.csv"):
        (tmp_path / name).write_text(text)
        report = only(take(database, tmp_path / name))
        assert report.error
        assert "its only row is rejected" in report.error
    assert [f.outcome for f in files(database)] == ["failed", "failed"]
