"""Connections that count what they are asked to do and can be stopped at any of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cardstatus.database import connection


class Stepping(sqlite3.Connection):
    """A real connection; each statement, commit and the like is a step."""

    step: ClassVar[Callable[[], None]]

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        return self._stepped(super().execute, *arguments)

    def deserialize(self, *arguments: Any, **options: Any) -> None:
        self._stepped(super().deserialize, *arguments, **options)

    def commit(self) -> None:
        self._stepped(super().commit)

    def close(self) -> None:
        self._stepped(super().close)

    def _stepped(self, do: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        type(self).step()
        done = do(*arguments, **options)
        type(self).step()
        return done


@contextmanager
def at_step(number: int, act: Callable[[], object]) -> Iterator[Callable[[], int]]:
    """Act once before or after (odd, even) a step of the connections that are opened in the block;
    yields how many of both there were."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done == number:
            act()

    def connect(uri: str) -> sqlite3.Connection:
        return sqlite3.connect(
            uri, uri=True, timeout=connection.BUSY_SECONDS, isolation_level=None, factory=Stepping
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stepping, "step", staticmethod(step), raising=False)
        patch.setattr(connection, "_connect", connect)
        yield lambda: done


@contextmanager
def locked(database: Path) -> Iterator[sqlite3.Connection]:
    """Another process that is writing to the database, until it commits or the block ends."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@contextmanager
def counted() -> Iterator[list[str]]:
    """Count the connections that are opened in the block; yields where each leads to."""
    opened: list[str] = []
    connect = connection._connect

    def count(uri: str) -> sqlite3.Connection:
        opened.append(uri)
        return connect(uri)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "_connect", count)
        yield opened
