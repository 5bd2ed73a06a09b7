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
_LONG = 7
"""Digits from which a number may be a phone number."""
_DIGIT_RUN = re.compile(rf"\d{{{_LONG},}}")
_GROUPED_DIGITS = re.compile(r"[\s\d+().\-/\u2010-\u2015]+")
_DATE = re.compile(
    r"\d{1,2}([-/.])\d{1,2}\1\d{2,4}(?![-/.\d])"
    r"|(?:19|20)\d\d([-/.])\d{1,2}\2\d{1,2}(?![-/.\d])"
    r"|(?:19|20)\d\d[01]\d[0-3]\d(?!\d)"
)


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
    """Return a cell with what may be a phone number cut to its last four digits.

    For messages, which end up in logs and tickets: a header line that is really a data line holds
    a full mobile, and so does a time cell where columns were swapped.

    >>> redact("0585550123"), redact("+971 58 555 0123"), redact("13-11-2023")
    ('…0123', '…0123', '13-11-2023')
    """
    if date := _DATE.match(text):
        return date.group() + redact(text[date.end() :])
    if _GROUPED_DIGITS.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        return "…" + digits[-4:] if len(digits) >= _LONG else text
    return _DIGIT_RUN.sub(lambda run: "…" + run.group()[-4:], text)
