"""What a zone's clocks show at an instant, and the other way round. Owns the lookup of offsets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from .instants import DAY, SECOND

_STEP: Final = DAY // 96
"""A quarter of an hour: nearly all changes of clocks are at the beginning of one."""


class _Offsets:
    """Offsets by the time that they are asked for, looked up: a conversion takes 2 µs, this 0.1."""

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
        """Return what the clocks show at an instant."""
        return instant + self._at_instant(instant)

    def instant(self, local: int) -> int:
        """Return the instant at which the clocks show a local time: the first, if it was twice; if
        it never was, that at which they would, had they not been put forward.
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
    """Return what gives an instant that was read in one zone as it is when read in another."""
    return lambda instant: other.instant(written_in.local(instant))
