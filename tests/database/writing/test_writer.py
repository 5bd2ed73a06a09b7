"""Held files are merged together, once each, under settings that the first one fixes; what is
said to be in is on disk.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.builders import row, statuses, take, write

from cardstatus.database.reading.store import Store
from cardstatus.database.writing.packing import Tally, pack
from cardstatus.database.writing.staging import StagedFile
from cardstatus.database.writing.writer import MergedFile, Writer
from cardstatus.display.messages import ingest_notices
from cardstatus.errors import DatabaseError
from cardstatus.model.records import DEFAULT_SETTINGS, EventType, Settings
from cardstatus.model.reports import Counts

FILE = StagedFile("a.csv", "/a.csv", "00", 1, EventType.PICKUP, 0, Tally(), "utf-8")


def merged(
    writer: Writer, *files: StagedFile, settings: Settings = DEFAULT_SETTINGS
) -> list[MergedFile]:
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
        assert merged(writer) == [MergedFile(Counts())]
        assert merged(writer) == [MergedFile()]


def test_a_copy_among_the_files_of_one_merge_is_left_alone(database: Path) -> None:
    with Writer.open(database) as writer:
        assert merged(writer, FILE, replace(FILE, sha256="01"), FILE) == [
            MergedFile(Counts()),
            MergedFile(Counts()),
            MergedFile(),
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


def test_what_is_in_is_in_the_file_itself_while_others_have_it_open(
    tmp_path: Path, database: Path
) -> None:
    take(database, write(tmp_path, "pickup.csv", row("CRD1")))
    with Store.open(database) as server:  # as serve does, which never leaves
        report = take(database, write(tmp_path, "delivered.csv", row("CRD1", "14-11-2023 9:00")))
        assert report.wal_is_in
        shutil.copy(database, tmp_path / "copy.db")
        assert statuses(tmp_path / "copy.db") == statuses(database)
        assert [card.status for card in server.statuses(())] == ["delivered"]


def test_a_reader_in_the_way_of_the_wal_is_told_of(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardstatus.database.writing.waiting._READERS_END", 0.01)
    take(database, write(tmp_path, "pickup.csv", row("CRD1")))
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM card_status").fetchone()
        report = take(database, write(tmp_path, "delivered.csv", row("CRD1", "14-11-2023 9:00")))
        assert not report.wal_is_in
        assert any("a plain copy of that file lacks" in line for line in ingest_notices(report))
        assert report.totals.new == 1
    assert take(database, write(tmp_path, "returned.csv", row("CRD2"))).wal_is_in


@pytest.mark.parametrize("step", ["hold", "_merge", "take_wal_in"])
def test_a_database_that_is_replaced_during_a_run_is_told_of(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    take(tmp_path / "other.db", write(tmp_path, "pickup.csv", row("CRD1")))
    take(database, write(tmp_path, "returned.csv", row("CRD2")))
    other = (tmp_path / "other.db").read_bytes()
    statuses_of_other = statuses(tmp_path / "other.db")
    do = getattr(Writer, step)

    def replaced(writer: Writer, *arguments: object) -> object:
        if (tmp_path / "other.db").exists():
            (tmp_path / "other.db").replace(database)
        return do(writer, *arguments)

    monkeypatch.setattr(Writer, step, replaced)
    with pytest.raises(DatabaseError, match="was replaced or removed during the run"):
        take(database, write(tmp_path, "delivered.csv", row("CRD1", "14-11-2023 9:00")))
    monkeypatch.undo()
    assert database.read_bytes() == other
    assert statuses(database) == statuses_of_other
    assert take(database, tmp_path / "delivered.csv").totals.new == 1
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_what_is_said_to_be_in_is_on_disk(tmp_path: Path, database: Path) -> None:
    """The last write to the WAL is synced before the run says anything of its files."""
    write(tmp_path, "in/pickup.csv", row("CRD1"))
    log = tmp_path / "calls"
    strace = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-s",
        "9999",
        "-o",
        log,
        "-e",
        "trace=pwrite64,fsync,fdatasync,write",
    ]
    program = [sys.executable, "-m", "cardstatus", "ingest", tmp_path / "in", "--db", database]
    subprocess.run([*strace, *program], check=True, capture_output=True)
    calls = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = next(n for n, call in enumerate(calls) if "pickup.csv" in call and "write(1<" in call)
    wal = [call for call in calls[:said] if "cards.db-wal" in call]
    assert any("pwrite64" in call for call in wal)
    assert "sync" in wal[-1]
    # And the names of database and WAL are in the folder for good.
    assert any("sync(" in call and f"<{tmp_path}>" in call for call in calls[:said])
