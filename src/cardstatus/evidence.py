"""Text that could not be taken, kept and shown safely: bytes of no known character, rows as
evidence, and long numbers in messages. Knows nothing of files, cells or the database.
"""

import codecs
import re

RAW_LIMIT = 2_000
"""Characters of a bad row that are kept."""

# Bytes that an encoding does not know come through as lone surrogates U+DC00 + byte, which valid
# text never holds. Python's own "surrogateescape" does this for few encodings, UTF-16 not among
# them.
KEEP_BYTES = "cardstatus.keep_bytes"
_UNDECODED = re.compile("[\ud800-\udfff]")
_DIGIT_RUN = re.compile(r"\d{7,}")


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
    r"""Return a row as evidence: no line end, undecoded bytes as ``\xe9``, cut at RAW_LIMIT."""
    shown = text.rstrip("\r\n")
    if len(shown) > RAW_LIMIT:
        shown = f"{shown[:RAW_LIMIT]} … ({len(shown):,} characters)"
    return _UNDECODED.sub(lambda byte: f"\\x{ord(byte.group()) & 0xFF:02x}", shown)


def redact(text: str) -> str:
    """Return ``text`` with every run of seven or more digits cut to its last four.

    Messages end up in logs and tickets, and a header line that is really a data line holds a
    full mobile.

    >>> redact("found: A1, 0585550123")
    'found: A1, …0123'
    """
    return _DIGIT_RUN.sub(lambda run: "…" + run.group()[-4:], text)
