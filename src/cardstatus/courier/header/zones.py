"""The zone that a header names for the times below it, as ``Timestamp (UTC)`` does."""

import re
from datetime import timedelta, timezone, tzinfo
from typing import Final

from cardstatus.instants import zone_clock

_OFFSET: Final = r"(?:UTC ?)?[+-]\d{1,2}(?::?[0-5]\d)?"
_NAMED: Final = re.compile(
    # In brackets any zone that is one and the same everywhere; without them UTC alone.
    rf"(?P<name>.*?\w)\s*[(\[]\s*(?P<zone>UTC|GMT|Z|{_OFFSET}|[A-Za-z]+(?:/[A-Za-z_-]+)+)\s*[)\]]\s*"
    rf"|(?P<before>.*?\w)[\s_.-]+(?P<last>GMT|UTC(?: ?[+-]\d{{1,2}}(?::?[0-5]\d)?)?)\s*"
    r"|\s*(?P<first>UTC|GMT)[\s_.-]+(?P<behind>\w.*)",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


def split_zone(header: str) -> tuple[str, str]:
    """Return a header without the zone that it names, and the zone; "" if it names none.

    Names that mean several zones, as GST does, are left in the header.

    >>> split_zone("Timestamp (UTC)"), split_zone("Time [+4]"), split_zone("Time (GST)")
    (('Timestamp', 'UTC'), ('Time', '+04:00'), ('Time (GST)', ''))
    """
    named = _NAMED.fullmatch(header)
    if named is None:
        return header, ""
    name = named["name"] or named["before"] or named["behind"]
    zone = _known(named["zone"] or named["last"] or named["first"])
    return (name, zone) if zone else (header, "")


def _known(zone: str) -> str:
    """Return the one spelling of a zone, "" if there is no such zone."""
    if zone.upper() in {"UTC", "GMT", "Z"}:
        return "UTC"
    if "/" not in zone:
        digits = re.sub(r"\D", "", zone)
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        sign = -1 if "-" in zone else 1
        offset = sign * (int(hours) * 60 + int(minutes))
        return _written(offset) if -720 <= offset <= 840 else ""
    try:
        zone_clock(zone)
    except (ValueError, OSError, LookupError):
        return ""
    return zone


def _written(offset: int) -> str:
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name that :func:`split_zone` gave, or of an IANA name."""
    if name[0] not in "+-":
        return zone_clock(name).zone
    hours, minutes = map(int, name[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if name[0] == "+" else -offset)
