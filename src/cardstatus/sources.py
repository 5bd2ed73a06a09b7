"""Courier files on disk: finds them, hashes them, and reads them as blocks of physical lines.

What a line holds is not decided here (see ``rows``).
"""

import codecs
import gzip
import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from .errors import SourceError, in_words
from .evidence import KEEP_BYTES, RAW_LIMIT

_FOLDER = "a folder, whatever its name says"
SUFFIXES = (".csv", ".csv.gz")

# Characters, not bytes. A block is what is held in memory at a time: some 300 rows, which with all
# that is made of them stay in the processor's cache (blocks of 256 Ki take 1.4 times as long). A
# longer line than MAX_LINE is no courier row and is rejected without being kept.
BLOCK = 1 << 14
MAX_LINE = 1 << 20

_DAMAGED_FILE = (OSError, EOFError, zlib.error, UnicodeError)
"""What reading a broken file raises: I/O, a cut or false gzip, an encoding that cannot go on."""


@dataclass(frozen=True, slots=True)
class Found:
    """A path to take in, or the reason why there is none."""

    name: str
    """As the user would write it; always printable and storable."""
    path: Path
    error: str | None = None
    size: int = 0
    """Bytes on disk."""


def find(paths: Iterable[Path]) -> Iterator[Found]:
    """Yield the files below ``paths``: a folder's in sorted order, each file once.

    Folders are searched for ``*.csv`` and ``*.csv.gz`` in any case, hidden files and links to
    folders left out. A path that leads to no file is yielded with its ``error``.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _below(path):
            real = found.path.resolve() if found.error is None else found.path
            if real not in seen:
                seen.add(real)
                yield found


def _below(path: Path) -> Iterator[Found]:
    found = _look_at(path)
    if found.error != _FOLDER:
        yield found
        return
    closed: list[OSError] = []
    files = sorted(_walk(path, closed.append))
    for error in closed:
        folder = Path(os.fsdecode(error.filename))
        yield Found(printable_path(folder), folder, f"cannot be searched: {in_words(error)}")
    if not files and not closed:
        error_text = "no *.csv or *.csv.gz file in this folder or below it"
        yield Found(found.name, path, error_text)
    yield from map(_look_at, files)


def _walk(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.casefold().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(parent, name)


def _look_at(path: Path) -> Found:
    try:
        status = path.stat()
    except OSError as error:
        return Found(printable_path(path), path, in_words(error))
    if not stat.S_ISREG(status.st_mode):
        # Opening a FIFO or a device could wait for ever.
        is_folder = stat.S_ISDIR(status.st_mode)
        return Found(printable_path(path), path, _FOLDER if is_folder else "not a regular file")
    return Found(printable_path(path), path, size=status.st_size)


def printable_path(path: Path) -> str:
    """Return a path as text that can be stored and printed, whatever bytes are in it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextmanager
def open_source(path: Path, on_bytes: Callable[[int], None]) -> Iterator["Source"]:
    """Open a courier file; ``on_bytes`` is told of bytes done, the file's size in all.

    Raises :class:`SourceError` for whatever goes wrong with the file inside the block.
    """
    try:
        with path.open("rb") as file:
            yield Source(path, file, on_bytes)
    except _DAMAGED_FILE as error:
        raise SourceError(f"cannot be read: {in_words(error)}") from error


class Source:
    """One open courier file."""

    def __init__(
        self, path: Path, file: io.BufferedReader, on_bytes: Callable[[int], None]
    ) -> None:
        self._file = file
        self._gzipped = path.name.casefold().endswith(".gz")
        self._on_bytes = on_bytes
        self._stamp = self._stat()

    def _stat(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    @property
    def size(self) -> int:
        """Size on disk in bytes, as found when the file was opened."""
        return self._stamp[0]

    def check_unchanged(self) -> None:
        """Raise :class:`SourceError` if the file was written to since it was opened."""
        if self._stat() != self._stamp:
            raise SourceError("changed while it was being read; ingest it again once it is whole")

    def sha256(self) -> str:
        """Return the hash of the file's bytes as they lie on disk, in hex."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    def blocks(self, encoding: str) -> Iterator["Block"]:
        """Yield the file as blocks of lines; ``encoding`` serves where no byte-order mark does."""
        self._file.seek(0)
        content = cast(BinaryIO, gzip.GzipFile(fileobj=self._file)) if self._gzipped else self._file
        mark = content.read(4)
        content.seek(0)
        # Kept in the object: a text layer that is collected closes the file below it.
        self._text = io.TextIOWrapper(
            content, encoding=_by_mark(mark) or encoding, errors=KEEP_BYTES, newline=""
        )
        done = 0
        for block in _blocks(self._text):
            yield block
            position = self._file.tell()
            self._on_bytes(position - done)
            done = position


def _by_mark(start: bytes) -> str | None:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


@dataclass(frozen=True, slots=True)
class Block:
    """Some physical lines with their line ends; of the first only the head if ``overlong``."""

    lines: list[str]
    overlong: bool = False


def _blocks(text: io.TextIOWrapper) -> Iterator[Block]:
    """Split text at LF, CRLF and CR, holding one block and at most one line in memory."""
    rest, overlong = "", False
    while piece := text.read(BLOCK):
        # A held-back CR has ended the overlong line; else skip to where it ends.
        if overlong and not rest.endswith("\r"):
            end = re.search(r"[\r\n]", piece)
            if end is None:
                continue
            piece = piece[end.start() :]
        lines = io.StringIO(rest + piece, newline="").readlines()
        # A CR at the very end may be half of a CRLF.
        rest = "" if lines[-1].endswith("\n") else lines.pop()
        if lines:
            # Only the first line began in an earlier piece, and a piece alone is never too long.
            if _is_overlong(lines[0]):
                lines[0], overlong = _shortened(lines[0]), True
            yield Block(lines, overlong)
            overlong = False
        if _is_overlong(rest):
            rest, overlong = _shortened(rest), True
    if rest:
        yield Block([rest], overlong)


def _is_overlong(line: str) -> bool:
    # The end is no part of what is too long, else the last line of a file might be longer.
    return len(line) > MAX_LINE and len(line.rstrip("\r\n")) > MAX_LINE


def _shortened(line: str) -> str:
    """Return the head of a line, as much as evidence needs, with the line's end."""
    end = line[len(line.rstrip("\r\n")) :]
    return f"{line[: RAW_LIMIT - 2]} …{end}"
