"""Held files are merged together, once each, under settings that the first one fixes."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.database.packing import Tally, pack
from cardstatus.database.staging import StagedFile
from cardstatus.database.writer import Writer
from cardstatus.errors import DatabaseError
from cardstatus.model.records import DEFAULT_SETTINGS, EventType, Settings
from cardstatus.model.reports import Counts

FILE = StagedFile("a.csv", "/a.csv", "00", 1, EventType.PICKUP, 0, Tally())


def merged(
    writer: Writer, *files: StagedFile, settings: Settings = DEFAULT_SETTINGS
) -> list[Counts | None]:
    for file in files or (FILE,):
        writer.hold(pack([], [], 0))
        writer.end_file(file)
    return writer.merge(settings)


def zoned(database: Path) -> list[int]:
    connection = sqlite3.connect(database)
    found = connection.execute("SELECT zoned FROM card_event ORDER BY card_id").fetchall()
    connection.close()
    return [value for (value,) in found]


WITHOUT, WITH = row(time="13-11-2023 14:00"), row(time="2023-11-13T14:00:00Z")


@pytest.mark.parametrize(
    "files",
    [[[WITHOUT], [WITH]], [[WITH], [WITHOUT]], [[WITHOUT, WITH]], [[WITH, WITHOUT]]],
    ids=["zone later", "zone first", "one file, later", "one file, first"],
)
def test_that_a_zone_was_written_holds_whichever_came_first(
    tmp_path: Path, database: Path, files: list[list[tuple[str, ...]]]
) -> None:
    for number, rows in enumerate(files):
        take(database, write(tmp_path, f"pickup {number}.csv", *rows))
    assert zoned(database) == [1]


def test_an_event_of_another_type_has_a_zone_of_its_own(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", WITHOUT))
    take(database, write(tmp_path, "returned.csv", WITH, WITH))
    assert zoned(database) == [0, 1]


def test_a_file_that_another_process_has_just_ingested_is_left_alone(database: Path) -> None:
    with Writer.open(database) as writer:
        assert merged(writer) == [Counts()]
        assert merged(writer) == [None]


def test_a_copy_among_the_files_of_one_merge_is_left_alone(database: Path) -> None:
    with Writer.open(database) as writer:
        assert merged(writer, FILE, replace(FILE, sha256="01"), FILE) == [
            Counts(),
            Counts(),
            None,
        ]


def test_settings_that_another_process_has_just_fixed_are_not_overruled(database: Path) -> None:
    with Writer.open(database) as writer:
        merged(writer)
    late = Settings("Asia/Dubai", "971")
    with Writer.open(database) as writer:  # noqa: SIM117
        with pytest.raises(DatabaseError, match="another ingest has just fixed"):
            merged(writer, settings=late)


def test_a_database_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    nowhere = tmp_path / "no such folder" / "cards.db"
    with pytest.raises(DatabaseError, match=r"cards\.db cannot be written: no such file"):
        take(nowhere, write(tmp_path, "pickup.csv", row()))
