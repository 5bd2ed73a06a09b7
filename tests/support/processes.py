"""Programs that are started, looked at and ended, and what they leave behind; for several tests."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

# What the program loads when it needs it, so that a process that is forked has it already.
from cardstatus import __main__
from cardstatus.cli.commands.asking import export, get
from cardstatus.cli.commands.intake import ingest
from cardstatus.database.writing import writer
from cardstatus.display import tables

LOADED = (export, get, ingest, writer, tables)

PATIENCE = 120
"""Seconds after which something hangs; far more than it takes on a machine that stalls."""


class Process(NamedTuple):
    parent: int
    state: str
    command: str


def look_at(pid: int) -> Process | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return None
    state, parent = status.rpartition(")")[2].split()[:2]
    return Process(int(parent), state, command)


def children(of: int) -> dict[int, Process]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid: it for pid in pids if (it := look_at(pid)) and it.parent == of}


def readers(of: int) -> list[int]:
    """The processes that read. Python's own, that looks after semaphores, ends with its parent."""
    return [pid for pid, it in children(of).items() if "resource_tracker" not in it.command]


def eventually(happens: Callable[[], Any], what: str, within: float = PATIENCE) -> Any:
    """Wait for something; ``within``: seconds after which it counts as hanging."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := happens():
            return found
        time.sleep(0.01)
    raise AssertionError(f"{what}: not within {within} s")


def assert_gone(pids: Sequence[int]) -> None:
    """Of an orphan a zombie may be left where nobody buries it."""

    def alive() -> list[int]:
        return [pid for pid in pids if (it := look_at(pid)) and it.state != "Z"]

    eventually(lambda: not alive(), f"the end of {alive()}")


@contextmanager
def started(*command: str | Path, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A program in a group of processes of its own, as a terminal has it; ended with the block."""
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def held(database: Path) -> dict[str, int]:
    """How many events a sound database has of each file."""
    if not database.exists():
        return {}
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
            return {}
        found = connection.execute("SELECT source, count(*) FROM card_event GROUP BY 1").fetchall()
    return {Path(source).name: count for source, count in found}


class Ended(NamedTuple):
    code: int
    said: str


def forked(do: Callable[[], object]) -> Ended:
    """Do something in a process of its own, and return how that ended and what it said to stderr.

    Not started anew, which would take ten times as long.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            os.dup2(writer, 2)
            sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
            do()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 98
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stderr:
        said = stderr.read()
    _, status = os.waitpid(pid, 0)
    return Ended(os.waitstatus_to_exitcode(status), said)


def program(
    *arguments: str | Path,
    before: Callable[[], object] = lambda: None,
    stdout: str = os.devnull,
) -> Ended:
    """The program in a process of its own, in which something is done before."""

    def run() -> None:
        sys.argv = ["cardstatus", *map(str, arguments)]
        os.dup2(os.open(stdout, os.O_WRONLY), 1)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        before()
        __main__.main()

    return forked(run)


def in_session(leader: int) -> list[int]:
    """The processes that a program has started, and itself, as long as they live."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            status = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            state, _, _, session = status.rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(entry.name))
    return found
