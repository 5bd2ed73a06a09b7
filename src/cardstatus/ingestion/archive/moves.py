"""Moves one file to the archive, and loses none whatever happens to the file and to this process.

A file is *taken* first: renamed into a hidden folder beside it, where nobody opens it by its name.
Only then it is compared with what was read; a file that has become another is given back. A copy
to another disk is made in a hidden folder, too, and gets its name when it is whole.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from cardstatus.courier.files.search import FileStamp
from cardstatus.errors import SourceError
from cardstatus.ingestion.arriving.writers import refuses_lease

from .disk import is_copy, make_folders, numbered, put_on_disk, rename_free
from .hidden import COPY, TAKEN, hidden


class ChangedError(SourceError):
    """The file is not, or may soon not be, the one that was read."""


class GoneError(SourceError):
    """No file has the name any more."""


class Moved(NamedTuple):
    """A file in its new place."""

    path: Path
    stamp: FileStamp


def move(path: Path, stamp: FileStamp, target: Path, *, may_copy: bool = True) -> Moved:
    """Move the file that had the stamp to ``target``, or to that name with a number.

    Raises :class:`ChangedError` or :class:`GoneError` if it is another one by now, and
    :class:`OSError` if it cannot be moved, with EXDEV for another disk if it may not be copied.
    The file is then at its path as before; if that was taken meanwhile, at the path with a number.
    """
    with _taken(path) as held:
        # A relative link leads somewhere else from inside the hidden folder.
        is_link = held.is_symlink()
        content = path.parent / held.readlink() if is_link else held
        _check(content, stamp)
        put_on_disk(content)
        make_folders(target.parent)
        if not is_link and (moved := _renamed(held, target)):
            put_on_disk(target.parent)
            return Moved(moved, stamp)
        if not may_copy:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(path))
        return _moved_by_copy(held, content, stamp, target)


def check_takes(path: Path) -> None:
    """Raise :class:`OSError` if files cannot be moved away from the folder of a path."""
    with hidden(path.parent, TAKEN):
        pass


@contextmanager
def _taken(path: Path) -> Iterator[Path]:
    """Rename a file into a hidden folder for the block; give back what is there at its end."""
    with hidden(path.parent, TAKEN) as private:
        held = private / path.name
        try:
            path.rename(held)
        except FileNotFoundError:
            raise GoneError("it is gone") from None
        yield held


def _check(content: Path, stamp: FileStamp) -> None:
    if stamp_of(content) != stamp:
        raise ChangedError("it has changed since it was read, and is read again")
    if refuses_lease(content):
        raise ChangedError("it has been opened for writing since it was read")


def stamp_of(path: Path) -> FileStamp:
    """Return what tells whether a file changes. Raises :class:`OSError`."""
    status = path.stat()
    return FileStamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def is_as_it_was(path: Path, stamp: FileStamp) -> bool:
    """Tell whether the file at a path still has a stamp."""
    try:
        return stamp_of(path) == stamp
    except OSError:
        return False


def _renamed(held: Path, target: Path) -> Path | None:
    """Give a file a free name in the archive, and return it; None if that is on another disk."""
    try:
        return rename_free(held, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return None


def _moved_by_copy(held: Path, content: Path, stamp: FileStamp, target: Path) -> Moved:
    if there := _copied_before(content, target):
        put_on_disk(there)
        put_on_disk(there.parent)
        _check(content, stamp)
        held.unlink()
        return Moved(there, stamp_of(there))
    copy = _copied(content, stamp, target)
    try:
        put_on_disk(copy.path.parent)
        _check(content, stamp)
        held.unlink()
    except BaseException:
        if os.path.lexists(
            held
        ):  # else Ctrl-C came when it had just been removed: the copy is all there is
            copy.path.unlink()
        raise
    return copy


def _copied_before(content: Path, target: Path) -> Path | None:
    """Return the copy by a run that was ended before it could remove the file, if there is one."""
    names = takewhile(Path.exists, numbered(target))
    return next((name for name in names if is_copy(content, name)), None)


def _copied(content: Path, stamp: FileStamp, target: Path) -> Moved:
    """Have a whole copy of a file in the archive, its content on disk. Raises :class:`OSError`."""
    with hidden(target.parent, COPY) as private:
        piece = private / target.name
        shutil.copyfile(content, piece)
        shutil.copystat(content, piece)
        put_on_disk(piece)
        _check(content, stamp)
        copied = stamp_of(piece)
        return Moved(rename_free(piece, target), copied)
