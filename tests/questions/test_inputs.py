"""Times and card ids as users write them."""

from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells.card_ids import fold_card_id
from cardstatus.errors import UsageError
from cardstatus.instants import SECOND, one_iso
from cardstatus.questions import inputs
from cardstatus.questions.inputs import read_card_id, read_time

LAST = ".999999999Z"


def moment(text: str, zone: str = "UTC", *, day_begins: bool = False) -> str:
    return one_iso(read_time(text, zone, "--as-of", day_begins=day_begins))


TIMES = {
    "as partners write": "12-03-2024 02:30 PM",
    "no blank before PM": "12-03-2024 2:30PM",
    "24 hours": "12-03-2024 14:30",
    "seconds": "12-03-2024 14:30:00",
    "decimals": "12-03-2024 14:30:00.000",
    "slashes": "12/03/2024 14:30",
    "dots": "12.03.2024 14:30",
    "year first": "2024-03-12 14:30",
    "ISO": "2024-03-12T14:30:00Z",
    "ISO without seconds": "2024-03-12T14:30Z",
    "offset": "2024-03-12T18:30:00+04:00",
    "a month in words": "12 Mar 2024 2:30 PM",
    "month first in words": "March 12, 2024 at 14:30",
    "blanks around": "  12-03-2024  14:30 ",
}


@pytest.mark.parametrize("text", TIMES.values(), ids=TIMES)
def test_a_time_is_read_as_partners_write_it(text: str) -> None:
    assert moment(text) == "2024-03-12T14:30:00Z"


def test_decimals_are_kept() -> None:
    assert moment("2024-03-12T14:30:00.000000001Z") == "2024-03-12T14:30:00.000000001Z"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12-03-2024 14:30", "2024-03-12T10:30:00Z"),
        ("2024-03-12T14:30", "2024-03-12T10:30:00Z"),
        ("2024-03-12T14:30Z", "2024-03-12T14:30:00Z"),
        ("2024-03-12T14:30:00-05:00", "2024-03-12T19:30:00Z"),
    ],
    ids=["zoneless", "ISO, zoneless", "Z", "offset"],
)
def test_a_time_without_a_zone_is_in_that_of_the_database(text: str, wanted: str) -> None:
    assert moment(text, "Asia/Dubai") == wanted


DATES = {
    "day first": "12-03-2024",
    "slashes": "12/03/2024",
    "dots": "12.03.2024",
    "one digit": "12.3.2024",
    "year first": "2024-03-12",
    "year first, slashes": "2024/03/12",
    "words": "12 March 2024",
    "words, short": "12-Mar-2024",
    "words, month first": "March 12, 2024",
    "weekday": "Tuesday, 12 March 2024",
    "blanks around": " 2024-03-12 ",
}


@pytest.mark.parametrize("text", DATES.values(), ids=DATES)
def test_a_date_is_the_end_of_its_day_or_the_beginning(text: str) -> None:
    assert moment(text) == "2024-03-12T23:59:59" + LAST
    assert moment(text, day_begins=True) == "2024-03-12T00:00:00Z"
    assert moment(text, "Asia/Dubai") == "2024-03-12T19:59:59" + LAST
    assert moment(text, "Asia/Dubai", day_begins=True) == "2024-03-11T20:00:00Z"


# With clocks changed at midnight, a day begins or ends at a time that never was, or was twice.
ODD_DAYS = {
    "begins at one": ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z", "2024-04-26T20:59:59"),
    "before that": ("Africa/Cairo", "2024-04-25", "2024-04-24T22:00:00Z", "2024-04-25T21:59:59"),
    "last hour twice": (
        "Africa/Cairo", "31-10-2024", "2024-10-30T21:00:00Z", "2024-10-31T21:59:59",
    ),
    "first hour twice": (
        "America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", "2024-11-04T04:59:59",
    ),
    "23 hours": ("Europe/Berlin", "31.3.2024", "2024-03-30T23:00:00Z", "2024-03-31T21:59:59"),
    "25 hours": ("Europe/Berlin", "27.10.2024", "2024-10-26T22:00:00Z", "2024-10-27T22:59:59"),
}  # fmt: skip


@pytest.mark.parametrize(("zone", "text", "begins", "ends"), ODD_DAYS.values(), ids=ODD_DAYS)
def test_a_day_on_which_clocks_change_is_whole(
    zone: str, text: str, begins: str, ends: str
) -> None:
    assert moment(text, zone, day_begins=True) == begins
    assert moment(text, zone) == ends + LAST


@given(
    st.sampled_from(["UTC", "Africa/Cairo", "America/Havana", "Europe/Berlin", "Asia/Beirut"]),
    st.integers(0, 3_000),
)
def test_a_day_ends_where_the_next_begins(zone: str, number: int) -> None:
    day = datetime(2018, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=number)
    text, following = (f"{date:%Y-%m-%d}" for date in (day, day + timedelta(days=1)))
    end = read_time(text, zone, "--until")
    assert end + 1 == read_time(following, zone, "--since", day_begins=True)
    assert f"{datetime.fromtimestamp(end // SECOND, day.tzinfo):%Y-%m-%d}" == text
    begins = read_time(text, zone, "--since", day_begins=True)
    assert f"{datetime.fromtimestamp(begins // SECOND, day.tzinfo):%Y-%m-%d}" == text


# Times that count from the present, which is in Dubai already the 13th.
PRESENT = "2024-03-12T20:30:15.5Z"
RELATIVE = {
    "today": ("Asia/Dubai", "today", "2024-03-13T19:59:59" + LAST, "2024-03-12T20:00:00Z"),
    "yesterday": ("Asia/Dubai", "yesterday", "2024-03-12T19:59:59" + LAST, "2024-03-11T20:00:00Z"),
    "today in UTC": ("UTC", "today", "2024-03-12T23:59:59" + LAST, "2024-03-12T00:00:00Z"),
    "capitals": ("UTC", "Yesterday", "2024-03-11T23:59:59" + LAST, "2024-03-11T00:00:00Z"),
    "blanks around": ("UTC", " today ", "2024-03-12T23:59:59" + LAST, "2024-03-12T00:00:00Z"),
    "minutes": ("Asia/Dubai", "30m", "2024-03-12T20:00:15.5Z", None),
    "hours": ("Asia/Dubai", "2h", "2024-03-12T18:30:15.5Z", None),
    "days": ("Asia/Dubai", "7d", "2024-03-05T20:30:15.5Z", None),
    "weeks": ("Asia/Dubai", "2w", "2024-02-27T20:30:15.5Z", None),
    "nothing ago": ("UTC", "0d", "2024-03-12T20:30:15.5Z", None),
    "a capital unit": ("UTC", "1H", "2024-03-12T19:30:15.5Z", None),
    # New York's clocks were put forward on the 10th.
    "days over a change of clocks": ("America/New_York", "7d", "2024-03-05T21:30:15.5Z", None),
    "hours over a change of clocks": ("America/New_York", "168h", "2024-03-05T20:30:15.5Z", None),
    "the most": ("UTC", "9999w", "1832-07-24T20:30:15.5Z", None),
}


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock at PRESENT."""
    monkeypatch.setattr(inputs, "time_ns", lambda at=read_time(PRESENT, "UTC", ""): at)


@pytest.mark.usefixtures("present")
@pytest.mark.parametrize(("zone", "text", "ends", "begins"), RELATIVE.values(), ids=RELATIVE)
def test_a_time_may_count_from_now(zone: str, text: str, ends: str, begins: str | None) -> None:
    assert moment(text, zone) == ends
    assert moment(text, zone, day_begins=True) == (begins or ends)


# A quarter of an hour around the midnight at which clocks are put forward, and back.
@pytest.mark.parametrize(
    ("present", "begins"),
    [
        ("2024-04-25T21:55Z", "2024-04-24T22:00:00Z"),
        ("2024-04-25T22:05Z", "2024-04-25T22:00:00Z"),
        ("2024-10-31T21:55Z", "2024-10-30T21:00:00Z"),
        ("2024-10-31T22:05Z", "2024-10-31T22:00:00Z"),
    ],
)
def test_today_is_the_zones_even_where_clocks_change_at_midnight(
    monkeypatch: pytest.MonkeyPatch, present: str, begins: str
) -> None:
    monkeypatch.setattr(inputs, "time_ns", lambda at=read_time(present, "UTC", ""): at)
    assert moment("today", "Africa/Cairo", day_begins=True) == begins


REFUSED = {
    "nothing": ("", "not a time"),
    "a word": ("someday", "not a time"),
    "days without a number": ("d", "not a time"),
    "days to come": ("-7d", "not a time"),
    "days and hours": ("7d2h", "not a time"),
    "half a day": ("0.5d", "not a time"),
    "a unit that nobody declared": ("7y", "not a time"),
    "more than anybody means": ("10000d", "not a time"),
    "Arabic digits": ("٧d", "not a time"),
    "only a clock": ("14:30", "the date is missing"),
    "no such day": ("31-02-2024", "there is no day 31 in month 2 of 2024"),
    "no such day, with a time": ("2024-02-30 10:00", "there is no day 30 in month 2 of 2024"),
    "no such hour": ("2024-03-12 25:00", "that is no time of day"),
    "two digits for the year": ("12-03-24", "write the year with four digits"),
    "month first": ("03/25/2024", "the day comes before the month"),
    "no such day in words": ("March 32, 2024", "no"),
    "month first, with a time": ("03/25/2024 2:00 PM", "the day comes before the month"),
    "a range": ("12-03-2024 10:00-12:00", "this may be a range of times"),
    "never was": ("31-03-2024 02:30", "never was in Europe/Berlin"),
    "was twice": ("27-10-2024 02:30", "was twice in Europe/Berlin"),
    "too early": ("1900-01-01", "the year 1900 cannot be meant"),
    "an unknown zone": ("12-03-2024 10:00 GST", "GST"),
    "an instant as a number": ("1710253800", "not a time"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("day_begins", [False, True], ids=["ends", "begins"])
def test_what_cannot_be_read_is_refused_with_a_way_out(
    text: str, why: str, day_begins: bool
) -> None:
    with pytest.raises(UsageError) as refused:
        read_time(text, "Europe/Berlin", "--known-at", day_begins=day_begins)
    sentence = str(refused.value)
    assert sentence.startswith("--known-at: ")
    assert why in sentence
    assert "write a time such as 2024-03-12T14:00Z" in sentence
    assert "or today, yesterday, 7d, 2h or 30m" in sentence
    assert "the time of day is missing" not in sentence
    assert "file" not in sentence
    assert "\n" not in sentence


def test_a_number_that_slipped_in_is_not_shown() -> None:
    with pytest.raises(UsageError) as refused:
        read_time("0585550123", "UTC", "--now")
    assert "58555" not in str(refused.value)


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_read_or_refused(text: str, day_begins: bool) -> None:
    with suppress(UsageError):
        read_time(text, "Africa/Cairo", "--as-of", day_begins=day_begins)


@given(st.text("aZ09.-+=\"' \t\n\x1c\x85\xa0\ufeff\u200b\u2003é"))
def test_a_card_id_is_read_as_ingest_reads_it(text: str) -> None:
    with suppress(UsageError):
        assert read_card_id(text) == fold_card_id(text)
