"""Whether somebody has a file open for writing."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cardstatus.ingestion.arriving import writers
from cardstatus.ingestion.arriving.writers import being_written, ends_with_a_line, refuses_lease

pytestmark = pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="Linux only")

LEASE = fcntl.fcntl


def without_leases(handle: int, command: int, argument: int = 0) -> int:
    if command == fcntl.F_SETLEASE:
        raise OSError(errno.EACCES, "not the owner")
    return LEASE(handle, command, argument)


@pytest.fixture
def file(memory: Path) -> Path:
    path = memory / "pickup.csv"
    path.write_text("a\n")
    if refuses_lease(path) is None:
        pytest.skip("this file system, or user, may not take leases")
    return path


@contextmanager
def opened_elsewhere(path: Path, mode: str) -> Iterator[None]:
    """The file is open in another process for the block."""
    program = "import sys; f = open(*sys.argv[1:]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(path), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()


@pytest.mark.parametrize(
    ("mode", "is_open"), [("a", True), ("r+", True), ("w", True), ("r", False)]
)
def test_a_file_is_being_written_while_it_is_open_for_that(
    file: Path, mode: str, is_open: bool
) -> None:
    with opened_elsewhere(file, mode):
        assert being_written([file]) == {file: is_open}
    assert being_written([file]) == {file: False}


@pytest.mark.parametrize(("mode", "is_open"), [("a", True), ("r+", True), ("r", None)])
def test_without_leases_a_writer_of_this_user_is_seen_and_nobody_is_sure(
    file: Path, mode: str, is_open: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.fcntl", without_leases)
    other = file.with_name("other.csv")
    other.touch()
    with opened_elsewhere(file, mode):
        assert being_written([file, other]) == {file: is_open, other: None}
    assert being_written([file]) == {file: None}


def test_all_processes_are_looked_through_once_for_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.fcntl", without_leases)
    asked: list[set[str]] = []

    def here(names: Any) -> set[str]:
        asked.append(set(names))
        return set()

    monkeypatch.setattr(writers, "_written_here", here)
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.touch()
    being_written(paths)
    assert asked == [{os.path.realpath(path) for path in paths}]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda _: None], ids=["dir", "fifo", "no"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "x"
    make(path)
    assert refuses_lease(path) in (None, False)


def test_whoever_opens_the_file_meanwhile_waits_a_moment_and_harms_nobody(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel signals that somebody waits for the end of our lease."""
    program = "import sys; open(sys.argv[1], 'a').close()"

    def slow(handle: int, command: int, argument: int = 0) -> int:
        result = LEASE(handle, command, argument)
        if command == fcntl.F_SETLEASE:
            started.append(subprocess.Popen([sys.executable, "-c", program, str(file)]))
            while LEASE(handle, fcntl.F_GETLEASE) == fcntl.F_RDLCK:
                time.sleep(0.001)  # until it waits
        return result

    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr("fcntl.fcntl", slow)
    assert signal.getsignal(signal.SIGURG) is signal.SIG_DFL
    assert refuses_lease(file) is False
    assert started[0].wait(60) == 0


@pytest.mark.parametrize(
    ("name", "content", "ends"),
    [
        ("x.csv", b"a\nb\n", True),
        ("x.csv", b"a\r\n", True),
        ("x.csv", b"a\rb\r", True),
        ("x.csv", b"a\nb", False),
        ("x.csv", b"\n", True),
        ("x.csv", b"a", False),
        ("x.csv", b"", True),
        ("x.csv", "a\n".encode("utf-16-le"), True),
        ("x.csv", "a\n".encode("utf-16-be"), True),
        ("x.csv", "a\nb".encode("utf-16-le"), False),
        ("x.CSV.gz", b"\x1f", True),
    ],
)
def test_a_file_that_ends_within_a_line(
    tmp_path: Path, name: str, content: bytes, ends: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert ends_with_a_line(path) is ends
    assert ends_with_a_line(tmp_path / "no.csv") is True
