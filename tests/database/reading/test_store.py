"""Answers by card, by mobile and in full; files that are no database stay untouched."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from support.builders import row, statuses, take, write

from cardstatus.database import connection as database_module
from cardstatus.database.reading.store import Store, fold
from cardstatus.database.schema import version
from cardstatus.errors import DatabaseError
from cardstatus.model.problems import Severity
from cardstatus.model.records import CardStatus, Status


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """A database with one card of each status and one with a history."""
    write(tmp_path, "pickup.csv", row("CRD1"), row("CRD2"), row("CRD3"), row("CRD4"))
    write(tmp_path, "exceptions.csv", row("CRD2", "2023-11-14T08:00:00.5Z"))
    write(tmp_path, "delivered.csv", row("CRD3", "14-11-2023 10:00", comment="", reference=""))
    write(tmp_path, "returned.csv", row("CRD4", "14-11-2023 11:00", mobile="585550104"))
    take(database, tmp_path)
    return database


def test_the_view_can_be_read_with_any_sqlite_tool(stocked: Path) -> None:
    connection = sqlite3.connect(stocked)
    rows = connection.execute(
        "SELECT card_id, status, occurred_at, mobile, comment, reference FROM card_status"
        " ORDER BY card_id"
    ).fetchall()
    columns = [name for (_, name, *_) in connection.execute("PRAGMA table_info(card_status)")]
    connection.close()
    assert columns == list(CardStatus._fields)
    assert rows == [
        ("CRD1", "picked_up", "2023-11-13T14:00:00Z", "+971585550101", "note", "A1"),
        ("CRD2", "delivery_exception", "2023-11-14T08:00:00.5Z", "+971585550101", "note", "A1"),
        ("CRD3", "delivered", "2023-11-14T10:00:00Z", "+971585550101", None, None),
        ("CRD4", "returned", "2023-11-14T11:00:00Z", "+971585550104", "note", "A1"),
    ]


def test_the_file_says_whose_it_is(stocked: Path) -> None:
    connection = sqlite3.connect(stocked)
    assert connection.execute("PRAGMA application_id").fetchone() == (0x43535431,)
    assert connection.execute("PRAGMA user_version").fetchone() == (version.SCHEMA_VERSION,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_status_is_found_by_card(stocked: Path) -> None:
    with Store.open(stocked) as store:
        card = store.card("CRD4")
        assert store.card("CRD9") is None
    assert card is not None
    assert (card.status, card.mobile, card.line) == ("returned", "+971585550104", 2)


def test_a_mobile_finds_every_card_that_ever_had_it(stocked: Path) -> None:
    with Store.open(stocked) as store:
        assert store.cards_of_mobile("+971585550101") == ["CRD1", "CRD2", "CRD3", "CRD4"]
        assert store.cards_of_mobile("+971585550104") == ["CRD4"]
        assert store.cards_of_mobile("+971585550199") == []


def test_statuses_can_be_narrowed(stocked: Path) -> None:
    with Store.open(stocked) as store:
        found = store.statuses([Status.DELIVERED, Status.RETURNED])
        assert [card.card_id for card in found] == ["CRD3", "CRD4"]


def test_events_come_by_card_in_rule_order(stocked: Path) -> None:
    with Store.open(stocked) as store:
        assert [(event.card_id, event.status) for event in store.events()] == [
            ("CRD1", "picked_up"),
            ("CRD2", "picked_up"),
            ("CRD2", "delivery_exception"),
            ("CRD3", "picked_up"),
            ("CRD3", "delivered"),
            ("CRD4", "picked_up"),
            ("CRD4", "returned"),
        ]


@pytest.mark.parametrize(
    ("stored", "asked", "near"),
    [
        ("CRD8827", "crd8827", "CRD8827"),
        ("CRD8827", "CRD 8827", "CRD8827"),
        ("crd 8827", "CRD8827", "crd 8827"),
        ("crd8827", "Crd8827", "crd8827"),
        ("CRD8827", "CRD8827", None),
        ("CRD8827", "CRD8828", None),
    ],
)
def test_a_near_card_id_differs_in_case_or_blanks_only(
    tmp_path: Path, database: Path, stored: str, asked: str, near: str | None
) -> None:
    take(database, write(tmp_path, "pickup.csv", row(stored)))
    with Store.open(database) as store:
        assert store.near_ids(asked) == ([near] if near else [])


def test_fold_agrees_with_sqlite() -> None:
    connection = sqlite3.connect(":memory:")
    for text in ("aB c", "ß é", "Ünder way", ""):
        (upper,) = connection.execute("SELECT upper(replace(?, ' ', ''))", (text,)).fetchone()
        assert fold(text) == upper
    connection.close()


def test_records_are_of_the_state_in_which_they_were_asked_for(
    tmp_path: Path, database: Path
) -> None:
    take(database, write(tmp_path, "pickup.csv", *[row(f"CRD{n:04}") for n in range(1_500)]))
    with Store.open(database) as store:
        records = store.statuses()
        take(database, write(tmp_path, "returned.csv", row("CRD1400", "14-11-2023 10:00")))
        assert {record.source for record in records} == {str(tmp_path / "pickup.csv")}
    assert statuses(database)[1400].status == "returned"


def test_problems_come_by_file_and_line_and_by_severity(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "1 pickup.csv", row(), row(mobile="1", reference="1.2E+10"), row(""))
    write(tmp_path, "2 pickup.csv", row(), row(time=""))
    take(database, tmp_path)
    with Store.open(database) as store:
        assert [(p.line, p.field, p.reason) for p in store.problems()] == [
            (3, "reference", "excel_rounded_number"),
            (3, "mobile", "bad_mobile"),
            (4, "card_id", "missing_card_id"),
            (3, "occurred_at", "missing_time"),
        ]
        assert len(list(store.problems(Severity.REJECTED))) == 2
        assert len(list(store.problems(Severity.WARNING))) == 2


# Files that are no database, or another program's


def test_a_missing_database_is_not_made(database: Path) -> None:
    with pytest.raises(DatabaseError, match=r"no database at .*; make one with"):
        statuses(database)
    assert not database.exists()


def other_program(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()


def newer_schema(path: Path) -> None:
    other_program(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {version.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version.SCHEMA_VERSION + 1}")
    connection.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_text("ID,Card ID\n" * 100), "is not a SQLite database"),
        (other_program, "another program"),
        (newer_schema, "newer cardstatus"),
    ],
    ids=["folder", "text", "other program", "newer schema"],
)
def test_a_file_that_is_no_database_or_another_programs_stays_untouched(
    tmp_path: Path, database: Path, make: object, said: str
) -> None:
    assert callable(make)
    make(database)
    before = database.read_bytes() if database.is_file() else None
    file = write(tmp_path, "pickup.csv", row())
    with pytest.raises(DatabaseError, match=said):
        statuses(database)
    with pytest.raises(DatabaseError, match=said):
        take(database, file)
    assert (database.read_bytes() if database.is_file() else None) == before


def test_an_empty_file_becomes_a_database(tmp_path: Path, database: Path) -> None:
    database.touch()
    with pytest.raises(DatabaseError, match="or empty"):
        statuses(database)
    take(database, write(tmp_path, "pickup.csv", row()))
    assert len(statuses(database)) == 1


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_database_and_sidecars_are_for_their_owner_only(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, mask: int
) -> None:
    import os

    modes: set[str] = set()
    check = database_module.read_settings

    def look(connection: sqlite3.Connection) -> object:
        modes.update(stat.filemode(path.stat().st_mode) for path in tmp_path.glob("cards.db*"))
        modes.add(f"{len(list(tmp_path.glob('cards.db*')))} files")
        return check(connection)

    monkeypatch.setattr("cardstatus.database.settled.read_settings", look)
    old = os.umask(mask)
    try:
        take(database, write(tmp_path, "pickup.csv", row()))
    finally:
        os.umask(old)
    assert modes == {"-rw-------", "3 files"}
    assert [path.name for path in tmp_path.glob("cards.db*")] == ["cards.db"]


def test_a_reader_sees_the_state_before_while_a_file_is_merged(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(database, write(tmp_path, "1 pickup.csv", row("CRD1")))
    seen: list[int] = []
    check = database_module.read_settings

    def look(connection: sqlite3.Connection) -> object:
        reader = threading.Thread(target=lambda: seen.append(len(statuses(database))))
        reader.start()
        reader.join()
        return check(connection)

    monkeypatch.setattr("cardstatus.database.settled.read_settings", look)
    take(database, write(tmp_path, "2 pickup.csv", row("CRD2")))
    assert seen == [1]
    assert len(statuses(database)) == 2


def test_a_locked_database_is_named_as_such(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(database, write(tmp_path, "1 pickup.csv", row("CRD1")))
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.01)
    other = sqlite3.connect(database)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked by another process"):
        take(database, write(tmp_path, "2 pickup.csv", row("CRD2")))
    other.rollback()
    other.close()


def test_a_damaged_database_is_named_as_such(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", *[row(f"CRD{n}") for n in range(999)]))
    content = bytearray(database.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    database.write_bytes(content)
    with pytest.raises(DatabaseError, match="is damaged; restore a copy"):
        statuses(database)


def test_records_are_what_the_views_say(tmp_path: Path, database: Path) -> None:
    times = [
        "13-11-2023 00:00",
        "2023-11-13T23:59:59Z",
        "29-02-2024 12:00:00.5",
        "2024-12-31T23:59:59.1234567Z",
        "01-01-1971 14:00",
        "31-12-2261 00:00:09.000000001",
    ]
    rows = [row(f"CRD{n}", time=time) for n, time in enumerate(times * 2)]
    take(database, write(tmp_path, "pickup.csv", *rows, row("CRD1", mobile="", comment="")))
    take(database, write(tmp_path, "returned.csv", *rows[:4]))
    columns = ", ".join(CardStatus._fields)
    with Store.open(database) as store, closing(sqlite3.connect(database)) as connection:
        for records, view in ((store.statuses(), "card_status"), (store.events(), "card_event")):
            expected = connection.execute(f"SELECT {columns} FROM {view} ORDER BY card_id, line")
            assert sorted(records, key=lambda record: (record.card_id, record.line)) == sorted(
                map(CardStatus._make, expected), key=lambda record: (record.card_id, record.line)
            )


def test_a_card_is_found_by_each_of_several_numbers_of_a_cell(
    tmp_path: Path, database: Path
) -> None:
    first = row("CRD1", mobile="0585550101 / 0585550102")
    again = row("CRD1", mobile="+971 58 555 0102; 0585550101")
    take(database, write(tmp_path, "pickup.csv", first, row("CRD2", mobile="0585550102")))
    report = take(database, write(tmp_path, "pickup 2.csv", again))
    assert report.totals.duplicates == 1
    with Store.open(database) as store:
        assert store.cards_of_mobile("+971585550101") == ["CRD1"]
        assert store.cards_of_mobile("+971585550102") == ["CRD1", "CRD2"]
        assert store.cards_of_mobile("+971585550101 +971585550102") == []
        store.look_back(as_of=None, known_at=2**62)
        assert store.cards_of_mobile("+971585550102") == ["CRD1", "CRD2"]
