"""The times and zones that a user gives as options, read as the courier's are."""

from contextlib import suppress

from .clocks import BadTimeError
from .errors import UsageError
from .evidence import redact
from .model import Reason
from .times import TimeReader
from .zones import ZoneClock, zone_clock

_FIRST = " 00:00"
_LAST = " 23:59:59.999999999"


def read_moment(text: str, timezone: str, option: str, *, day_begins: bool = False) -> int:
    """Return the instant that a user means, in nanoseconds since 1970-01-01T00:00:00Z.

    A time without a zone is in ``timezone``. A date alone is the end of that day, or its beginning
    if ``day_begins``. Raises :class:`UsageError`.
    """
    reader = TimeReader(zone_clock(timezone).zone)
    try:
        return reader.read(text.strip())[0]
    except BadTimeError as error:
        with suppress(BadTimeError):
            if error.reason is Reason.INCOMPLETE_TIME:
                return reader.read(text.strip() + (_FIRST if day_begins else _LAST))[0]
        raise UsageError(
            f"{option}: {error.detail}; write a time such as 2024-03-12T14:00Z or '12-03-2024 "
            "2:00 PM', or a date such as 2024-03-12"
        ) from None


def read_zone(name: str, option: str) -> ZoneClock:
    """Return the clocks of a zone. Raises :class:`UsageError` if there is none of that name."""
    try:
        return zone_clock(name)
    except (ValueError, OSError, LookupError):
        raise UsageError(
            f"{option}: there is no zone {redact(name)!r}; give an IANA name such as Asia/Dubai"
        ) from None
