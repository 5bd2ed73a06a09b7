"""Instants as text, and the clocks of zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.errors import UsageError
from cardstatus.instants import DAY, MINUTE, SECOND, iso, one_iso, read_again, read_zone, zone_clock

HALF = 500_000_000
ZONES = (
    "UTC", "Asia/Dubai", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo",
    "Europe/Berlin", "America/New_York", "America/St_Johns", "Pacific/Apia", "Africa/Monrovia",
    "Pacific/Chatham", "Africa/Casablanca",
)  # fmt: skip


def shown(text: str) -> int:
    """What clocks show, as nanoseconds since they showed 1970-01-01T00:00."""
    return round(datetime.fromisoformat(text + "+00:00").timestamp()) * SECOND


ISO = {
    "the first": (0, "1970-01-01T00:00:00Z"),
    "a second": (1_699_868_096 * SECOND, "2023-11-13T09:34:56Z"),
    "last nanosecond of a day": (1_699_919_999_999_999_999, "2023-11-13T23:59:59.999999999Z"),
    "no more decimals than needed": (1_699_868_096_500_000_000, "2023-11-13T09:34:56.5Z"),
    "noughts in front of decimals": (1_699_868_096_000_001_000, "2023-11-13T09:34:56.000001Z"),
    "before the first": (-1, "1969-12-31T23:59:59.999999999Z"),
}


@pytest.mark.parametrize(("instant", "text"), ISO.values(), ids=ISO)
def test_an_instant_as_text(instant: int, text: str) -> None:
    assert one_iso(instant) == text
    assert iso([instant, 0]) == [text, "1970-01-01T00:00:00Z"]


@given(st.integers(0, 9_223_372_036_854_775_807))
def test_text_says_the_instant_to_the_nanosecond(instant: int) -> None:
    seconds, _, decimals = one_iso(instant).removesuffix("Z").partition(".")
    assert shown(seconds) + int(decimals.ljust(9, "0")) == instant


# zone -> an instant and what its clocks show then
LOCAL = {
    "UTC": ("UTC", "2024-03-12T10:00:00", "2024-03-12T10:00:00"),
    "whole hours": ("Asia/Dubai", "2024-03-12T22:00:00", "2024-03-13T02:00:00"),
    "half an hour": ("Asia/Kolkata", "2024-03-12T10:00:00", "2024-03-12T15:30:00"),
    "three quarters": ("Asia/Kathmandu", "2024-03-12T10:00:00", "2024-03-12T15:45:00"),
    "west": ("America/New_York", "2024-01-01T02:00:00", "2023-12-31T21:00:00"),
    "odd seconds": ("Africa/Monrovia", "1971-06-01T00:44:30", "1971-06-01T00:00:00"),
    "before it springs forward": ("Europe/Berlin", "2024-03-31T00:59:59", "2024-03-31T01:59:59"),
    "as it springs forward": ("Europe/Berlin", "2024-03-31T01:00:00", "2024-03-31T03:00:00"),
    "before it falls back": ("Europe/Berlin", "2024-10-27T00:59:59", "2024-10-27T02:59:59"),
    "as it falls back": ("Europe/Berlin", "2024-10-27T01:00:00", "2024-10-27T02:00:00"),
    "half an hour back": ("Australia/Lord_Howe", "2024-04-06T15:00:00", "2024-04-07T01:30:00"),
    "a day left out": ("Pacific/Apia", "2011-12-30T10:00:00", "2011-12-31T00:00:00"),
    # Not at the beginning of a quarter of an hour: 00:44:30 in UTC.
    "odd change, before": ("Africa/Monrovia", "1972-01-07T00:44:29", "1972-01-06T23:59:59"),
    "odd change, after": ("Africa/Monrovia", "1972-01-07T00:44:30", "1972-01-07T00:44:30"),
}


@pytest.mark.parametrize(("zone", "instant", "local"), LOCAL.values(), ids=LOCAL)
def test_what_clocks_show(zone: str, instant: str, local: str) -> None:
    assert zone_clock(zone).local(shown(instant)) == shown(local)
    assert zone_clock(zone).local(shown(instant) + HALF) == shown(local) + HALF


INSTANT = {
    "UTC": ("UTC", "2024-03-12T10:00:00", "2024-03-12T10:00:00"),
    "half an hour": ("Asia/Kolkata", "2024-03-12T15:30:00", "2024-03-12T10:00:00"),
    "before the gap": ("Europe/Berlin", "2024-03-31T01:59:59", "2024-03-31T00:59:59"),
    "in the gap": ("Europe/Berlin", "2024-03-31T02:30:00", "2024-03-31T01:30:00"),
    "behind the gap": ("Europe/Berlin", "2024-03-31T03:00:00", "2024-03-31T01:00:00"),
    "shown twice": ("Europe/Berlin", "2024-10-27T02:30:00", "2024-10-27T00:30:00"),
    "shown once more": ("Europe/Berlin", "2024-10-27T03:00:00", "2024-10-27T02:00:00"),
    "half an hour twice": ("Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T14:45:00"),
    "midnight that never was": ("Africa/Cairo", "2024-04-26T00:00:00", "2024-04-25T22:00:00"),
}


@pytest.mark.parametrize(("zone", "local", "instant"), INSTANT.values(), ids=INSTANT)
def test_when_clocks_show_it(zone: str, local: str, instant: str) -> None:
    assert zone_clock(zone).instant(shown(local)) == shown(instant)
    assert zone_clock(zone).instant(shown(local) + HALF) == shown(instant) + HALF


SECONDS = st.integers(31_536_000, 9_214_646_400)
"""From 1971 to 2261."""
# Where clocks change is where they can be wrong: within a day of the changes of one year.
CHANGING = st.sampled_from([1_711_843_200, 1_729_987_200, 1_710_054_000, 1_712_413_800]).flatmap(
    lambda change: st.integers(change - 90_000, change + 90_000)
)


@given(st.sampled_from(ZONES), st.lists(SECONDS | CHANGING, min_size=1, max_size=5))
def test_clocks_are_those_of_the_time_zone_database(zone: str, seconds: list[int]) -> None:
    clock, known = zone_clock(zone), ZoneInfo(zone)
    for second in seconds:
        local = datetime.fromtimestamp(second, known).replace(tzinfo=UTC)
        assert clock.local(second * SECOND) == round(local.timestamp()) * SECOND
        naive = datetime(1970, 1, 1, tzinfo=known) + timedelta(seconds=second)
        assert clock.instant(second * SECOND) == round(naive.timestamp()) * SECOND


@given(st.sampled_from(ZONES), st.integers(31_536_000 * SECOND, 9_214_646_400 * SECOND))
def test_there_and_back_is_the_same_unless_it_was_shown_twice(zone: str, instant: int) -> None:
    clock = zone_clock(zone)
    back = clock.instant(clock.local(instant))
    assert back == instant or (back < instant and clock.local(back) == clock.local(instant))


def test_an_instant_is_read_again_in_another_zone() -> None:
    again = read_again(zone_clock("UTC"), zone_clock("Asia/Dubai"))
    ten = shown("2024-03-12T10:00:00")
    assert again(ten) == ten - 240 * MINUTE
    assert again(ten + 1) == ten - 240 * MINUTE + 1
    across = read_again(zone_clock("Europe/Berlin"), zone_clock("UTC"))
    assert across(shown("2024-03-31T01:00:00")) == shown("2024-03-31T03:00:00")


def test_there_may_be_no_such_zone() -> None:
    with pytest.raises(KeyError):
        zone_clock("Mars/Olympus")


def test_a_day_has_as_many_quarters_as_are_looked_up() -> None:
    clock = zone_clock("Europe/Berlin")
    day = shown("2024-03-31T00:00:00")
    moves = {clock.local(at) - at for at in range(day, day + DAY, 5 * MINUTE)}
    assert moves == {60 * MINUTE, 120 * MINUTE}


@pytest.mark.parametrize(
    "name",
    ["localtime", "posixrules", "Factory",
     "", "Mars/Olympus", "dubai", "../../etc/passwd", "/etc/localtime", "Asia", "a\0b", "x" * 300,
     "\udcff", "Asia/Dubai "],
    ids=["of the machine", "of the machine, too", "of none",
         "empty", "unknown", "lower case", "a path", "absolute", "a folder", "null", "long",
         "undecoded", "a blank"],
)  # fmt: skip
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"--also-zone: there is no zone .* such as Asia/Dubai"):
        read_zone(name, "--also-zone")


def test_a_zone_is_found_by_its_name() -> None:
    noon = 1_710_244_800 * SECOND
    assert read_zone("Asia/Dubai", "--also-zone").local(noon) == zone_clock("Asia/Dubai").local(
        noon
    )
