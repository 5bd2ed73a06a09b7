"""Which files of watched folders go to the archive, and when; what happens to those that cannot,
and to those that are there. The tests say when to look, and what the clocks show.
"""

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, statuses, write
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.errors import UsageError
from cardstatus.ingestion.archive import disk, hidden, moves
from cardstatus.ingestion.arriving import writers
from cardstatus.ingestion.arriving.arrivals import Clocks
from cardstatus.ingestion.arriving.wakeups import Wakeup
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.watch import WatchOptions, watch
from cardstatus.instants import SECOND
from cardstatus.model.reports import WatchedFile

NEW_ROW = "A2,CRD2,585550102,13-11-2023 15:00,late\n"
GROWN = "has grown, and replaces what it was (number {}, {} rows)"
NOT_MOVED = "not moved to the archive: "
LEASE = fcntl.fcntl


class Place:
    """A folder that is watched, its archive, its database, and the clock."""

    def __init__(self, folder: Path) -> None:
        self.drop = folder / "in"
        self.drop.mkdir()
        self.done = folder / "done"
        self.database = folder / "cards.db"
        self.clock = 0
        self.path = write(self.drop, "pickup.csv", row("CRD1"))

    def after(self, seconds: float, act: Callable[[], object] = lambda: None) -> Callable[[], None]:
        """Have so much time passed, and something happen then."""

        def later() -> None:
            self.clock += int(seconds * SECOND)
            act()

        return later

    def looks(self, *acts: Callable[[], object], **options: Any) -> list[list[str]]:
        """Look after each of the acts; return what was told at each look."""
        told: list[list[str]] = []

        def wakeups() -> Iterator[Wakeup]:
            for act in acts:
                told.append([])
                act()
                yield Wakeup()

        options = {"settle": 0, "archive": self.done, **options}
        clocks = Clocks(steady=lambda: self.clock)
        run = watch(self.drop, self.database, Options(), WatchOptions(**options), wakeups(), clocks)
        for file in run:
            told[-1].append(self.text(file))
        return told

    def text(self, file: WatchedFile) -> str:
        where = file.archived and f"to {file.archived.relative_to(self.done)}"
        name = Path(file.report.source).name
        notes = [re.sub(r" on [-0-9T:]+Z \(", " (", note) for note in file.report.notes]
        said = [file.report.outcome, name, *notes, file.report.error, where]
        return " ".join(filter(None, said))

    def cards(self) -> list[str]:
        return [card.card_id for card in statuses(self.database)]

    def append(self) -> None:
        with self.path.open("a") as file:
            file.write(NEW_ROW)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def now() -> None:
    pass


# What cannot be moved


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Have moves fail with an error, or not any more."""
    move, failing = moves.move, [None]

    def moved(path: Path, *arguments: Any, **options: Any) -> Any:
        if number := failing[0]:
            raise OSError(number, os.strerror(number))
        return move(path, *arguments, **options)

    monkeypatch.setattr("cardstatus.ingestion.archive.archive.move", moved)
    return lambda number: failing.__setitem__(0, number)


def test_a_move_that_fails_is_told_once_and_tried_again_each_minute(
    place: Place, fail: Callable[[int | None], None]
) -> None:
    fail(errno.ENOSPC)
    told = place.looks(
        now,
        place.after(61),
        place.after(61, lambda: fail(errno.EROFS)),
        place.after(61),
        place.after(10, lambda: fail(None)),
        place.after(51),
        place.after(61),
    )
    assert told == [
        [f"ingested pickup.csv {NOT_MOVED}no space left on device"],
        [],
        [f"unchanged pickup.csv {NOT_MOVED}read-only file system"],
        [],
        [],
        ["unchanged pickup.csv to pickup.csv"],
        [],
    ]


def test_a_file_that_could_not_be_moved_and_changes_is_read_again(
    place: Place, fail: Callable[[int | None], None]
) -> None:
    fail(errno.ENOSPC)
    told = place.looks(now, place.after(1, place.append), place.after(60, lambda: fail(None)))
    assert told[1:] == [
        [f"ingested pickup.csv {GROWN.format(1, 1)} {NOT_MOVED}no space left on device"],
        ["unchanged pickup.csv to pickup.csv"],
    ]
    assert place.cards() == ["CRD1", "CRD2"]


@pytest.mark.parametrize("changes", [True, False], ids=["changes", "goes"])
def test_a_file_that_changes_or_goes_before_the_next_try_is_not_moved(
    place: Place, fail: Callable[[int | None], None], changes: bool
) -> None:
    fail(errno.ENOSPC)

    def happens() -> None:
        # Not seen by a look before the next try.
        fail(None)
        (place.append if changes else place.path.unlink)()

    told = place.looks(now, place.after(61, happens), place.after(61))
    moved = f"ingested pickup.csv {GROWN.format(1, 1)} to pickup.csv"
    assert told[1:] == [[moved] if changes else [], []]


def test_once_ends_with_1_and_says_so_on_stderr(
    place: Place, fail: Callable[[int | None], None]
) -> None:
    fail(errno.ENOSPC)
    write(place.drop, "delivered.csv", row(), header=("a", "b", "c", "d", "e"))
    arguments = ["watch", place.drop, "--archive", place.done, "--db", place.database]
    result = CliRunner().invoke(app, [*map(str, arguments), "--once", "--settle", "0"])
    assert result.exit_code == 1
    failed, not_moved = result.stderr.splitlines()
    assert failed.startswith(f"failed: {place.drop}/delivered.csv: the header has no column")
    assert not_moved == f"not moved to the archive: {place.path}: no space left on device"
    (place.drop / "delivered.csv").unlink()
    assert CliRunner().invoke(app, [*map(str, arguments), "--once"]).exit_code == 1


# Writers who are not done


def test_a_file_that_is_open_for_writing_is_taken_when_it_is_closed(place: Place) -> None:
    file = place.path.open("a")

    def half() -> None:
        file.write(NEW_ROW[:30])
        file.flush()

    def rest() -> None:
        file.write(NEW_ROW[30:])
        file.close()

    told = place.looks(now, place.after(9, half), place.after(9), place.after(9, rest))
    assert told == [[], [], [], ["ingested pickup.csv to pickup.csv"]]
    assert place.cards() == ["CRD1", "CRD2"]


def test_a_file_that_is_held_open_for_long_is_told_of_once(place: Place) -> None:
    with place.path.open("a") as file:
        told = place.looks(
            now, place.after(599), place.after(1), place.after(9), place.after(9, file.close)
        )
    assert told == [
        [],
        [],
        [
            "failed pickup.csv has not changed for ten minutes, but is open for writing; it is "
            "taken in as soon as whoever writes it closes it"
        ],
        [],
        ["ingested pickup.csv to pickup.csv"],
    ]


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers cannot be seen, as those of another user."""

    def without_leases(handle: int, command: int, argument: int = 0) -> int:
        if command == getattr(fcntl, "F_SETLEASE", None):
            raise OSError(errno.EACCES, "not the owner")
        return LEASE(handle, command, argument)

    monkeypatch.setattr("fcntl.fcntl", without_leases)
    monkeypatch.setattr(writers, "_written_here", lambda _: set())


@pytest.fixture
def another_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    rename = disk._renameat2

    def between(source: Path, target: Path) -> None:
        if ("done" in source.parts) is not ("done" in target.parts):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(source, target)

    monkeypatch.setattr(disk, "_renameat2", between)


STAYS = (
    "pickup.csv stays for ten minutes after its last change, since this user cannot see whether "
    "its writer is done; the next look after that moves it to the archive"
)


@pytest.mark.usefixtures("unseen", "another_disk")
def test_what_an_unseen_writer_may_write_to_goes_to_another_disk_when_it_is_old(
    place: Place,
) -> None:
    told = place.looks(now, place.after(61), place.after(530), place.after(61), place.after(61))
    assert told == [[f"ingested {STAYS}"], [], [], ["unchanged pickup.csv to pickup.csv"], []]


@pytest.mark.usefixtures("unseen", "another_disk")
def test_what_an_unseen_writer_does_write_meanwhile_is_read(place: Place) -> None:
    told = place.looks(now, place.after(300, place.append), place.after(590), place.after(60))
    assert told == [
        [f"ingested {STAYS}"],
        [f"ingested {STAYS.replace('stays', f'{GROWN.format(1, 1)} stays')}"],
        [],
        ["unchanged pickup.csv to pickup.csv"],
    ]  # fmt: skip
    assert place.cards() == ["CRD1", "CRD2"]


@pytest.mark.usefixtures("unseen")
def test_what_an_unseen_writer_may_write_to_is_looked_at_on_the_same_disk(place: Place) -> None:
    file = place.path.open("a")

    def late() -> None:
        file.write(NEW_ROW)
        file.close()

    told = place.looks(now, place.after(9, late), place.after(9))
    assert told == [
        ["ingested pickup.csv to pickup.csv"],
        [f"ingested pickup.csv {GROWN.format(1, 1)}"],
        [],
    ]
    assert place.cards() == ["CRD1", "CRD2"]


@pytest.mark.usefixtures("unseen")
def test_a_run_that_ends_leaves_what_an_unseen_writer_may_write_to(place: Place) -> None:
    assert place.looks(now, once=True) == [[f"ingested {STAYS}"]]
    assert place.path.exists()
    assert list(place.drop.iterdir()) == [place.path]
    os.utime(place.path, (5, 5))
    assert place.looks(now, once=True) == [["unchanged pickup.csv to pickup.csv"]]


@pytest.mark.usefixtures("unseen")
def test_a_run_that_ends_says_at_once_what_it_could_not_move_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("os.mkdir", refuse)
    assert place.looks(now, once=True) == [[f"ingested pickup.csv {NOT_MOVED}permission denied"]]


@pytest.mark.usefixtures("unseen")
def test_half_a_last_line_of_an_unseen_writer_is_waited_for(place: Place) -> None:
    place.path.write_text(place.path.read_text().rstrip("\n"))
    told = place.looks(now, place.after(2), place.after(7.9), place.after(0.1), settle=2)
    assert told == [[], [], [], ["ingested pickup.csv to pickup.csv"]]


def test_half_a_last_line_is_a_whole_one_where_writers_are_seen(place: Place) -> None:
    place.path.write_text(place.path.read_text().rstrip("\n"))
    told = place.looks(now, place.after(2), settle=2)
    assert told == [[], ["ingested pickup.csv to pickup.csv"]]


def test_waiting_goes_by_a_clock_that_is_not_set(place: Place, monkeypatch: Any) -> None:
    day = 86_400 * SECOND

    def set_back() -> None:
        monkeypatch.setattr("time.time_ns", lambda: day)

    assert place.looks(now, place.after(2, set_back), settle=2) == [
        [],
        ["ingested pickup.csv to pickup.csv"],
    ]


# What changes or goes while it is read


@pytest.mark.parametrize("once", [False, True])
def test_what_is_written_while_the_file_is_read_is_read_by_the_same_run(
    place: Place, once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*arguments: Any, **options: Any) -> Any:
        report = ingest(*arguments, **options)
        monkeypatch.undo()
        place.append()
        return report

    monkeypatch.setattr("cardstatus.ingestion.watch.ingest", late)
    changed = "it has changed since it was read, and is read again"
    assert place.looks(now, now, once=once) == [
        [f"ingested pickup.csv {NOT_MOVED}{changed}"],
        [f"ingested pickup.csv {GROWN.format(1, 1)} to pickup.csv"],
    ]


@pytest.mark.parametrize("what", ["goes", "changes", "is a folder"])
def test_a_file_that_goes_or_changes_before_it_is_read_has_not_failed(
    place: Place, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def early(*arguments: Any, **options: Any) -> Any:
        monkeypatch.undo()
        if what == "changes":
            before = place.path.read_text()
            place.path.write_text("")
            report = ingest(*arguments, **options)
            place.path.write_text(before)
            return report
        place.path.unlink()
        if what == "is a folder":
            write(place.path, "delivered.csv", row("CRD1"))
        return ingest(*arguments, **options)

    monkeypatch.setattr("cardstatus.ingestion.watch.ingest", early)
    told = place.looks(now, now)
    assert told[0] == []
    assert (
        told[1]
        == {
            "goes": [],
            "changes": ["ingested pickup.csv to pickup.csv"],
            "is a folder": ["unchanged delivered.csv to pickup.csv/delivered.csv"],
        }[what]
    )


def test_names_that_print_the_same_are_not_taken_for_each_other(place: Place) -> None:
    place.path.unlink()
    one, two = place.drop / "picked up\\xff.csv", place.drop / os.fsdecode(b"picked up\xff.csv")
    write(place.drop, one.name, row("CRD1"))
    write(place.drop, two.name, row(), header=("a", "b", "c", "d", "e"))
    told = place.looks(now, now, now)
    assert sorted(said.split()[0] for look in told for said in look) == ["failed", "ingested"]
    assert not one.exists()
    assert two.exists()


# What is in the archive


def test_rows_that_a_file_gets_in_the_archive_are_read(place: Place) -> None:
    archived = place.done / "pickup.csv"

    def grow(text: str) -> Callable[[], None]:
        def append() -> None:
            with archived.open("a") as file:
                file.write(text)

        return append

    told = place.looks(
        now,
        place.after(2),
        place.after(9, grow("A2,CRD2,585550102,")),
        place.after(1, grow("13-11-2023 15:00,late\n")),
        place.after(5),
        place.after(9),
        place.after(585, grow("A3,CRD3,585550102,13-11-2023 15:00,later\n")),
        place.after(9),
        settle=2,
    )
    read = "ingested pickup.csv"
    assert told == [
        [],
        [f"{read} to pickup.csv"],
        [],
        [],
        [],
        [f"{read} {GROWN.format(1, 1)}"],
        [],
        [f"{read} {GROWN.format(2, 2)}"],
    ]
    assert place.cards() == ["CRD1", "CRD2", "CRD3"]


@pytest.mark.parametrize(
    "act",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("a"),
        lambda path: write(path.parent, "x", row("CRD2"), row("CRD3")).rename(path),
        lambda path: os.utime(path, (5, 5)),
    ],
    ids=["removed", "cut", "replaced", "touched"],
)
def test_what_else_is_done_in_the_archive_is_nobody_s_business(
    place: Place, act: Callable[[Path], object]
) -> None:
    told = place.looks(now, place.after(9, lambda: act(place.done / "pickup.csv")), place.after(9))
    assert told == [["ingested pickup.csv to pickup.csv"], [], []]


def test_after_ten_minutes_the_archive_is_left_alone(place: Place) -> None:
    def append() -> None:
        with (place.done / "pickup.csv").open("a") as file:
            file.write(NEW_ROW)

    assert place.looks(now, place.after(601, append), place.after(9))[1:] == [[], []]


def test_what_fails_in_the_archive_is_told_once(place: Place) -> None:
    def append() -> None:
        with (place.done / "pickup.csv").open("ab") as file:
            file.write(b"\xff\xfe\0" * 100_000 + b'"')

    told = place.looks(now, place.after(9, append), place.after(9), place.after(9))
    assert [len(look) for look in told] == [1, 1, 0, 0]


# Runs that have died


@pytest.mark.parametrize("archive", [True, False])
def test_what_a_dead_run_had_taken_is_found_at_the_start_and_each_minute(
    place: Place, archive: bool
) -> None:
    place.path.unlink()

    def dies() -> None:
        private = place.drop / f"{hidden.TAKEN}{place.clock}"
        private.mkdir()
        write(private, "pickup.csv", row(f"CRD{place.clock // SECOND}"))

    dies()
    told = place.looks(
        now, place.after(30, dies), place.after(31), archive=place.done if archive else None
    )
    assert [len(look) for look in told] == [1, 0, 1]
    assert place.cards() == ["CRD0", "CRD30"]


def test_what_cannot_be_given_back_is_told_once(place: Place, monkeypatch: Any) -> None:
    private = place.drop / f"{hidden.TAKEN}0"
    private.mkdir()
    write(private, "delivered.csv", row("CRD2"))

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    rename_free = hidden.rename_free
    monkeypatch.setattr(hidden, "rename_free", refuse)
    told = place.looks(
        now,
        place.after(61),
        place.after(61, lambda: monkeypatch.setattr(hidden, "rename_free", rename_free)),
        archive=None,
    )
    reason = f"read-only file system; the file is in {private} until that is mended"
    assert told == [
        [f"failed {private.name} {reason}", "ingested pickup.csv"],
        [],
        ["ingested delivered.csv"],
    ]


def test_pieces_of_copies_are_removed_at_the_start(place: Place) -> None:
    private = place.done / "sub" / f"{hidden.COPY}0"
    private.mkdir(parents=True)
    (private / "pickup.csv").write_text("pie")
    place.looks(now)
    assert [path.name for path in place.done.rglob("*")] == ["sub", "pickup.csv"]


# Options


@pytest.mark.parametrize("settle", ["nan", "inf", "-inf", "1e308", "86401"])
def test_a_time_that_is_none_is_wrong_usage(place: Place, settle: str) -> None:
    with pytest.raises(UsageError, match="--settle"):
        WatchOptions(settle=float(settle))
    arguments = ["watch", str(place.drop), "--settle", settle, "--db", str(place.database)]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--settle" in result.stderr
    assert not place.database.exists()


def test_times_that_mean_something() -> None:
    assert [WatchOptions(settle=seconds).settle for seconds in (0, 0.5, 86_400)] == [0, 0.5, 86_400]
