"""Text that could not be taken, kept and shown safely: bytes of no known character, rows as
evidence, and long numbers in messages. Knows nothing of files, cells or the database.
"""

import codecs
import re

from cardstatus import privacy

RAW_LIMIT = 2_000
"""Characters of a bad row that are kept."""

# Bytes that an encoding does not know come through as lone surrogates U+DC00 + byte, which valid
# text never holds. Python's own "surrogateescape" does this for few encodings, UTF-16 not among
# them.
KEEP_BYTES = "cardstatus.keep_bytes"
_UNDECODED = re.compile("[\ud800-\udfff]")
# In what redact leaves readable, a day or month up to 39 will do: the message may be about it.
_DATE = (
    r"(?<!\d)(?:"
    + "|".join(
        rf"[0-3]?\d{s}[0-3]?\d{s}(?:19|20)\d\d|(?:19|20)\d\d{s}[0-3]?\d{s}[0-3]?\d"
        for s in ("-", "/", r"\.")
    )
    + r")(?![-/.\d])"
    r"|(?<!\d)(?:19|20)\d\d[01]\d[0-3]\d(?!\d)"
)
_CLOCK = r"(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"
_BETWEEN = r"[\s+().\-/\u2010-\u2015]*+"
"""What may stand between the digits of a number."""
# With two digits for the year it may as well be the first groups of a number, so that nothing may
# follow but the hour, or hour and minute.
_SHORT_DATE = (
    r"(?<!\d)[0-3]?\d(?P<s>[-/.])[0-3]?\d(?P=s)\d\d"
    rf"(?=(?:\s+(?:[0-2]\d[0-5]\d|[0-2]?\d))?(?!{_BETWEEN}\d))"
)
# Seven digits or more may be a phone number, in whatever groups; a clock or a date behind them is
# none of them.
_NUMBER = (
    rf"(?:[+(][\s+(]{{0,3}})?\d(?:{_BETWEEN}(?!{_CLOCK})\d){{6,}}?"
    rf"(?:(?=\s++(?:{_DATE})|{_BETWEEN}{_CLOCK})|(?!{_BETWEEN}\d))"
)
_READABLE_OR_NUMBER = re.compile(rf"(?P<readable>{_DATE}|{_SHORT_DATE}|{_CLOCK})|{_NUMBER}")


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


def redact(text: str) -> str:
    """Return a cell with what may be a phone number cut to its last four digits, and payment card
    numbers in whatever groups masked.

    For messages, which end up in logs and tickets: a header line that is really a data line holds
    a full mobile, and so does a time cell where columns were swapped.

    >>> redact("mob 0585550123"), redact("+971 58 555 0123 14:00"), redact("13-11-2023")
    ('mob …0123', '…0123 14:00', '13-11-2023')
    """
    return privacy.mask(_READABLE_OR_NUMBER.sub(_cut, text))


def _cut(found: re.Match[str]) -> str:
    return found["readable"] or "…" + re.sub(r"\D", "", found.group())[-4:]
