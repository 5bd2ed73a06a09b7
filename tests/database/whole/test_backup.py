"""A copy of a database that others use, and what never gets its name."""

import os
import random
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support import steps
from support.builders import row, statuses, take, write
from support.older import make_first_database
from support.processes import forked

from cardstatus.database.connection import opened
from cardstatus.database.reading.store import Store
from cardstatus.database.whole import backup as module
from cardstatus.database.whole.backup import back_up
from cardstatus.errors import CardStatusError, DatabaseError, UsageError

EACH = [
    pytest.param(7, id="every seventh"),
    pytest.param(1, id="every one", marks=pytest.mark.torture),
]


@pytest.fixture
def stocked(memory: Path) -> Path:
    database = memory / "cards.db"
    rows = [row(f"CRD{n}", mobile=f"5855{50_000 + n}") for n in range(300)]
    take(database, write(memory, "in/pickup.csv", *rows, row(time="?")))
    return database


@pytest.fixture
def place(memory: Path) -> Path:
    """A path at which there is nothing yet, in a folder that is empty."""
    (memory / "out").mkdir()
    return memory / "out" / "monday.db"


def told(database: Path) -> list[tuple[Any, ...]]:
    """All that a database says."""
    with Store.open(database) as store:
        return [*store.statuses(), *store.events(), *store.problems()]


def test_a_backup_says_what_the_database_says(stocked: Path, place: Path) -> None:
    made = back_up(stocked, place)
    assert made == (str(stocked), str(place), place.stat().st_size, 1, 300, 1)
    assert told(place) == told(stocked)
    assert list(place.parent.iterdir()) == [place]


def test_it_is_one_file_that_can_be_read_where_nothing_can_be_written(
    stocked: Path, place: Path
) -> None:
    back_up(stocked, place)
    assert place.read_bytes()[18:20] == b"\1\1"  # no WAL to be looked for
    assert len(statuses(place)) == 300
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_only_its_owner_may_read_it_from_the_first_byte_on(
    stocked: Path, place: Path, umask: int
) -> None:
    modes = set()

    def look(done: int, total: int) -> None:
        modes.update(path.stat().st_mode & 0o777 for path in place.parent.iterdir())

    before = os.umask(umask)
    try:
        back_up(stocked, place, progress=look)
    finally:
        os.umask(before)
    assert modes == {0o600}
    assert place.stat().st_mode & 0o777 == 0o600


def test_it_is_of_one_state_while_others_write(
    stocked: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGES_AT_ONCE", 1)
    before = told(stocked)
    done: list[int] = []

    def ingest_more(so_far: int, total: int) -> None:
        if len(done) < 2:
            name = f"in/pickup {len(done)}.csv"
            take(stocked, write(stocked.parent, name, row(f"CRD900{len(done)}")))
        done.append(so_far)

    back_up(stocked, place, progress=ingest_more)
    assert told(place) == before
    assert len(statuses(stocked)) == 302
    assert done == sorted(done)  # it was not begun anew
    assert len(done) > 5


def test_it_has_what_stands_in_the_wal_only(stocked: Path, place: Path) -> None:
    with opened(stocked) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchone()
        take(stocked, write(stocked.parent, "in/pickup 2.csv", row("CRD999")))
        assert stocked.with_name("cards.db-wal").stat().st_size
        back_up(stocked, place)
    assert len(statuses(place)) == 301


def test_a_database_of_an_older_version_can_be_backed_up(memory: Path, place: Path) -> None:
    make_first_database(memory / "old.db")
    made = back_up(memory / "old.db", place)
    assert (made.files, made.events) == (4, 8)
    with closing(sqlite3.connect(place)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_restored_backup_is_gone_on_with(stocked: Path, place: Path) -> None:
    back_up(stocked, place)
    restored = place.with_name("cards.db")
    shutil.copy(place, restored)
    more = write(stocked.parent, "in/delivered.csv", row("CRD1", "14-11-2023 14:00"))
    for database in (stocked, restored):
        take(database, more)
    assert told(restored) == told(stocked)


# What it refuses


def test_a_file_that_is_there_stays_unless_it_is_forced(stocked: Path, place: Path) -> None:
    place.write_text("as it was")
    with pytest.raises(CardStatusError, match="is there already; give another name, or --force"):
        back_up(stocked, place)
    assert place.read_text() == "as it was"
    back_up(stocked, place, force=True)
    assert told(place) == told(stocked)


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(stocked: Path, place: Path) -> None:
    with pytest.raises(CardStatusError, match="is there already"):
        back_up(stocked, place, progress=lambda done, total: place.write_bytes(b"quick"))
    assert place.read_bytes() == b"quick"
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("error", sorted(module._NO_LINKS))
def test_where_a_file_has_one_name_only_it_is_renamed(
    stocked: Path, place: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "link", link)
    back_up(stocked, place)
    assert told(place) == told(stocked)
    with pytest.raises(FileExistsError):
        module._name(stocked, place, force=False)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_never_over_the_database_or_what_lies_beside_it(
    stocked: Path, ending: str, force: bool
) -> None:
    before = stocked.read_bytes()
    target = stocked.with_name(stocked.name + ending)
    link, hard = stocked.with_name("link"), stocked.with_name("hard")
    link.symlink_to(target)
    names = [target, link]
    if not ending:
        hard.hardlink_to(stocked)
        names.append(hard)
    for name in names:
        with pytest.raises(UsageError, match="is the database itself"):
            back_up(stocked, name, force=force)
    assert stocked.read_bytes() == before


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_never_where_a_database_is_open(stocked: Path, place: Path, ending: str) -> None:
    place.with_name(place.name + ending).touch()
    with pytest.raises(CardStatusError, match=f"{ending} is beside .* a program has that open"):
        back_up(stocked, place, force=True)
    assert not place.exists()


def test_a_folder_a_device_and_a_missing_folder_are_refused(stocked: Path, place: Path) -> None:
    os.mkfifo(place)
    with pytest.raises(CardStatusError, match="is not a regular file"):
        back_up(stocked, place, force=True)
    with pytest.raises(CardStatusError, match="is a folder; give the name of a file in it"):
        back_up(stocked, place.parent)
    with pytest.raises(CardStatusError, match="no such file or folder; nothing was changed"):
        back_up(stocked, place.parent / "none" / "x.db")


def test_no_backup_is_made_of_nothing_or_of_what_is_damaged(stocked: Path, place: Path) -> None:
    empty = stocked.with_name("empty.db")
    empty.touch()
    with pytest.raises(DatabaseError, match="holds nothing yet"):
        back_up(empty, place)
    size = stocked.stat().st_size
    with stocked.open("r+b") as file:
        file.seek(size - 8_192 * 2)
        file.write(b"\xff" * 8_192)
    with pytest.raises(DatabaseError, match=f"{stocked} is damaged; restore a copy"):
        back_up(stocked, place)
    assert list(place.parent.iterdir()) == []


def test_a_copy_with_other_rows_gets_no_name(
    stocked: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = iter([{"event": 300}, {"event": 301}])
    monkeypatch.setattr(module, "_rows", lambda connection: next(rows))
    with pytest.raises(DatabaseError, match="has other rows than its copy"):
        back_up(stocked, place)
    assert list(place.parent.iterdir()) == []


# Ended at each step


@pytest.fixture
def by_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """A backup whose every page and every call of the system is a step."""
    monkeypatch.setattr(module, "_PAGES_AT_ONCE", 1)
    monkeypatch.setattr(steps, "MODULES", (*steps.MODULES, "sqlite3"))
    return partial(back_up, progress=lambda done, total: os.getpid())


@pytest.mark.parametrize("stride", EACH)
@pytest.mark.parametrize("force", [False, True])
def test_a_kill_at_any_step_leaves_no_piece_under_the_name(
    stocked: Path, memory: Path, by_page: Callable[..., object], force: bool, stride: int
) -> None:
    whole = told(stocked)
    with steps.at_call() as count:
        by_page(stocked, memory / "counted.db")
    assert count() > 100
    left = set()
    for number in range(1 + random.randrange(stride), count() + 1, stride):
        folder = memory / f"{force} {number}"
        folder.mkdir()
        place = folder / "monday.db"
        if force:
            shutil.copy(memory / "counted.db", place)
            place.chmod(0o644)
        act = {number: lambda: os.kill(os.getpid(), signal.SIGKILL)}

        def killed(act: Any = act, place: Path = place) -> None:
            with steps.at_call(act):
                by_page(stocked, place, force=force)

        assert forked(killed).code == -signal.SIGKILL
        hidden = {path for path in folder.iterdir() if path.name.startswith(".monday.db.")}
        assert set(folder.iterdir()) - hidden <= {place}
        assert {path.stat().st_mode & 0o777 for path in hidden} <= {0o600}
        if place.exists():
            assert told(place) == whole
        left.add((place.exists(), bool(hidden)))
        back_up(stocked, place, force=True)
        assert told(place) == whole
    assert {here for here, _ in left} == ({True} if force else {False, True})
    assert told(stocked) == whole


def test_ctrl_c_at_any_page_leaves_nothing(
    stocked: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGES_AT_ONCE", 1)
    stops = 0

    def interrupt(at: int, done: int, total: int) -> None:
        if done >= at * total / 5:
            raise KeyboardInterrupt

    for at in range(6):
        with pytest.raises(KeyboardInterrupt):
            back_up(stocked, place, progress=partial(interrupt, at))
        assert list(place.parent.iterdir()) == []
        stops += 1
    assert stops == 6


def test_a_disk_without_room_leaves_the_old_file(stocked: Path, place: Path) -> None:
    place.write_text("as it was")
    size = stocked.stat().st_size
    ends = set()
    for limit in range(0, size + 8_193, 8_192):

        def limited(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                back_up(stocked, place, force=True)
            except CardStatusError as error:
                os.write(2, str(error).encode())
                raise SystemExit(1) from None

        code, said = forked(limited)
        assert list(place.parent.iterdir()) == [place]
        ends.add(code)
        if code:
            assert said.startswith(f"{place} cannot ")
            assert "a limit on the size of files is reached" in said
            assert place.read_text() == "as it was"
    assert ends == {0, 1}
    assert told(place) == told(stocked)
