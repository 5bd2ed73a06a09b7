"""The same attempt told twice: by table, against its definition, and against its SQL."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import MONDAY, history

from cardstatus.instants import MINUTE, SECOND
from cardstatus.model.events import CardEvent
from cardstatus.rules.attempts import same_as, told_once

FAILED = 20


def at(seconds: float, reference: str = "A1", kind: int = FAILED, mobile: str = "") -> CardEvent:
    instant = MONDAY + round(seconds * SECOND)
    return CardEvent("CRD1", instant, kind, reference, mobile, "", 1, 1, 2)


# Seconds from midnight of failed attempts, and what counts of them.
TABLE: dict[str, tuple[Sequence[CardEvent], Sequence[float]]] = {
    "one": ([at(0)], [0]),
    "its seconds cut off": ([at(0), at(41)], [41]),
    "its seconds rounded": ([at(41), at(60)], [41]),
    "cut off and rounded": ([at(0), at(41), at(60)], [41]),
    "half a second": ([at(0), at(0.5)], [0.5]),
    "corrected by a minute": ([at(0), at(60)], [60]),
    "corrected twice": ([at(0), at(60), at(120)], [120]),
    "by two minutes": ([at(0), at(120)], [0, 120]),
    "a minute and a second": ([at(0), at(61)], [0, 61]),
    "a minute later, with seconds": ([at(1), at(61)], [1, 61]),
    "rounded to the minute after": ([at(1), at(60)], [1]),
    "to a minute too far": ([at(41), at(120)], [41, 120]),
    "both with seconds": ([at(10), at(41)], [10, 41]),
    "both with seconds, and cut off": ([at(0), at(10), at(41)], [10, 41]),
    "another reference": ([at(0), at(41, "A2")], [0, 41]),
    "without a reference": ([at(0, ""), at(41, "")], [41]),
    "one without a reference": ([at(0, ""), at(41)], [0, 41]),
    "another type": ([at(0), at(41, kind=30)], [0, 41]),
    "one instant, two references": ([at(0), at(0, "A2")], [0]),
    "one instant, two mobiles": ([at(7), at(7, mobile="+971585550101")], [7]),
    "one instant of two, and one cut off": ([at(0), at(41), at(41, "A2")], [41]),
}  # fmt: skip


@pytest.mark.parametrize(("events", "counted"), TABLE.values(), ids=TABLE)
def test_what_counts_of_events_that_are_near(
    events: Sequence[CardEvent], counted: Sequence[float]
) -> None:
    events = sorted(events)
    assert [(event[1] - MONDAY) / SECOND for event in told_once(events)] == counted


def test_an_event_counts_as_one_that_counts() -> None:
    events = sorted([at(0), at(60), at(41), at(41, mobile="+971585550101"), at(200)])
    assert same_as(events) == {0: 2, 1: 2, 3: 2}


def test_pickups_and_deliveries_are_told_twice_too() -> None:
    assert len(told_once(history("pickup 0", "pickup 0.001", "delivered 1", "delivered 1.01"))) == 2


EVENTS = st.lists(
    st.builds(
        at,
        st.integers(0, 12).map(lambda number: number * 20),
        st.sampled_from(["", "A1", "A2"]),
        st.sampled_from([FAILED, FAILED, 30]),
        st.sampled_from(["", "+971585550101"]),
    ),
    min_size=1,
    max_size=9,
    unique=True,
).map(sorted)


@settings(max_examples=300)
@given(EVENTS)
def test_what_counts_is_what_the_definition_says(events: list[CardEvent]) -> None:
    def again(event: CardEvent) -> bool:
        near = [
            other
            for other in events
            if other.type == event.type
            and other != event
            and abs(other.occurred_at - event.occurred_at) <= MINUTE
        ]
        return any(
            other > event
            if other.occurred_at == event.occurred_at
            else event.occurred_at % MINUTE == 0
            and other.reference == event.reference
            and (other.occurred_at % MINUTE > 0 or other.occurred_at > event.occurred_at)
            for other in near
        )

    counted = [event for event in events if not again(event)]
    assert list(told_once(events)) == counted
    found = same_as(events)
    assert {events[position] for position in found.values()} <= set(counted)
    for position, other in found.items():
        assert events[position].type == events[other].type
    # The overview gives plain tuples.
    assert list(told_once([tuple(e) for e in events])) == counted  # type: ignore[misc]
