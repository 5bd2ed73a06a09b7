"""A database that a server answers from, while others may write, replace or take it away.

Nothing is held from one question to the next, and nothing is written beside the database: so no
log of one file is taken for that of another. Does not write.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeVar

from cardstatus.database.connection import opened
from cardstatus.database.files import Identity, settled, unfinished
from cardstatus.errors import DatabaseError

from .overview import Overview

_STEPS: Final = 20_000
"""SQLite's steps between two looks at whether to go on: about a millisecond."""
_LOOK_SECONDS: Final = 0.25
"""Between two looks, in a long pass, at which file has the database's name."""
_ATTEMPTS: Final = 20
_PAUSE: Final = 0.1
_MOMENT: Final = 0.05
_LONGEST_PATTERN: Final = 200
"""Characters. SQLite takes as many steps for each character of the text that is searched."""
_LOG_HEADER: Final = 32
"""Bytes, with two random numbers that no two logs have in common."""
_TICK: Final = 20_000_000
"""Nanoseconds, longer than a tick of any file system's clock."""
_TOGETHER: Final = 60_000_000_000
"""Nanoseconds between the moves of a database and of its log, at most."""

Answer = TypeVar("Answer")


class InterruptedQuestionError(Exception):
    """The question was given up: nobody waits for its answer, or it took too long."""


class FileState(NamedTuple):
    """A file's state, which is another once it was replaced or written to."""

    identity: Identity
    size: int
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z, as is the next."""
    changed: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return the state of the file that has a name now, None if none has."""
        with suppress(OSError):
            status = path.stat()
            identity = Identity(status.st_dev, status.st_ino)
            return cls(identity, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return None


class State(NamedTuple):
    """The state of a database, which is another whenever an answer may be another."""

    database: FileState | None
    log: FileState | None
    """Of the file beside it that holds changes to it, None if there are none."""

    @property
    def identity(self) -> Identity | None:
        """Which file it is."""
        return self.database.identity if self.database else None


class ServedDatabase:
    """A database that is asked many questions, each over a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[Identity | None, bytes] = (None, b"")
        """The file, and the beginning of the log beside it, when last looked at."""

    def state(self) -> State:
        """Return the state of the files, without opening them."""
        logs = map(FileState.of, unfinished(self.path))
        return State(FileState.of(self.path), next((log for log in logs if log and log.size), None))

    def ask(
        self,
        question: Callable[[Overview], Answer],
        given_up: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Return the answer to a question, all of one state of the database.

        Where the file was written to or replaced meanwhile, the question is put again. ``given_up``
        is asked all the time. Raises :class:`InterruptedQuestionError`, :class:`DatabaseError` and
        the question's own errors.
        """
        for _ in range(_ATTEMPTS):
            before = self._settled_state()
            self._refuse_foreign_log(before)
            try:
                answer = self._ask_once(question, given_up, before)
            except Exception as error:
                damaged = isinstance(error, DatabaseError) and before.database
                half_written = damaged and not settled(self.path)
                if given_up() or not (half_written or self._disturbed(before)):
                    raise
            else:
                if not self._disturbed(before):
                    return answer
            if given_up():
                raise InterruptedQuestionError
            time.sleep(_PAUSE)
        raise DatabaseError(f"{self.path} was written to again and again while it was read")

    def _settled_state(self) -> State:
        """Return the state of the files, a moment after the last change to it.

        A further change would not show in the times of the file until then.
        """
        latest = time.monotonic() + _MOMENT
        while (state := self.state()).log is None and state.database:
            if settled(self.path) or time.monotonic() > latest:
                break
            time.sleep(_MOMENT / 10)
        return state

    def _ask_once(
        self,
        question: Callable[[Overview], Answer],
        given_up: Callable[[], bool],
        before: State,
    ) -> Answer:
        with opened(self.path, traceless=True) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_PATTERN)
            connection.set_progress_handler(self._leaver(given_up, before), _STEPS)
            try:
                connection.execute("BEGIN")
                return question(Overview(self.path, connection))
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
            finally:
                connection.set_progress_handler(None, 0)
            # Not SQLite's own error, which would be taken for a sign of damage.
            raise InterruptedQuestionError

    def _leaver(self, given_up: Callable[[], bool], before: State) -> Callable[[], bool]:
        """Return what tells SQLite whether to leave a question."""
        next_look = time.monotonic() + _LOOK_SECONDS

        def leave() -> bool:
            nonlocal next_look
            if given_up():
                return True
            if time.monotonic() < next_look:
                return False
            next_look = time.monotonic() + _LOOK_SECONDS
            return self.state().identity != before.identity

        return leave

    def _disturbed(self, before: State) -> bool:
        """Tell whether what was read since then may be of two states, or of another file."""
        after = self.state()
        # With a log, SQLite keeps the state apart that a reader has begun with.
        if before.log:
            return before.identity != after.identity
        return before.database != after.database

    def _refuse_foreign_log(self, state: State) -> None:
        """Raise :class:`DatabaseError` where the log is that of another file.

        SQLite would take it for that of the file which has the name now.
        """
        database, log = self._seen
        found = _header(self.path) if state.log else b""
        if found and state.identity != database and found == log and not _moved(state.log):
            raise DatabaseError(
                f"{self.path} is another file than before, and the {self.path.name}-wal beside it "
                "is of the one before; move that away, or, if it is not, start the server again"
            )
        if found and state.identity == database and found != log and not _came_together(state):
            raise DatabaseError(
                f"another {self.path.name}-wal was put beside {self.path}; put its database there, "
                "too, or, if that is it, start the server again"
            )
        self._seen = (state.identity, found)


def _header(path: Path) -> bytes:
    for beside in unfinished(path):
        with suppress(OSError), beside.open("rb") as file:
            if header := file.read(_LOG_HEADER):
                return header
    return b""


def _moved(file: FileState | None) -> bool:
    """Tell whether a file has got its name after it was last written to."""
    return file is not None and file.changed - file.modified > _TICK


def _came_together(state: State) -> bool:
    """Tell whether a log was made beside its database, or moved here at about the same time."""
    if not (state.database and state.log) or not _moved(state.log):
        return True
    apart = abs(state.log.changed - state.database.changed)
    return _moved(state.database) and apart < _TOGETHER
