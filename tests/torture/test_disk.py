"""A disk that is full or fails: a sentence that names it, nothing partial, and a second run that
completes."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, take, write
from support.processes import PATIENCE, held, program, started

from cardstatus.database import connection as database_module
from cardstatus.database.reading.store import Store
from cardstatus.database.writing import staging
from cardstatus.errors import DatabaseError

FILES = {"1 pickup.csv": 150, "2 delivered.csv": 100, "3 returned.csv": 200}
EACH = [
    pytest.param(5, id="every fifth"),
    pytest.param(1, id="every one", marks=pytest.mark.torture),
]


@pytest.fixture
def folder(memory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small files, each merged by itself."""
    monkeypatch.setattr(staging, "ENOUGH", 1)
    for name, count in FILES.items():
        rows = [row(f"crd {n}", mobile=f"5855{50_000 + n}") for n in range(count)]
        write(memory / "in", name, *rows, row(time="?"))
    return memory / "in"


def told(database: Path) -> list[tuple[Any, ...]]:
    """All that a database says."""
    with Store.open(database) as store:
        problems = [problem[:7] for problem in store.problems()]  # not when they came
        return [*store.statuses(), *store.events(), *problems]


def files_in(database: Path) -> int:
    """How many of the files are in; asserts that they are the first ones, and whole."""
    found = held(database)
    assert list(found.items()) == list(FILES.items())[: len(found)]
    return len(found)


# A full disk


def can_grow_to(pages: int) -> Any:
    """Connections whose database has room for so many pages."""

    def connect(uri: str) -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        connection.execute("PRAGMA page_size = 8192")
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    return connect


def test_a_database_that_cannot_grow_has_whole_files_and_is_completed(
    folder: Path, memory: Path
) -> None:
    take(memory / "whole.db", folder)
    whole = told(memory / "whole.db")
    needed = (memory / "whole.db").stat().st_size // 8_192
    states = set()
    for pages in range(1, needed + 1):
        database = memory / f"{pages}.db"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database_module, "_connect", can_grow_to(pages))
            if pages == needed:
                take(database, folder)
            else:
                with pytest.raises(
                    DatabaseError, match=rf"{database} cannot grow: its disk, or"
                ) as full:
                    take(database, folder)
                stay = re.search(r"files that are in and stay in: (\d), to ", str(full.value))
                assert int(stay[1] if stay else 0) == files_in(database)
        states.add(files_in(database))
        take(database, folder)
        assert told(database) == whole
    assert states == {0, 1, 2, 3}


@pytest.mark.parametrize("stride", EACH)
def test_a_limit_on_the_size_of_files_leaves_whole_files(
    folder: Path, memory: Path, stride: int
) -> None:
    take(memory / "whole.db", folder)
    whole = told(memory / "whole.db")
    states = set()
    code, limit = 1, 0
    while code == 1:
        database = memory / f"{limit}.db"
        resource_limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
        code, said = program("ingest", folder, "--db", database, before=resource_limit)
        if code == 1:
            assert re.match(rf"error: {database} cannot (grow|be used): its disk, or that of", said)
            assert "a limit on the size of files is reached" in said
            assert said.count("\n") == 1
        states.add(files_in(database))
        take(database, folder)
        assert told(database) == whole
        limit += 4_096 * stride
    assert code == 3
    assert limit > 100_000
    assert {0, 3} < states


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("may not mount a disk (needs root)")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True, timeout=PATIENCE)


def fill(disk: Path, room: int) -> Path:
    """Leave so many bytes free on the disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        file.write(b"\0" * (free - room))
    return filler


@pytest.mark.parametrize("room", range(0, 600_000, 40_000))
def test_on_a_full_disk_ingest_keeps_whole_files_and_completes_once_there_is_room(
    folder: Path, small_disk: Path, room: int
) -> None:
    database = small_disk / "cards.db"
    filler = fill(small_disk, room)
    code, said = program("ingest", folder, "--db", database)
    if code == 1:
        assert said.startswith(f"error: {database} cannot grow: its disk, or that of temporary")
        assert said.count("\n") == 1
    else:
        assert code == 3
        assert files_in(database) == 3
    filler.unlink()
    files_in(database)
    assert program("ingest", folder, "--db", database).code == 3
    assert files_in(database) == 3


def test_on_a_full_disk_there_are_answers(folder: Path, small_disk: Path) -> None:
    database = small_disk / "cards.db"
    take(database, folder)
    before = told(database)
    fill(small_disk, 0)
    assert told(database) == before
    # What is in already is known as such.
    assert program("ingest", folder, "--db", database).code == 3
    write(folder, "4 returned.csv", row("CRD1"))
    code, said = program("ingest", folder, "--db", database)
    assert (code, said.count("\n")) == (1, 1)
    assert f"error: {database} cannot" in said
    assert "disk" in said
    assert told(database) == before


def test_a_full_disk_of_temporary_files_is_named(
    memory: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held rows go there when they do not fit into memory."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(small_disk))
    file = write(memory, "pickup.csv", *[row(f"CRD{n}", comment="x" * 90) for n in range(40_000)])
    # SQLite looks for the folder once in a process.
    with started("-m", "cardstatus", "ingest", file, "--db", memory / "cards.db") as process:
        said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 1
    assert said.startswith(f"error: {memory}/cards.db cannot grow: its disk, or that of temporary")
    assert f"({small_disk})" in said
    assert held(memory / "cards.db") == {}
    assert list(small_disk.iterdir()) == []
    monkeypatch.delenv("SQLITE_TMPDIR")
    take(memory / "cards.db", file)
    assert held(memory / "cards.db") == {"pickup.csv": 40_000}


# Exports


def test_an_export_that_finds_no_room_leaves_the_old_file(
    folder: Path, memory: Path, small_disk: Path
) -> None:
    take(memory / "cards.db", folder)
    target = small_disk / "cards.csv"
    target.write_text("as it was")
    fill(small_disk, 8_192)
    for form in ("csv", "json", "ndjson", "table"):
        command = ["export", "--events", "--db", memory / "cards.db", "--format", form]
        code, said = program(*command, "-o", target)
        assert code == 1
        assert said == (
            f"error: {target} cannot be written: no space left on device; nothing was changed\n"
        )
        assert target.read_text() == "as it was"
        assert {path.name for path in small_disk.iterdir()} == {"cards.csv", "filler"}


@pytest.mark.parametrize("limit", [0, 1, 1_000, 9_000])
def test_an_export_beyond_a_limit_leaves_the_old_file(
    folder: Path, memory: Path, limit: int
) -> None:
    take(memory / "cards.db", folder)
    target = memory / "out" / "cards.csv"
    target.parent.mkdir()
    target.write_text("as it was")
    limited = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
    command = ["export", "--events", "--db", memory / "cards.db", "-o", target]
    code, said = program(*command, before=limited)
    assert code == 1
    assert said == f"error: {target} cannot be written: file too large; nothing was changed\n"
    assert target.read_text() == "as it was"
    assert list(target.parent.iterdir()) == [target]


NOT_WRITTEN = "error: stdout cannot be written: no space left on device\n"
COMMANDS = {
    "help": ["--help"],
    "help of a command": ["get", "--help"],
    "version": ["--version"],
    "export": ["export"],
    "table": ["export", "--format", "table"],
    "get": ["get", "--card-id", "crd 1"],
    "problems": ["problems"],
}


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_full_stdout_is_told_in_a_sentence(
    folder: Path, database: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    take(database, folder)
    monkeypatch.setenv("CARDSTATUS_DB", str(database))
    assert program(*command, stdout="/dev/full") == (1, NOT_WRITTEN)


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_of_an_ingest_with_a_full_stdout_the_failures_are_told_all_the_same(
    folder: Path, database: Path
) -> None:
    (folder / "4 of no type.csv").write_text("x")
    code, said = program("ingest", folder, "--db", database, stdout="/dev/full")
    assert code == 1
    assert f"failed: {folder}/4 of no type.csv: " in said
    assert said.endswith(NOT_WRITTEN)
    assert files_in(database) == 3


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_stderr_changes_nothing(folder: Path, database: Path) -> None:
    def full() -> None:
        sys.stderr = open("/dev/full", "w")  # noqa: SIM115, PTH123

    assert program("ingest", folder, "--db", database, before=full).code == 3
    assert files_in(database) == 3
