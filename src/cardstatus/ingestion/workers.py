"""Has the parts of many files read, here or by several processes at once, and gives them in order.

Whoever uses it sees the same runs in the same order however many processes there are.
"""

import gc
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Final, Generic, Protocol, Self, TypeVar

from cardstatus.database.packing import PackedEvents

from .part import Job, read
from .processes import SELDOM, Pool, Reading

_WORTH_A_POOL: Final = 6 << 20
"""Bytes to read from which on it pays to start processes: 0.3 s each, 120,000 rows."""
_AHEAD: Final = 24 << 20
"""Bytes that may be read before they are asked for. Their runs wait in memory while a file is
merged, which at a million rows takes as long as reading these."""
_JOBS_AHEAD: Final = 200


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Plan(Protocol):
    """A file and the jobs that read it, none if it is not to be read."""

    @property
    def jobs(self) -> Sequence[Job]:
        """Its parts, in order."""


_P = TypeVar("_P", bound=Plan)


@dataclass(slots=True)
class _Step(Generic[_P]):
    plan: _P
    job: Job | None
    reading: Reading | None = None

    @property
    def size(self) -> int:
        return self.job.size if self.job else 0


class Workers:
    """So many processes beside this one; with one, this one does it all."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._pool: Pool | None = None

    def __enter__(self) -> Self:
        self._usual_pace = gc.get_threshold()
        gc.set_threshold(*SELDOM)
        return self

    def __exit__(self, *exception: object) -> None:
        gc.set_threshold(*self._usual_pace)
        self._stop()

    def read(self, plans: Iterable[_P]) -> Iterator[tuple[_P, Iterator[PackedEvents]]]:
        """Yield each file with its runs, to be taken before the next file is.

        Plans are asked for ahead of time. Taking a run raises the :class:`SourceError` of its file.
        """
        for _, group in groupby(self._ahead(_steps(plans)), key=lambda step: id(step.plan)):
            steps = iter(group)
            first = next(steps)
            yield first.plan, self._runs(chain([first], steps))

    def _ahead(self, steps: Iterator[_Step[_P]]) -> Iterator[_Step[_P]]:
        """Yield the steps, having had the next ones begun."""
        waiting: deque[_Step[_P]] = deque()
        while True:
            while not waiting or (self._number > 1 and _has_room(waiting)):
                step = next(steps, None)
                if step is None:
                    break
                waiting.append(step)
            if not waiting:
                return
            self._begin(waiting)
            yield waiting.popleft()

    def _begin(self, waiting: Iterable[_Step[_P]]) -> None:
        """Have what may be read by others read by them, if it is worth their while."""
        steps = [s for s in waiting if s.job and s.job.is_small and not s.reading]
        alone = self._number == 1 or sum(step.size for step in steps) < _WORTH_A_POOL
        if self._pool is None and alone:
            return
        self._pool = self._pool or Pool(self._number)
        try:
            for step in steps:
                if step.job is not None:
                    step.reading = self._pool.submit(step.job)
        except OSError:
            self._go_on_alone()

    def _runs(self, steps: Iterable[_Step[_P]]) -> Iterator[PackedEvents]:
        rest: Sequence[str] = ()
        for step in steps:
            for run in self._read(step, rest):
                rest = run.rest
                yield run

    def _read(self, step: _Step[_P], rest: Sequence[str]) -> Iterable[PackedEvents]:
        if step.job is None:
            return ()
        # Read ahead it was read as if the part before left nothing over, which is nearly always
        # so: else a row stands across the cut, and what has been read is void.
        if step.reading is None or rest:
            return read(step.job, rest)
        try:
            return step.reading.taken()
        except (EOFError, OSError):
            self._go_on_alone()
            return read(step.job)

    def _go_on_alone(self) -> None:
        """Do without processes that were killed, perhaps for want of memory, or may not begin."""
        self._stop()
        self._number = 1

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool = None


def _steps(plans: Iterable[_P]) -> Iterator[_Step[_P]]:
    for plan in plans:
        # One at a time: all of them at once would keep what is read of a file until it ends.
        for job in plan.jobs or (None,):
            yield _Step(plan, job)


def _has_room(waiting: Sequence[_Step[_P]]) -> bool:
    return len(waiting) < _JOBS_AHEAD and sum(step.size for step in waiting) < _AHEAD
