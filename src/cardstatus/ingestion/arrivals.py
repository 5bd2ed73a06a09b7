"""Which files of a watched folder have arrived: told from what is seen of them, look by look.

Owns the rule of when a file is whole; looks at nothing itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardstatus.courier.files import FileStamp, FoundFile
from cardstatus.instants import SECOND

_MARGIN: Final = SECOND // 2
"""How long it may take until a look sees what is there."""


@dataclass(slots=True)
class _State:
    stamp: FileStamp
    since: int
    """From when on it has not changed."""
    is_moved: bool
    """Whether it came under its name in one step."""
    is_done: bool = False
    has_failed: bool = False


class Arrivals:
    """The files of the watched folders. Times are nanoseconds since 1970-01-01T00:00:00Z."""

    def __init__(self, settle: int) -> None:
        """A file is whole when it has not changed for ``settle`` nanoseconds."""
        self._settle = settle
        self._files: dict[Path, _State] = {}

    def see(self, files: Iterable[FoundFile], now: int, before: int) -> None:
        """Take note of all files that are there now; ``before`` is when one would last have been
        told of a new one.
        """
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
    """Tell whether a file that is new here has been moved here, and so is whole.

    One that is made here has been written to since; and writing sets the time at which a file's
    node was changed together with that of its content, while moving it sets the first alone.
    """
    if not found.size:
        return False  # made, and not yet written to
    modified = found.stamp.modified
    return modified < before - _MARGIN or modified < found.touched
