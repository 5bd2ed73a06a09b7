"""Courier times to instants: exact, or refused with the reason.

A known form is a *date* (see ``dates``), a separator and a *clock* (see ``clock``); each part is
matched whole, and every combination is admitted. Other spellings are put into a known form first
(see ``spellings``).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import repeat
from typing import Final

from cardstatus.instants import DAY, EPOCH, SECOND
from cardstatus.model.dates import DateOrder
from cardstatus.model.problems import Reason
from cardstatus.privacy import redact

from .clock import (
    FORMS,
    UNREAD,
    UNREADABLE,
    BadTimeError,
    Form,
    is_clock,
    read_clock,
)
from .dates import read_date, split

# Plain tuples: named ones cost 0.3 µs more, and of each one or two are made or taken apart for a
# row that is read by itself.
Instant = tuple[int, bool]
"""A point in time, in nanoseconds since 1970-01-01T00:00:00Z, and whether the courier wrote its
zone (True) or the database's was assumed."""
_Day = tuple[int, int | None]
"""Nanoseconds from 1970-01-01T00:00 to the start of a day, on one and the same local clock, and
the offset of the database's zone against UTC; None if it changes around this day."""

_REMEMBERED: Final = 10_000
"""Texts that are remembered of one part of a time, 1 MB. A rest to the second has 3,600 of one
form."""


_AROUND_A_DAY: Final = tuple(timedelta(hours=hours) for hours in range(-3, 30, 3))
"""Steps of three hours, within which no zone changes its clocks there and back."""


class _Memo(dict[str, int]):
    """Nanoseconds that a part of a time cell adds to the instant, worked out once for each text."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> int:
        try:
            value = self._read(text)
        except BadTimeError:
            return UNREADABLE
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


class TimeReader:
    """Reads the time cells of one database; a time without a zone is one of ``zone``.

    ``order``: the order of the dates, if the user declares it.
    """

    def __init__(self, zone: tzinfo, order: DateOrder | None = None) -> None:
        self._zone = zone
        self._order = order
        self._day = lru_cache(maxsize=_REMEMBERED)(self._read_day)
        # The parts of times repeat, whole times hardly do. To look three parts up takes 0.7 µs, to
        # match and compute them 8.
        self._days = (_Memo(self._local_midnight), _Memo(lambda text: self._day(text)[0]))
        self._clocks = {form: (_Memo(form.hour), _Memo(form.rest)) for form in FORMS}

    def read_column(self, cells: Sequence[str]) -> tuple[list[int], bool, list[int]]:
        """Return the instants of many time cells, whether the courier wrote their zone, and the
        positions of those that :meth:`read` must be asked about.

        All cells are read as the first that can be read is written. Its parts are looked up, and
        what they add to the instant is summed::

            13-11-2023     11      :59 PM         2023-11-13  T  09      :34:56+04:00
            day          + hour  + rest           day          + hour  + rest
            midnight       11 h    59 min + 12 h  midnight       9 h     34 min 56 s - 4 h

        The day is the zone's midnight, or that of UTC if the zone is written. A part that is
        written otherwise adds UNREADABLE, and shows in the sum however much the others take off.
        """
        form = next(filter(None, map(self._form, cells)), FORMS[0])
        days, (hours, rests) = self._days[form.zoned], self._clocks[form]
        instants = [
            days[day] + hours[hour] + rests[rest]
            for day, _, clock in map(str.partition, cells, repeat(form.separator))
            for hour, _, rest in (clock.partition(":"),)
        ]
        unread: list[int] = []
        if max(instants) >= UNREAD:
            unread = [at for at, instant in enumerate(instants) if instant >= UNREAD]
        return instants, form.zoned, unread

    def _form(self, text: str) -> Form | None:
        for form, (hours, rests) in self._clocks.items():
            hour, colon, rest = text.partition(form.separator)[2].partition(":")
            if colon and hours[hour] + rests[rest] < UNREAD:
                return form
        return None

    def _local_midnight(self, text: str) -> int:
        midnight, offset = self._day(text)
        return UNREADABLE if offset is None else midnight - offset

    def read(self, text: str) -> Instant:
        """Return the instant of a time cell. Raises :class:`BadTimeError`."""
        spelling = " ".join(text.split())
        found = self._read_known(spelling)
        if isinstance(found, tuple):
            return found
        # 20 ms to import, and most files never come here.
        from .refusals import explain
        from .spellings import respelled

        if (known := respelled(spelling)) != spelling:
            found, spelling = self._read_known(known), known
            if isinstance(found, tuple):
                return found
        error = found or explain(spelling)
        raise BadTimeError(error.reason, f"{redact(text[:100])!r}: {error.detail}")

    def _read_known(self, text: str) -> Instant | BadTimeError | None:
        """Return the instant of a time, or why it is none; None for a text in no known form."""
        parts = split(text)
        if parts is None or not is_clock(parts["clock"]):
            return None
        try:
            return self._combine(parts["date"], parts["between"].removeprefix("T"), parts["clock"])
        except BadTimeError as refused:
            # A new one: the frames of this one hold the caller, which would hold it. Such a ring
            # keeps a block of rows until the garbage collector comes round.
            return BadTimeError(refused.reason, refused.detail)

    def _combine(self, date_text: str, blank: str, clock_text: str) -> Instant:
        midnight, zone_offset = self._day(date_text)
        clock, offset = read_clock(blank, clock_text)
        local = midnight + clock
        if offset is not None:
            return local - offset, True
        return local - (self._offset_at(local) if zone_offset is None else zone_offset), False

    def _read_day(self, text: str) -> _Day:
        number = read_date(text, self._order)
        first = datetime.fromordinal(EPOCH + number)
        offsets = {(first + step).replace(tzinfo=self._zone).utcoffset() for step in _AROUND_A_DAY}
        return number * DAY, _nanoseconds(offsets.pop()) if len(offsets) == 1 else None

    def _offset_at(self, nanoseconds: int) -> int:
        """Return the offset at a local time on a day on which the zone's clocks change."""
        local = datetime(1970, 1, 1) + timedelta(seconds=nanoseconds // SECOND)  # noqa: DTZ001
        early, late = (local.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if early.utcoffset() == late.utcoffset():
            return _nanoseconds(early.utcoffset())
        skipped = early.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != local
        raise BadTimeError(
            Reason.NONEXISTENT_TIME if skipped else Reason.AMBIGUOUS_TIME,
            f"{local:%d-%m-%Y %H:%M} {'never was' if skipped else 'was twice'} in {self._zone}: "
            "the clocks were changed; ask for a time with an offset, such as +01:00",
        )


def _nanoseconds(delta: timedelta | None) -> int:
    if delta is None:
        raise ValueError("a zone must know its offset")
    return (delta.days * 86_400 + delta.seconds) * SECOND
