"""A database that is asked while others write it, replace it and take it away."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, permutations
from pathlib import Path
from typing import Final

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.served import InterruptedQuestionError, ServedDatabase
from cardstatus.errors import DatabaseError, UsageError

ENDINGS: Final = ("", "-wal", "-shm")
CARDS: Final = 400
"""Enough that a database has many pages: parts of two files are not taken for one."""


def cards(letter: str, number: int = CARDS) -> list[str]:
    return [f"{letter}{at:04d}" for at in range(number)]


def make(folder: Path, letter: str) -> None:
    """Make a database, and what it is with a log beside it: the same with as many cards again."""
    database = folder / f"{letter}.db"
    first, second = cards(letter, 2 * CARDS)[:CARDS], cards(letter, 2 * CARDS)[CARDS:]
    take(database, write(folder, f"{letter}/pickup.csv", *(row(card) for card in first)))
    shutil.copy(database, folder / f"{letter}-alone.db")
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchone()
        take(database, write(folder, f"{letter}/more/pickup.csv", *(row(card) for card in second)))
        for ending in ENDINGS:
            shutil.copy(f"{database}{ending}", folder / f"{letter}-logged.db{ending}")
    assert (folder / f"{letter}-logged.db-wal").stat().st_size


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for letter in "ON":
        make(folder, letter)
    return folder


class Place:
    """A folder in which ``c.db`` is served, ``new.db`` is to come and ``old.db`` may go."""

    def __init__(self, folder: Path, made: Path, *, old_log: bool, new_log: bool) -> None:
        self.folder = folder
        self.database = folder / "c.db"
        for letter, name, logged in (("O", "c.db", old_log), ("N", "new.db", new_log)):
            kind = "logged" if logged else "alone"
            for ending in ENDINGS if logged else ENDINGS[:1]:
                shutil.copy(made / f"{letter}-{kind}.db{ending}", folder / f"{name}{ending}")
        for path in folder.glob("new.db*"):
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 60_000_000_000))

    def do(self, step: str) -> None:
        """Do one step: a command, and the names of one file or two."""
        command, first, *rest = step.split()
        source = self.folder / first
        if command == "rm":
            source.unlink()
        elif command == "mv":
            source.rename(self.folder / rest[0])
        elif command == "ln":
            (self.folder / rest[0]).symlink_to(source)
        else:
            shutil.copyfile(source, self.folder / rest[0])


def every_card(overview: Overview) -> list[str]:
    return [card.card_id for card in overview.statuses()]


def asked(served: ServedDatabase, during: Callable[[], object] = lambda: None) -> list[str] | None:
    """Return the cards that an answer has, in the midst of which something is done once; None
    where the database cannot be read."""
    to_do = [during]

    def question(overview: Overview) -> list[str]:
        found = overview.statuses()
        first = next(found).card_id
        if to_do:
            to_do.pop()()
        return [first, *(card.card_id for card in found)]

    try:
        return served.ask(question)
    except DatabaseError:
        return None
    finally:
        # Nobody was answered, so that there was no midst.
        for left in to_do:
            left()


def is_whole(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    return bool(found == "ok")


def moved(old: str, new: str, endings: tuple[str, ...]) -> list[str]:
    return [f"mv {old}{ending} {new}{ending}" for ending in endings]


ORDERS = list(permutations(ENDINGS))
WITH_LOG = list(permutations(ENDINGS[:2]))
# Name -> whether the old one and the new one have a log, and the steps.
SWAPS: dict[str, tuple[bool, bool, list[str]]] = {
    "mv": (False, False, ["mv new.db c.db"]),
    "cp over it": (False, False, ["cp new.db c.db"]),
    "rm, mv": (False, False, ["rm c.db", "mv new.db c.db"]),
    "rm, cp": (False, False, ["rm c.db", "cp new.db c.db"]),
    "mv, mv": (False, False, ["mv c.db old.db", "mv new.db c.db"]),
    "mv, cp": (False, False, ["mv c.db old.db", "cp new.db c.db"]),
    "mv, ln": (False, False, ["mv c.db old.db", "ln new.db c.db"]),
    "there and back": (
        False, False, ["mv c.db old.db", "mv new.db c.db", "mv c.db new.db", "mv old.db c.db"],
    ),
    **{
        "new with its log: " + ", ".join(f"mv {ending or 'db'}" for ending in order): (
            False, True, moved("new.db", "c.db", order),
        )
        for order in ORDERS
    },
    **{
        "old with its log: " + ", ".join(f"mv {ending or 'db'}" for ending in order): (
            True, False, [*moved("c.db", "old.db", order), "mv new.db c.db"],
        )
        for order in ORDERS
    },
    **{
        f"both: {out}, {into}": (
            True, True, [*moved("c.db", "old.db", (*out, "-shm")), *moved("new.db", "c.db", into)],
        )
        for out in WITH_LOG
        for into in WITH_LOG
    },
    "the log of the old one stays, and goes": (
        True, False, ["mv new.db c.db", "mv c.db-wal old.db-wal", "rm c.db-shm"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("busy", [False, True], ids=["between", "during"])
@pytest.mark.parametrize("name", SWAPS)
def test_a_swap_harms_neither_file(tmp_path: Path, made: Path, name: str, busy: bool) -> None:
    old_log, new_log, steps = SWAPS[name]
    place = Place(tmp_path, made, old_log=old_log, new_log=new_log)
    served = ServedDatabase(place.database)
    states = [cards(letter, number) for letter in "ON" for number in (CARDS, 2 * CARDS)]
    assert asked(served) == cards("O", CARDS * (1 + old_log))
    for step in steps:
        if busy:
            found = asked(served, lambda step=step: place.do(step))  # type: ignore[misc]
        else:
            place.do(step)
            found = asked(served)
        # One of the databases as a whole, with its log or without: never a part of each.
        assert found is None or found in states
    last = cards("O") if name == "there and back" else cards("N", CARDS * (1 + new_log))
    assert asked(served) == last
    assert is_whole(place.database)
    take(place.database, write(tmp_path, "pickup.csv", row("Z0001")))
    assert asked(served) == [*last, "Z0001"]
    assert is_whole(place.database)
    if (tmp_path / "old.db").exists():
        with_log = (tmp_path / "old.db-wal").exists()
        assert asked(ServedDatabase(tmp_path / "old.db")) == cards("O", CARDS * (1 + with_log))
        assert is_whole(tmp_path / "old.db")


def test_the_log_of_another_file_is_not_taken_in(tmp_path: Path, made: Path) -> None:
    place = Place(tmp_path, made, old_log=True, new_log=False)
    served = ServedDatabase(place.database)
    assert asked(served)
    place.do("mv new.db c.db")
    before = place.database.read_bytes()
    for _ in range(2):
        with pytest.raises(DatabaseError, match="is of the one before; move that away"):
            served.ask(every_card)
    assert place.database.read_bytes() == before
    place.do("mv c.db-wal old.db-wal")
    assert asked(served) == cards("N")


@pytest.mark.parametrize("logged", [False, True], ids=["no log", "a log"])
def test_nothing_is_left_beside_the_database(tmp_path: Path, made: Path, logged: bool) -> None:
    place = Place(tmp_path, made, old_log=logged, new_log=False)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    served = ServedDatabase(place.database)
    for _ in range(3):
        assert asked(served) == cards("O", CARDS * (1 + logged))
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    # SQLite's index of the log, which it makes anew, is no part of the database.
    assert {name: text for name, text in after.items() if not name.endswith("-shm")} == {
        name: text for name, text in before.items() if not name.endswith("-shm")
    }
    assert after.keys() == before.keys()


def test_what_is_written_meanwhile_is_not_mixed_in(tmp_path: Path, made: Path) -> None:
    place = Place(tmp_path, made, old_log=False, new_log=False)
    more = [write(tmp_path, f"{at}/pickup.csv", row(f"P{at}")) for at in range(3)]
    found = asked(ServedDatabase(place.database), lambda: take(place.database, *more))
    assert found == [*cards("O"), "P0", "P1", "P2"]


def test_what_is_written_to_again_and_again_is_told(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardstatus.database.reading.served._PAUSE", 0)
    place = Place(tmp_path, made, old_log=False, new_log=False)
    with pytest.raises(DatabaseError, match="written to again and again"):
        ServedDatabase(place.database).ask(lambda overview: place.do("cp new.db c.db"))


def test_the_errors_of_a_question_are_its_own(tmp_path: Path, made: Path) -> None:
    place = Place(tmp_path, made, old_log=False, new_log=False)
    asked: list[int] = []

    def question(overview: Overview) -> None:
        asked.append(1)
        raise UsageError("nothing of that kind")

    with pytest.raises(UsageError, match="nothing of that kind"):
        ServedDatabase(place.database).ask(question)
    assert asked == [1]


ENDLESS = """
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number)
    SELECT max(n) FROM number
"""


def endless(overview: Overview) -> Iterator[tuple[int]]:
    return overview._connection.execute(ENDLESS).fetchall()  # type: ignore[return-value]


def test_an_endless_question_is_given_up(tmp_path: Path, made: Path) -> None:
    place = Place(tmp_path, made, old_log=False, new_log=False)
    given_up = threading.Event()
    asked: list[int] = []

    def tired() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(InterruptedQuestionError):
        ServedDatabase(place.database).ask(endless, tired)
    given_up.set()
    with pytest.raises(InterruptedQuestionError):
        ServedDatabase(place.database).ask(endless, given_up.is_set)


def test_a_long_question_lets_go_of_a_file_that_was_replaced(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cardstatus.database.reading.served._LOOK_SECONDS", 0)
    place = Place(tmp_path, made, old_log=False, new_log=False)
    steps = chain([lambda: place.do("mv new.db c.db")])

    def question(overview: Overview) -> list[str]:
        for step in steps:
            step()
            endless(overview)
        return every_card(overview)

    assert ServedDatabase(place.database).ask(question) == cards("N")


def test_a_pattern_has_a_length(tmp_path: Path, made: Path) -> None:
    place = Place(tmp_path, made, old_log=False, new_log=False)

    def question(overview: Overview) -> None:
        sql = "SELECT count(*) FROM event WHERE comment LIKE ?"
        overview._connection.execute(sql, ["%a" * 20_000]).fetchall()

    with pytest.raises(sqlite3.OperationalError, match="pattern too complex"):
        ServedDatabase(place.database).ask(question)
