"""Erasing: what is deleted, what is left, that no byte of it is, and what comes again."""

import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.builders import row, status_of, statuses, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.search import Search
from cardstatus.database.reading.store import Store
from cardstatus.database.writing import erasing
from cardstatus.database.writing.erasing import Erased, Eraser, Targets
from cardstatus.errors import DatabaseError
from cardstatus.model.reports import Counts
from cardstatus.questions.find import find, read_query

MOBILE, OTHER = "+971585557781", "+971585550102"
GONE = ("ZQX7781", "zqx 7782")
"""The cards that are erased: of one mobile."""
SECRETS = (b"ZQX7781", b"zqx 7782", b"ZQX7782", b"585557781", b"Umbrella", b"REF7781")
"""What must be in no file afterwards, in any case."""
FILLERS = 400


def fillers(stage: int) -> Iterator[Sequence[str]]:
    for number in range(FILLERS):
        yield row(f"CRD{number:04}", f"1{stage}-11-2023 09:00", comment="note", reference="A1")


def rows_of(stage: int) -> list[Sequence[str]]:
    """The rows of a file of some stage, those of the person among them, and some that are bad."""
    day = f"1{stage}-11-2023"
    return [
        *fillers(stage),
        row(
            "ZQX7781", f"{day} 10:00", mobile=MOBILE, comment="Umbrella stand", reference="REF7781"
        ),
        row("zqx 7782", f"{day} 11:00", mobile="0585557781", comment="by the Umbrella"),
        row("CRD0001", f"{day} 12:00", mobile=OTHER, comment="kept", reference="B2"),
        row("ZQX7781", "Umbrella o'clock", mobile=MOBILE),  # rejected
        row("CRD0002", "tomorrow", mobile="058 555 7781", comment="Umbrella"),  # rejected
        row("ZQX7781", f"{day} 13:00", mobile="7781", reference="REF7781"),  # a warning
        row("CRD0003", "yesterday", mobile=OTHER),  # rejected, and somebody else's
    ]


@pytest.fixture
def drops(tmp_path: Path) -> list[Path]:
    return [
        write(tmp_path, "drops/pickup.csv", *rows_of(3)),
        write(tmp_path, "drops/delivered.csv", *rows_of(4)),
        write(tmp_path, "drops/again/pickup.csv", *rows_of(3), row("CRD0009", "13-11-2023 19:00")),
    ]


@pytest.fixture
def stocked(database: Path, drops: Sequence[Path]) -> Path:
    for file in drops:
        take(database, file)
    return database


def bytes_of(database: Path) -> bytes:
    """All that lies in the database file and in what SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))


def is_clean(database: Path) -> bool:
    lying = bytes_of(database).lower()
    return not any(secret.lower() in lying for secret in SECRETS)


def of_mobile(eraser: Eraser) -> Targets:
    return Targets(eraser.cards_of([MOBILE]), [MOBILE])


def erase(database: Path) -> Erased:
    with Eraser.open(database) as eraser:
        erased = eraser.erase(of_mobile(eraser))
        eraser.overwrite()
    return erased


def tables_of(database: Path) -> dict[str, list[str]]:
    """The columns of each table."""
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlite%'"
        ).fetchall()
        return {
            name: [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")]
            for (name,) in names
        }


def test_every_table_is_known_to_what_erases(stocked: Path) -> None:
    """A new table that names cards must be erased from, and is put into one of the lists."""
    tables = tables_of(stocked)
    lists = (erasing.OF_A_CARD, erasing.WITH_TEXT, erasing.MADE_ANEW, erasing.WITHOUT_CARDS)
    known = [name for names in lists for name in names]
    assert len(known) == len(set(known))
    assert set(tables) <= set(known)
    assert {name for name, columns in tables.items() if "card_id" in columns} <= {*lists[0]}
    assert {name for name, columns in tables.items() if "raw" in columns} <= {*lists[1]}


def test_nothing_of_the_person_is_left_in_any_table_or_byte(stocked: Path) -> None:
    assert all(secret.lower() in bytes_of(stocked).lower() for secret in SECRETS)
    erased = erase(stocked)
    assert erased.cards == 2
    assert erased.files == sum(number > 0 for _, number in accounted(stocked))
    assert erased.problems == 3 * 3
    assert is_clean(stocked)
    with closing(sqlite3.connect(stocked)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for table in tables_of(stocked):
            text = repr(connection.execute(f"SELECT * FROM {table}").fetchall()).lower()
            assert not any(secret.decode().lower() in text for secret in SECRETS), table


def test_bytes_are_left_until_they_are_overwritten(stocked: Path) -> None:
    """Else the test above could not fail."""
    with Eraser.open(stocked) as eraser:
        eraser.erase(of_mobile(eraser))
        assert eraser.is_unfinished()
        assert not is_clean(stocked)
        eraser.overwrite()
        assert not eraser.is_unfinished()
        assert is_clean(stocked)


def test_what_earlier_deletions_have_left_is_overwritten_too(stocked: Path) -> None:
    with closing(sqlite3.connect(stocked)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("INSERT INTO setting VALUES ('of old', 'Umbrella Umbrella')")
        connection.execute("DELETE FROM setting WHERE name = 'of old'")
        connection.commit()
    with Eraser.open(stocked) as eraser:
        eraser.erase(Targets(GONE, [MOBILE]))
    assert not is_clean(stocked)
    with Eraser.open(stocked) as eraser:
        eraser.overwrite()
    assert is_clean(stocked)


def test_others_stay_as_they_are(stocked: Path) -> None:
    before = [card for card in statuses(stocked) if card.card_id not in GONE]
    with Store.open(stocked) as store:
        problems = [one for one in store.problems() if "CRD0003" in one.raw]
    erase(stocked)
    assert statuses(stocked) == before
    with Store.open(stocked) as store:
        after = list(store.problems())
        assert [one for one in after if "CRD0003" in one.raw] == problems
        assert len(after) == 4 * 3
        assert store.cards_of_mobile(OTHER) == ["CRD0001"]
        assert store.cards_of_mobile(MOBILE) == []
        assert store.near_ids("ZQX7782") == []
    with Search.open(stocked) as search:
        assert find(search, read_query(search, ["7781"])).cards == []
        assert len(find(search, read_query(search, ["CRD0001"])).cards) == 1


def accounted(database: Path) -> list[tuple[int, int]]:
    with Overview.open(database) as overview:
        files = list(overview.files())
    assert all(f.rows == f.new + f.duplicates + f.rejected + f.erased for f in files)
    return [(file.rows, file.erased) for file in files]


def test_files_account_for_every_row(stocked: Path) -> None:
    before = accounted(stocked)
    erased = erase(stocked)
    after = accounted(stocked)
    assert [rows for rows, _ in after] == [rows for rows, _ in before]
    assert sum(number for _, number in after) == erased.events + erased.sightings


def test_a_card_alone(stocked: Path) -> None:
    with Eraser.open(stocked) as eraser:
        erased = eraser.erase(Targets(["ZQX7781"], []))
        eraser.overwrite()
    assert erased.cards == 1
    assert status_of(stocked, "ZQX7781") is None
    assert status_of(stocked, "zqx 7782") == "delivered"
    assert b"zqx7781" not in bytes_of(stocked).lower()


# What comes again


def test_a_file_that_is_sent_again_does_not_bring_it_back(
    tmp_path: Path, stocked: Path, drops: Sequence[Path]
) -> None:
    erase(stocked)
    for hour, name in enumerate(("x/pickup.csv", "y/returned.csv"), 10):
        file = write(tmp_path, name, *rows_of(3), row("CRD0010", f"14-11-2023 {hour}:00"))
        counts = take(stocked, file).totals
        assert counts.erased == 3
        assert counts.rows == counts.new + counts.duplicates + counts.rejected + counts.erased
    accounted(stocked)
    assert take(stocked, *drops[:1]).totals.erased > 0
    assert status_of(stocked, "ZQX7781") is None
    assert is_clean(stocked)


def test_many_files_at_once_and_a_file_of_nothing_else(tmp_path: Path, stocked: Path) -> None:
    erase(stocked)
    alone = write(tmp_path, "in/a/returned.csv", row("ZQX7781", "15-11-2023 10:00", mobile=MOBILE))
    both = write(tmp_path, "in/b/returned.csv", row("ZQX7781", "16-11-2023 10:00"), row("CRD0001"))
    reports = {file.source: file.counts for file in take(stocked, tmp_path / "in").files}
    assert reports[str(alone)] == Counts(rows=1, erased=1)
    assert reports[str(both)] == Counts(rows=2, new=1, erased=1)


def test_another_card_of_the_number_is_taken_in(tmp_path: Path, stocked: Path) -> None:
    erase(stocked)
    take(stocked, write(tmp_path, "new/pickup.csv", row("CRD9999", mobile=MOBILE)))
    with Store.open(stocked) as store:
        assert store.cards_of_mobile(MOBILE) == ["CRD9999"]


def test_what_is_left_are_hashes_with_a_salt_of_the_database(tmp_path: Path, stocked: Path) -> None:
    other = tmp_path / "other.db"
    take(other, tmp_path / "drops")
    left = []
    for database in (stocked, other):
        erase(database)
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT kind, value FROM erased ORDER BY kind").fetchall()
        assert [kind for kind, _ in rows] == ["card", "card", "mobile", "salt"]
        left.append({value for _, value in rows})
    assert left[0].isdisjoint(left[1])


def test_a_count_changes_nothing(stocked: Path) -> None:
    before = bytes_of(stocked)
    with Eraser.open(stocked) as eraser:
        counted = eraser.count(of_mobile(eraser))
    with closing(sqlite3.connect(stocked)) as connection:
        assert connection.execute("SELECT count(*) FROM erased").fetchone() == (0,)
    assert stocked.read_bytes() in before
    assert counted == erase(stocked)


def test_a_reader_keeps_the_bytes_and_is_told_of(
    stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardstatus.database.writing.waiting._READERS_END", 0.01)
    with Store.open(stocked) as store:
        assert store.card("ZQX7781")
        with Eraser.open(stocked) as eraser:
            eraser.erase(of_mobile(eraser))
            with pytest.raises(DatabaseError, match="not overwritten yet: another process reads"):
                eraser.overwrite()
    assert status_of(stocked, "ZQX7781") is None
    with Eraser.open(stocked) as eraser:
        assert eraser.is_unfinished()
        eraser.overwrite()
    assert is_clean(stocked)


# Killed, and on a full disk: before or after, never between


@contextmanager
def traced(patch: pytest.MonkeyPatch, callback: Callable[[str], None]) -> Iterator[None]:
    opened = erasing.opened

    @contextmanager
    def watched(path: Path) -> Iterator[sqlite3.Connection]:
        with opened(path) as connection:
            connection.set_trace_callback(callback)
            yield connection

    patch.setattr(erasing, "opened", watched)
    yield


def in_a_process_of_its_own(work: Callable[[], None]) -> int:
    """Run it in a child, and return how that ended: its exit code, 0 for done."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def copy_of(database: Path, folder: Path) -> Path:
    folder.mkdir()
    copy = folder / database.name
    copy.write_bytes(database.read_bytes())
    return copy


def state(database: Path) -> tuple[bool, bool, list[tuple[int, int]]]:
    """Whether both cards are there, neither, and the accounts."""
    there = {card.card_id for card in statuses(database)}
    return there.issuperset(GONE), there.isdisjoint(GONE), accounted(database)


def test_killed_at_every_statement_it_is_before_or_after(
    stocked: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = copy_of(stocked, memory / "base")
    before = state(base)
    done = copy_of(stocked, memory / "done")
    seen: list[str] = []
    with traced(monkeypatch, seen.append), monkeypatch.context():
        erase(done)
    monkeypatch.undo()
    after = state(done)
    assert before[:2] == (True, False)
    assert after[:2] == (False, True)
    reached = set()
    for number in range(1, len(seen) + 1, max(1, len(seen) // 60)):
        copy = copy_of(stocked, memory / str(number))

        def killed(copy: Path = copy, number: int = number) -> None:
            left = iter(range(number))

            def count(_: str) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            with pytest.MonkeyPatch.context() as patch, traced(patch, count):
                erase(copy)

        assert in_a_process_of_its_own(killed) in (-signal.SIGKILL, 0)
        found = state(copy)
        assert found in (before, after)
        reached.add(found == after)
        with Eraser.open(copy) as eraser:  # the same command again
            targets = of_mobile(eraser)
            if targets.card_ids:
                eraser.erase(targets)
            eraser.overwrite()
        assert state(copy) == after
        assert is_clean(copy)
    assert reached == {True, False}


def test_on_a_full_disk_it_is_before_or_after(stocked: Path, memory: Path) -> None:
    size = stocked.stat().st_size
    reached = set()
    for number, room in enumerate(range(16_384, size * 2, size // 12)):
        copy = copy_of(stocked, memory / f"disk{number}")
        before = state(copy)

        def on_a_full_disk(copy: Path = copy, room: int = room) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            try:
                erase(copy)
            except DatabaseError:
                os._exit(3)

        code = in_a_process_of_its_own(on_a_full_disk)
        assert code in (0, 3)
        found = state(copy)
        assert found == before or found[1]
        reached.add((code, found[1]))
        if code == 0:
            assert is_clean(copy)
    assert {(3, False), (0, True)} <= reached
