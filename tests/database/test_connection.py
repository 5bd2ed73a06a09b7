"""One way to open the database, for all who ask it and for those who write to it."""

import sqlite3
from pathlib import Path

import pytest
from support.builders import row, take, write
from support.connections import locked

from cardstatus.database import connection as database_module
from cardstatus.database.connection import make_writable, opened, opened_in_memory, stored_settings
from cardstatus.errors import DatabaseError
from cardstatus.ingestion.options import Options
from cardstatus.model.records import Settings

COUNT = "SELECT count(*) FROM event"


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    take(database, write(tmp_path, "pickup.csv", row()), options=Options(timezone="Asia/Dubai"))
    return database


def test_a_connection_only_reads_until_it_is_made_to_write(stocked: Path) -> None:
    with opened(stocked) as connection:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM event")
        assert connection.execute(COUNT).fetchone() == (1,)
        assert make_writable(connection)
        connection.execute("DELETE FROM event")
        assert connection.execute(COUNT).fetchone() == (0,)


def test_an_old_sqlite_is_called_one_and_makes_no_file(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.36.1")
    with (
        pytest.raises(DatabaseError, match=r"SQLite 3\.36\.1.* needs 3\.37 or newer"),
        opened(database, writable=True),
    ):
        pass
    assert not database.exists()
    with pytest.raises(DatabaseError, match="too old"), opened_in_memory(database):
        pass


def test_the_oldest_sqlite_will_do(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 0))
    with opened(stocked):
        pass


def test_a_connection_is_closed_with_the_block(stocked: Path) -> None:
    with opened(stocked) as connection:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute(COUNT)


@pytest.mark.parametrize("to_ingest", [False, True])
def test_a_file_is_made_for_a_writer_only(database: Path, to_ingest: bool) -> None:
    with pytest.raises(DatabaseError, match="there is no database at"):
        opened(database, to_ingest=to_ingest).__enter__()
    assert not database.exists()
    with opened(database, writable=True) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert database.stat().st_mode & 0o777 == 0o600


def test_an_error_in_the_block_that_a_user_can_mend_is_a_sentence(
    stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.01)
    with (
        locked(stocked),
        pytest.raises(DatabaseError, match=rf"^{stocked} is locked by another process"),
        opened(stocked, writable=True) as connection,
    ):
        connection.execute("BEGIN IMMEDIATE")


def test_a_bug_in_the_block_stays_one(stocked: Path) -> None:
    with pytest.raises(KeyError, match="no such key"), opened(stocked):
        raise KeyError("no such key")


def test_damage_that_is_met_in_the_block_is_told_from_a_bug(stocked: Path) -> None:
    with opened(stocked, writable=True) as connection:
        connection.execute("UPDATE setting SET name = 'zone' WHERE name = 'timezone'")
    with pytest.raises(DatabaseError, match=r"is damaged; .* \(its settings"), opened(stocked):
        raise KeyError("timezone")


def test_settings_are_none_until_a_file_is_in(tmp_path: Path, database: Path) -> None:
    assert stored_settings(database) is None
    database.touch()
    assert stored_settings(database) is None
    take(database, write(tmp_path, "pickup.csv", row(time="?")))
    assert stored_settings(database) is None
    take(database, write(tmp_path, "pickup.csv", row()), options=Options(country_code="44"))
    assert stored_settings(database) == Settings("UTC", "44")
