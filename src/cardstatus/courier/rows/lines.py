"""Decoded text as blocks of physical lines, with little of it in memory at a time.

Does not look into the lines (see ``table``).
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from ..faults import RAW_LIMIT, head

BLOCK = 1 << 14
"""Characters that are held in memory at a time: some 300 rows, which with all that is made of them
stay in the processor's cache. Blocks of 256 Ki take 1.4 times as long."""
MAX_LINE = 1 << 20
"""Characters of the longest line that may be a courier row. A longer one is rejected unkept."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some physical lines with their line ends; if ``overlong``, the first is only its head."""

    lines: list[str]
    overlong: bool = False


def blocks_of(text: TextIO) -> Iterator[Block]:
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
    # Without its end, else the last line of a file, which may have none, might be longer.
    return len(line) > MAX_LINE and len(line.rstrip("\r\n")) > MAX_LINE


def _shortened(line: str) -> str:
    """Return the head of a line, as much as evidence needs, with the line's end."""
    end = line[len(line.rstrip("\r\n")) :]
    return f"{head(line, RAW_LIMIT - 2)} …{end}"
