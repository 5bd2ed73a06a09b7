"""The text that find searches: made at the end of a run, added to by small merges, made anew."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.database import search_text
from cardstatus.ingestion.options import Options


def parts(database: Path) -> list[tuple[str, int, int, int, str]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "SELECT kind, part, in_order, lines, text FROM search_text ORDER BY id"
        ).fetchall()


def pickup(folder: Path, name: str, cards: Sequence[str]) -> Path:
    rows = (row(card, mobile=f"5855501{card[-2:]}", reference=f"r{card[-1]}") for card in cards)
    return write(folder, f"{name}/pickup.csv", *rows)


MANY = [f"CRD{number}" for number in range(10, 20)]


def test_a_run_makes_it_at_its_end(tmp_path: Path, database: Path) -> None:
    take(database, pickup(tmp_path, "a", ["CRD12", "CRD11"]))
    again = write(tmp_path, "delivered.csv", row("CRD11", "2023-11-14T09:00:00Z", mobile=""))
    take(database, again)
    assert parts(database) == [
        ("card", 1, 1, 3, "\nCRD11\n\nCRD12\n"),
        ("reference", 1, 1, 3, "\nR1\nA1\nR2\n"),
        ("mobile", 1, 1, 2, "\n+971585550111\n+971585550112\n"),
    ]


def test_a_small_merge_adds_to_it_and_a_large_one_makes_it_anew(
    tmp_path: Path, database: Path
) -> None:
    take(database, pickup(tmp_path, "a", MANY))
    whole = parts(database)
    take(database, pickup(tmp_path, "b", ["CRD30", "CRD05"]))
    assert parts(database) == [
        *whole,
        ("card", 2, 0, 2, "\nCRD05\nCRD30\n"),
        ("reference", 2, 0, 2, "\nR5\nR0\n"),
        ("mobile", 2, 0, 2, parts(database)[-1][-1]),
    ]
    take(database, pickup(tmp_path, "c", ["CRD40"]))
    assert [part[1:4] for part in parts(database) if part[0] == "card"] == [(1, 1, 13)]


def test_a_dry_run_and_what_is_there_already_leave_it(tmp_path: Path, database: Path) -> None:
    file = pickup(tmp_path, "a", MANY)
    take(database, file)
    whole = parts(database)
    take(database, pickup(tmp_path, "b", ["CRD30"]), options=Options(dry_run=True))
    take(database, file)
    assert parts(database) == whole


def test_a_line_end_in_a_reference_shifts_nothing(tmp_path: Path, database: Path) -> None:
    rows = [row("CRD1", reference="a\nb"), row("CRD2", reference="c")]
    take(database, write(tmp_path, "pickup.csv", *rows))
    assert parts(database)[1][-1] == "\nA B\nC\n"


def test_a_full_disk_costs_the_text_and_not_the_run(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO search_text VALUES (1, 'card', 1, 1, 1, '')")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(search_text, "make", full)
    report = take(database, pickup(tmp_path, "a", MANY))
    assert report.totals.new == len(MANY)
    assert parts(database) == []
