"""Instants as nanoseconds and as text, and the clocks of zones.

Text is ISO 8601 in UTC with as many decimals as it needs, the same that the database's views have
SQLite write. Does not read couriers' or users' times.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from .errors import UsageError

SECOND: Final = 1_000_000_000
"""Nanoseconds in a second. The unit of every instant is the nanosecond."""
MINUTE: Final = 60 * SECOND
DAY: Final = 86_400 * SECOND
EPOCH: Final = date(1970, 1, 1).toordinal()
"""The day 1970-01-01, from which instants count, as :meth:`date.toordinal` numbers it."""


class _Dates(dict[int, str]):
    """Days since 1970-01-01 as text, each written once."""

    def __missing__(self, day: int) -> str:
        text = self[day] = date.fromordinal(EPOCH + day).isoformat()
        return text


# Looked up in three parts, a time takes 0.4 µs; SQLite's strftime takes 1.
_DATES: Final = _Dates()
_MINUTES: Final = tuple(f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60))
_SECONDS: Final = tuple(f"{second:02}" for second in range(60))


def iso(instants: Iterable[int]) -> list[str]:
    """Return instants, in nanoseconds since 1970-01-01T00:00:00Z, as text.

    >>> iso([1_699_868_096_000_000_000, 1_699_868_096_500_000_000])
    ['2023-11-13T09:34:56Z', '2023-11-13T09:34:56.5Z']
    """
    texts: list[str] = []
    for instant in instants:  # a call for each would take a third more time
        seconds, decimals = divmod(instant, SECOND)
        day, second = divmod(seconds, 86_400)
        text = _DATES[day] + _MINUTES[second // 60] + _SECONDS[second % 60]
        if decimals:
            text += f".{decimals:09}".rstrip("0")
        texts.append(text + "Z")
    return texts


def one_iso(instant: int) -> str:
    """Return one instant, in nanoseconds since 1970-01-01T00:00:00Z, as text."""
    return iso([instant])[0]


_STEP: Final = DAY // 96
"""A quarter of an hour: nearly all changes of clocks are at the beginning of one."""


class _Offsets:
    """Offsets of a zone by time, remembered: a conversion takes 2 µs, a look-up 0.1."""

    def __init__(self, read: Callable[[int], int]) -> None:
        self._read = read
        self._steps: dict[int, int | None] = {}

    def at(self, time: int) -> int:
        step = time // _STEP
        if step not in self._steps:
            first, last = (self._read(end) for end in (step * _STEP, (step + 1) * _STEP - 1))
            self._steps[step] = first if first == last else None
        offset = self._steps[step]
        return self._read(time) if offset is None else offset


class ZoneClock:
    """The clocks of one zone; a *local* time is nanoseconds since 1970-01-01T00:00 on them."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._at_instant = _Offsets(self._read_at_instant).at
        self._at_local = _Offsets(self._read_at_local).at

    def local(self, instant: int) -> int:
        """Return the local time at an instant."""
        return instant + self._at_instant(instant)

    def instant(self, local: int) -> int:
        """Return the instant at which the clocks show a local time.

        If they showed it twice, the first; if never, the one at which they would have, had they not
        been put forward.
        """
        return local - self._at_local(local)

    def _read_at_instant(self, instant: int) -> int:
        return _offset(datetime.fromtimestamp(instant // SECOND, self.zone))

    def _read_at_local(self, local: int) -> int:
        shown = datetime(1970, 1, 1, tzinfo=self.zone) + timedelta(seconds=local // SECOND)
        return _offset(shown)


def _offset(time: datetime) -> int:
    offset = time.utcoffset() or timedelta()
    return (offset.days * 86_400 + offset.seconds) * SECOND


def zone_clock(name: str) -> ZoneClock:
    """Return the clocks of a zone by its IANA name. Raises :class:`KeyError` if there is none."""
    if name == "UTC":
        return ZoneClock(UTC)
    from zoneinfo import ZoneInfo  # 3 ms to import

    return ZoneClock(ZoneInfo(name))


def read_again(written_in: ZoneClock, other: ZoneClock) -> Callable[[int], int]:
    """Return a function from an instant, read in one zone, to the same local time in another."""
    return lambda instant: other.instant(written_in.local(instant))


_OF_A_MACHINE: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Names in the database of zones that mean another zone on another machine, or none."""


def read_zone(name: str, option: str) -> ZoneClock:
    """Return the clocks of a zone. Raises :class:`UsageError` if there is none of that name."""
    try:
        if name in _OF_A_MACHINE:
            raise LookupError(name)
        return zone_clock(name)
    except (ValueError, OSError, LookupError):
        from .privacy import redact  # 3 ms, for a message

        raise UsageError(
            f"{option}: there is no zone {redact(name)!r}; give an IANA name such as Asia/Dubai"
        ) from None
