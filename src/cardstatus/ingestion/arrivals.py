"""Tells which files of a watched folder are whole, from what each look finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardstatus.courier.files import FileStamp, FoundFile
from cardstatus.instants import SECOND

_MARGIN: Final = SECOND // 2
"""A look may begin so long after the news of which it tells."""


@dataclass(slots=True)
class _State:
    stamp: FileStamp
    since: int
    """Time of its last change."""
    is_moved: bool
    """Whether it came under its name whole."""
    is_done: bool = False
    has_failed: bool = False


class Arrivals:
    """The files of the watched folders. Times are nanoseconds since 1970-01-01T00:00:00Z."""

    def __init__(self, settle: int) -> None:
        """A file is whole when it has not changed for ``settle`` nanoseconds."""
        self._settle = settle
        self._files: dict[Path, _State] = {}

    def see(self, files: Iterable[FoundFile], now: int, before: int) -> None:
        """Take note of all files that are there now; ``before``: time of the previous look."""
        # A file that failed and went, with its folder perhaps, may come back as it was.
        there = {path: state for path, state in self._files.items() if state.has_failed}
        for found in files:
            path, stamp = found.path, found.stamp
            state = self._files.get(path)
            if state is None or state.stamp.inode != stamp.inode:
                # What nobody has written to for long need not be waited for.
                state = _State(stamp, min(stamp.modified, now), _is_moved(found, before))
            elif state.stamp != stamp:
                state = _State(stamp, now, is_moved=False)
            there[path] = state
        self._files = there

    def whole(self, now: int) -> dict[Path, FileStamp]:
        """Return the files that have arrived and are not done with, as they were last seen."""
        return {
            path: state.stamp
            for path in self.waiting
            if (state := self._files[path]).is_moved or now - state.since >= self._settle
        }

    @property
    def waiting(self) -> list[Path]:
        """The files that are not done with, whole or not, in sorted order."""
        return sorted(path for path, state in self._files.items() if not state.is_done)

    def done(self, path: Path, *, failed: bool) -> None:
        """Leave a file alone until it changes."""
        if path in self._files:
            self._files[path].is_done = True
            self._files[path].has_failed = failed


def _is_moved(found: FoundFile, before: int) -> bool:
    """Tell whether a new file has been moved here, and so is whole.

    A file made here was written to since the previous look. Writing sets the times of content and
    of inode together; moving sets that of the inode alone.
    """
    if not found.size:
        return False  # made, and not yet written to
    modified = found.stamp.modified
    return modified < before - _MARGIN or modified < found.touched
