"""Time cells to instants, or refused with the reason."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells import times
from cardstatus.courier.cells.clock import BadTimeError
from cardstatus.courier.cells.times import Instant, TimeReader
from cardstatus.model.problems import Reason

SECOND = 1_000_000_000


def reader(zone: str = "UTC") -> TimeReader:
    """A reader that has read nothing yet."""
    return TimeReader(ZoneInfo(zone))


def read(text: str, zone: str = "UTC") -> Instant:
    return reader(zone).read(text)


def refusal(text: str, zone: str = "UTC") -> BadTimeError:
    with pytest.raises(BadTimeError) as caught:
        read(text, zone)
    return caught.value


def ns(iso: str) -> int:
    """Nanoseconds of ``2023-11-13T09:34:56.1234567Z``."""
    whole, _, decimals = iso.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * SECOND + int(decimals.ljust(9, "0"))


def test_an_instant_is_nanoseconds_since_1970() -> None:
    assert read("2023-11-13T09:34:56.000000001Z") == (1_699_868_096_000_000_001, True)


def test_a_time_without_a_zone_is_marked() -> None:
    assert read("13-11-2023 14:00") == (1_699_884_000_000_000_000, False)


WITHOUT_ZONE = {
    "pickup: blank before PM": ("12-11-2023 11:59 PM", "2023-11-12T23:59:00Z"),
    "pickup: one-digit hour": ("12-11-2023 3:45 AM", "2023-11-12T03:45:00Z"),
    "returned: PM without a blank": ("14-11-2023 12:00PM", "2023-11-14T12:00:00Z"),
    "exceptions: 24-hour clock": ("13-11-2023 14:00", "2023-11-13T14:00:00Z"),
    "day first though both could be the month": ("05-06-2023 10:00", "2023-06-05T10:00:00Z"),
    "day first though twelve is a month": ("12-01-2023 10:00", "2023-01-12T10:00:00Z"),
    "day first in December": ("05-12-2023 10:00", "2023-12-05T10:00:00Z"),
    "slashes": ("13/11/2023 14:00", "2023-11-13T14:00:00Z"),
    "dots": ("13.11.2023 14:00", "2023-11-13T14:00:00Z"),
    "one-digit day and month": ("3/1/2023 14:00", "2023-01-03T14:00:00Z"),
    "year first": ("2023-06-05 10:00", "2023-06-05T10:00:00Z"),
    "year first with slashes": ("2023/06/05 10:00", "2023-06-05T10:00:00Z"),
    "year first with dots": ("2023.6.5 10:00", "2023-06-05T10:00:00Z"),
    "T for the blank": ("13-11-2023T14:00", "2023-11-13T14:00:00Z"),
    "year first, T, no zone": ("2023-11-13T14:00:01", "2023-11-13T14:00:01Z"),
    "seconds": ("13-11-2023 14:00:59", "2023-11-13T14:00:59Z"),
    "one decimal": ("13-11-2023 14:00:00.5", "2023-11-13T14:00:00.5Z"),
    "seven decimals": ("13-11-2023 14:00:00.1234567", "2023-11-13T14:00:00.1234567Z"),
    "nine decimals": ("13-11-2023 14:00:00.123456789", "2023-11-13T14:00:00.123456789Z"),
    "decimal comma": ("13-11-2023 14:00:00,25", "2023-11-13T14:00:00.25Z"),
    "seconds with PM": ("13-11-2023 2:00:05 PM", "2023-11-13T14:00:05Z"),
    "decimals with PM": ("13-11-2023 2:00:05.75PM", "2023-11-13T14:00:05.75Z"),
    "midnight as 12 AM": ("13-11-2023 12:00 AM", "2023-11-13T00:00:00Z"),
    "last minute before noon": ("13-11-2023 11:59 AM", "2023-11-13T11:59:00Z"),
    "noon as 12 PM": ("13-11-2023 12:59 PM", "2023-11-13T12:59:00Z"),
    "one o'clock AM": ("13-11-2023 1:00 AM", "2023-11-13T01:00:00Z"),
    "one o'clock PM": ("13-11-2023 1:00 PM", "2023-11-13T13:00:00Z"),
    "small am": ("13-11-2023 9:00 am", "2023-11-13T09:00:00Z"),
    "small pm": ("13-11-2023 9:00pm", "2023-11-13T21:00:00Z"),
    "dotted p.m.": ("13-11-2023 9:00 p.m.", "2023-11-13T21:00:00Z"),
    "midnight as 00:00": ("13-11-2023 00:00", "2023-11-13T00:00:00Z"),
    "midnight as 0:00": ("13-11-2023 0:00", "2023-11-13T00:00:00Z"),
    "last second of the day": ("13-11-2023 23:59:59", "2023-11-13T23:59:59Z"),
    "two blanks": ("13-11-2023  14:00", "2023-11-13T14:00:00Z"),
    "blanks around": (" 13-11-2023 14:00 ", "2023-11-13T14:00:00Z"),
    "tab between": ("13-11-2023\t14:00", "2023-11-13T14:00:00Z"),
    "no-break space before PM, as new browsers write": (
        "13-11-2023 2:00\u202fPM",
        "2023-11-13T14:00:00Z",
    ),
    "no-break space between": ("13-11-2023\u00a014:00", "2023-11-13T14:00:00Z"),
    "leap day": ("29-02-2024 10:00", "2024-02-29T10:00:00Z"),
    "first year taken": ("01-01-1971 00:00", "1971-01-01T00:00:00Z"),
    "last year taken": ("31-12-2261 23:59:59", "2261-12-31T23:59:59Z"),
    "month in words": ("13 November 2023 14:00", "2023-11-13T14:00:00Z"),
    "month in three letters": ("13 Nov 2023 14:00", "2023-11-13T14:00:00Z"),
    "month in capitals": ("13 NOV 2023 14:00", "2023-11-13T14:00:00Z"),
    "month in words between hyphens": ("13-Nov-2023 14:00", "2023-11-13T14:00:00Z"),
    "month in words, T for the blank": ("13-Nov-2023T14:00", "2023-11-13T14:00:00Z"),
    "month in capitals with a T of its own": ("12-OCT-2023T14:00", "2023-10-12T14:00:00Z"),
    "SEPT and a T": ("12-SEPT-2023T14:00", "2023-09-12T14:00:00Z"),
    "AUGUST and a T": ("12-AUGUST-2023T14:00", "2023-08-12T14:00:00Z"),
    "OCT, a T, and a blank before PM": ("12-OCT-2023T2:00 PM", "2023-10-12T14:00:00Z"),
    "words with blanks and a T": ("12 OCT 2023T14:00", "2023-10-12T14:00:00Z"),
    "SAT, OCT and a T": ("SAT, 14 OCT 2023T14:00", "2023-10-14T14:00:00Z"),
    "month with a dot": ("13 Nov. 2023 14:00", "2023-11-13T14:00:00Z"),
    "Sept, the odd one": ("13 Sept 2023 14:00", "2023-09-13T14:00:00Z"),
    "May, whole as it is short": ("13 May 2023 14:00", "2023-05-13T14:00:00Z"),
    "month first in words": ("Nov 13, 2023 2:00 PM", "2023-11-13T14:00:00Z"),
    "small number first in words": ("Nov 5, 2023 2:00 PM", "2023-11-05T14:00:00Z"),
    "month first in words, no comma": ("Nov 13 2023 2:00 PM", "2023-11-13T14:00:00Z"),
    "1st": ("1st Nov 2023 14:00", "2023-11-01T14:00:00Z"),
    "2nd": ("2nd Nov 2023 14:00", "2023-11-02T14:00:00Z"),
    "3rd": ("3rd Nov 2023 14:00", "2023-11-03T14:00:00Z"),
    "2nd after the month": ("Nov 2nd 2023 14:00", "2023-11-02T14:00:00Z"),
    "3rd after the month": ("Nov 3rd, 2023 14:00", "2023-11-03T14:00:00Z"),
    "13th after the month": ("Nov 13th, 2023 14:00", "2023-11-13T14:00:00Z"),
    "ordinal": ("13th Nov 2023 14:00", "2023-11-13T14:00:00Z"),
    "ordinal after the month": ("November 1st, 2023 14:00", "2023-11-01T14:00:00Z"),
    "comma after the date": ("13 Nov 2023, 14:00", "2023-11-13T14:00:00Z"),
    "the word at": ("13 November 2023 at 14:00", "2023-11-13T14:00:00Z"),
    "weekday": ("Mon, 13 Nov 2023 14:00", "2023-11-13T14:00:00Z"),
    "weekday in full": ("Monday 13 November 2023 14:00", "2023-11-13T14:00:00Z"),
    "words with two blanks": ("13  Nov  2023  14:00", "2023-11-13T14:00:00Z"),
    "last minute of a year": ("31-12-2023 23:59", "2023-12-31T23:59:00Z"),
    "the end of a day": ("13-11-2023 24:00", "2023-11-14T00:00:00Z"),
    "the end of a year": ("31-12-2023 24:00:00", "2024-01-01T00:00:00Z"),
    "the end of the last day taken": ("31-12-2261 24:00", "2262-01-01T00:00:00Z"),
}


@pytest.mark.parametrize(("text", "expected"), WITHOUT_ZONE.values(), ids=WITHOUT_ZONE.keys())
def test_time_without_a_zone(text: str, expected: str) -> None:
    assert read(text) == (ns(expected), False)


WITH_ZONE = {
    "delivered: Z": ("2023-11-13T09:34:56Z", "2023-11-13T09:34:56Z"),
    "Z stays year-month-day below 13": ("2023-05-06T10:00:00Z", "2023-05-06T10:00:00Z"),
    "small z": ("2023-11-13T09:34:56z", "2023-11-13T09:34:56Z"),
    "blank before Z": ("2023-11-13T09:34:56 Z", "2023-11-13T09:34:56Z"),
    "decimals and Z": ("2023-11-13T09:34:56.5Z", "2023-11-13T09:34:56.5Z"),
    "UTC": ("13-11-2023 14:00 UTC", "2023-11-13T14:00:00Z"),
    "GMT": ("13-11-2023 14:00 GMT", "2023-11-13T14:00:00Z"),
    "offset with colon": ("2024-03-12T12:01:59+04:00", "2024-03-12T08:01:59Z"),
    "offset without colon": ("2024-03-12T12:01:59+0400", "2024-03-12T08:01:59Z"),
    "offset in hours": ("2024-03-12T12:01:59+04", "2024-03-12T08:01:59Z"),
    "offset after a blank": ("12-03-2024 12:01 +04:00", "2024-03-12T08:01:00Z"),
    "offset after PM": ("12-03-2024 2:01 PM +04:00", "2024-03-12T10:01:00Z"),
    "offset west": ("12-03-2024 14:00-03:30", "2024-03-12T17:30:00Z"),
    "offset east with minutes": ("12-03-2024 14:00+05:45", "2024-03-12T08:15:00Z"),
    "offset into the day before": ("12-03-2024 01:00+04:00", "2024-03-11T21:00:00Z"),
    "offset into the day after": ("12-03-2024 23:00-04:00", "2024-03-13T03:00:00Z"),
    "offset west behind seconds": ("12-03-2024 01:00:00-11:30", "2024-03-12T12:30:00Z"),
    "offset west behind seconds and a blank": (
        "12-03-2024 01:00:00 -11:30",
        "2024-03-12T12:30:00Z",
    ),
    "offset west behind a T and a blank": ("2024-03-12T01:00 -11:30", "2024-03-12T12:30:00Z"),
    "offset west of the time itself, behind a blank": (
        "12-03-2024 09:00 -09:00",
        "2024-03-12T18:00:00Z",
    ),
    "offset west behind a T": ("2024-03-12T01:00-11:30", "2024-03-12T12:30:00Z"),
    "offset west behind a T, blanks around": (" 2024-03-12T01:00-11:30 ", "2024-03-12T12:30:00Z"),
    "offset west of the time itself": ("12-03-2024 09:00-09:00", "2024-03-12T18:00:00Z"),
    "furthest west": ("12-03-2024 14:00-12:00", "2024-03-13T02:00:00Z"),
    "offset of nothing": ("12-03-2024 14:00-00:00", "2024-03-12T14:00:00Z"),
    "greatest offset": ("12-03-2024 14:00+14:00", "2024-03-12T00:00:00Z"),
    "offset with 59 minutes": ("12-03-2024 14:00+00:59", "2024-03-12T13:01:00Z"),
    "offset west behind OCT and a T": ("12-OCT-2023T01:00-11:30", "2023-10-12T12:30:00Z"),
    "the end of a day, Z": ("2023-11-13T24:00Z", "2023-11-14T00:00:00Z"),
    "the end of a day, an offset": ("2023-11-13 24:00:00.000+04:00", "2023-11-13T20:00:00Z"),
    "words and an offset": ("12 Mar 2024 14:00 +04:00", "2024-03-12T10:00:00Z"),
}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Dubai", "America/New_York"])
@pytest.mark.parametrize(("text", "expected"), WITH_ZONE.values(), ids=WITH_ZONE.keys())
def test_written_zone_holds_whatever_the_databases(text: str, expected: str, zone: str) -> None:
    assert read(text, zone) == (ns(expected), True)


REFUSED = {
    "month first": ("11/13/2023 14:00", Reason.MONTH_FIRST, "no month 13"),
    "month first, both ends of the range": ("12-31-2023 14:00", Reason.MONTH_FIRST, "no month 31"),
    "month first, least day and month": ("01-13-2023 14:00", Reason.MONTH_FIRST, "no month 13"),
    "day 32, in neither place": ("11/32/2023 14:00", Reason.BAD_TIME, "no day 11 in month 32"),
    "month first, month 0": ("00/13/2023 14:00", Reason.BAD_TIME, "no day 0 in month 13"),
    "no day and no month": ("13-13-2023 14:00", Reason.BAD_TIME, "no day 13 in month 13 of 2023"),
    "year first, no such month": ("2023-13-11 14:00", Reason.BAD_TIME, "no day 11 in month 13"),
    "31 February": ("31-02-2024 9:15 AM", Reason.BAD_TIME, "no day 31 in month 2 of 2024"),
    "29 February in a common year": ("29-02-2023 10:00", Reason.BAD_TIME, "no day 29"),
    "day 0": ("00-11-2023 10:00", Reason.BAD_TIME, "no day 0"),
    "month 0": ("11-00-2023 10:00", Reason.BAD_TIME, "month 0"),
    "year of the epoch": ("01-01-1970 00:00", Reason.BAD_TIME, "the year 1970 cannot be meant"),
    "year of the spreadsheet's zero": ("01-01-1900 00:00", Reason.BAD_TIME, "the year 1900"),
    "year past 64-bit nanoseconds": ("01-01-2262 00:00", Reason.BAD_TIME, "the year 2262"),
    "year past, in words": ("1 Jan 2262 00:00", Reason.BAD_TIME, "the year 2262"),
    "two-digit year": ("24-03-24 14:00", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year with slashes": ("24/3/24 2:00 PM", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year, one-digit day": ("4-3-24 14:00", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year alone": ("24-03-24", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year in words": ("13-Nov-23 14:00", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year in words, capitals": ("13-NOV-23 14:00", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year in words, T": ("13-OCT-23T14:00", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year in words, blanks": ("13 Nov 23 14:00", Reason.TWO_DIGIT_YEAR, "four digits"),
    "two-digit year behind a weekday": (
        "Mon, 13 Nov 23 2:00 PM",
        Reason.TWO_DIGIT_YEAR,
        "four digits",
    ),
    "two-digit year, month first in words": (
        "Nov 13, 23 14:00",
        Reason.TWO_DIGIT_YEAR,
        "four digits",
    ),
    "two-digit year in words alone": ("13-Nov-23", Reason.TWO_DIGIT_YEAR, "four digits"),
    "three-digit year in words": ("13-Nov-023 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "no year in words": ("13 Nov 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "separators mixed": ("13-11/2023 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "three-digit year": ("13-11-023 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "five-digit year": ("13-11-20233 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "three-digit day": ("013-11-2023 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "three-digit month": ("13-011-2023 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "year first, three-digit month": ("2023-011-13 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "year first, three-digit day": ("2023-11-013 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "two-digit year, three-digit day": ("013-11-23 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "two-digit year, three-digit month": ("13-011-23 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "three-digit day in words": ("013 Nov 2023 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "three-digit day after the word": ("Nov 013, 2023 14:00", Reason.BAD_TIME, "no time of day"),
    "three-digit hour": ("13-11-2023 014:00", Reason.BAD_TIME, "no time of day"),
    "digits run together": ("20231113 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "Arabic digits": ("١٣-١١-٢٠٢٣ 14:00", Reason.BAD_TIME, "DD-MM-YYYY"),
    "date only": ("24-03-2024", Reason.INCOMPLETE_TIME, "time of day is missing"),
    "date only, year first": ("2024-03-24", Reason.INCOMPLETE_TIME, "time of day is missing"),
    "date only, in words": ("24 Mar 2024", Reason.INCOMPLETE_TIME, "time of day is missing"),
    "clock only": ("14:00", Reason.INCOMPLETE_TIME, "date is missing"),
    "clock only, with PM": ("2:00 PM", Reason.INCOMPLETE_TIME, "date is missing"),
    "hour only": ("13-11-2023 14", Reason.INCOMPLETE_TIME, "minutes are missing"),
    "hour only, with PM": ("13-11-2023 2 PM", Reason.INCOMPLETE_TIME, "minutes are missing"),
    "hour only, with p.m.": ("13-11-2023 2p.m.", Reason.INCOMPLETE_TIME, "minutes are missing"),
    "bare number that dateutil takes for a day": ("13", Reason.BAD_TIME, "DD-MM-YYYY HH:MM"),
    "bare month that dateutil takes for today": ("Nov", Reason.BAD_TIME, "DD-MM-YYYY HH:MM"),
    "word": ("Timestamp", Reason.BAD_TIME, "DD-MM-YYYY HH:MM"),
    "empty": ("", Reason.BAD_TIME, "DD-MM-YYYY HH:MM"),
    "three-digit hour only": ("13-11-2023 014", Reason.BAD_TIME, "no time of day"),
    "hour 13 with PM": ("24-03-2024 13:30 PM", Reason.BAD_TIME, "no time of day"),
    "hour 0 with AM": ("24-03-2024 0:30 AM", Reason.BAD_TIME, "no time of day"),
    "hour 24 and a minute": ("13-11-2023 24:01", Reason.BAD_TIME, "no time of day"),
    "hour 24 and a nanosecond": (
        "13-11-2023 24:00:00.000000001",
        Reason.BAD_TIME,
        "no time of day",
    ),
    "hour 24 with AM": ("13-11-2023 24:00 AM", Reason.BAD_TIME, "no time of day"),
    "hour 25": ("13-11-2023 25:00", Reason.BAD_TIME, "no time of day"),
    "minute 60": ("13-11-2023 14:60", Reason.BAD_TIME, "no time of day"),
    "second 60": ("13-11-2023 14:00:60", Reason.BAD_TIME, "no time of day"),
    "one-digit minute": ("13-11-2023 14:5", Reason.BAD_TIME, "no time of day"),
    "ten decimals": ("13-11-2023 14:00:00.1234567890", Reason.BAD_TIME, "no time of day"),
    "minutes and decimals, as Excel shows an ISO time": (
        "34:56.0",
        Reason.EXCEL_LOST_DATE,
        "HH:MM",
    ),
    "two times": ("13-11-2023 14:00 15:00", Reason.BAD_TIME, "no time of day"),
    "range of times": ("13-11-2023 09:00-11:30", Reason.BAD_TIME, "range of times"),
    "shortest range of times": ("13-11-2023 09:00-09:01", Reason.BAD_TIME, "range of times"),
    "range of times behind words": ("13 Nov 2023 09:00-11:30", Reason.BAD_TIME, "range of times"),
    "range of times behind two blanks": ("13-11-2023  09:00-11:30", Reason.BAD_TIME, "range"),
    "range of times, or an offset behind a blank": (
        "13-11-2023 09:00 -11:30",
        Reason.BAD_TIME,
        "range of times",
    ),
    "shortest range, blank before the minus": ("13-11-2023 09:00 -09:01", Reason.BAD_TIME, "range"),
    "range of hours, blank before the minus": ("13-11-2023 09:00 -11", Reason.BAD_TIME, "range"),
    "range, blank before the minus, behind words": (
        "13 Nov 2023 09:00 -11:30",
        Reason.BAD_TIME,
        "range of times",
    ),
    "range, no-break space before the minus": (
        "13-11-2023 09:00\u00a0-11:30",
        Reason.BAD_TIME,
        "range of times",
    ),
    "range of times with blanks": ("13-11-2023 09:00 - 11:30", Reason.BAD_TIME, "no time of day"),
    "offset east of the east": ("13-11-2023 14:00+14:01", Reason.BAD_TIME, "offset +14:01"),
    "offset west of the west": ("13-11-2023 14:00-12:01", Reason.BAD_TIME, "offset -12:01"),
    "offset above the greatest": ("13-11-2023 14:00+15:00", Reason.BAD_TIME, "offset +15:00"),
    "offset of 60 minutes": ("13-11-2023 14:00+04:60", Reason.BAD_TIME, "offset +04:60"),
    "zone by name": ("25-03-2024 14:10 GST", Reason.UNKNOWN_ZONE, "+04:00"),
    "zone by small name": ("25-03-2024 14:10 gst", Reason.UNKNOWN_ZONE, "+04:00"),
    "zone by name after PM": ("25-03-2024 2:10 PM GST", Reason.UNKNOWN_ZONE, "+04:00"),
    "zone by name after PM without a blank": ("25-03-2024 2:10PM GST", Reason.UNKNOWN_ZONE, "Z"),
    "zone by name without a blank": ("25-03-2024 14:10EST", Reason.UNKNOWN_ZONE, "+04:00"),
    "zone by city": ("25-03-2024 14:10 Asia/Dubai", Reason.UNKNOWN_ZONE, "+04:00"),
    "UTC and an offset, of which the sign is read both ways": (
        "25-03-2024 14:10 UTC+4",
        Reason.UNKNOWN_ZONE,
        "+04:00",
    ),
    "zone by name behind words": ("25 Mar 2024 14:10 GST", Reason.UNKNOWN_ZONE, "+04:00"),
    "Excel's day number": ("45362.5", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, comma": ("45362,58333", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, whole": ("45362", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, longest": ("123456", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, shortest": ("1234", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, rounded to one digit": ("5E+04", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, rounded to three": ("4.54E+04", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Excel's day number, rounded": ("4.5E+04", Reason.EXCEL_SERIAL_DATE, "day number"),
    "Arabic digits alone": ("٤٥٣٦٢", Reason.BAD_TIME, "HH:MM"),
    "seconds since 1970": ("1699884000", Reason.BAD_TIME, "HH:MM"),
    "longer than a day number": ("1234567", Reason.BAD_TIME, "HH:MM"),
    "shorter than a day number": ("123.5", Reason.BAD_TIME, "DD-MM-YYYY HH:MM"),
    "Excel's narrow column": ("########", Reason.EXCEL_NARROW_COLUMN, "too narrow"),
    "Excel's narrowest column": ("#", Reason.EXCEL_NARROW_COLUMN, "too narrow"),
    "weekday of another date": ("Tue, 13 Nov 2023 14:00", Reason.BAD_TIME, "the weekday is not"),
    "31 November in words": ("31 Nov 2023 14:00", Reason.BAD_TIME, "not a date"),
    "no such month in words": ("13 Novem 2023 14:00", Reason.BAD_TIME, "not a date"),
    "month in words without a day": ("Nov-2023 14:00", Reason.BAD_TIME, "not a date"),
    "no month in words, short year": ("13-Foo-23 14:00", Reason.BAD_TIME, "not a date"),
    "month in words, year of the year 23": ("13 Nov 0023 14:00", Reason.BAD_TIME, "one way only"),
    "two months": ("12-Nov-2023,Nov 14:00", Reason.BAD_TIME, "not a date"),
    "month in words, a number more": ("13-Nov-2023-14 14:00", Reason.BAD_TIME, "not a date"),
}


@pytest.mark.parametrize(("text", "reason", "phrase"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_a_reason_to_act_on(text: str, reason: Reason, phrase: str) -> None:
    error = refusal(text)
    assert error.reason is reason
    assert phrase in error.detail
    assert str(error) == error.detail
    # It stands behind "line 7: ", and what comes next behind it.
    assert re.fullmatch(r"'.*': [a-z].*[a-zDZ\d)]", error.detail)


def test_detail_begins_with_the_cell() -> None:
    assert refusal("24-03-24 14:00").detail.startswith("'24-03-24 14:00': ")


def test_detail_shows_a_hundred_characters_of_the_cell_and_no_more() -> None:
    cell = "A" * 100 + "B"
    assert refusal(cell).detail.startswith("'" + "A" * 100 + "': ")


def test_refusing_twice_gives_the_same_reason() -> None:
    same = reader()
    for _ in range(2):
        with pytest.raises(BadTimeError, match="four digits"):
            same.read("24-03-24 14:00")


def test_reading_twice_gives_the_same_instant() -> None:
    same = reader("Europe/London")
    assert same.read("01-07-2024 14:00") == same.read("01-07-2024 14:00")


BAD_WORDS = {
    "weekday of another date behind the date": "12-Nov-2023Sat 14:00",
    "letter that dateutil drops": "12-Nov-2023m 14:00",
    "word that dateutil drops": "12-Nov-2023AD 14:00",
    "words run together": "12Nov2023 14:00",
    "number that dateutil fails over": "nov" + "9" * 29 + "m 14:00",
    "small t for the blank": "12-oct-2023t14:00",
    "T and a blank": "12-OCT-2023T 14:00",
    "zone that dateutil drops with a warning": "Nov202312T 14:00",
}


@pytest.mark.parametrize("text", BAD_WORDS.values(), ids=BAD_WORDS.keys())
def test_dateutil_never_sees_what_is_no_known_form(text: str) -> None:
    assert refusal(text).reason is Reason.BAD_TIME


@pytest.mark.parametrize("left_out", ["day", "month", "year"])
def test_what_dateutil_would_fill_in_is_refused(
    monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    said = {"day": 13, "month": 11, "year": 2023}
    del said[left_out]
    monkeypatch.setattr("dateutil.parser.parse", lambda _, default: default.replace(**said))
    assert refusal("13 Nov 2023 14:00").reason is Reason.BAD_TIME


@pytest.mark.parametrize(
    "text",
    [
        "0585550123",
        "+971 58 555 0123",
        "585550123 14:00",
        "+971 58 555 0123 14:00",
        "mob 058 5550123",
    ],
)
def test_detail_never_holds_a_full_mobile(text: str) -> None:
    detail = refusal(text).detail
    assert "0123" in detail
    assert "5550123" not in detail.replace(" ", "")


IN_ITS_ZONE = {
    "Dubai, four hours ahead": ("Asia/Dubai", "13-11-2023 14:00", "2023-11-13T10:00:00Z"),
    "Dubai, the day before in UTC": ("Asia/Dubai", "13-11-2023 3:59", "2023-11-12T23:59:00Z"),
    "Kathmandu, minutes off": ("Asia/Kathmandu", "13-11-2023 14:00", "2023-11-13T08:15:00Z"),
    "St John's, west and half": ("America/St_Johns", "13-11-2023 14:00", "2023-11-13T17:30:00Z"),
    "Monrovia, seconds off": ("Africa/Monrovia", "01-06-1971 12:00", "1971-06-01T12:44:30Z"),
    "decimals kept": ("Asia/Dubai", "13-11-2023 14:00:00.75", "2023-11-13T10:00:00.75Z"),
    "London, winter": ("Europe/London", "15-01-2024 12:00", "2024-01-15T12:00:00Z"),
    "London, summer": ("Europe/London", "15-07-2024 12:00", "2024-07-15T11:00:00Z"),
    "the evening before the gap": ("Europe/London", "30-03-2024 23:59", "2024-03-30T23:59:00Z"),
    "last moment before the gap": (
        "Europe/London",
        "31-03-2024 00:59:59.999999999",
        "2024-03-31T00:59:59.999999999Z",
    ),
    "first moment after the gap": ("Europe/London", "31-03-2024 02:00", "2024-03-31T01:00:00Z"),
    "the evening after the gap": ("Europe/London", "31-03-2024 23:59", "2024-03-31T22:59:00Z"),
    "last moment before the fold": (
        "Europe/London",
        "27-10-2024 00:59:59.999999999",
        "2024-10-26T23:59:59.999999999Z",
    ),
    "first moment after the fold": ("Europe/London", "27-10-2024 02:00", "2024-10-27T02:00:00Z"),
    "Lord Howe, after half an hour": (
        "Australia/Lord_Howe",
        "07-04-2024 02:00",
        "2024-04-06T15:30:00Z",
    ),
    "the end of a day before the gap": (
        "Asia/Beirut",
        "29-03-2024 24:00",
        "2024-03-29T22:00:00Z",
    ),
    "Samoa, before the lost day": ("Pacific/Apia", "29-12-2011 23:59", "2011-12-30T09:59:00Z"),
    "Samoa, after the lost day": ("Pacific/Apia", "31-12-2011 00:00", "2011-12-30T10:00:00Z"),
}


@pytest.mark.parametrize(("zone", "text", "expected"), IN_ITS_ZONE.values(), ids=IN_ITS_ZONE.keys())
def test_time_without_a_zone_is_in_the_databases(zone: str, text: str, expected: str) -> None:
    assert read(text, zone) == (ns(expected), False)


CHANGED_CLOCKS = {
    "first moment of the gap": ("Europe/London", "31-03-2024 01:00", Reason.NONEXISTENT_TIME),
    "last moment of the gap": ("Europe/London", "31-03-2024 01:59:59", Reason.NONEXISTENT_TIME),
    "first moment of the fold": ("Europe/London", "27-10-2024 01:00", Reason.AMBIGUOUS_TIME),
    "last moment of the fold": ("Europe/London", "27-10-2024 01:59:59", Reason.AMBIGUOUS_TIME),
    "the end of the day before a gap at midnight": (
        "Asia/Beirut",
        "30-03-2024 24:00",
        Reason.NONEXISTENT_TIME,
    ),
    "gap at midnight": ("Asia/Beirut", "31-03-2024 00:30", Reason.NONEXISTENT_TIME),
    "fold before midnight": ("Asia/Beirut", "26-10-2024 23:30", Reason.AMBIGUOUS_TIME),
    "half an hour lost": ("Australia/Lord_Howe", "06-10-2024 02:15", Reason.NONEXISTENT_TIME),
    "half an hour twice": ("Australia/Lord_Howe", "07-04-2024 01:45", Reason.AMBIGUOUS_TIME),
    "a whole day lost": ("Pacific/Apia", "30-12-2011 12:00", Reason.NONEXISTENT_TIME),
}


@pytest.mark.parametrize(
    ("zone", "text", "reason"), CHANGED_CLOCKS.values(), ids=CHANGED_CLOCKS.keys()
)
def test_changed_clocks_are_not_guessed_at(zone: str, text: str, reason: Reason) -> None:
    assert refusal(text, zone).reason is reason


def test_ambiguous_time_says_when_where_and_what_to_do() -> None:
    assert refusal("27-10-2024 01:30", "Europe/London").detail == (
        "'27-10-2024 01:30': 27-10-2024 01:30 was twice in Europe/London: the clocks were changed; "
        "ask for a time with an offset, such as +01:00"
    )


def test_month_first_says_what_to_do() -> None:
    assert refusal("11/13/2023 14:00").detail == (
        "'11/13/2023 14:00': there is no month 13, so this file may write the month first; every "
        "date in it must be written day first (DD-MM-YYYY)"
    )


def test_nonexistent_time_says_so() -> None:
    detail = refusal("31-03-2024 01:30", "Europe/London").detail
    assert "31-03-2024 01:30 never was in Europe/London" in detail


@pytest.mark.parametrize("text", ["31-03-2024 01:30+01:00", "27-10-2024 01:30+01:00"])
def test_offset_settles_a_time_at_which_clocks_changed(text: str) -> None:
    assert read(text, "Europe/London") == read(text, "UTC")


class Nowhere(tzinfo):
    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


def test_zone_without_an_offset_is_a_bug_not_a_bad_cell() -> None:
    with pytest.raises(ValueError, match=r"^a zone must know its offset"):
        TimeReader(Nowhere()).read("13-11-2023 14:00")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("13-11-2023 14:00:00.25", "13-11-2023 14:00:00.7"),
        ("13-11-2023 14:00:00", "13-11-2023 14:00:00.000000001"),
        ("13-11-2023 14:00:00.9", "13-11-2023 14:00:01"),
        ("13-11-2023 11:59 PM", "14-11-2023 12:00 AM"),
    ],
)
def test_order_is_right_below_the_second(first: str, second: str) -> None:
    assert read(first) < read(second)


DATES = st.dates(datetime(1971, 1, 2, tzinfo=UTC).date(), datetime(2261, 12, 30, tzinfo=UTC).date())
DATE_FORMS = [
    "{day:02}{s}{month:02}{s}{year}",
    "{day}{s}{month}{s}{year}",
    "{year}{s}{month:02}{s}{day:02}",
    "{year}{s}{month}{s}{day}",
    "{day} {word} {year}",
    "{day:02}-{word}-{year}",
    "{word} {day}, {year}",
]
MONTHS = [f"{datetime(2000, month, 1):%B}" for month in range(1, 13)]  # noqa: DTZ001
OFFSETS = {
    "Z": 0,
    "UTC": 0,
    "+04:00": 240,
    "+0400": 240,
    "+04": 240,
    "-09:30": -570,
    "+05:45": 345,
    "-12:00": -720,
    "+14:00": 840,
}


@st.composite
def date_texts(draw: st.DrawFn) -> tuple[str, int]:
    """A date in any known form, and the nanoseconds from 1970 to its midnight in UTC."""
    day = draw(DATES)
    word = MONTHS[day.month - 1]
    text = draw(st.sampled_from(DATE_FORMS)).format(
        day=day.day,
        month=day.month,
        year=day.year,
        s=draw(st.sampled_from("-/.")),
        word=draw(st.sampled_from([word, word[:3], word.upper()])),
    )
    return text, ns(f"{day.isoformat()}T00:00:00Z")


@st.composite
def clock_texts(draw: st.DrawFn) -> tuple[str, int]:
    """A clock in any known form, and the nanoseconds from midnight to it."""
    at = draw(st.times())
    decimals = draw(st.from_regex(r"\A[0-9]{1,9}\Z"))
    twelve = draw(st.booleans())
    text = f"{(at.hour - 1) % 12 + 1 if twelve else at.hour}:{at.minute:02}"
    nanoseconds = (at.hour * 60 + at.minute) * 60 * SECOND
    if draw(st.booleans()):
        text += f":{at.second:02}"
        nanoseconds += at.second * SECOND
        if draw(st.booleans()):
            text += draw(st.sampled_from(".,")) + decimals
            nanoseconds += int(decimals.ljust(9, "0"))
    if twelve:
        half = "AM" if at < time(12) else "PM"
        text += draw(st.sampled_from(["", " "])) + draw(st.sampled_from([half, half.lower()]))
    return text, nanoseconds


@given(
    date_texts(),
    st.sampled_from([" ", "  ", "T"]),
    clock_texts(),
    st.sampled_from(["", " "]),
    st.sampled_from(sorted(OFFSETS)),
)
def test_any_known_form_with_any_offset_reads_back(
    day: tuple[str, int], between: str, clock: tuple[str, int], blank: str, offset: str
) -> None:
    text = f"{day[0]}{between}{clock[0]}{blank}{offset}"
    offset_ns = OFFSETS[offset] * 60 * SECOND
    # "09:00-11:30" could be a range of times.
    if (
        between != "T"
        and re.fullmatch(r"\d+:\d+( ?[AP]M)?", clock[0], re.IGNORECASE)
        and -offset_ns > clock[1]
    ):
        with pytest.raises(BadTimeError, match="range of times"):
            reader().read(text)
    else:
        assert reader().read(text) == (day[1] + clock[1] - offset_ns, True)


@given(date_texts(), clock_texts())
def test_any_known_form_without_a_zone_reads_back(
    day: tuple[str, int], clock: tuple[str, int]
) -> None:
    assert reader().read(f"{day[0]} {clock[0]}") == (day[1] + clock[1], False)


ZONES = (
    "Asia/Dubai",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Africa/Monrovia",
)
FIRST, LAST = datetime(1971, 1, 2), datetime(2261, 12, 30)  # noqa: DTZ001
# Days on which a clock of one of the zones was changed, and some minutes around them.
CHANGES = [
    datetime.fromisoformat(text)
    for text in (
        "1972-01-07 00:00",
        "1986-01-01 00:00",
        "2011-12-30 00:00",
        "2024-03-10 02:00",
        "2024-03-10 00:00",
        "2024-03-31 01:00",
        "2024-03-31 00:00",
        "2024-04-07 02:00",
        "2024-10-06 02:00",
        "2024-10-27 01:00",
        "2024-10-27 00:00",
        "2024-11-03 01:00",
    )
]
LOCAL_TIMES = st.one_of(
    st.datetimes(FIRST, LAST).map(lambda local: local.replace(second=0, microsecond=0)),
    st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-1_600, 1_600),
    ),
)


def readings(local: datetime, zone: ZoneInfo) -> set[datetime]:
    """The instants at which a clock in the zone showed the local time: none, one or two."""
    candidates = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return {at for at in candidates if at.astimezone(zone).replace(tzinfo=None) == local}


@given(LOCAL_TIMES, st.sampled_from(ZONES))
def test_zoneless_is_what_zoneinfo_says_or_refused(local: datetime, name: str) -> None:
    expected = readings(local, ZoneInfo(name))
    text = f"{local:%d-%m-%Y %H:%M}"
    if len(expected) == 1:
        assert reader(name).read(text) == (int(expected.pop().timestamp()) * SECOND, False)
    else:
        reason = Reason.AMBIGUOUS_TIME if expected else Reason.NONEXISTENT_TIME
        with pytest.raises(BadTimeError) as caught:
            reader(name).read(text)
        assert caught.value.reason is reason


@given(st.one_of(st.text(), st.text(alphabet="0123456789-/.: TZapM+#,")))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    try:
        nanoseconds, _ = reader().read(text)
    except BadTimeError:
        return
    assert ns("1970-12-31T10:00:00Z") <= nanoseconds < 2**63


WRITTEN = st.one_of(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(
            ["13-11-2023", "2023-11-13", "31-03-2024", "12-OCT-2023", "31-02-2024", ""]
        ),
        st.sampled_from([" ", "T", "  ", ""]),
        st.sampled_from(["0:05", "6:05", "12:30", "13:00", "02:30", "23:59", "24:00", "9:60", "7"]),
        st.sampled_from(["", ":30", ":30.1234567", ":61"]),
        st.sampled_from(["", "AM", " PM", " p.m.", "Z", "+04:00", " -11:30", "-02", " PM -05:00"]),
    ),
    st.text(alphabet="0123456789-/.: TZapM+#,", max_size=20),
)


@given(st.lists(WRITTEN, min_size=1, max_size=8), st.sampled_from(ZONES))
def test_a_column_reads_what_its_cells_read(cells: list[str], name: str) -> None:
    instants, zoned, unread = reader(name).read_column(cells)
    assert len(instants) == len(cells)
    for at, cell in enumerate(cells):
        if at not in unread:
            assert reader(name).read(cell) == (instants[at], zoned)


FORMS = {
    "exceptions": ["13-11-2023 09:05", "1-2-2024 23:59"],
    "pickup": ["13-11-2023 9:05 AM", "13-11-2023 12:05 AM", "13-11-2023 12:05 PM"],
    "delivered": ["2024-05-17T18:32:18Z", "2024-12-31T23:59:59Z"],
    "returned": ["13-11-2023 9:05AM", "13-11-2023 11:59PM"],
    "offsets": ["2024-05-17T18:32:18+04:00", "2024-05-17T18:32:18-05:30"],
}


@pytest.mark.parametrize("zone", ["Asia/Dubai", "America/New_York"])
@pytest.mark.parametrize("cells", FORMS.values(), ids=FORMS.keys())
def test_a_column_in_one_form_is_read_at_once(cells: list[str], zone: str) -> None:
    instants, zoned, unread = reader(zone).read_column(["no time", *cells, "nor this"])
    assert unread == [0, len(cells) + 1]
    read_alone = [reader(zone).read(cell) for cell in cells]
    assert [(instant, zoned) for instant in instants[1:-1]] == read_alone


@pytest.mark.parametrize(
    "text", [text for text, _ in (*WITHOUT_ZONE.values(), *WITH_ZONE.values())]
)
def test_a_column_reads_each_form_as_a_cell_or_not_at_all(text: str) -> None:
    (instant,), zoned, unread = reader("Asia/Dubai").read_column([text])
    assert unread == [0] or reader("Asia/Dubai").read(text) == (instant, zoned)


@pytest.mark.parametrize("text", [text for text, *_ in REFUSED.values()])
def test_a_column_reads_nothing_that_a_cell_refuses(text: str) -> None:
    assert reader().read_column([text])[2] == [0]
    assert 1 in reader().read_column(["2023-11-13 14:00-03:00", text])[2]


@pytest.mark.parametrize(("zone", "text", "reason"), CHANGED_CLOCKS.values(), ids=CHANGED_CLOCKS)
def test_a_column_leaves_days_on_which_clocks_change(zone: str, text: str, reason: Reason) -> None:
    assert TimeReader(ZoneInfo(zone)).read_column([text])[2] == [0]


def test_a_column_of_ever_other_times_is_read_in_bounded_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(times, "_REMEMBERED", 3)
    bounded = reader()
    cells = [f"{day:02}-11-2023 {day:02}:{day:02}" for day in range(1, 21)]
    assert bounded.read_column(cells) == ([read(cell)[0] for cell in cells], False, [])
    assert all(len(memo) <= 3 for memo in (*bounded._days, *chain(*bounded._clocks.values())))


def test_a_column_gives_up_clocks_that_are_written_otherwise() -> None:
    cells = ["13-11-2023 09:05", "13-11-2023 09:05 AM", "13-11-2023 09:05Z", "13-11-2023T09:05"]
    assert reader().read_column(cells)[1:] == (False, [1, 2, 3])
