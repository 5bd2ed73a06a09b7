"""Databases made anew from the same files."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import row, status_of, statuses, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.database.writing.erasing import Eraser, Targets
from cardstatus.display.serialise import csv_lines
from cardstatus.errors import DatabaseError, UsageError
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.standing.rebuild import MissingFilesError, Places, rebuild
from cardstatus.instants import SECOND
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import CardStatus, EventType

ZONELESS, UTC = "13-11-2023 10:00", "2023-11-13T08:00:00Z"


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """Three files: CRD1 is picked up at 10:00, wherever that is, and delivered at 08:00 UTC."""
    take(database, write(tmp_path / "in", "pickup.csv", row("CRD1", ZONELESS)), now=10 * SECOND)
    take(database, write(tmp_path / "in", "delivered.csv", row("CRD1", UTC), row("CRD2")), now=20)
    take(database, write(tmp_path / "in", "returned.csv", row("CRD3")), now=30)
    return database


def answers(database: Path) -> str:
    with Store.open(database) as store:
        return "".join(
            [
                *csv_lines(CardStatus._fields, store.statuses()),
                *csv_lines(CardStatus._fields, store.events()),
            ]
        )


def files(database: Path) -> list[tuple[object, ...]]:
    with Overview.open(database) as overview:
        return [(f.source, f.type, f.ingested_at, f.rows, f.new) for f in overview.files()]


def test_the_same_files_give_the_same_database(stocked: Path, tmp_path: Path) -> None:
    report = rebuild(stocked, tmp_path / "new.db")
    assert (report.changes, report.cards, len(report.files)) == ((), 3, 3)
    assert answers(tmp_path / "new.db") == answers(stocked)
    assert files(tmp_path / "new.db") == files(stocked)
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cards.db", "in", "new.db"]


def test_another_zone_is_reported_by_card(stocked: Path, tmp_path: Path) -> None:
    assert status_of(stocked, "CRD1") == "picked_up"
    report = rebuild(stocked, tmp_path / "new.db", Options(timezone="Asia/Dubai"))
    assert [tuple(change) for change in report.changes] == [("CRD1", "picked_up", "delivered")]
    assert report.timezone == "Asia/Dubai"
    assert status_of(tmp_path / "new.db", "CRD1") == "delivered"
    assert status_of(stocked, "CRD1") == "picked_up"


def test_settings_that_are_not_given_stay(tmp_path: Path, database: Path) -> None:
    options = Options(timezone="Asia/Dubai", country_code="44", card_id_pattern=r"CRD\d+")
    take(database, write(tmp_path, "pickup.csv", row("CRD1")), options=options)
    rebuild(database, tmp_path / "new.db", Options(country_code="971"))
    with Store.open(tmp_path / "new.db") as store:
        assert tuple(store.settings()) == ("Asia/Dubai", "971", r"CRD\d+")


def test_how_a_file_was_read_goes_with_it(tmp_path: Path, database: Path) -> None:
    """Its type, its encoding, and the order of its dates, where they were declared."""
    path = write(tmp_path, "x.csv", row("CRD1", "03/04/2024 9:00", comment="né"))
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))
    declared = Options(type=EventType.RETURNED, encoding="cp1252", dates=DateOrder.MONTH_FIRST)
    take(database, path, options=declared)
    rebuild(database, tmp_path / "new.db")
    assert answers(tmp_path / "new.db") == answers(database)
    (card,) = statuses(tmp_path / "new.db")
    assert (card.status, card.comment) == ("returned", "né")
    assert str(card.occurred_at).startswith("2024-03-04")


def test_files_are_found_by_their_content(stocked: Path, tmp_path: Path) -> None:
    moved = tmp_path / "kept" / "deep" / "by another name.csv"
    moved.parent.mkdir(parents=True)
    (tmp_path / "in" / "delivered.csv").rename(moved)
    with pytest.raises(MissingFilesError, match=r"in/delivered\.csv") as error:
        rebuild(stocked, tmp_path / "new.db")
    assert [file.number for file in error.value.missing] == [2]
    assert not (tmp_path / "new.db").exists()
    report = rebuild(stocked, tmp_path / "new.db", places=Places([tmp_path / "kept"]))
    assert report.missing == ()
    assert answers(tmp_path / "new.db") == answers(stocked)


def test_a_file_that_has_changed_is_missing_and_may_be_skipped(
    stocked: Path, tmp_path: Path
) -> None:
    write(tmp_path / "in", "returned.csv", row("CRD4"))
    report = rebuild(stocked, tmp_path / "new.db", places=Places(skip_missing=True))
    assert [file.source for file in report.missing] == [str(tmp_path / "in" / "returned.csv")]
    assert [tuple(change) for change in report.changes] == [("CRD3", "returned", None)]
    assert report.cards == 2


def test_who_was_erased_stays_so(stocked: Path, tmp_path: Path) -> None:
    with Eraser.open(stocked) as eraser:
        eraser.erase(Targets(["CRD3"], []))
        eraser.overwrite()
    report = rebuild(stocked, tmp_path / "new.db")
    assert report.changes == ()
    assert status_of(tmp_path / "new.db", "CRD3") is None
    assert take(tmp_path / "new.db", write(tmp_path, "delivered.csv", row("CRD3"))).totals.new == 0


def test_what_is_there_is_not_written_over(stocked: Path, tmp_path: Path) -> None:
    (tmp_path / "new.db").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        rebuild(stocked, tmp_path / "new.db")
    assert (tmp_path / "new.db").read_text() == "mine"


# In the place of the old one


def test_the_new_one_takes_the_place_and_the_old_one_is_kept(stocked: Path, tmp_path: Path) -> None:
    before = answers(stocked)
    stocked.chmod(0o640)
    report = rebuild(stocked, None, Options(timezone="Asia/Dubai"))
    assert report.backup == str(tmp_path / "cards.before-1.db")
    assert status_of(stocked, "CRD1") == "delivered"
    assert stocked.stat().st_mode & 0o777 == 0o640
    assert answers(tmp_path / "cards.before-1.db") == before
    again = rebuild(stocked, None)
    assert again.backup == str(tmp_path / "cards.before-2.db")
    left = {"cards.db", "cards.before-1.db", "cards.before-2.db", "in"}
    assert {path.name for path in tmp_path.iterdir()} == left
    assert take(stocked, tmp_path / "in").totals.new == 0


def test_nothing_is_swapped_while_somebody_has_it_open(stocked: Path) -> None:
    with closing(sqlite3.connect(stocked)) as reader:
        reader.execute("SELECT count(*) FROM event").fetchone()
        with pytest.raises(DatabaseError, match="is open in another program"):
            _impatiently(lambda: rebuild(stocked, None, Options(timezone="Asia/Dubai")))
    assert status_of(stocked, "CRD1") == "picked_up"


def _impatiently(act: Callable[[], object]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cardstatus.database.connection.BUSY_SECONDS", 0.1)
        act()


def test_files_that_come_in_meanwhile_are_not_lost(
    stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cardstatus.ingestion.standing import rebuild as module

    def comes_in_before(*arguments: object) -> None:
        take(stocked, write(tmp_path / "more", "pickup.csv", row("CRD9")))
        swap(*arguments)

    swap: Callable[..., None] = module.swap
    monkeypatch.setattr(module, "swap", comes_in_before)
    with pytest.raises(DatabaseError, match="run the same command again"):
        rebuild(stocked, None)
    assert status_of(stocked, "CRD9") == "picked_up"
    assert {path.name for path in tmp_path.iterdir()} == {"cards.db", "in", "more"}


@pytest.mark.parametrize("call", ["link", "replace"])
def test_an_error_on_the_way_leaves_the_old_one(
    stocked: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    from cardstatus.database.whole import swap

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((swap.os, "link") if call == "link" else (Path, "replace")), fails)
    with pytest.raises(DatabaseError, match="cannot take the place"):
        rebuild(stocked, None, Options(timezone="Asia/Dubai"))
    monkeypatch.undo()
    assert status_of(stocked, "CRD1") == "picked_up"
    assert {path.name for path in stocked.parent.iterdir()} == {"cards.db", "in"}
