"""UTF-8 told from other encodings, texts in which are hardly ever valid UTF-8 by chance."""

import codecs
from functools import partial
from typing import BinaryIO, Final

from cardstatus.errors import SourceError

_LONGEST: Final = 1 << 20
"""Bytes of a line that are looked at together."""
_BY_CHANCE: Final = 100
"""Of so many lines in another encoding one may be UTF-8 by chance."""


def told_encoding(content: BinaryIO, declared: str) -> str:
    """Return "utf-8" if all of a file is that, else the encoding that it is ``declared`` to have.

    Raises :class:`SourceError` for a file some lines of which are UTF-8 and others are not: either
    encoding would read some of them wrong.
    """
    unicode: list[int] = []
    others: list[int] = []
    rest = b""
    for number, piece in enumerate(iter(partial(content.readline, _LONGEST), b""), 1):
        if b"\0" in piece:
            return declared  # in which each character takes two bytes or four
        line, rest = rest + piece, b""
        if line.isascii():
            continue
        try:
            text, read = codecs.utf_8_decode(line, "strict", line.endswith(b"\n"))
        except UnicodeDecodeError:
            others.append(number)
        else:
            # A character may be cut where the piece ends, or the file.
            rest = line[read:]
            if not text.isascii():
                unicode.append(number)
    if others and len(unicode) * _BY_CHANCE > len(others):
        raise SourceError(
            f"line {unicode[0]:,} is UTF-8 and line {others[0]:,} is not: --encoding {declared} "
            "would read the former wrong; have all of the file saved as UTF-8"
        )
    return declared if others else "utf-8"
