"""Has the parts of many files read, by this process or by several, and yields them in order.

The number of processes makes no difference to what is yielded.
"""

import gc
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from typing import Final, Self

from cardstatus.courier.files.reader import OpenFile, open_file
from cardstatus.database.writing.packing import PackedEvents

from .part import read_part
from .plan import FilePlan
from .processes import SELDOM, PendingPart, Pool

_WORTH_A_POOL: Final = 6 << 20
"""Bytes from which on it pays to begin processes, which takes 0.3 s each: 120,000 rows."""
_AHEAD: Final = 24 << 20
"""Bytes that are read before they are asked for. Their events wait in memory while a file is
merged; merging a million rows takes as long as reading these."""
_PARTS_AHEAD: Final = 200

_Step = tuple[FilePlan, PendingPart | None]
"""A file and one of its parts; None for a file that is not to be read."""


def cores() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """A number of processes that read beside this one; with 1 this one reads."""

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

    def read(self, plans: Iterable[FilePlan]) -> Iterator[tuple[FilePlan, Iterator[PackedEvents]]]:
        """Yield each plan with the pieces of its file, to be taken before the next plan is.

        Asks for plans ahead of time. Taking a piece raises the :class:`SourceError` of its file.
        """
        for plan, steps in groupby(self._ahead(_steps(plans)), key=itemgetter(0)):
            yield plan, self._packed(part for _, part in steps if part)

    def _ahead(self, steps: Iterator[_Step]) -> Iterator[_Step]:
        """Yield the steps, once the next ones are begun."""
        waiting: deque[_Step] = deque()
        while True:
            while not waiting or (self._number > 1 and _has_room(waiting)):
                step = next(steps, None)
                if step is None:
                    break
                waiting.append(step)
            if not waiting:
                return
            self._give_away([part for _, part in waiting if part and part.may_be_given])
            yield waiting.popleft()

    def _give_away(self, parts: Sequence[PendingPart]) -> None:
        """Have parts read by other processes, if there are enough of them."""
        alone = self._number == 1 or sum(part.size for part in parts) < _WORTH_A_POOL
        if self._pool is None and alone:
            return
        self._pool = self._pool or Pool(self._number)
        try:
            for part in parts:
                self._pool.give(part)
        except OSError:
            self._go_on_alone()

    def _packed(self, parts: Iterable[PendingPart]) -> Iterator[PackedEvents]:
        """Yield the pieces of one file, which this process opens once at most."""
        carried_over: Sequence[str] = ()
        with ExitStack() as stack:
            source: OpenFile | None = None
            for part in parts:
                # A part is read ahead as if the part before left nothing over, as is nearly always
                # so. If a row stands across the cut, it must be read again.
                read: Iterable[PackedEvents] | None = None if carried_over else self._result(part)
                if read is None:
                    source = source or stack.enter_context(open_file(part.file.path))
                    read = read_part(source, part.file, part.part, carried_over)
                for packed in read:
                    carried_over = packed.rest
                    yield packed

    def _result(self, part: PendingPart) -> list[PackedEvents] | None:
        """Return what another process has read of a part, None if none has it."""
        try:
            return part.taken()
        except (EOFError, OSError):
            self._go_on_alone()
            return None

    def _go_on_alone(self) -> None:
        """Do without the processes: one was killed, perhaps for want of memory, or cannot begin."""
        self._stop()
        self._number = 1

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool = None


def _steps(plans: Iterable[FilePlan]) -> Iterator[_Step]:
    # One at a time: a list would keep all that is read of a file until the file ends.
    for plan in plans:
        if plan.file is None:
            yield plan, None
        else:
            for part in plan.parts:
                yield plan, PendingPart(plan.file, part)


def _has_room(waiting: Sequence[_Step]) -> bool:
    ahead = sum(part.size for _, part in waiting if part)
    return len(waiting) < _PARTS_AHEAD and ahead < _AHEAD
