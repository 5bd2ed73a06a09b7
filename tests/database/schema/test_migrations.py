import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database
from support.builders import row, statuses, take, write
from support.older import STATUSES, make_first_database, write_first_files

from cardstatus.database.reading.store import Store
from cardstatus.database.schema import migrations, version
from cardstatus.database.writing import session
from cardstatus.errors import DatabaseError, OlderSchemaError
from cardstatus.ingestion.options import Options
from cardstatus.model.records import EventType
from cardstatus.model.reports import Outcome

TYPES = [(int(kind), kind.word, kind.status.value) for kind in EventType]


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def parts(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return set(
        connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '%sqlite_migrations%'"
        )
    )


@pytest.fixture
def first(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of the first version, in a folder with the files that it was made of."""
    monkeypatch.chdir(tmp_path)
    write_first_files(tmp_path / "drops")
    make_first_database(database)
    return database


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    take(database, write(tmp_path, "pickup.csv", row("CRD1"), row("CRD2")))
    return database


# A database of the first version


def test_the_first_migration_is_what_it_was(first: Path) -> None:
    with closing(sqlite3.connect(first)) as old, closing(sqlite3.connect(":memory:")) as new:
        migrations.MIGRATIONS[0](Database(new))
        assert parts(new) == parts(old)
        types = "SELECT id, type, status FROM event_type ORDER BY id"
        assert new.execute(types).fetchall() == old.execute(types).fetchall()


def test_a_reader_says_how_the_first_version_s_database_is_brought_up_to_date(first: Path) -> None:
    with (
        pytest.raises(OlderSchemaError, match=f"schema 1, this one needs {version.SCHEMA_VERSION}"),
        Store.open(first),
    ):
        pass


def test_ingest_brings_the_first_version_s_database_up_to_date(first: Path) -> None:
    before = rows(first, "SELECT * FROM card_event ORDER BY card_id, occurred_at, status")
    report = take(first, Path("drops"))
    assert [file.outcome for file in report.files] == [Outcome.UNCHANGED] * 4
    assert (report.totals.rows, report.totals.duplicates, report.totals.rejected) == (9, 8, 1)
    assert rows(first, "SELECT * FROM card_event ORDER BY card_id, occurred_at, status") == before
    assert {card.card_id: card.status for card in statuses(first)} == STATUSES
    assert rows(first, "SELECT id, type, status FROM event_type ORDER BY id") == TYPES
    assert rows(first, "SELECT DISTINCT type FROM source ORDER BY 1") == [
        (10,),
        (20,),
        (30,),
        (40,),
    ]
    assert rows(first, "PRAGMA integrity_check") == [("ok",)]
    assert rows(first, "PRAGMA foreign_key_check") == []
    assert rows(first, "PRAGMA user_version") == [(version.SCHEMA_VERSION,)]
    with closing(sqlite3.connect(first)) as connection, closing(sqlite3.connect(":memory:")) as new:
        migrations.migrate(new)
        assert parts(connection) == parts(new)


def test_what_comes_after_is_one_with_what_was_there(first: Path, tmp_path: Path) -> None:
    """As a database of today's that took in the same files; known events are duplicates."""
    more = [
        write(tmp_path, "more/pickup.csv", ("A2", "CRD2", "585550102", "13-11-2023 09:00", "")),
        write(tmp_path, "more/delivered.csv", row("CRD2", "2023-11-14T10:00:00Z"), row("CRD1")),
    ]
    told = [take(first, path).totals for path in more]
    assert [(counts.new, counts.duplicates) for counts in told] == [(0, 1), (2, 0)]
    fresh = tmp_path / "fresh.db"
    take(fresh, Path("drops"))
    for path in more:
        take(fresh, path)
    assert statuses(first) == statuses(fresh)
    assert {card.status for card in statuses(first)} == {"delivered", "returned"}


def test_a_dry_run_leaves_the_first_version_s_database_as_it_was(
    first: Path, tmp_path: Path
) -> None:
    before = first.read_bytes()
    path = write(tmp_path, "delivered.csv", row("CRD1", "2023-11-14T09:00:00Z"))
    report = take(first, path, options=Options(dry_run=True))
    assert [tuple(change) for change in report.changes] == [("CRD1", "picked_up", "delivered")]
    assert first.read_bytes() == before


# The rows of event_type


def test_a_new_database_has_a_row_for_each_type(stocked: Path) -> None:
    assert rows(stocked, "SELECT id, type, status FROM event_type ORDER BY id") == TYPES


@pytest.mark.parametrize("dry_run", [False, True], ids=["for good", "dry run"])
def test_ingest_adds_the_types_that_a_database_lacks(
    stocked: Path, tmp_path: Path, dry_run: bool
) -> None:
    change(stocked, "DELETE FROM event_type WHERE type = 'returned'")
    assert len(statuses(stocked)) == 2
    path = write(tmp_path, "returned.csv", row("CRD2", "2023-11-14T09:00:00Z"))
    report = take(stocked, path, options=Options(dry_run=dry_run))
    assert report.totals.new == 1
    known = rows(stocked, "SELECT id, type, status FROM event_type ORDER BY id")
    assert known == (TYPES[:-1] if dry_run else TYPES)
    assert [card.status for card in statuses(stocked)] == [
        "picked_up", "picked_up" if dry_run else "returned",
    ]  # fmt: skip


def test_an_event_whose_type_has_no_row_is_refused(
    stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not kept unseen: a view shows no event whose type has no row."""
    change(stocked, "DELETE FROM event_type WHERE type = 'returned'")
    monkeypatch.setattr(session, "lacks_types", lambda _: False)
    with pytest.raises(DatabaseError, match=r"removed the type returned .* run the same command"):
        take(stocked, write(tmp_path, "returned.csv", row("CRD2", "2023-11-14T09:00:00Z")))
    assert rows(stocked, "SELECT count(*) FROM event") == [(2,)]
    assert rows(stocked, "SELECT count(*) FROM source") == [(1,)]


STRANGERS = {
    "a type of a newer version": (
        "INSERT INTO event_type VALUES (29, 'adrift', 'adrift')", "adrift (rank 29)",
    ),
    "two of them": (
        "INSERT INTO event_type VALUES (29, 'adrift', 'adrift'), (91, 'burnt', 'burnt')",
        "adrift (rank 29), burnt (rank 91)",
    ),
    "another rank": (
        "UPDATE event_type SET id = 39 WHERE type = 'delivered'", "delivered (rank 39)",
    ),
    "another word": (
        "UPDATE event_type SET type = 'sent_back' WHERE id = 40", "sent_back (rank 40)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "said"), STRANGERS.values(), ids=STRANGERS.keys())
def test_a_type_that_only_a_newer_version_knows_is_told(
    stocked: Path, tmp_path: Path, statement: str, said: str
) -> None:
    change(stocked, statement)
    before = stocked.read_bytes()
    path = write(tmp_path, "delivered.csv", row("CRD1", "2023-11-14T09:00:00Z"))
    for ask in (statuses, lambda database: take(database, path)):
        with pytest.raises(DatabaseError) as caught:
            ask(stocked)
        assert f"types of files that this cardstatus does not know: {said}; upgrade" in str(
            caught.value
        )
    assert stocked.read_bytes() == before


def test_a_stranger_in_the_first_version_s_database_is_told_and_nothing_changed(
    first: Path, tmp_path: Path
) -> None:
    change(first, "INSERT INTO event_type VALUES (9, 'adrift', 'adrift')")
    with pytest.raises(DatabaseError, match=r"does not know: adrift \(rank 90\)"):
        take(first, write(tmp_path, "delivered.csv", row("CRD1", "2023-11-14T09:00:00Z")))
    assert rows(first, "SELECT max(id) FROM event_type") == [(9,)]
    assert rows(first, "PRAGMA user_version") == [(1,)]
