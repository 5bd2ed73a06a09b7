"""Other spellings of times: read where they say the same for certain, else left alone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells.clock import BadTimeError
from cardstatus.courier.cells.spellings import respelled
from cardstatus.courier.cells.times import TimeReader
from cardstatus.courier.cells.zones import respelled_zone
from cardstatus.instants import one_iso
from cardstatus.model.problems import Reason
from cardstatus.privacy import redact

READER = TimeReader(ZoneInfo("Asia/Dubai"))


def read(text: str) -> tuple[str, bool]:
    instant, zoned = READER.read(text)
    return one_iso(instant), zoned


# All are 2 o'clock in the afternoon of 13 November 2023, in Dubai.
DATES_AND_CLOCKS = {
    "comma, as British browsers write": "13/11/2023, 14:00:00",
    "comma and PM, as Indian browsers write": "13/11/2023, 2:00:00 pm",
    "comma alone": "13/11/2023,14:00",
    "semicolon": "13-11-2023; 14:00",
    "hyphen between blanks": "13-11-2023 - 14:00",
    "at": "13-11-2023 at 14:00",
    "comma and at": "13 November 2023, at 14:00",
    "at as a sign": "13-11-2023 @ 14:00",
    "bar": "13-11-2023 | 2:00 PM",
    "underscore": "2023-11-13_14:00",
    "colon, as web servers log": "13/Nov/2023:14:00:00",
    "small t": "2023-11-13t14:00:00",
    "small t, day first": "13-11-2023t14:00",
    "clock first": "14:00 13-11-2023",
    "clock first, PM and a comma": "2:00 PM, 13 Nov 2023",
    "clock first, on": "14:00 on 13 November 2023",
    "as C writes": "Mon Nov 13 14:00:00 2023",
    "hyphen and dots, as DB2 writes": "2023-11-13-14.00.00.000000",
    "quote in front, as spreadsheets mark text": "'13-11-2023 14:00",
    "quotes around": "\u201c13-11-2023 14:00\u201d",
    "apostrophes around": "'2023-11-13 14:00'",
    "marks of direction, as old browsers write": "\u200e13\u200e/\u200e11\u200e/\u200e2023 14:00",
    "marks of direction from right to left": "\u200f13\u200f/11\u200f/2023\u060c 14:00",
    "Arabic for PM": "13/11/2023\u060c 2:00:00 \u0645",
    "byte-order mark": "\ufeff13-11-2023 14:00",
    "full-width signs": "１３-１１-２０２３ １４：００",
    "hyphens that do not break": "13\u201111\u20112023 14:00",
    "dots and blanks, as in Prague": "13. 11. 2023 14:00",
    "dots, blanks and a dot more, as in Zagreb": "13. 11. 2023. 14:00:00",
    "year first, dots and blanks, as in Seoul": "2023. 11. 13. 14:00",
    "German date": "13. November 2023 14:00",
    "of": "13th of November 2023 14:00",
    "words between slashes": "13/Nov/2023 14:00",
    "words between dots": "13.Nov.2023 14:00",
    "year first with words": "2023-Nov-13 14:00",
    "year first with words and blanks": "2023 November 13 14:00",
    "hour and minute between dots": "13/11/2023 14.00",
    "seconds between dots": "13.11.2023 14.00.00",
    "decimals behind dots": "13.11.2023 14.00.00,000",
    "dot and PM": "13/11/2023 2.00 PM",
    "hrs": "13/11/2023 14:00 hrs",
    "hrs, no blank and a dot": "13/11/2023 14:00hrs.",
    "hours with seconds": "13/11/2023 14:00:00 Hours",
    "h": "13/11/2023 14:00 h",
    "Uhr": "13.11.2023 14:00 Uhr",
    "dot and hrs": "13/11/2023 14.00 hrs",
    "four digits and hrs": "13/11/2023 1400 hrs",
    "French": "13/11/2023 14h00",
    "French with blanks": "13/11/2023 14 h 00 min",
    "Spanish p. m.": "13/11/2023, 2:00:00 p.\u00a0m.",
    "colon before milliseconds": "13/11/2023 14:00:00:000",
    "compact": "20231113T140000",
    "compact to the minute": "20231113T1400",
    "compact date only": "20231113T14:00:00",
    "compact clock only": "2023-11-13T140000",
    "compact with a small t": "20231113t140000",
}
WITH_ZONES = {
    "compact with Z": "20231113T100000Z",
    "compact with decimals and an offset": "20231113T140000.000+0400",
    "small t and z": "2023-11-13t10:00:00z",
    "small utc": "2023-11-13 10:00 utc",
    "small utc without a blank": "2023-11-13 10:00utc",
    "Gmt": "2023-11-13 10:00 Gmt",
    "UTC in brackets": "2023-11-13 10:00 [UTC]",
    "UTC in parentheses": "2023-11-13 2:00 PM +04:00 (GST)",
    "UTC and no offset": "2023-11-13 10:00 UTC+0",
    "UTC and an offset of nothing": "2023-11-13 10:00 UTC+00:00",
    "Z and UTC": "2023-11-13T10:00:00Z UTC",
    "as Java writes UTC": "2023-11-13T10:00:00Z[UTC]",
    "as Java writes a zone": "2023-11-13T14:00:00+04:00[Asia/Dubai]",
    "as JavaScript's Temporal writes": "2023-11-13T14:00:00+04:00[Asia/Dubai][u-ca=gregory]",
    "as Go writes UTC": "2023-11-13 10:00:00 +0000 UTC",
    "as Go writes a zone without letters": "2023-11-13 14:00:00 +0400 +04",
    "as Go writes a zone": "2023-11-13 11:00:00.000000000 +0100 CET",
    "as browsers write": "Mon Nov 13 2023 14:00:00 GMT+0400 (Gulf Standard Time)",
    "as date writes": "Mon Nov 13 10:00:00 UTC 2023",
    "as date writes an offset": "Mon 13 Nov 14:00:00 +04 2023",
    "as web servers log": "13/Nov/2023:10:00:00 +0000",
    "minus as a sign of its own": "2023-11-13T06:00:00\u221204:00",
    "one digit for the hour of the offset": "13-11-2023 14:00+4:00",
    "seconds in the offset": "2023-11-13 14:00:00+04:00:00",
    "hrs and an offset": "13-11-2023 14:00 hrs +04:00",
}


@pytest.mark.parametrize("text", DATES_AND_CLOCKS.values(), ids=DATES_AND_CLOCKS)
def test_a_spelling_that_says_the_same_is_read(text: str) -> None:
    assert read(text) == ("2023-11-13T10:00:00Z", False)


@pytest.mark.parametrize("text", WITH_ZONES.values(), ids=WITH_ZONES)
def test_a_spelling_of_a_zone_that_says_the_same_is_read(text: str) -> None:
    assert read(text) == ("2023-11-13T10:00:00Z", True)


def test_milliseconds_behind_a_colon_are_decimals() -> None:
    assert read("13/11/2023 14:00:00:050") == ("2023-11-13T10:00:00.05Z", False)
    assert read("2023-11-13-14.00.00.123456") == ("2023-11-13T10:00:00.123456Z", False)


NOT_CERTAIN = {
    "a date with an offset, or a time": ("2023-11-13-14:00", Reason.BAD_TIME),
    "four digits alone": ("13/11/2023 1400", Reason.BAD_TIME),
    "decimal hours": ("13/11/2023 14.5", Reason.BAD_TIME),
    "hundredths, or frames": ("13/11/2023 14:00:00:00", Reason.BAD_TIME),
    "digits run together": ("20231113140000", Reason.BAD_TIME),
    "compact, day first": ("13112023T140000", Reason.BAD_TIME),
    "compact, month 13": ("20231301T140000", Reason.BAD_TIME),
    "UTC and another offset": ("2023-11-13 14:00:00 +0400 UTC", Reason.BAD_TIME),
    "two offsets": ("2023-11-13 14:00:00 +0400 +03", Reason.BAD_TIME),
    "a sign that POSIX reads the other way": ("2023-11-13 14:00 UTC+4", Reason.UNKNOWN_ZONE),
    "the same with minutes": ("2023-11-13 14:00 GMT+04:00", Reason.UNKNOWN_ZONE),
    "a name in brackets": ("2023-11-13T14:00:00[Asia/Dubai]", Reason.UNKNOWN_ZONE),
    "a name in parentheses": ("13-11-2023 14:00 (GST)", Reason.UNKNOWN_ZONE),
    "a name in the middle": ("Mon Nov 13 14:00:00 GST 2023", Reason.UNKNOWN_ZONE),
    "PM behind an offset": ("13-11-2023 2:00 +04:00 PM", Reason.BAD_TIME),
    "noon behind an offset": ("13-11-2023 12:00 +04:00 NOON", Reason.BAD_TIME),
    "a remark behind an offset": ("13-11-2023 14:00 +04:00 approx", Reason.BAD_TIME),
    "one digit alone as an offset": ("13-11-2023 14:00+4", Reason.BAD_TIME),
    "a minus, or to": ("13-11-2023 14:00-4:00", Reason.BAD_TIME),
    "a minus with seconds, or to": ("13-11-2023 14:00:00-04:00:00", Reason.BAD_TIME),
    "a dash, which says to": ("13-11-2023 14:00\u201304:00", Reason.BAD_TIME),
    "the weekday of another date": ("Tue Nov 13 14:00:00 2023", Reason.BAD_TIME),
    "hours in the middle": ("13-11-2023 14:00h:00", Reason.BAD_TIME),
    "two digits for the year": ("13/11/23, 14:00", Reason.TWO_DIGIT_YEAR),
    "two digits for the year, words": ("13/Nov/23 14:00", Reason.BAD_TIME),
    "month first": ("11/13/2023, 2:00:00 PM", Reason.MONTH_FIRST),
    "no such day": ("31/02/2024, 14:00", Reason.BAD_TIME),
    "no such minute": ("13/11/2023 14.60", Reason.BAD_TIME),
    "no such hour": ("13/11/2023, 25:00", Reason.BAD_TIME),
    "no minutes": ("13/11/2023, 14h", Reason.INCOMPLETE_TIME),
}


@pytest.mark.parametrize(("text", "reason"), NOT_CERTAIN.values(), ids=NOT_CERTAIN)
def test_what_may_mean_something_else_is_refused(text: str, reason: Reason) -> None:
    with pytest.raises(BadTimeError) as refused:
        READER.read(text)
    assert refused.value.reason is reason
    assert refused.value.detail.startswith(f"{redact(text)!r}: ")


DAYS = st.dates().map(lambda day: f"{day.day:02}-{day.month:02}-{day.year:04}")
KNOWN = st.builds(
    "{}{}{}{}".format,
    DAYS,
    st.sampled_from([" ", "T"]),
    st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}:{at.second:02}"),
    st.sampled_from(["", "Z", "+04:00", "-05:30"]),
)


@given(KNOWN)
def test_a_known_form_stays_what_it_is(text: str) -> None:
    assert respelled(text) == text


@given(
    st.datetimes(datetime(1972, 1, 1), datetime(2261, 12, 30)),  # noqa: DTZ001
    st.sampled_from(["", "Z", " +0000 UTC", "Z[UTC]", "utc"]),
)
def test_other_forms_read_as_the_usual_one(at: datetime, zone: str) -> None:
    usual = f"{at:%Y-%m-%d %H:%M:%S}" + ("Z" if zone else "")
    for form in ("%Y%m%dT%H%M%S", "%d/%m/%Y, %H.%M.%S", "%d. %m. %Y. %H:%M:%S:000", "%Y-%m-%dt%X"):
        assert READER.read(at.strftime(form) + zone) == READER.read(usual)


PARTS = "0123456789-/.:, TtZz+apmAPM[]()hrsUTCGMT\u200f\u060c'"


@given(st.one_of(st.text(), st.text(PARTS, max_size=30)))
def test_any_text_is_respelled_once_and_for_all(text: str) -> None:
    once = respelled(text)
    assert respelled(once) == once
    zone = respelled_zone(text)
    assert zone is None or respelled_zone(zone) == zone


@pytest.mark.parametrize("text", ["1" * 50_000, "13/11/2023, " * 5_000, "1:00" + " a" * 20_000])
def test_a_long_text_takes_no_long_time(text: str) -> None:
    with pytest.raises(BadTimeError):
        READER.read(text)
