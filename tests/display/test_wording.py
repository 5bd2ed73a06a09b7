"""Times, ages and lengths of time in words."""

from zoneinfo import ZoneInfo

import pytest

from cardstatus.display.wording import local_time, span

LOCAL = {
    "UTC": ("2023-11-13T09:34:56Z", "UTC", "2023-11-13 09:34:56"),
    "Dubai": ("2023-11-13T20:34:56Z", "Asia/Dubai", "2023-11-14 00:34:56"),
    "summer": ("2024-07-15T11:00:00Z", "Europe/London", "2024-07-15 12:00:00"),
    "decimals": ("2023-11-13T09:34:56.5Z", "Asia/Dubai", "2023-11-13 13:34:56.5"),
    "nine decimals": ("2023-11-13T09:34:56.123456789Z", "UTC", "2023-11-13 09:34:56.123456789"),
}


@pytest.mark.parametrize(("iso", "zone", "expected"), LOCAL.values(), ids=LOCAL.keys())
def test_times_are_shown_in_the_zone(iso: str, zone: str, expected: str) -> None:
    assert local_time(iso, ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 min"),
        (59, "0 min"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 day"),
        (90_000, "1 day 1 h"),
        (172_800, "2 days"),
        (86_400_000, "1,000 days"),
    ],
)
def test_a_length_of_time_in_words(seconds: int, words: str) -> None:
    assert span(seconds) == words
