"""Courier files searched for below the paths that a user gives. Opens none of them."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cardstatus.errors import SourceError, in_words

from .others import looks_like_data

_FOLDER = "a folder, whatever its name says"
NO_FILE = "not a regular file"
SUFFIXES = (".csv", ".csv.gz")


class FileStamp(NamedTuple):
    """The state of a file. With another stamp, a path leads to another file or a changed one."""

    device: int
    inode: int
    size: int
    """Bytes on disk."""
    modified: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""


def stamp_of(status: os.stat_result) -> FileStamp:
    """Return the stamp of a file that has been looked at."""
    return FileStamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def check_same(found: FileStamp, expected: FileStamp) -> None:
    """Raise :class:`SourceError` if a file is not the one, as it was, that had a stamp."""
    if found != expected:
        raise SourceError("changed while it was being read; ingest it again once it is whole")


_NO_STAMP = FileStamp(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A path to take in, or one that leads to no file, with the reason."""

    name: str
    """As the user would write it; always printable and storable."""
    path: Path
    error: str | None = None
    stamp: FileStamp = _NO_STAMP
    touched: int = 0
    """Time of the last change to content, name or permissions; nanoseconds since
    1970-01-01T00:00:00Z."""

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.stamp.size


def find_files(
    paths: Iterable[Path], pass_over: Callable[[Path], None] = lambda _: None
) -> Iterator[FoundFile]:
    """Yield the files below ``paths``: a folder's in sorted order, each file once.

    Folders are searched for ``*.csv`` and ``*.csv.gz`` in any case, hidden files and links to
    folders left out. A path that leads to no file is yielded with its ``error``. ``pass_over`` is
    called with each other file of a folder that looks like data.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _below(path, pass_over):
            real = real_path(found.path) if found.error is None else found.path
            if real not in seen:
                seen.add(real)
                yield found


def _below(path: Path, pass_over: Callable[[Path], None]) -> Iterator[FoundFile]:
    found = _look_at(path)
    if found.error != _FOLDER:
        yield found
        return
    closed: list[OSError] = []
    files: list[Path] = []
    for file in sorted(_walk(path, closed.append)):
        if file.name.casefold().endswith(SUFFIXES):
            files.append(file)
        elif looks_like_data(file.name):
            pass_over(file)
    for error in closed:
        folder = Path(os.fsdecode(error.filename))
        yield FoundFile(printable_path(folder), folder, f"cannot be searched: {in_words(error)}")
    if not files and not closed:
        error_text = "no *.csv or *.csv.gz file in this folder or below it"
        yield FoundFile(found.name, path, error_text)
    yield from map(_look_at, files)


def _walk(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith("."):
                yield Path(parent, name)


def _look_at(path: Path) -> FoundFile:
    try:
        status = path.stat()
    except OSError as error:
        return FoundFile(printable_path(path), path, in_words(error))
    if not stat.S_ISREG(status.st_mode):
        # Opening a FIFO or a device could wait for ever.
        is_folder = stat.S_ISDIR(status.st_mode)
        return FoundFile(printable_path(path), path, _FOLDER if is_folder else NO_FILE)
    return FoundFile(printable_path(path), path, stamp=stamp_of(status), touched=status.st_ctime_ns)


def real_path(path: Path) -> Path:
    """Return where a path leads, or as far as it leads if it goes round in circles."""
    return Path(os.path.realpath(path))


def printable_path(path: Path) -> str:
    """Return a path as text that can be stored and printed, whatever bytes are in it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_gzipped(path: Path) -> bool:
    """Tell by its name whether a file is compressed."""
    return path.name.casefold().endswith(".gz")


def check_unchanged(path: Path, stamp: FileStamp) -> None:
    """Raise :class:`SourceError` if the file at a path is no longer the one, as it was, that had
    the stamp.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise SourceError(f"cannot be read: {in_words(error)}") from error
    if stat.S_ISDIR(status.st_mode):
        raise SourceError("cannot be read: is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(NO_FILE)
    check_same(stamp_of(status), stamp)
