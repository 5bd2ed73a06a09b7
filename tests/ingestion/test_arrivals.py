"""When a file of a watched folder has been quiet."""

from pathlib import Path

import pytest

from cardstatus.courier.files.search import FileStamp, FoundFile
from cardstatus.ingestion.arriving.arrivals import Arrivals
from cardstatus.instants import SECOND

A, B = Path("a.csv"), Path("b.csv")
NOW = 1_700_000_000 * SECOND
"""The time of day at the first look."""
START = 1_000 * SECOND
"""The clock that only goes forward at the first look: nobody knows when it began."""


def found(
    path: Path = A, *, size: int = 1, modified: int = NOW, touched: int | None = None,
    inode: int = 1,
) -> FoundFile:  # fmt: skip
    stamp = FileStamp(1, inode, size, modified)
    return FoundFile(str(path), path, None, stamp, modified if touched is None else touched)


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals(2 * SECOND)


def test_a_file_that_is_written_to_is_quiet_when_it_has_settled(arrivals: Arrivals) -> None:
    arrivals.see([found()], NOW, START)
    arrivals.see([found(size=2, modified=NOW + SECOND)], NOW + SECOND, START + SECOND)
    for seconds, quiet in ((1, False), (2, False), (3, True)):
        assert bool(arrivals.quiet(START + seconds * SECOND)) is quiet


@pytest.mark.parametrize(
    ("file", "is_quiet"),
    [
        pytest.param(found(), False, id="made here"),
        pytest.param(found(touched=NOW + 1), False, id="made here, its mode changed at once"),
        pytest.param(
            found(modified=NOW - 3 * SECOND, touched=NOW), False,
            id="made here, its mode changed soon",
        ),
        pytest.param(
            found(modified=NOW - 4 * SECOND, touched=NOW), True, id="moved here, written before"
        ),
        pytest.param(found(modified=NOW - 61 * SECOND), False, id="old by a clock of another"),
        pytest.param(found(modified=NOW - 62 * SECOND), True, id="lying there for long"),
        pytest.param(found(modified=NOW + 3_600 * SECOND), False, id="of the future"),
        pytest.param(found(size=0, modified=0, touched=0), False, id="old, but empty"),
    ],
)  # fmt: skip
def test_a_new_file_is_quiet_at_once_if_it_has_certainly_been(
    arrivals: Arrivals, file: FoundFile, is_quiet: bool
) -> None:
    arrivals.see([file], NOW, START)
    assert bool(arrivals.quiet(START)) is is_quiet
    assert list(arrivals.quiet(START + 2 * SECOND)) == [A]


def test_the_time_that_a_file_lay_there_counts_for_long_settling_too() -> None:
    arrivals = Arrivals(3_600 * SECOND)
    arrivals.see([found(modified=NOW - 3_600 * SECOND)], NOW, START)
    for seconds, quiet in ((0, False), (59, False), (60, True)):
        assert bool(arrivals.quiet(START + seconds * SECOND)) is quiet


@pytest.mark.parametrize("step", [-3_600, 3_600])
def test_a_clock_that_is_set_changes_nothing(arrivals: Arrivals, step: int) -> None:
    arrivals.see([found()], NOW, START)
    arrivals.see([found()], NOW + step * SECOND, START + SECOND)
    assert not arrivals.quiet(START + SECOND)
    assert list(arrivals.quiet(START + 2 * SECOND)) == [A]


def test_a_file_moved_over_another_is_a_new_one(arrivals: Arrivals) -> None:
    arrivals.see([found()], NOW, START)
    arrivals.see([found(inode=2, modified=NOW - 9 * SECOND, touched=NOW)], NOW, START)
    assert list(arrivals.quiet(START)) == [A]


@pytest.mark.parametrize("failed", [False, True])
def test_what_is_done_with_comes_again_when_it_changes(arrivals: Arrivals, failed: bool) -> None:
    clock = START + 5 * SECOND
    arrivals.see([found(A), found(B)], NOW, START)
    assert list(arrivals.quiet(clock)) == arrivals.waiting == [A, B]
    arrivals.done(A, failed=failed)
    assert list(arrivals.quiet(clock)) == arrivals.waiting == [B]
    arrivals.see([found(A, size=9), found(B)], NOW, clock)
    assert arrivals.waiting == [A, B]


def test_what_is_done_with_can_be_taken_again_as_it_is(arrivals: Arrivals) -> None:
    arrivals.see([found()], NOW, START)
    arrivals.done(A, failed=False)
    arrivals.again(A)
    arrivals.again(B)  # nobody has seen it
    assert list(arrivals.quiet(START + 2 * SECOND)) == arrivals.waiting == [A]


@pytest.mark.parametrize(("failed", "waiting"), [(True, []), (False, [A])])
def test_what_went_and_comes_back_the_same_is_new_unless_it_failed(
    arrivals: Arrivals, failed: bool, waiting: list[Path]
) -> None:
    arrivals.see([found()], NOW, START)
    arrivals.done(A, failed=failed)
    arrivals.see([], NOW, START)
    assert arrivals.waiting == []
    arrivals.see([found()], NOW, START)
    assert arrivals.waiting == waiting
