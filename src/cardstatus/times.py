"""Courier times to instants: exact, or refused with the reason. Owns the known forms of a time.

A known form is a *date* (day first, or year first), a separator and a *clock*; each part is
matched whole, and every combination is admitted. Anything else goes to dateutil only if its shape
shows that nothing in it can be swapped, invented or dropped (a month in words).
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from .model import Reason

SECOND = 1_000_000_000
"""Nanoseconds in a second: the unit of every instant is the nanosecond."""
_DAY = 86_400 * SECOND
_EPOCH = date(1970, 1, 1).toordinal()
# 1900 and 1970 are the zeros of spreadsheets and computers, and nanoseconds in SQLite's 64-bit
# integer last until 2262.
_YEARS = range(1971, 2262)

_DATE = re.compile(
    r"(?P<day>\d{1,2})(?P<s>[-/.])(?P<month>\d{1,2})(?P=s)(?P<year>\d{4})"
    r"|(?P<iso_year>\d{4})(?P<t>[-/.])(?P<iso_month>\d{1,2})(?P=t)(?P<iso_day>\d{1,2})",
    re.ASCII,
)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?",
    re.ASCII,
)
_SPLIT = re.compile(r"(?P<date>[^ T]+)(?: +|T)(?P<clock>\d.*)", re.ASCII)

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_WEEKDAYS = "mon|tue|wed|thu|fri|sat|sun"
_WORDED_DATE = re.compile(
    rf"(?P<words>(?:(?:{_WEEKDAYS})[a-z]*,? )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ -](?:{_MONTHS})[a-z]*\.?,?"
    rf"|(?:{_MONTHS})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,?)[ -]\d{{4}}),?(?: at)? (?P<clock>\d.*)",
    re.ASCII | re.IGNORECASE,
)


class BadTimeError(Exception):
    """A cell that is no instant, with the reason code and a sentence for the partner."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Instant(NamedTuple):
    """A point in time."""

    nanoseconds: int
    """Since 1970-01-01T00:00:00Z."""
    zoned: bool
    """True if the courier wrote the zone, False if the database's was assumed."""


class TimeReader:
    """Reads the time cells of one database: ``zone`` is what a time without a zone is in."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        # A day's files hold few dates, and a courier's clock few texts: looking both up takes
        # 0.3 µs a row, matching and computing 4 µs.
        self._date = lru_cache(maxsize=4_096)(_read_date)
        self._clock = lru_cache(maxsize=100_000)(_read_clock)
        self._offset = lru_cache(maxsize=4_096)(self._whole_day_offset)

    def read(self, text: str) -> Instant:
        """Return the instant that a time cell gives. Raises :class:`BadTimeError`."""
        day_text, separator, clock_text = text.partition(" ")
        if not separator:
            day_text, _, clock_text = text.partition("T")
        try:
            day = self._date(day_text)
            clock = self._clock(clock_text)
        except BadTimeError:
            day, clock = self._read_slowly(text)
        if clock.offset is not None:
            return Instant(day * _DAY + clock.nanoseconds - clock.offset, True)
        offset = self._offset(day)
        if offset is None:
            offset = self._offset_at(day, clock)
        return Instant(day * _DAY + clock.nanoseconds - offset, False)

    def _read_slowly(self, text: str) -> tuple[int, "_Clock"]:
        """Read what the quick split did not: odd blanks, months in words, or nothing at all."""
        levelled = " ".join(text.split())
        try:
            if worded := _WORDED_DATE.fullmatch(levelled):
                return _read_worded(worded["words"]), self._clock(worded["clock"])
            if match := _SPLIT.fullmatch(levelled):
                return self._date(match["date"]), self._clock(match["clock"])
            raise _explain(levelled)
        except BadTimeError as error:
            raise BadTimeError(error.reason, f"{text[:100]!r}: {error.detail}") from None

    def _whole_day_offset(self, day: int) -> int | None:
        """Return the zone's offset in nanoseconds if it holds all day, else None."""
        first = datetime.fromordinal(_EPOCH + day)
        offsets = {
            (first + timedelta(hours=hours)).replace(tzinfo=self._zone, fold=fold).utcoffset()
            for hours in range(-3, 28)
            for fold in (0, 1)
        }
        return _nanoseconds(offsets.pop()) if len(offsets) == 1 else None

    def _offset_at(self, day: int, clock: "_Clock") -> int:
        """Return the offset at a local time on a day on which the zone's clocks change."""
        local = datetime.fromordinal(_EPOCH + day) + timedelta(seconds=clock.nanoseconds // SECOND)
        early, late = (local.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if early.utcoffset() == late.utcoffset():
            return _nanoseconds(early.utcoffset())
        skipped = early.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != local
        raise BadTimeError(
            Reason.NONEXISTENT_TIME if skipped else Reason.AMBIGUOUS_TIME,
            f"{local:%d-%m-%Y %H:%M} {'never was' if skipped else 'was twice'} in {self._zone}: "
            "the clocks were changed; ask for a time with an offset, such as +01:00",
        )


class _Clock(NamedTuple):
    nanoseconds: int
    """Since local midnight."""
    offset: int | None
    """Of local time against UTC, in nanoseconds; None if the clock names no zone."""


def _nanoseconds(delta: timedelta | None) -> int:
    if delta is None:
        raise ValueError("a zone must know its offset")
    return (delta.days * 86_400 + delta.seconds) * SECOND


def _read_date(text: str) -> int:
    """Return the days since 1970-01-01 of a date in digits. Raises :class:`BadTimeError`."""
    match = _DATE.fullmatch(text)
    if match is None:
        if _SHORT_YEAR.fullmatch(text):
            raise BadTimeError(Reason.TWO_DIGIT_YEAR, "write the year with four digits")
        raise BadTimeError(Reason.BAD_TIME, "not a date as DD-MM-YYYY or YYYY-MM-DD")
    year = int(match["year"] or match["iso_year"])
    month = int(match["month"] or match["iso_month"])
    day = int(match["day"] or match["iso_day"])
    if month > 12 and day <= 12 and match["day"]:
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
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        raise BadTimeError(
            Reason.BAD_TIME, f"there is no day {day} in month {month} of {year}"
        ) from None


def _read_clock(text: str) -> _Clock:
    """Return the time of day and the offset, if it has one. Raises :class:`BadTimeError`."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise _explain_clock(text)
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise BadTimeError(Reason.BAD_TIME, f"{hour} o'clock cannot carry AM or PM")
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise BadTimeError(Reason.BAD_TIME, f"there is no time of day {text!r}")
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    nanoseconds = ((hour * 60 + minute) * 60 + second) * SECOND + fraction
    return _Clock(nanoseconds, _read_offset(match["zone"]))


def _read_offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise BadTimeError(Reason.BAD_TIME, f"there is no offset {text}")
    return (1 if text[0] == "+" else -1) * (hours * 60 + minutes) * 60 * SECOND


@lru_cache(maxsize=4_096)
def _read_worded(words: str) -> int:
    """Return the days since 1970-01-01 of a date whose month is a word, by way of dateutil.

    Raises :class:`BadTimeError` unless dateutil's answer is exactly what is written.
    """
    from dateutil import parser  # 30 ms to import, and most files never come here

    try:
        # Two defaults that differ in every field: what the text does not say would differ too.
        first, second = (
            parser.parse(words, dayfirst=True, default=default)
            for default in (datetime(1999, 1, 1), datetime(2004, 2, 2))  # noqa: DTZ001
        )
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
    """Say what a text that is no date and clock looks like."""
    if re.fullmatch(r"#+", text):
        return BadTimeError(
            Reason.EXCEL_NARROW_COLUMN,
            "a spreadsheet column was too narrow and the time is lost; send the original file",
        )
    if re.fullmatch(r"\d{4,6}([.,]\d+)?", text, re.ASCII):
        return BadTimeError(
            Reason.EXCEL_SERIAL_DATE,
            "a spreadsheet's day number; format the column as a date with time, or send the "
            "original file",
        )
    if _SHORT_YEAR.fullmatch(text):
        return BadTimeError(Reason.TWO_DIGIT_YEAR, "write the year with four digits")
    if _CLOCK.fullmatch(text):
        return BadTimeError(Reason.INCOMPLETE_TIME, "the date is missing")
    if re.search(r"\d{4}", text) and ":" not in text:
        return BadTimeError(Reason.INCOMPLETE_TIME, "the time of day is missing")
    return BadTimeError(Reason.BAD_TIME, "not a time as DD-MM-YYYY HH:MM or YYYY-MM-DDTHH:MM:SSZ")


def _explain_clock(text: str) -> BadTimeError:
    """Say what a text that is no clock looks like."""
    if re.fullmatch(r"\d{1,2}( ?[ap]\.?m\.?)?", text, re.ASCII | re.IGNORECASE):
        return BadTimeError(Reason.INCOMPLETE_TIME, "the minutes are missing")
    if re.fullmatch(r"[\d:.,]+( ?[ap]\.?m\.?)? ?[A-Za-z][\w/+:-]*", text, re.IGNORECASE):
        return BadTimeError(
            Reason.UNKNOWN_ZONE,
            "names of zones mean several things; write the offset (such as +04:00) or Z",
        )
    return BadTimeError(Reason.BAD_TIME, f"there is no time of day {text!r}")
