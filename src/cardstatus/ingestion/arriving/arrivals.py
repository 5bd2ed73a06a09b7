"""Tells which files of a watched folder have been quiet, from what each look finds.

Two clocks are in use. The time of day, which may be set, dates what lies there at the first look;
from then on a clock that only goes forward counts how long a file has not changed.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.courier.files.others import is_on_its_way
from cardstatus.courier.files.search import FileStamp, FoundFile, find_files, printable_path
from cardstatus.instants import SECOND

_CLOCKS_DIFFER: Final = 60 * SECOND
"""The clock of a file server may be so far from that of this machine."""
_GRAIN: Final = 2 * SECOND
"""A file system may keep times no finer than this."""


class Seen(NamedTuple):
    """The outcome of one look at the watched folders."""

    files: list[FoundFile]
    errors: dict[str, str]
    """Why what could not be looked at could not, by its name."""
    passed_over: list[str]
    """Names of files that look like data, and are not named as those that are taken in."""


def look_at(folders: Sequence[Path], archive: Path | None) -> Seen:
    """Look at folders and below them, but not into the archive."""
    seen = Seen([], {}, [])
    root = archive and archive.resolve()

    def is_archived(path: Path) -> bool:
        return root is not None and path.resolve().is_relative_to(root)

    def pass_over(path: Path) -> None:
        if not is_on_its_way(path.name) and not is_archived(path):
            seen.passed_over.append(printable_path(path))

    for found in find_files(folders, pass_over):
        if is_archived(found.path):
            continue
        if found.error is None:
            seen.files.append(found)
        elif _is_to_be_told(found.path, folders):
            seen.errors[found.name] = found.error
    return seen


def _is_to_be_told(path: Path, folders: Sequence[Path]) -> bool:
    """Tell whether it is news that no file was found at a path.

    It is none of a watched folder that is empty, and of a file that another run has just moved.
    """
    return not path.is_dir() if path in folders else os.path.lexists(path)


class Clocks(NamedTuple):
    """Where the time comes from, in nanoseconds."""

    now: Callable[[], int] = time.time_ns
    """The time of day since 1970-01-01T00:00:00Z, which may be set."""
    steady: Callable[[], int] = time.monotonic_ns
    """The clock for waiting, which only goes forward."""


@dataclass(slots=True)
class _State:
    stamp: FileStamp
    since: int
    """When it was changed last, by the clock that only goes forward."""
    is_done: bool = False
    has_failed: bool = False


class Arrivals:
    """The files of the watched folders. ``clock`` is in nanoseconds and only goes forward."""

    def __init__(self, settle: int) -> None:
        """A file is quiet when it has not changed for ``settle`` nanoseconds."""
        self._settle = settle
        self._files: dict[Path, _State] = {}

    def see(self, files: Iterable[FoundFile], now: int, clock: int) -> None:
        """Take note of all files that are there ``now``, in nanoseconds since 1970."""
        # A file that failed and went, with its folder perhaps, may come back as it was.
        there = {path: state for path, state in self._files.items() if state.has_failed}
        for found in files:
            path, stamp = found.path, found.stamp
            state = self._files.get(path)
            if state is None or state.stamp.inode != stamp.inode:
                state = _State(stamp, clock - _quiet_before(found, now))
            elif state.stamp != stamp:
                state = _State(stamp, clock)
            there[path] = state
        self._files = there

    def quiet(self, clock: int) -> dict[Path, FileStamp]:
        """Return the quiet files that are not done with, as they were last seen."""
        return {
            path: self._files[path].stamp
            for path in self.waiting
            if self.quiet_for(path, clock) >= self._settle
        }

    def quiet_for(self, path: Path, clock: int) -> int:
        """Return for how long a file has not changed, in nanoseconds."""
        return clock - self.since(path)

    def since(self, path: Path) -> int:
        """Return when a file was changed last, by the clock that only goes forward."""
        return self._files[path].since

    @property
    def waiting(self) -> list[Path]:
        """The files that are not done with, quiet or not, in sorted order."""
        return sorted(path for path, state in self._files.items() if not state.is_done)

    def again(self, path: Path) -> None:
        """Have a file taken for one that is not done with."""
        if path in self._files:
            self._files[path].is_done = False

    def done(self, path: Path, *, failed: bool) -> None:
        """Leave a file alone until it changes."""
        if path in self._files:
            self._files[path].is_done = True
            self._files[path].has_failed = failed


def _quiet_before(found: FoundFile, now: int) -> int:
    """Return for how long a file that is new here has certainly not been written to.

    Renaming and changing permissions leave the time of the content as it was, and set the other
    one by the same clock. An empty file was made, and not yet written to.
    """
    if not found.size:
        return 0
    modified = found.stamp.modified
    by_its_disk = found.touched - modified - _GRAIN
    by_our_clock = now - modified - _CLOCKS_DIFFER
    return max(by_its_disk, by_our_clock, 0)
