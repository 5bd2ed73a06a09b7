"""Processes that read beside this one: begins them, gives them parts, takes results, ends them.

Each has a pipe of its own. Those of ``concurrent.futures`` share one for results: if one is killed
while it writes, this process waits for ever for the rest of that message.
"""

import gc
import os
import queue
import signal
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cardstatus.courier.files.reader import PART, Part, open_file
from cardstatus.courier.files.search import is_gzipped
from cardstatus.database.writing.packing import PackedEvents
from cardstatus.errors import SourceError
from cardstatus.signals import held_back

from .part import FileToRead, read_part

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    PartResult = list[PackedEvents] | SourceError

SELDOM: Final = (200_000, 20, 100)
"""Thresholds of the garbage collector. Rows make hardly any cycles, and at the usual thresholds its
walks over them take 8 % of a run."""


class PendingPart:
    """A part of a file that is to be read, by this process or by one that it is given to."""

    def __init__(self, file: FileToRead, part: Part) -> None:
        self.file = file
        self.part = part
        self.result: PartResult | None = None
        self._reader: _ReaderProcess | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        end = self.file.stamp.size if self.part.end is None else self.part.end
        return end - self.part.start

    @property
    def may_be_given(self) -> bool:
        """Whether it fits into memory once it is read, and no process has it yet."""
        is_small = self.size <= 4 * PART and not is_gzipped(self.file.path)
        return is_small and self._reader is None

    def give_to(self, reader: "_ReaderProcess") -> None:
        """Give the part to a process."""
        reader.send(self)
        self._reader = reader

    def taken(self) -> list[PackedEvents] | None:
        """Wait for what the process has read, and return it; None if no process has the part.

        The part does not keep it. Raises the :class:`SourceError` of the file, and
        :class:`OSError` or :class:`EOFError` if the process has been killed.
        """
        if self._reader is None:
            return None
        while self.result is None:
            self._reader.receive()
        result, self.result = self.result, None
        if isinstance(result, SourceError):
            raise result
        return result


class Pool:
    """A number of processes at most, which begin as there are parts for them."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._readers: list[_ReaderProcess] = []

    def give(self, part: PendingPart) -> None:
        """Have a part read. Raises :class:`OSError` if a process was killed or cannot begin."""
        reader = min(self._readers, key=lambda reader: reader.load, default=None)
        if reader is None or (reader.load and len(self._readers) < self._number):
            _begin_tracker()
            # Before the new process ignores Ctrl-C, one would end it with a traceback; before it
            # is in the list, nothing would end it.
            with held_back():
                reader = _ReaderProcess()
                self._readers.append(reader)
        part.give_to(reader)

    def stop(self) -> None:
        """Kill the processes, which only read."""
        with held_back():
            for reader in self._readers:
                reader.stop()
            self._readers = []


class _ReaderProcess:
    """One process, and the parts that it has been given."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        self._given: deque[PendingPart] = deque()
        self._told: FileToRead | None = None
        """The file whose parts the process is given."""
        # Spawned: a forked process would share locks and open databases with this one.
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        with theirs:
            self._process = context.Process(target=_serve, args=[theirs], daemon=True)
            self._process.start()

    @property
    def load(self) -> int:
        """Bytes of the parts whose results have not come."""
        return sum(part.size for part in self._given)

    def send(self, part: PendingPart) -> None:
        """Give the process a part to read."""
        # What is known of a file takes 16 KB, and what waits in the pipe is not much more.
        file = None if part.file is self._told else part.file
        self._connection.send((file, part.part))
        self._told = part.file
        self._given.append(part)

    def receive(self) -> None:
        """Wait for the next result. Results come in the order in which the parts were given."""
        self._given[0].result = self._connection.recv()
        self._given.popleft()

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _begin_tracker() -> None:
    # 30 ms to import, which only large runs need.
    from multiprocessing import resource_tracker

    # Python's own process, which the first of ours would begin, and whose beginning lets Ctrl-C in.
    resource_tracker.ensure_running()


def _serve(connection: "Connection") -> None:
    # Ctrl-C reaches all processes of a terminal; the parent ends the others in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Held back since this process was begun.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    gc.set_threshold(*SELDOM)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Results wait here while the parent is busy storing, and reading goes on.
    results: queue.SimpleQueue[PartResult] = queue.SimpleQueue()
    threading.Thread(target=_send_results, args=[connection, results], daemon=True).start()
    file: FileToRead
    with suppress(EOFError, OSError):
        while True:
            other, part = connection.recv()
            if other:
                file = other
            try:
                with open_file(file.path) as source:
                    results.put(list(read_part(source, file, part)))
            except SourceError as error:
                results.put(error)
            except Exception:
                # A bug. The parent goes on alone, meets it too, and tells of it without repeating
                # rows.
                return


def _send_results(connection: "Connection", results: "queue.SimpleQueue[PartResult]") -> None:
    with suppress(OSError):
        while True:
            connection.send(results.get())


def _end_with_parent() -> None:
    """End this process when its parent has ended, killed perhaps."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
