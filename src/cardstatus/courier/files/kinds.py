"""What a file is that is no text of rows, told by its first bytes."""

import re
from typing import Final

FIRST_BYTES: Final = 256
"""As many as are looked at."""

_SELDOM: Final = 8
"""Of so many bytes of a header in units of two at least one is zero."""
_AS_CSV = "save it as CSV UTF-8"
_PACKED = "unpack it, or compress it with gzip and let its name end in .csv.gz"
_MARKS: Final = (
    (b"PK\x03\x04", f"a workbook or a zip file under the name of a CSV file; {_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"a workbook under the name of a CSV file; {_AS_CSV}"),
    (b"%PDF", "a PDF under the name of a CSV file; ask the partner for CSV"),
    (b"\xff\xfe\0\0", f"UTF-32, which hardly any program reads; {_AS_CSV}"),
    (b"\0\0\xfe\xff", f"UTF-32, which hardly any program reads; {_AS_CSV}"),
    (b"SQLite format 3\0", "a database of SQLite; ask the partner for CSV"),
    (b"BZh", f"compressed with bzip2; {_PACKED}"),
    (b"\xfd7zXZ\0", f"compressed with xz; {_PACKED}"),
    (b"\x28\xb5\x2f\xfd", f"compressed with zstd; {_PACKED}"),
    (b"7z\xbc\xaf\x27\x1c", f"a 7z archive; {_PACKED}"),
    (b"Rar!\x1a\x07", f"a RAR archive; {_PACKED}"),
    (b"PAR1", "a Parquet file; ask the partner for CSV"),
    (rb"{\rtf", f"a text document (RTF); {_AS_CSV}"),
)
_GZIPPED: Final = (b"\x1f\x8b", "compressed with gzip; let its name end in .csv.gz")
_TEXTS: Final = (
    (
        re.compile(rb"<(!doctype|html|head|body|meta|style|table|!--)", re.IGNORECASE),
        "a web page, perhaps one that asks to log in; ask the partner for CSV",
    ),
    (re.compile(rb"<\?xml"), f"XML, perhaps a workbook; {_AS_CSV}"),
    (re.compile(rb'\[\s*[\[{]|\{\s*"'), "JSON; ask the partner for CSV"),
)


def what_it_is(begin: bytes, encoding: str, *, is_packed: bool) -> str | None:
    """Return what a file is that begins so, and what to do; None for what may be text of rows.

    ``encoding``: the name of the codec that is to read it. ``is_packed``: its name says that it is
    gzipped, and these bytes are what is in it.
    """
    for mark, what in _MARKS if is_packed else (*_MARKS, _GZIPPED):
        if begin.startswith(mark):
            return what
    text = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, what in _TEXTS:
        if pattern.match(text):
            return what
    return _wide(begin, encoding)


def _wide(begin: bytes, encoding: str) -> str | None:
    """Tell text in units of two or four bytes without a mark, by where its zeros are."""
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    used = [any(begin[at::4]) for at in range(4)]
    if len(begin) >= 8 and (used[2:] == [False, False] or used[:2] == [False, False]):
        name = "utf-32-le" if used[0] else "utf-32-be"
        return None if encoding == name else f"UTF-32, which hardly any program reads; {_AS_CSV}"
    # ASCII, of which there is some in each line, has its zero on one side. A zero or two are a
    # fault of their row.
    zeros = [begin[at::2].count(0) for at in range(2)]
    if min(zeros) or max(zeros) < max(2, len(begin) // _SELDOM):
        return None
    name = "utf-16-be" if zeros[0] else "utf-16-le"
    if encoding == name:
        return None
    return f"UTF-16 without a byte-order mark; ingest it with --encoding {name}"
