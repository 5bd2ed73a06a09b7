"""Faults of rows and cells, and the row as evidence: shown safely, undecoded bytes written out.

Owns how bytes of no known character get through decoding. Knows nothing of files, cells or the
database.
"""

import codecs
import re
from typing import NamedTuple

from cardstatus import privacy
from cardstatus.model.events import RawRow
from cardstatus.model.problems import Problem, Reason, Severity

RAW_LIMIT = 2_000
"""Characters of a bad row that are kept."""

KEEP_BYTES = "cardstatus.keep_bytes"
"""Error handler for decoding. Bytes that an encoding does not know come through as lone surrogates,
U+DC00 + byte, which valid text never holds. Python's own "surrogateescape" does this for few
encodings, UTF-16 not among them."""
_UNDECODED = re.compile("[\ud800-\udfff]")


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error(KEEP_BYTES, _keep_bytes)


def has_undecoded(text: str) -> bool:
    """Tell whether the text, decoded with KEEP_BYTES, holds bytes that are no character."""
    return not text.isascii() and _UNDECODED.search(text) is not None


def raw_text(text: str) -> str:
    r"""Return a row as evidence: no line end, payment card numbers masked, undecoded bytes as
    ``\xe9``, cut at RAW_LIMIT.
    """
    row = text.rstrip("\r\n")
    shown = head(row, RAW_LIMIT)
    if len(row) > RAW_LIMIT:
        shown = f"{shown} … ({len(row):,} characters)"
    return _UNDECODED.sub(lambda byte: f"\\x{ord(byte.group()) & 0xFF:02x}", shown)


def head(text: str, length: int) -> str:
    """Return the beginning of a row, with payment card numbers masked also where they are cut."""
    return privacy.mask(text[: length + privacy.REACH])[:length]


class Fault(NamedTuple):
    """What is wrong with a row or a cell."""

    reason: Reason
    detail: str
    """The rest of a sentence that begins "line 7: "; says what to do about it."""


def rejected(row: RawRow, field: str | None, fault: Fault) -> Problem:
    """Return the problem of a row of which no event is kept."""
    return Problem(Severity.REJECTED, row.line, field, *fault, raw_text(row.text))


def warning(row: RawRow, field: str, fault: Fault) -> Problem:
    """Return the problem of a row whose event is kept without one field."""
    return Problem(Severity.WARNING, row.line, field, *fault, raw_text(row.text))
