"""The times and zones that a user gives as options, read as the courier's are."""

from datetime import UTC

from cardstatus.courier.clock import BadTimeError, is_clock
from cardstatus.courier.faults import redact
from cardstatus.courier.times import TimeReader
from cardstatus.errors import UsageError
from cardstatus.instants import DAY
from cardstatus.model.reports import Reason
from cardstatus.zones import ZoneClock, zone_clock

_MIDNIGHT = " 00:00"

_OWN_WORDS = {Reason.MONTH_FIRST: "the day comes before the month"}
"""Where what is said of a file's cells would not do for an option."""


def read_moment(text: str, timezone: str, option: str, *, day_begins: bool = False) -> int:
    """Return the instant that a user means, in nanoseconds since 1970-01-01T00:00:00Z.

    A time without a zone is in ``timezone``. A date alone is the end of that day, or its beginning
    if ``day_begins``. Raises :class:`UsageError`.
    """
    text = text.strip()
    clock = zone_clock(timezone)
    try:
        return TimeReader(clock.zone).read(text)[0]
    except BadTimeError as no_time:
        error = no_time
    try:
        # What clocks without changes show: those of the zone may be changed at midnight.
        midnight, _ = TimeReader(UTC).read(text + _MIDNIGHT)
    except BadTimeError as no_date:
        if error.reason is Reason.INCOMPLETE_TIME and not is_clock(text):
            error = no_date
        detail = _OWN_WORDS.get(error.reason, error.detail.replace(_MIDNIGHT, "", 1))
        raise UsageError(
            f"{option}: {detail}; write a time such as 2024-03-12T14:00Z or '12-03-2024 2:00 PM', "
            "or a date such as 2024-03-12"
        ) from None
    return clock.instant(midnight) if day_begins else clock.instant(midnight + DAY) - 1


def read_zone(name: str, option: str) -> ZoneClock:
    """Return the clocks of a zone. Raises :class:`UsageError` if there is none of that name."""
    try:
        return zone_clock(name)
    except (ValueError, OSError, LookupError):
        raise UsageError(
            f"{option}: there is no zone {redact(name)!r}; give an IANA name such as Asia/Dubai"
        ) from None
