"""Which file is a database's, by whatever name."""

import os
from pathlib import Path

import pytest

from cardstatus.database.files import belongs_to, identity_of


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A database with what SQLite keeps beside it, and links to it."""
    for name in ("cards.db", "cards.db-wal", "cards.db-shm", "other.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.db").symlink_to("cards.db")
    (tmp_path / "twice.db").symlink_to("link.db")
    (tmp_path / "elsewhere").symlink_to(".")
    os.link(tmp_path / "cards.db", tmp_path / "hard.db")
    os.link(tmp_path / "cards.db-wal", tmp_path / "hard wal")
    return tmp_path


NAMES = [
    "cards.db",
    "link.db",
    "twice.db",
    "elsewhere/cards.db",
    "hard.db",
]
BESIDE = ["cards.db-wal", "cards.db-shm", "cards.db-journal", "hard wal", "elsewhere/cards.db-wal"]


@pytest.mark.parametrize("database", ["cards.db", "link.db", "twice.db", "elsewhere/link.db"])
@pytest.mark.parametrize("name", [*NAMES, *BESIDE])
def test_a_database_is_known_by_every_name(stored: Path, name: str, database: str) -> None:
    folder = Path(os.path.realpath(stored))
    assert belongs_to(folder / name, folder / database)


@pytest.mark.parametrize("name", ["other.db", "other.db-wal", "cards.db.csv", "new.csv", "cards"])
def test_other_files_are_others(stored: Path, name: str) -> None:
    assert not belongs_to(stored / name, stored / "cards.db")
    assert not belongs_to(stored / name, stored / "link.db")


def test_what_is_not_there_yet_is_known_by_its_name(tmp_path: Path) -> None:
    assert belongs_to(tmp_path / "new.db", tmp_path / "new.db")
    assert not belongs_to(tmp_path / "newer.db", tmp_path / "new.db")
    assert identity_of(tmp_path / "new.db") is None


def test_a_replaced_file_is_another(stored: Path) -> None:
    before = identity_of(stored / "cards.db")
    (stored / "other.db").replace(stored / "cards.db")
    assert identity_of(stored / "cards.db") not in (before, None)
