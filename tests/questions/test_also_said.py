"""Rows that say an event again, in the history and the reasons of an answer."""

from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.store import Store
from cardstatus.ingestion.standing.undo import Choice, undo
from cardstatus.questions.history import explain, history_records

EVENT = ("CRD1", "13-11-2023 14:00")


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """One delivery that three files say, one of them twice, at 10, 20 and 30."""
    files = {"1 delivered": 1, "2 delivered": 2, "3 delivered": 1}
    for at, (name, times) in enumerate(files.items(), 1):
        rows = [row(f"X{at}"), *[row(*EVENT)] * times]
        take(database, write(tmp_path, f"{name}.csv", *rows), now=10 * at)
    return database


def said(database: Path, known_at: int | None = None) -> list[tuple[str, int]]:
    with Store.open(database) as store:
        store.look_back(known_at=known_at)
        (event,) = history_records(store, ["CRD1"])
        (explained,) = explain(store, [store.card("CRD1")], 0)  # type: ignore[list-item]
    rows = event._asdict().get("also_said_by", [])
    assert list(explained.also_said_by) == rows
    shown = [(Path(event.source).name, event.line)]
    return shown + [(Path(one["source"]).name, one["line"]) for one in rows]


def test_all_rows_that_say_an_event_are_named(stocked: Path) -> None:
    assert said(stocked) == [
        ("1 delivered.csv", 3), ("2 delivered.csv", 3), ("2 delivered.csv", 4),
        ("3 delivered.csv", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("known_at", "rows"), [(10, 1), (20, 3), (29, 3), (30, 4)])
def test_of_what_was_known_then(stocked: Path, known_at: int, rows: int) -> None:
    assert len(said(stocked, known_at)) == rows


def test_a_file_that_is_taken_out_says_nothing(stocked: Path) -> None:
    undo(stocked, Choice(("1",)))
    assert said(stocked) == [
        ("2 delivered.csv", 3), ("2 delivered.csv", 4), ("3 delivered.csv", 3),
    ]  # fmt: skip


def test_an_event_that_one_row_says_has_no_list(stocked: Path) -> None:
    with Store.open(stocked) as store:
        (event,) = history_records(store, ["X1"])
    assert "also_said_by" not in event._asdict()
