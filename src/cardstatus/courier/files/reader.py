"""Courier files opened: hashed, and read whole or in parts.

Knows encodings and compression, but neither rows nor formats.
"""

import codecs
import gzip
import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from cardstatus.errors import SourceError, in_words

from ..faults import KEEP_BYTES
from ..rows.lines import Block, blocks_of
from .kinds import FIRST_BYTES, what_it_is
from .search import NO_FILE, FileStamp, check_same, is_gzipped, stamp_of
from .unicode import told_encoding

PART = 1 << 20
"""Bytes of a file that are read as one part: some 20,000 rows, 10 MB with all made of them."""

_ESCAPES = re.compile(r"iso2022|hz|utf-7|punycode|idna|raw_unicode|unicode_escape")
"""Encodings that write other characters with those of ASCII."""
_BYTE_ENCODING = re.compile(r"utf-8(-sig)?|ascii|iso8859-\d+|cp125\d|cp437|cp850|cp720|cp866")

_DAMAGED_FILE = (OSError, EOFError, zlib.error, UnicodeError)
"""Errors of reading a broken file: I/O, a cut or false gzip, an encoding that cannot go on."""


class Part(NamedTuple):
    """A piece of a file that begins and ends with whole lines."""

    start: int
    """Position of its first byte."""
    end: int | None
    """Position behind its last byte; None: where the file ends."""
    line: int
    """Number of its first physical line."""


WHOLE: Final = Part(0, None, 1)
_LONGEST_LINE: Final = 1 << 16
"""Bytes of the longest last line that is looked at."""


@contextmanager
def open_file(path: Path) -> Iterator["OpenFile"]:
    """Open a courier file.

    Raises :class:`SourceError` for whatever goes wrong with the file inside the block.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError(NO_FILE)
            yield OpenFile(path, file)
    except _DAMAGED_FILE as error:
        raise SourceError(f"cannot be read: {in_words(error)}") from error


def _open_at_once(path: str, flags: int) -> int:
    # Since it was found, the file may have become a FIFO: opening that would wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


class OpenFile:
    """One open courier file."""

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self._file = file
        self._gzipped = is_gzipped(path)
        self._text: io.TextIOWrapper | None = None
        self.stamp = stamp_of(os.fstat(file.fileno()))

    def check_is(self, stamp: FileStamp) -> None:
        """Raise :class:`SourceError` if this is not the file, as it was, that had the stamp."""
        check_same(stamp_of(os.fstat(self._file.fileno())), stamp)

    @property
    def position(self) -> int:
        """Bytes that have been read, of the file as it lies on disk."""
        return self._file.tell()

    def sha256(self) -> str:
        """Return the hash of the file's bytes as they lie on disk, in hex."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    def unended_line(self, encoding: str) -> str:
        """Return what stands behind the last line end, "" if nothing does or the file is packed."""
        if self._gzipped:
            return ""
        self._file.seek(max(0, self.stamp.size - _LONGEST_LINE))
        text = self._file.read().decode(encoding, "replace")
        return text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]

    def begins_with(self, size: int, sha256: str) -> bool:
        """Tell whether the first ``size`` bytes, as they lie on disk, have a hash."""
        self._file.seek(0)
        beginning = hashlib.sha256()
        while size and (piece := self._file.read(min(size, PART))):
            beginning.update(piece)
            size -= len(piece)
        return not size and beginning.hexdigest() == sha256

    def check_is_text(self, encoding: str) -> None:
        """Raise :class:`SourceError` for what is no text of an encoding by its first bytes."""
        begin = self._first(FIRST_BYTES)
        what = what_it_is(begin, codecs.lookup(encoding).name, is_packed=self._gzipped)
        if what:
            raise SourceError(f"this is {what}")

    def encoding(self, declared: str) -> str:
        """Return the encoding of the file: what its mark says; UTF-8 if it is that from the first
        byte to the last, whatever is ``declared``, which others have.

        Raises :class:`SourceError` for a file part of which is UTF-8.
        """
        mark = self._mark()
        if mark:
            return "utf-8" if mark == "utf-8-sig" else mark
        name = codecs.lookup(declared).name
        if name in {"utf-8", "utf-8-sig"}:
            return "utf-8"
        if _ESCAPES.match(name):
            return name
        self._file.seek(0)
        return told_encoding(self._unzipped() if self._gzipped else self._file, name)

    def parts(self, encoding: str) -> tuple[Part, ...]:
        """Return the file in parts of about PART bytes; WHOLE if it must be read from its start."""
        if self._gzipped or not _shows_lines(self._encoding(encoding)):
            return (WHOLE,)
        self._file.seek(0)
        parts: list[Part] = []
        start, line, held = 0, 1, b""
        while piece := self._file.read(PART):
            if cut := held.rfind(b"\n") + 1:
                parts.append(Part(start, start + cut, line))
                start += cut
                line += _count_lines(held[:cut])
            elif len(held) > 2 * PART:
                break  # no line to cut at: what is held would grow with the file
            held = held[cut:] + piece
        return (*parts, Part(start, None, line))

    def blocks(self, encoding: str, part: Part = WHOLE) -> Iterator[Block]:
        """Yield a part as blocks of lines; a byte-order mark overrides ``encoding``."""
        encoding = self._encoding(encoding)
        if part.start and encoding == "utf-8-sig":
            encoding = "utf-8"
        if self._text is not None:
            self._text.detach()  # else it would close the file when it is collected
        self._file.seek(part.start)
        content: BinaryIO = self._file
        if part.end is not None:
            content = io.BytesIO(self._file.read(part.end - part.start))
        elif self._gzipped:
            content = self._unzipped()
        self._text = io.TextIOWrapper(content, encoding=encoding, errors=KEEP_BYTES, newline="")
        yield from blocks_of(self._text)

    def _unzipped(self) -> BinaryIO:
        return cast(BinaryIO, gzip.GzipFile(fileobj=self._file))

    def _first(self, count: int) -> bytes:
        self._file.seek(0)
        return (self._unzipped() if self._gzipped else self._file).read(count)

    def _mark(self) -> str:
        """Return the name of the encoding that a byte-order mark tells, "" if there is none."""
        mark = self._first(4)
        if mark.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        return "utf-16" if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""

    def _encoding(self, fallback: str) -> str:
        """Return the name of the file's encoding."""
        return self._mark() or codecs.lookup(fallback).name


def _shows_lines(encoding: str) -> bool:
    """Tell whether each byte 10 is a line end in text of an encoding."""
    return _BYTE_ENCODING.fullmatch(encoding) is not None


def _count_lines(content: bytes) -> int:
    """Return the number of line ends in bytes that are not cut between CR and LF."""
    count = content.count(b"\n")
    if b"\r" in content:
        count += content.count(b"\r") - content.count(b"\r\n")
    return count
