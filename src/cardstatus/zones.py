"""What a zone's clocks show at an instant, and the other way round. Owns the lookup of offsets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from .instants import DAY, SECOND

_STEP: Final = DAY // 96
"""A quarter of an hour: nearly all changes of clocks are at the beginning of one."""


class ZoneClock:
    """The clocks of one zone; a *local* time is nanoseconds since 1970-01-01T00:00 on them."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._offsets: dict[int, int | None] = {}

    def local(self, instant: int) -> int:
        """Return what the clocks show at an instant."""
        # A conversion takes 2 µs, looking it up 0.1.
        step = instant // _STEP
        if step not in self._offsets:
            first, last = (self._offset(at) for at in (step * _STEP, (step + 1) * _STEP - 1))
            self._offsets[step] = first if first == last else None
        offset = self._offsets[step]
        return instant + (self._offset(instant) if offset is None else offset)

    def _offset(self, instant: int) -> int:
        return _offset(datetime.fromtimestamp(instant // SECOND, self.zone))

    def instant(self, local: int) -> int:
        """Return the instant at which the clocks show a local time: the first, if it was twice."""
        shown = datetime(1970, 1, 1, tzinfo=self.zone) + timedelta(seconds=local // SECOND)
        return local - _offset(shown)


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
    """Return what gives an instant that was read in one zone as it is when read in another."""
    return lambda instant: other.instant(written_in.local(instant))
