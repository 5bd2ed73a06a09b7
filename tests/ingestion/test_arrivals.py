"""When a file of a watched folder is whole."""

from pathlib import Path

import pytest

from cardstatus.courier.files import FileStamp, FoundFile
from cardstatus.ingestion.arrivals import Arrivals
from cardstatus.instants import SECOND

A, B = Path("a.csv"), Path("b.csv")
START = 1_000 * SECOND


def found(
    path: Path = A, *, size: int = 1, modified: int = START, touched: int | None = None,
    inode: int = 1,
) -> FoundFile:  # fmt: skip
    stamp = FileStamp(1, inode, size, modified)
    return FoundFile(str(path), path, None, stamp, modified if touched is None else touched)


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals(2 * SECOND)


def test_a_file_that_is_written_to_is_whole_when_it_has_settled(arrivals: Arrivals) -> None:
    arrivals.see([found()], START, START)
    arrivals.see([found(size=2, modified=START + SECOND)], START + SECOND, START)
    for seconds, whole in ((1, False), (2, False), (3, True)):
        assert bool(arrivals.whole(START + seconds * SECOND)) is whole


def test_what_nobody_has_written_to_for_long_is_whole_at_the_first_look(arrivals: Arrivals) -> None:
    arrivals.see([found()], START + 2 * SECOND, 0)
    assert list(arrivals.whole(START + 2 * SECOND)) == [A]


@pytest.mark.parametrize(
    ("file", "is_whole"),
    [
        pytest.param(found(), False, id="made here"),
        pytest.param(found(size=0, touched=START + 1), False, id="made here, still empty"),
        pytest.param(found(touched=START + 1), True, id="moved just after it was written"),
        pytest.param(found(modified=START - SECOND), True, id="moved, written before"),
        pytest.param(found(size=0, modified=START - SECOND), False, id="moved, but empty"),
    ],
)
def test_a_new_file_is_whole_at_once_if_it_was_moved_here(
    arrivals: Arrivals, file: FoundFile, is_whole: bool
) -> None:
    arrivals.see([], START, START)
    arrivals.see([file], START, START)
    assert bool(arrivals.whole(START)) is is_whole


def test_a_file_moved_over_another_is_a_new_one(arrivals: Arrivals) -> None:
    arrivals.see([found()], START, START)
    arrivals.see([found(inode=2, touched=START + 1)], START, START)
    assert list(arrivals.whole(START)) == [A]


def test_a_clock_that_is_behind_the_files_delays_and_no_more(arrivals: Arrivals) -> None:
    arrivals.see([found(modified=START + 3_600 * SECOND)], START, START)
    assert not arrivals.whole(START + SECOND)
    assert list(arrivals.whole(START + 2 * SECOND)) == [A]


@pytest.mark.parametrize("failed", [False, True])
def test_what_is_done_with_comes_again_when_it_changes(arrivals: Arrivals, failed: bool) -> None:
    now = START + 5 * SECOND
    arrivals.see([found(A), found(B)], now, 0)
    assert list(arrivals.whole(now)) == arrivals.waiting == [A, B]
    arrivals.done(A, failed=failed)
    assert list(arrivals.whole(now)) == arrivals.waiting == [B]
    arrivals.see([found(A, size=9), found(B)], now, 0)
    assert arrivals.waiting == [A, B]


@pytest.mark.parametrize(("failed", "waiting"), [(True, []), (False, [A])])
def test_what_went_and_comes_back_the_same_is_new_unless_it_failed(
    arrivals: Arrivals, failed: bool, waiting: list[Path]
) -> None:
    arrivals.see([found()], START, 0)
    arrivals.done(A, failed=failed)
    arrivals.see([], START, 0)
    assert arrivals.waiting == []
    arrivals.see([found()], START, 0)
    assert arrivals.waiting == waiting
