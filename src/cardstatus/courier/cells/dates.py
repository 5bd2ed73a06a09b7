"""The date of a time cell: day first or year first, in numbers or with the month in words.

Of worded dates dateutil is given only those in which nothing can be swapped, invented or dropped.
"""

import re
from datetime import date, datetime
from typing import Final

from cardstatus.instants import EPOCH
from cardstatus.model.dates import DateOrder
from cardstatus.model.problems import Reason

from .clock import BadTimeError

_YEARS = range(1971, 2262)
"""Years that can be meant. 1900 and 1970 are the zeros of spreadsheets and computers; nanoseconds
in SQLite's 64-bit integer last until 2262."""

_DATE = re.compile(
    r"(?P<first>\d{1,2})(?P<s>[-/.])(?P<second>\d{1,2})(?P=s)(?P<year>\d{4})"
    r"|(?P<iso_year>\d{4})(?P<t>[-/.])(?P<iso_month>\d{1,2})(?P=t)(?P<iso_day>\d{1,2})",
    re.ASCII,
)

MONTH: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
"""A pattern for a month in words."""
_WEEKDAYS = "mon|tue|wed|thu|fri|sat|sun"
DAY_AND_MONTH: Final = (
    rf"(?:(?:{_WEEKDAYS})[a-z]*,? )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ -]{MONTH}\.?,?"
    rf"|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,?)"
)
"""A pattern for a worded date without its year."""
BEFORE_YEAR: Final = rf"{DAY_AND_MONTH}[ -]"
_WORDED_DATE = re.compile(rf"{BEFORE_YEAR}\d{{4}}", re.ASCII | re.IGNORECASE)
_SHORT_YEAR = re.compile(
    rf"\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2}}|{BEFORE_YEAR}\d{{2}}", re.ASCII | re.IGNORECASE
)
_SPLIT = re.compile(r"(?P<date>[^ T]+)(?P<between> |T)(?P<clock>\d.*)", re.ASCII)
_WORDED_SPLIT = re.compile(
    rf"(?P<date>{BEFORE_YEAR}(?:\d{{4}}|\d{{2}}))(?P<between>,?(?: at)? |(?-i:T))(?P<clock>\d.*)",
    re.ASCII | re.IGNORECASE,
)
SHORT_YEAR: Final = (Reason.TWO_DIGIT_YEAR, "write the year with four digits")


def split(text: str) -> re.Match[str] | None:
    """Return the ``date`` and the ``clock`` of a time with what stands ``between``, if it has the
    form of one.
    """
    return _WORDED_SPLIT.fullmatch(text) or _SPLIT.fullmatch(text)


def is_date(text: str) -> bool:
    """Tell whether a text has the form of a date, even if there is no such day (``31-02-2024``)."""
    return bool(_DATE.fullmatch(text) or _WORDED_DATE.fullmatch(text))


def has_short_year(text: str) -> bool:
    """Tell whether a text has the form of a date with two digits for the year."""
    return _SHORT_YEAR.fullmatch(text) is not None


def read_date(text: str, order: DateOrder | None = None) -> int:
    """Return the days from 1970-01-01 to a date. Raises :class:`BadTimeError`.

    ``order``: as the user declares it. Without, the day comes first where the year comes last.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        if _WORDED_DATE.fullmatch(text):
            return _read_worded(text)
        if has_short_year(text):
            raise BadTimeError(*SHORT_YEAR)
        raise BadTimeError(Reason.BAD_TIME, "not a date as DD-MM-YYYY or YYYY-MM-DD")
    if match["year"]:
        return _read_year_last(int(match["first"]), int(match["second"]), int(match["year"]), order)
    return _day_number(int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"]))


def _read_year_last(first: int, second: int, year: int, order: DateOrder | None) -> int:
    if order == DateOrder.YEAR_FIRST:
        raise BadTimeError(
            Reason.OTHER_DATE_ORDER, "the year comes last here, and --dates says year-first"
        )
    if order == DateOrder.MONTH_FIRST:
        if 1 <= second <= 12 < first <= 31:
            raise BadTimeError(
                Reason.OTHER_DATE_ORDER,
                f"there is no month {first}, and --dates says month-first",
            )
        return _day_number(year, first, second)
    if 1 <= first <= 12 < second <= 31:
        raise BadTimeError(
            Reason.MONTH_FIRST,
            f"there is no month {second}, so this file may write the month first; "
            "every date in it must be written day first (DD-MM-YYYY)",
        )
    return _day_number(year, second, first)


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
