"""Other spellings of a clock's zone, put into Z or an offset: those that say the same for certain.

A name decides nothing, for most names mean several zones. Behind an offset it is a remark.
"""

import re
from typing import Final

_UTC = "Z|UTC|GMT"
_NAME = r"[A-Z]{1,5}|[A-Z]\w+(?:/[\w+-]+)+|[A-Z][A-Z ]+ TIME|U-CA=\w+"
# The seconds, and one digit for the hour, with a plus only: with a minus it may be a window.
_OFFSET = r"[-+]\d\d(?::?\d\d)?|\+\d\d?:\d\d(?::00)?|[-+]0"
_ZONE: Final = re.compile(
    rf"(?:(?P<utc>{_UTC})|[(\[](?:{_UTC})[)\]]|(?P<prefix>UTC|GMT)?(?P<offset>{_OFFSET}))"
    rf"(?P<remark>(?: ?[\[(](?:{_UTC}|{_NAME}|{_OFFSET})[\])])+"
    rf"| (?!NOON)(?:{_UTC}|(?-i:[A-Z]{{3,5}})|{_OFFSET}))?",
    re.ASCII | re.IGNORECASE,
)


def respelled_zone(text: str) -> str | None:
    """Return what stands behind a clock as Z or an offset; None if it is neither for certain.

    >>> respelled_zone("+0000 UTC"), respelled_zone("+04:00[Asia/Dubai]"), respelled_zone("GST")
    ('Z', '+04:00', None)
    """
    match = _ZONE.fullmatch(text)
    if match is None:
        return None
    offset = _level(match["offset"] or "+0")
    remark = (match["remark"] or "").strip(" []()")
    if match["prefix"] and offset != "Z" and not re.fullmatch(r"GMT[-+]\d{4}.*", text, re.I):
        return None  # POSIX has UTC+4 the other way round
    if re.fullmatch(_UTC, remark, re.IGNORECASE):
        return offset if offset == "Z" else None
    if re.fullmatch(_OFFSET, remark):
        return offset if offset == _level(remark) else None
    if match["utc"] and match["remark"] and match["remark"].strip()[0] not in "[(":
        return None
    return offset


def _level(offset: str) -> str:
    """Return an offset as ``+04:00``, or ``Z`` for none."""
    digits = offset[1:].replace(":", "")
    if ":" in offset and offset[2] == ":":
        digits = "0" + digits
    digits = digits.ljust(4, "0")[:4]
    return "Z" if not int(digits) else f"{offset[0]}{digits[:2]}:{digits[2:]}"
