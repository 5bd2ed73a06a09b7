"""Decides when a file goes to the archive: at once, later, or again after a failure. Watches for
some minutes over the files that are there.
"""

import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.courier.files.search import FileStamp, find_files
from cardstatus.errors import in_words
from cardstatus.ingestion.arriving.arrivals import Arrivals
from cardstatus.ingestion.arriving.writers import being_written
from cardstatus.instants import SECOND
from cardstatus.model.reports import FileReport, Outcome

from .moves import ChangedError, GoneError, Moved, check_takes, move

UNSEEN: Final = 600 * SECOND
"""A writer whom the system does not show counts as done when the file has not changed for so long.
A file in the archive is looked at again for so long."""
_TRY_AGAIN: Final = 60 * SECOND
"""Time between two tries to move the files that could not be moved."""
_LOOK_AGAIN: Final = 5 * SECOND
"""Time between two looks at the files in the archive."""


class ReadFile(NamedTuple):
    """A file that is in, and lies where it was read."""

    report: FileReport
    path: Path
    stamp: FileStamp
    """Of the file as it was read."""
    safe_at: int
    """When even an unseen writer counts as done."""


class Put(NamedTuple):
    """What became of a file that was to be moved."""

    path: Path
    report: FileReport
    archived: Path | None = None
    error: str | None = None
    """Why it could not be moved."""
    is_changed: bool = False
    """Whether it is to be read again, where it was."""


class _Seen(NamedTuple):
    stamp: FileStamp
    until: int


class Archive:
    """The archive of a run. ``clock`` is in nanoseconds and only goes forward."""

    def __init__(self, root: Path, folders: Sequence[Path], settle: int, *, once: bool) -> None:
        """Archive the files of ``folders`` below ``root``, with the sub-folders that they are in.

        ``once``: the run ends, so that later is never.
        """
        self.root = root
        self._folders = folders
        self._once = once
        self._left: dict[Path, ReadFile] = {}
        self._errors: dict[Path, str] = {}
        self._try_at = 0
        self._there: dict[Path, _Seen] = {}
        self._look_at = 0
        self._grown = Arrivals(settle)

    def put(self, file: ReadFile, clock: int) -> Put:
        """Move a file to the archive, unless it has changed since it was read."""
        self._left.pop(file.path, None)
        self._errors.pop(file.path, None)
        is_safe = clock >= file.safe_at
        try:
            if self._once and not is_safe:
                check_takes(file.path)
                return self._later(file)
            moved = self._move(file, may_copy=is_safe)
        except GoneError:  # another run was quicker, or the courier has removed it
            return Put(file.path, file.report)
        except ChangedError as error:
            note = f"not moved to the archive: {error}"
            return Put(file.path, _with_note(file.report, note), is_changed=True)
        except OSError as error:
            if error.errno == errno.EXDEV and not is_safe:
                return self._later(file)
            self._left[file.path] = file
            self._errors[file.path] = in_words(error)
            note = f"not moved to the archive: {in_words(error)}"
            return Put(file.path, _with_note(file.report, note), error=in_words(error))
        self._there[moved.path] = _Seen(moved.stamp, clock + UNSEEN)
        return Put(file.path, file.report, moved.path)

    def try_again(self, clock: int) -> Iterator[Put]:
        """Try again to move the files that are left, each minute; yield what is news."""
        if clock < self._try_at:
            return
        self._try_at = clock + _TRY_AGAIN
        for file in list(self._left.values()):
            told = self._errors.get(file.path)
            if told or clock >= file.safe_at:
                put = self.put(file._replace(report=_unchanged(file.report)), clock)
                if put.archived or put.is_changed or (put.error and put.error != told):
                    yield put

    def grown(self, now: int, clock: int) -> Mapping[Path, FileStamp]:
        """Return the files of the archive that have grown since they were moved there, and have
        been quiet again; ``now`` is in nanoseconds since 1970.
        """
        if clock < self._look_at:
            return {}
        self._look_at = clock + _LOOK_AGAIN
        self._there = {path: seen for path, seen in self._there.items() if clock < seen.until}
        files = [
            found
            for found in find_files(self._there)
            if found.error is None and _has_grown(found.stamp, self._there[found.path].stamp)
        ]
        self._grown.see(files, now, clock)
        quiet = self._grown.quiet(clock)
        written = being_written(quiet)
        return {path: stamp for path, stamp in quiet.items() if not written[path]}

    def read_again(self, path: Path, stamp: FileStamp, clock: int) -> None:
        """Take note that a file of the archive has been read as it is now."""
        self._there[path] = _Seen(stamp, clock + UNSEEN)

    def _move(self, file: ReadFile, *, may_copy: bool) -> Moved:
        folder = next(folder for folder in self._folders if file.path.is_relative_to(folder))
        target = self.root / file.path.relative_to(folder)
        return move(file.path, file.stamp, target, may_copy=may_copy)

    def _later(self, file: ReadFile) -> Put:
        self._left[file.path] = file
        note = (
            "stays for ten minutes after its last change, since this user cannot see whether its "
            "writer is done; the next look after that moves it to the archive"
        )
        return Put(file.path, _with_note(file.report, note))


def _has_grown(now: FileStamp, before: FileStamp) -> bool:
    return now.inode == before.inode and now.size > before.size


def _with_note(report: FileReport, note: str) -> FileReport:
    return replace(report, notes=(*report.notes, note))


def _unchanged(report: FileReport) -> FileReport:
    """Return the report of a file as :func:`ingest` would give it the next time."""
    counts = report.counts
    again = replace(counts, new=0, duplicates=counts.new + counts.duplicates)
    return replace(report, outcome=Outcome.UNCHANGED, counts=again, notes=())
