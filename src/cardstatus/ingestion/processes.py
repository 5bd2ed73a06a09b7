"""The processes that read beside this one. Owns them and the pipes to them.

Each has a pipe of its own. Those of ``concurrent.futures`` share one for what they have read: if
one is killed while it writes, this process waits for ever for the rest of that message.
"""

import gc
import os
import queue
import signal
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cardstatus.database.packing import PackedEvents
from cardstatus.errors import SourceError
from cardstatus.signals import held_back

from .part import Job, read

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    Outcome = list[PackedEvents] | SourceError

SELDOM: Final = (200_000, 20, 100)
"""When the garbage collector passes: rows make hardly any cycles, and its walks over them take 8 %
of a run at the usual pace."""


class Reading:
    """A job that was given to a process."""

    def __init__(self, reader: "_Reader", size: int) -> None:
        self.size = size
        self.outcome: Outcome | None = None
        self._reader = reader

    def taken(self) -> list[PackedEvents]:
        """Return the runs, waiting for them; they are no longer kept here.

        Raises the :class:`SourceError` of the file, and :class:`OSError` or :class:`EOFError` if
        the process has been killed.
        """
        while self.outcome is None:
            self._reader.receive()
        outcome, self.outcome = self.outcome, None
        if isinstance(outcome, SourceError):
            raise outcome
        return outcome


class Pool:
    """So many processes at most; they begin as there is something to do for them."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._readers: list[_Reader] = []

    def submit(self, job: Job) -> Reading:
        """Have a job done. Raises :class:`OSError` if a process was killed, or may not begin."""
        reader = min(self._readers, key=lambda reader: reader.load, default=None)
        if reader is None or (reader.load and len(self._readers) < self._number):
            _begin()
            # Ctrl-C would end it with a traceback before it comes to ignore it, and one that this
            # process does not know of yet would not be stopped.
            with held_back():
                reader = _Reader()
                self._readers.append(reader)
        return reader.give(job)

    def stop(self) -> None:
        """End the processes, whatever they are doing: they only read."""
        with held_back():
            for reader in self._readers:
                reader.stop()
            self._readers = []


class _Reader:
    """One process, and what it has been given."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        self._given: deque[Reading] = deque()
        # A forked process would share locks and open databases with this one.
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        with theirs:
            self._process = context.Process(target=_serve, args=[theirs], daemon=True)
            self._process.start()

    @property
    def load(self) -> int:
        """Bytes to read that have not come back."""
        return sum(reading.size for reading in self._given)

    def give(self, job: Job) -> Reading:
        self._connection.send(job)
        self._given.append(Reading(self, job.size))
        return self._given[-1]

    def receive(self) -> None:
        """Wait for the next outcome: they come in the order in which the jobs were given."""
        self._given[0].outcome = self._connection.recv()
        self._given.popleft()

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _begin() -> None:
    # 30 ms to import, of use from some hundred thousand rows on.
    from multiprocessing import resource_tracker

    # Python's own, which the first process would start, and whose start lets Ctrl-C in.
    resource_tracker.ensure_running()


def _serve(connection: "Connection") -> None:
    # Ctrl-C reaches all processes of a terminal: the first one ends the others in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It was begun with this held back.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    gc.set_threshold(*SELDOM)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What has been read waits here while the one who stores it is busy: reading goes on.
    outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    threading.Thread(target=_send, args=[connection, outcomes], daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            job = connection.recv()
            try:
                outcomes.put(list(read(job)))
            except SourceError as error:
                outcomes.put(error)
            except Exception:
                # A bug of ours. The one it works for goes on alone, meets it, too, and tells of
                # it without repeating what rows say.
                return


def _send(connection: "Connection", outcomes: "queue.SimpleQueue[Outcome]") -> None:
    with suppress(OSError):
        while True:
            connection.send(outcomes.get())


def _end_with_parent() -> None:
    """End this process when the one it works for is gone, killed perhaps."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
