"""Zones that headers name."""

from datetime import UTC, datetime, timedelta

import pytest

from cardstatus.courier.header.zones import split_zone, zone_of

NAMED = {
    "UTC in brackets": ("Timestamp (UTC)", "Timestamp", "UTC", 0),
    "other brackets": ("Timestamp[UTC]", "Timestamp", "UTC", 0),
    "Z": ("Time (Z)", "Time", "UTC", 0),
    "GMT": ("Date/Time (gmt)", "Date/Time", "UTC", 0),
    "behind a blank": ("Timestamp UTC", "Timestamp", "UTC", 0),
    "behind a line": ("event_time_utc", "event_time", "UTC", 0),
    "in front": ("UTC Timestamp", "Timestamp", "UTC", 0),
    "an offset": ("Timestamp (+04:00)", "Timestamp", "+04:00", 240),
    "hours only": ("Timestamp (+4)", "Timestamp", "+04:00", 240),
    "behind UTC": ("Timestamp (UTC+5:30)", "Timestamp", "+05:30", 330),
    "behind UTC and a blank": ("Time (UTC -3)", "Time", "-03:00", -180),
    "without brackets": ("Time UTC+0400", "Time", "+04:00", 240),
    "a place": ("Timestamp (Asia/Dubai)", "Timestamp", "Asia/Dubai", 240),
    "a line break": ("Time\n(UTC)", "Time", "UTC", 0),
}


@pytest.mark.parametrize(("header", "name", "zone", "minutes"), NAMED.values(), ids=NAMED.keys())
def test_a_zone_is_split_off(header: str, name: str, zone: str, minutes: int) -> None:
    assert split_zone(header) == (name, zone)
    noon = datetime(2023, 11, 13, 12, tzinfo=UTC)
    assert noon.astimezone(zone_of(zone)).utcoffset() == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "header",
    [
        "Timestamp", "Timestamp (GST)", "Timestamp (IST)", "Timestamp (local)", "Timestamp (+15)",
        "Timestamp (GMT+4)", "Time (24h)", "Date (DD/MM/YYYY)", "UTC", "(UTC)",
        "Time (Asia/Nowhere)", "Time (America/Argentina)", "Time (../etc/passwd)", "Time (-13:00)",
        "Putc", "timeutc",
        "Time (UTC) sent", "",
    ],
)  # fmt: skip
def test_what_names_no_zone_for_sure_is_left(header: str) -> None:
    assert split_zone(header) == (header, "")
