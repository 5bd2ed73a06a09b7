"""The parts of a clock, and that they add up; whole times are tried in test_times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells.clock import (
    DAY,
    FORMS,
    UNREAD,
    UNREADABLE,
    BadTimeError,
    Form,
    is_clock,
    read_clock,
)
from cardstatus.instants import SECOND
from cardstatus.model.problems import Reason

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

CLOCKS = {
    "hour and minute": ("14:05", 14 * HOUR + 5 * MINUTE, None),
    "one digit for the hour": ("9:05", 9 * HOUR + 5 * MINUTE, None),
    "midnight": ("00:00", 0, None),
    "last nanosecond": ("23:59:59.999999999", DAY - 1, None),
    "decimal comma": ("00:00:00,5", SECOND // 2, None),
    "noon": ("12:00 PM", 12 * HOUR, None),
    "midnight, with AM": ("12:00 AM", 0, None),
    "small letters and dots": ("1:00p.m.", 13 * HOUR, None),
    "Z": ("14:00Z", 14 * HOUR, 0),
    "blank before the zone": ("14:00 UTC", 14 * HOUR, 0),
    "offset": ("14:00+04:00", 14 * HOUR, 4 * HOUR),
    "offset without a colon": ("14:00-0930", 14 * HOUR, -9 * HOUR - 30 * MINUTE),
    "offset of hours": ("14:00+14", 14 * HOUR, 14 * HOUR),
    "all of it": ("2:03:04.5 PM +0530", 14 * HOUR + 184 * SECOND + SECOND // 2, 330 * MINUTE),
}


@pytest.mark.parametrize(("text", "clock", "offset"), CLOCKS.values(), ids=CLOCKS.keys())
def test_a_clock_is_read(text: str, clock: int, offset: int | None) -> None:
    assert is_clock(text)
    assert read_clock("", text) == (clock, offset)


NO_CLOCKS = {
    "no such hour": "25:00",
    "hour 24 and a second": "24:00:01",
    "hour 24 with PM": "24:00 PM",
    "no such minute": "14:60",
    "no such second": "14:00:60",
    "hour of neither half": "13:00 PM",
    "hour nought of a half": "0:30 AM",
    "no such offset": "14:00+15:00",
    "no such minutes of an offset": "14:00+04:60",
    "minute of one digit": "14:5",
    "ten decimals": "14:00:00.0123456789",
    "digits that are no ASCII": "١٤:٠٠",
    "nothing": "",
    "no minute": "14:",
    "no hour": ":00",
}


@pytest.mark.parametrize("text", NO_CLOCKS.values(), ids=NO_CLOCKS.keys())
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(BadTimeError) as caught:
        read_clock("", text)
    assert caught.value.reason is Reason.BAD_TIME


WRITTEN = {
    "clock that cannot be": ("25:99", True),
    "hour of three digits": ("125:00", False),
    "named zone": ("14:00 GST", False),
    "digits that are no ASCII": ("١٤:٠٠", False),
    "date": ("13-11-2023", False),
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.values(), ids=WRITTEN.keys())
def test_a_clock_is_told_by_how_it_is_written(text: str, expected: bool) -> None:
    assert is_clock(text) is expected


RANGES = {
    "end below the start, behind a blank": (" ", "10:00-12:00", None),
    "end below the start, behind a T": ("", "10:00-12:00", -12 * HOUR),
    "seconds show the offset": (" ", "10:00:00-12:00", -12 * HOUR),
    "offset that no range could end with": (" ", "10:00-09:30", -9 * HOUR - 30 * MINUTE),
    "plus": (" ", "10:00+12:00", 12 * HOUR),
}


@pytest.mark.parametrize(("blank", "text", "offset"), RANGES.values(), ids=RANGES.keys())
def test_what_may_be_a_range_is_refused(blank: str, text: str, offset: int | None) -> None:
    if offset is None:
        with pytest.raises(BadTimeError, match="a range of times"):
            read_clock(blank, text)
    else:
        assert read_clock(blank, text) == (10 * HOUR, offset)


TEXTS = st.one_of(
    st.builds(
        "{}:{:02}{}{}{}".format,
        st.integers(0, 26),
        st.integers(0, 62),
        st.sampled_from(["", ":00", ":59.5", ":60"]),
        st.sampled_from(["", " AM", "pm", " P.M."]),
        st.sampled_from(["", "Z", " UTC", "+04:00", "-11:30", " -02", "+99"]),
    ),
    st.text(alphabet="0123456789:.,apmZ+- ", max_size=12),
)


@given(TEXTS)
def test_hour_and_rest_add_up_in_the_form_that_a_clock_has_and_in_no_other(text: str) -> None:
    hour, _, rest = text.partition(":")
    for form in FORMS:
        blank = form.separator.strip("T")
        try:
            total = form.hour(hour) + form.rest(rest)
            clock, offset = read_clock(blank, text)
        except BadTimeError:
            continue
        if total < UNREAD:
            assert total == clock - (offset or 0)
            assert form.zoned == (offset is not None)
            assert form.half == ("m" in text.casefold().replace("gmt", ""))


@given(TEXTS)
def test_a_clock_has_one_form_at_most(text: str) -> None:
    hour, _, rest = text.partition(":")
    found: list[Form] = []
    for form in FORMS:
        try:
            if form.hour(hour) + form.rest(rest) < UNREAD:
                found.append(form)
        except BadTimeError:
            continue
    assert len({form.separator for form in found}) == len(found)
    assert len({form[1:] for form in found}) <= 1


@pytest.mark.parametrize(("hour", "nanoseconds"), [("12", 0), ("1", HOUR), ("11", 11 * HOUR)])
def test_an_hour_of_a_half_begins_at_twelve(hour: str, nanoseconds: int) -> None:
    form = Form(" ", half=True, zoned=False)
    assert form.hour(hour) == nanoseconds
    assert form.rest("05 PM") == 12 * HOUR + 5 * MINUTE
    for beyond in ("0", "13"):
        with pytest.raises(BadTimeError):
            form.hour(beyond)


def test_a_rest_that_may_end_a_range_has_no_form_behind_a_blank() -> None:
    assert Form(" ", half=False, zoned=True).rest("00-11:30") == UNREADABLE
    assert Form("T", half=False, zoned=True).rest("00-11:30") == 11 * HOUR + 30 * MINUTE
    assert Form(" ", half=False, zoned=True).rest("00:00-11:30") == 11 * HOUR + 30 * MINUTE


def test_no_other_part_makes_up_for_one_that_cannot_be_read() -> None:
    assert UNREADABLE - 2**63 - 2 * DAY > UNREAD > 2**63 + 2 * DAY
