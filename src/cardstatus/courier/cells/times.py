"""Courier times to instants: exact, or refused with the reason.

A known form is a *date* (day first, or year first), a separator and a *clock* (see ``clock``); each
part is matched whole, and every combination is admitted. Of other forms dateutil is given only
those with the month in words, in which nothing can be swapped, invented or dropped.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import repeat
from typing import Final

from cardstatus.instants import DAY, EPOCH, SECOND
from cardstatus.model.problems import Reason
from cardstatus.privacy import redact

from .clock import (
    FORMS,
    UNREAD,
    UNREADABLE,
    BadTimeError,
    Form,
    explain_clock,
    is_clock,
    read_clock,
)

_YEARS = range(1971, 2262)
"""Years that can be meant. 1900 and 1970 are the zeros of spreadsheets and computers; nanoseconds
in SQLite's 64-bit integer last until 2262."""

_DATE = re.compile(
    r"(?P<day>\d{1,2})(?P<s>[-/.])(?P<month>\d{1,2})(?P=s)(?P<year>\d{4})"
    r"|(?P<iso_year>\d{4})(?P<t>[-/.])(?P<iso_month>\d{1,2})(?P=t)(?P<iso_day>\d{1,2})",
    re.ASCII,
)
_SPLIT = re.compile(r"(?P<date>[^ T]+)(?P<between> |T)(?P<clock>\d.*)", re.ASCII)

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_WEEKDAYS = "mon|tue|wed|thu|fri|sat|sun"
_BEFORE_YEAR = (
    rf"(?:(?:{_WEEKDAYS})[a-z]*,? )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ -](?:{_MONTHS})[a-z]*\.?,?"
    rf"|(?:{_MONTHS})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,?)[ -]"
)
_WORDED_DATE = re.compile(rf"{_BEFORE_YEAR}\d{{4}}", re.ASCII | re.IGNORECASE)
_SHORT_YEAR = re.compile(
    rf"\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2}}|{_BEFORE_YEAR}\d{{2}}", re.ASCII | re.IGNORECASE
)
_WORDED_SPLIT = re.compile(
    rf"(?P<date>{_BEFORE_YEAR}(?:\d{{4}}|\d{{2}}))(?P<between>,?(?: at)? |(?-i:T))(?P<clock>\d.*)",
    re.ASCII | re.IGNORECASE,
)


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
    """Reads the time cells of one database; a time without a zone is one of ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
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
        levelled = " ".join(text.split())
        try:
            match = _WORDED_SPLIT.fullmatch(levelled) or _SPLIT.fullmatch(levelled)
            if match is None:
                raise _explain(levelled)
            if not is_clock(match["clock"]):
                raise explain_clock(match["clock"])
            return self._combine(match["date"], match["between"].removeprefix("T"), match["clock"])
        except BadTimeError as error:
            raise BadTimeError(error.reason, f"{redact(text[:100])!r}: {error.detail}") from None

    def _combine(self, date_text: str, blank: str, clock_text: str) -> Instant:
        midnight, zone_offset = self._day(date_text)
        clock, offset = read_clock(blank, clock_text)
        local = midnight + clock
        if offset is not None:
            return local - offset, True
        return local - (self._offset_at(local) if zone_offset is None else zone_offset), False

    def _read_day(self, text: str) -> _Day:
        number = _read_date(text)
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


def _read_date(text: str) -> int:
    """Return the days from 1970-01-01 to a date. Raises :class:`BadTimeError`."""
    match = _DATE.fullmatch(text)
    if match is None:
        if _WORDED_DATE.fullmatch(text):
            return _read_worded(text)
        if _SHORT_YEAR.fullmatch(text):
            raise BadTimeError(Reason.TWO_DIGIT_YEAR, "write the year with four digits")
        raise BadTimeError(Reason.BAD_TIME, "not a date as DD-MM-YYYY or YYYY-MM-DD")
    year = int(match["year"] or match["iso_year"])
    month = int(match["month"] or match["iso_month"])
    day = int(match["day"] or match["iso_day"])
    if match["day"] and 1 <= day <= 12 < month <= 31:
        raise BadTimeError(
            Reason.MONTH_FIRST,
            f"there is no month {month}, so this file may write the month first; "
            "every date in it must be written day first (DD-MM-YYYY)",
        )
    return _day_number(year, month, day)


def _day_number(year: int, month: int, day: int) -> int:
    if year not in _YEARS:
        raise BadTimeError(Reason.BAD_TIME, f"the year {year} cannot be meant")
    try:
        return date(year, month, day).toordinal() - EPOCH
    except ValueError:
        raise BadTimeError(
            Reason.BAD_TIME, f"there is no day {day} in month {month} of {year}"
        ) from None


_DEFAULTS: Final = (datetime(1999, 1, 1), datetime(2004, 2, 2))  # noqa: DTZ001
"""Two dates for dateutil to fill in the rest from: whatever a text does not say differs."""


def _read_worded(words: str) -> int:
    """Return the days from 1970-01-01 to a date with its month in words, by dateutil.

    Raises :class:`BadTimeError` unless dateutil's answer has exactly the numbers that are written.
    """
    from dateutil import parser  # 30 ms to import, and most files never come here

    try:
        first, second = (parser.parse(words, default=default) for default in _DEFAULTS)
    except (ValueError, OverflowError):
        raise BadTimeError(Reason.BAD_TIME, "not a date") from None
    written = [int(number) for number in re.findall(r"\d+", words)]
    if first != second or sorted(written) != sorted((first.day, first.year)):
        raise BadTimeError(Reason.BAD_TIME, "not a date that can be read in one way only")
    weekday = re.match(_WEEKDAYS, words, re.IGNORECASE)
    if weekday and weekday.group().casefold() != _WEEKDAYS.split("|")[first.weekday()]:
        raise BadTimeError(Reason.BAD_TIME, "the weekday is not that of the date")
    return _day_number(first.year, first.month, first.day)


def _explain(text: str) -> BadTimeError:
    """Return the error for a text that is no date and clock, by what it looks like."""
    if re.fullmatch(r"#+", text):
        return BadTimeError(
            Reason.EXCEL_NARROW_COLUMN,
            "a spreadsheet column was too narrow and the time is lost; send the original file",
        )
    if re.fullmatch(r"\d{4,6}([.,]\d+)?|\d([.,]\d+)?E\+0\d", text, re.ASCII):
        return BadTimeError(
            Reason.EXCEL_SERIAL_DATE,
            "a spreadsheet's day number; format the column as a date with time, or send the "
            "original file",
        )
    if _SHORT_YEAR.fullmatch(text):
        return BadTimeError(Reason.TWO_DIGIT_YEAR, "write the year with four digits")
    if is_clock(text):
        return BadTimeError(Reason.INCOMPLETE_TIME, "the date is missing")
    if _DATE.fullmatch(text) or _WORDED_DATE.fullmatch(text):
        return BadTimeError(Reason.INCOMPLETE_TIME, "the time of day is missing")
    return BadTimeError(Reason.BAD_TIME, "not a time as DD-MM-YYYY HH:MM or YYYY-MM-DDTHH:MM:SSZ")
