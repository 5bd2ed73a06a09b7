"""Files of a folder that are none of those that are taken in."""

from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.courier.files.others import is_on_its_way, looks_like_data
from cardstatus.courier.files.search import find_files
from cardstatus.display.messages import ingest_notices

DATA = [
    "Delivered.xlsx",
    "delivered.XLS",
    "Delivered.ods",
    "Delivered.txt",
    "delivered.tsv",
    "Delivered.csv.zip",
    "Delivered.csv.1",
    "Delivered.csv.bak",
    "Delivered.csv~",
    "Delivered.csv (2)",
    "Delivered.csv.part",
    "Delivered_csv",
    "csv",
    "Delivered",
    "Delivery exceptions",
    "pickup.out",
    "Delivered.pdf",
    "Delivered.html",
    "cards.json",
    "cards.xml",
    "cards.zip",
    "cards.gz",
    "cards.7z",
    "cards.parquet",
    "cards.xlsb",
    "cards.dat",
    "cards.tar.gz",
    "Delivered.csv.gz.gpg",
    "report.numbers",
    "Failed deliveries.docx",
    "2023-11-13 returned",
]
NO_DATA = [
    "README.txt",
    "readme.md",
    "Read me.txt",
    "LICENSE.txt",
    "requirements.txt",
    "ingest.log",
    "Makefile",
    "cards.db",
    "cards.db-wal",
    "cards.sqlite3",
    "pickup.py",
    "deliver.sh",
    "delivered.png",
    "Thumbs.ini",
    "~$Delivered.xlsx",
    "delivered.log",
    "notes.txt",
    "sums.sha256",
    "mycsvfile.bin",
    "cards.bin",
    "",
]


@pytest.mark.parametrize("name", DATA)
def test_what_looks_like_data(name: str) -> None:
    assert looks_like_data(name)


@pytest.mark.parametrize("name", NO_DATA)
def test_what_does_not(name: str) -> None:
    assert not looks_like_data(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv.part", True),
        ("a.csv.FILEPART", True),
        ("a.csv.1", False),
        ("part", True),
        ("a.csv", False),
    ],
)
def test_what_is_on_its_way(name: str, expected: bool) -> None:
    assert is_on_its_way(name) is expected


def test_passed_over_in_sorted_order_below_the_folder(tmp_path: Path) -> None:
    for name in ("b.xlsx", "a.txt", ".hidden.xlsx", "c.log", "in/d.tsv", ".in/e.tsv", "pickup.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    passed: list[Path] = []
    (found,) = find_files([tmp_path], passed.append)
    assert found.path == tmp_path / "pickup.csv"
    assert passed == [tmp_path / "a.txt", tmp_path / "b.xlsx", tmp_path / "in/d.tsv"]


def test_ingest_names_them_once(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "in/pickup.csv", row())
    for name in ("Delivered.xlsx", "Delivered.csv.1", "README.txt"):
        (tmp_path / "in" / name).touch()
    report = take(database, tmp_path / "in", tmp_path / "in")
    names = [str(tmp_path / "in" / name) for name in ("Delivered.csv.1", "Delivered.xlsx")]
    assert (list(report.passed_over), len(report.files)) == (names, 1)
    (note,) = (line for line in ingest_notices(report) if "passed over" in line)
    assert note == (
        f"note: 2 files passed over, not named *.csv or *.csv.gz: {', '.join(names)}; if couriers' "
        "rows are in it, save them as CSV UTF-8 in a file of such a name"
    )


def test_what_is_named_by_the_user_is_taken_and_not_passed_over(
    tmp_path: Path, database: Path
) -> None:
    named = write(tmp_path, "in/pickup.txt", row())
    report = take(database, tmp_path / "in", named)
    assert report.passed_over == ()
    assert report.totals.new == 1


def test_of_many_some_are_named(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "in/pickup.csv", row())
    for number in range(1_012):
        (tmp_path / "in" / f"pickup {number:04}.xlsx").touch()
    report = take(database, tmp_path / "in")
    (note,) = (line for line in ingest_notices(report) if "passed over" in line)
    assert note.startswith("note: 1,012 files passed over")
    assert "pickup 0009.xlsx and 1,002 more; " in note
    assert "0010" not in note
