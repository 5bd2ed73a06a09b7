"""The status in another zone, against every offset that a clock may have."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import HOUR, MONDAY, history

from cardstatus.instants import MINUTE, SECOND, zone_clock
from cardstatus.model.records import EventType
from cardstatus.rules import ordering
from cardstatus.rules.other_zone import (
    greatest,
    offsets_with_first,
    other_answer,
    other_type,
    shifted,
)

PICKUP, DELIVERED = 10, 30
ONE, OTHER = "mobile=+971585550101", "mobile=+971585550102"


def test_only_times_without_a_zone_move() -> None:
    events = history("pickup 1 zoned=0", "delivered 1")
    later = list(shifted(events, lambda instant: instant + HOUR))
    assert [event.occurred_at for event in later] == [MONDAY + 2 * HOUR, MONDAY + HOUR]
    assert greatest(later).type == PICKUP
    assert greatest(events).type == DELIVERED


@pytest.mark.parametrize(
    "told",
    [
        ["returned 1", "pickup 2"],
        ["pickup 1 reference=B", "delivered 1 reference=A"],
        ["pickup 1 reference=A comment=b", "pickup 1 reference=B comment=a"],
        [f"pickup 1 {ONE} comment=b", f"pickup 1 {OTHER} comment=a"],
        ["pickup 1 comment=a", "pickup 1 comment=b"],
    ],
    ids=ordering.KEY,
)
def test_the_greatest_is_by_the_whole_rule(told: Sequence[str]) -> None:
    less, most = history(*told)
    assert greatest([most, less]) == greatest([less, most]) == most


OTHER_ANSWERS = {
    # A clock without a zone shows 14:00 later than 10:00Z if it is less than four hours east.
    "pickup, then delivered": (
        ["pickup 14 zoned=0", "delivered 10"],
        ("delivered", "+04:00", "+14:00"),
    ),
    "at the same instant the later stage wins": (
        ["delivered 14 zoned=0", "pickup 10"],
        ("picked_up", "+04:01", "+14:00"),
    ),
    "only westward": (["pickup 10 zoned=0", "delivered 14"], ("picked_up", "-12:00", "-04:01")),
    "westward, and a tie": (
        ["delivered 10 zoned=0", "pickup 14"],
        ("delivered", "-12:00", "-04:00"),
    ),
    "half an hour": (["pickup 10.5 zoned=0", "delivered 10"], ("delivered", "+00:30", "+14:00")),
    "by a second": (
        ["pickup 10.01 zoned=0", "delivered 10"],
        ("delivered", "+00:01", "+14:00"),
    ),
    "the greatest of each side counts": (
        ["returned 1 zoned=0", "pickup 14 zoned=0", "delivered 10", "pickup 2"],
        ("delivered", "+04:00", "+14:00"),
    ),
    "at the last offset eastward": (
        ["pickup 24 zoned=0", "delivered 10"],
        ("delivered", "+14:00", "+14:00"),
    ),
    "at the last offset westward": (
        ["delivered 0 zoned=0", "pickup 12"],
        ("delivered", "-12:00", "-12:00"),
    ),
    "too far off": (["pickup 25 zoned=0", "delivered 10"], None),
    "too far off, west": (["delivered 0 zoned=0", "pickup 13"], None),
    "only zoneless": (["pickup 1 zoned=0", "delivered 2 zoned=0"], None),
    "only with a zone": (["pickup 1", "delivered 2"], None),
    "the same status": (["delivered 1 zoned=0", "delivered 2"], None),
    "one event": (["delivered 1 zoned=0"], None),
}


@pytest.mark.parametrize(("told", "wanted"), OTHER_ANSWERS.values(), ids=OTHER_ANSWERS)
def test_from_which_offset_on_the_answer_is_another(
    told: Sequence[str], wanted: tuple[str, str, str] | None
) -> None:
    other = other_answer(history(*told), zone_clock("UTC"))
    assert (tuple(other.values()) if other else None) == wanted


def test_offsets_are_from_utc_whatever_the_zone() -> None:
    # Noon in Dubai is 8:00Z.
    other = other_answer(history("delivered 8 zoned=0", "pickup 7"), zone_clock("Asia/Dubai"))
    assert other == {"status": "picked_up", "from_offset": "+05:01", "to_offset": "+14:00"}


# About 1841, in hours from MONDAY, when Manila was 16 hours west of UTC and Juneau 15 east of it.
THEN = -1_600_000
FAR_OFF = {
    "west": ("Asia/Manila", [f"pickup {THEN} zoned=0", f"delivered {THEN - 1}"], "delivered"),
    "east": ("America/Juneau", [f"pickup {THEN} zoned=0", f"delivered {THEN + 1}"], "picked_up"),
}


@pytest.mark.parametrize(("zone", "told", "status"), FAR_OFF.values(), ids=FAR_OFF)
def test_no_offset_is_told_that_no_clock_has(zone: str, told: Sequence[str], status: str) -> None:
    other = other_answer(history(*told), zone_clock(zone))
    assert other == {"status": status, "from_offset": "-12:00", "to_offset": "+14:00"}


def offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


NIGHT = -192
"""Hours from MONDAY to 2023-11-05T00:00Z, six hours before New York's clocks went back."""
TOLD = st.tuples(
    st.sampled_from(EventType),
    st.integers(-30, 30),
    # Nanoseconds beside the half hours above: for ties, and for instants just beside one.
    st.sampled_from([0, 0, 0, -1, 1, 30 * SECOND, MINUTE - 1]),
    st.sampled_from([0, 1]),
    st.integers(0, 1),
)


@given(
    st.lists(TOLD, min_size=1, max_size=6, unique=True),
    st.sampled_from(["UTC", "Asia/Dubai", "Asia/Kathmandu", "America/New_York"]),
    st.sampled_from([0, NIGHT]),
)
# The later of two instants has the earlier local time, and the type of the event with a zone.
@example(
    [
        (EventType.PICKUP, 0, 0, 1, 0),
        (EventType.DELIVERED, 11, 0, 0, 0),
        (EventType.PICKUP, 12, 0, 0, 0),
    ],
    "America/New_York",
    NIGHT,
)
def test_other_answers_are_those_of_all_offsets(
    told: list[tuple[EventType, int, int, int, int]], zone: str, begin: int
) -> None:
    """Each offset is tried in turn, on all events and not only on those that may win."""
    clock = zone_clock(zone)
    events = sorted(
        event._replace(occurred_at=event.occurred_at + nanoseconds)
        for kind, halves, nanoseconds, zoned, reference in told
        for event in history(
            f"{kind.word} {begin + halves / 2} zoned={zoned} reference={reference}"
        )
    )
    others = {}
    for minutes in range(-12 * 60, 14 * 60 + 1):
        keys = [
            (e.occurred_at if e.zoned else clock.local(e.occurred_at) - minutes * MINUTE, *e[2:6])
            for e in events
        ]
        if (kind := max(keys)[1]) != events[-1].type:
            others[minutes] = EventType(kind).status.value
    other = other_answer(events, clock)
    if other is None:
        assert not others
        return
    if (zone, begin) != ("America/New_York", NIGHT):  # else two may be other than the third
        assert set(others.values()) == {other["status"]}
    those = [minutes for minutes, status in others.items() if status == other["status"]]
    assert those == list(range(those[0], those[-1] + 1))
    assert (offset(those[0]), offset(those[-1])) == (other["from_offset"], other["to_offset"])


@given(
    st.lists(TOLD, min_size=2, max_size=6, unique=True),
    st.sampled_from(["UTC", "Asia/Dubai", "Asia/Kathmandu"]),
)
def test_a_pickup_is_the_first_at_the_offsets_that_are_said(
    told: list[tuple[EventType, int, int, int, int]], zone: str
) -> None:
    """Each offset is tried in turn."""
    clock = zone_clock(zone)
    events = sorted(
        event._replace(occurred_at=event.occurred_at + nanoseconds)
        for kind, halves, nanoseconds, zoned, _ in told
        for event in history(f"{kind.word} {halves / 2} zoned={zoned}")
    )
    pickups = [event for event in events if event.type == PICKUP]
    others = [event for event in events if event.type != PICKUP]
    if not pickups or events[0].type == PICKUP:
        return
    first = [
        minutes
        for minutes in range(-12 * 60, 14 * 60 + 1)
        if min(
            (e.occurred_at if e.zoned else clock.local(e.occurred_at) - minutes * MINUTE, e.type)
            for e in events
        )[1]
        == PICKUP
    ]
    offsets = offsets_with_first(pickups, others, clock)
    assert first == (list(range(first[0], first[-1] + 1)) if first else [])
    assert offsets == ((offset(first[0]), offset(first[-1])) if first else None)


def test_the_status_in_another_zone_is_that_of_a_fresh_reading() -> None:
    events = history("pickup 14 zoned=0", "delivered 13")
    assert other_type(events, lambda instant: instant) == PICKUP
    assert other_type(events, lambda instant: instant - 2 * HOUR) == DELIVERED
