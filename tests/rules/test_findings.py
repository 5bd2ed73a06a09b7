"""Findings about one card, by table and against the definitions written a second time."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.builders import HOUR, MONDAY, history

from cardstatus.instants import DAY, zone_clock
from cardstatus.model.events import CardEvent, History
from cardstatus.rules import ordering
from cardstatus.rules.findings import (
    CheckTerms,
    Finding,
    FindingReason,
    contradictions,
    failed_attempts,
    findings,
    journeys,
)

NOON = MONDAY + 12 * HOUR
PICKUP, FAILED, DELIVERED, RETURNED = 10, 20, 30, 40
ONE, OTHER = "mobile=+971585550101", "mobile=+971585550102"


def found(events: History, **terms: int) -> list[Finding]:
    return list(findings(events, CheckTerms(**{"now": NOON, **terms})))


def reasons(events: History, **terms: int) -> set[str]:
    return {finding.reason.value for finding in found(events, **terms)}


def failures(*hours: float) -> list[str]:
    return [f"delivery_exceptions {hour}" for hour in hours]


def test_an_event_compares_as_the_rule_orders() -> None:
    assert CardEvent._fields[: len(ordering.IDENTITY)] == ordering.IDENTITY
    assert CardEvent._fields[1:6] == ordering.KEY


# A line for each way in which a card needs a person, and for histories just short of it.
CARDS: dict[str, tuple[Sequence[str], set[str]]] = {
    "picked up": (["pickup 0"], set()),
    "one of each but returned": (["pickup 0", *failures(1), "delivered 2"], set()),
    "returned": (["pickup 0", *failures(1, 2, 3), "returned 4"], set()),
    "sent out again": (["pickup 0", "returned 1", "pickup 2", "delivered 3"], set()),
    "scanned twice": (["pickup 0", "pickup 1", "delivered 2"], set()),
    # delivered and returned
    "delivered, returned": (
        ["pickup 0", "delivered 1", "returned 2"],
        {"delivered_and_returned", "after_the_end"},
    ),
    "returned, delivered": (
        ["pickup 0", "returned 1", "delivered 2"],
        {"delivered_and_returned", "after_the_end"},
    ),
    "both at once": (
        ["pickup 0", "delivered 1", "returned 1"],
        {"delivered_and_returned", "same_instant"},
    ),
    "both, of one earlier journey": (
        ["pickup 0", "delivered 1", "returned 2", "pickup 3"],
        {"delivered_and_returned", "after_the_end"},
    ),
    "delivered, picked up again, returned": (
        ["pickup 0", "delivered 1", "pickup 2", "returned 3"],
        {"pickup_after_delivery"},
    ),
    "both without a pickup": (
        ["delivered 1", "returned 2"],
        {"delivered_and_returned", "after_the_end", "no_pickup"},
    ),
    # after the end
    "failed after it was delivered": (["pickup 0", "delivered 1", *failures(2)], {"after_the_end"}),
    "failed after it was returned": (["pickup 0", "returned 1", *failures(2)], {"after_the_end"}),
    "delivered twice": (["pickup 0", "delivered 1", "delivered 2"], {"after_the_end"}),
    "delivered twice at once": (["pickup 0", "delivered 1 comment=a", "delivered 1"], set()),
    "delivered once, told twice": (["pickup 0", "delivered 1", "delivered 1.01"], set()),
    "failed as it was delivered": (["pickup 0", *failures(1), "delivered 1"], {"same_instant"}),
    # no pickup
    "only delivered": (["delivered 1"], {"no_pickup"}),
    "only failed": (failures(1), {"no_pickup"}),
    "failed twice, never picked up": (failures(1, 2), {"no_pickup"}),
    "failed, delivered, never picked up": ([*failures(1), "delivered 2"], {"no_pickup"}),
    # before the pickup
    "picked up late": ([*failures(1), "pickup 2"], {"before_the_pickup"}),
    "delivered before the pickup": (
        ["delivered 1", "pickup 2"],
        {"before_the_pickup", "pickup_after_delivery"},
    ),
    "returned before the pickup": (["returned 1", "pickup 2"], {"before_the_pickup"}),
    "failed as it was picked up": (["pickup 1", *failures(1)], {"same_instant"}),
    "failed a nanosecond before": (
        [*failures(0.999999999999), "pickup 1"],
        {"before_the_pickup"},
    ),
    # a pickup after the delivery
    "a late scan of the depot": (
        ["pickup 0", "delivered 1", "pickup 2"],
        {"pickup_after_delivery"},
    ),
    "delivered, returned, sent out again": (
        ["pickup 0", "delivered 1", "returned 2", "pickup 3"],
        {"delivered_and_returned", "after_the_end"},
    ),
    "returned, delivered, picked up": (
        ["pickup 0", "returned 1", "delivered 2", "pickup 3"],
        {"delivered_and_returned", "after_the_end", "pickup_after_delivery"},
    ),
    "delivered, failed, picked up": (
        ["pickup 0", "delivered 1", *failures(2), "pickup 3"],
        {"after_the_end", "pickup_after_delivery"},
    ),
    "scanned as it was delivered": (["pickup 0", "pickup 1", "delivered 1"], {"same_instant"}),
    # attempts
    "three failed": (["pickup 0", *failures(1, 2, 3)], set()),
    "four failed": (["pickup 0", *failures(1, 2, 3, 4)], {"too_many_attempts"}),
    "four rows of three attempts": (
        ["pickup 0", *failures(1, 2, 3), "delivery_exceptions 3 comment=again"],
        set(),
    ),
    "four failed, one told twice": (
        ["pickup 0", *failures(1, 2, 3), "delivery_exceptions 3.01"],
        set(),
    ),
    "four failed, one of another reference": (
        ["pickup 0", *failures(1, 2, 3), "delivery_exceptions 3.01 reference=A2"],
        {"too_many_attempts"},
    ),
    "four failed, then delivered": (
        ["pickup 0", *failures(1, 2, 3, 4), "delivered 5"],
        {"too_many_attempts"},
    ),
    "four failed, then returned": (["pickup 0", *failures(1, 2, 3, 4), "returned 5"], set()),
    "four failed, of two pickups": (
        ["pickup 0", *failures(1, 2), "pickup 2.5", *failures(3, 4)],
        set(),
    ),
    "returned once, then four failed": (
        ["pickup 0", "returned 1", "pickup 2", *failures(3, 4, 5, 6)],
        {"too_many_attempts"},
    ),
    # mobiles
    "one mobile": ([f"pickup 0 {ONE}", f"delivered 1 {ONE}"], set()),
    "one mobile, once left out": ([f"pickup 0 {ONE}", "delivered 1"], set()),
    "first without a mobile": (["pickup 0", f"delivered 1 {ONE}"], set()),
    "two mobiles": ([f"pickup 0 {ONE}", f"delivered 1 {OTHER}"], {"two_mobiles"}),
    "two mobiles at once": ([f"pickup 0 {ONE}", f"pickup 0 {OTHER}"], {"two_mobiles"}),
    # one instant
    "picked up as it was delivered": (["pickup 1", "delivered 1"], {"same_instant"}),
    "two rows of one type at once": (["pickup 0 reference=A1", "pickup 0 reference=A2"], set()),
    "a nanosecond apart": (["pickup 1", "delivered 1.000000000001"], set()),
    # the future
    "now": (["pickup 12"], set()),
    "a little ahead": (["pickup 12.000000000001"], {"in_the_future"}),
    "delivered ahead": (["pickup 0", "delivered 13"], {"in_the_future"}),
    # news
    "a week without news": (["pickup -156"], set()),
    "more than a week": (["pickup -156.000000000001"], {"stale"}),
    "failed, and a week": (["pickup -200", *failures(-157)], {"stale"}),
    "delivered long ago": (["pickup -900", "delivered -800"], set()),
    "returned long ago": (["pickup -900", "returned -800"], set()),
    "news of an old card": (["pickup -900", *failures(1)], set()),
}


@pytest.mark.parametrize(("told", "wanted"), CARDS.values(), ids=CARDS)
def test_a_card_needs_a_person(told: Sequence[str], wanted: set[str]) -> None:
    assert reasons(history(*told)) == wanted


def test_the_table_has_every_reason_but_those_of_zones_and_other_cards() -> None:
    seen = {reason for _, wanted in CARDS.values() for reason in wanted}
    assert seen == set(FindingReason) - {FindingReason.ZONE_DECIDES, FindingReason.NEAR_IDS}


SEVERAL = "events of several types; the later stage wins"
DETAILS = {
    "after the end": (
        ["pickup 0", "delivered 1", *failures(2, 3)],
        "events after it was delivered or returned that are no new pickup: 2",
    ),
    "attempts": (
        ["pickup 0", *failures(1, 2, 3, 4, 5)],
        "5 failed attempts since the last pickup, and no return",
    ),
    "mobiles": ([f"pickup 0 {OTHER}", f"delivered 1 {ONE}"], "2 mobiles: …0101, …0102"),
    "an instant": (["pickup 1", "delivered 1"], f"one instant has {SEVERAL}"),
    "instants": (
        ["pickup 1", "delivered 1", "pickup 2", "delivered 2"],
        f"2 instants have {SEVERAL}",
    ),
    "future": (["pickup 13", "delivered 14"], "events that are yet to come: 2"),
    "stale": (["pickup -24156.5"], "open, and no news for 1,007 days"),
    "before the pickup": (
        ["delivered 0", *failures(1), "pickup 2"],
        "events before its first pickup: 2",
    ),
    "a late pickup": (
        ["pickup 0", "delivered 1", "pickup 2", "pickup 3"],
        "picked up after it was delivered, and no return in between",
    ),
    "late pickups": (
        ["pickup 0", "delivered 1", "pickup 2", "delivered 3", "pickup 4"],
        "picked up after it was delivered, and no return in between (2 times)",
    ),
    "no pickup": (["delivered 1"], "no file says that it was picked up"),
    "both": (["pickup 0", "delivered 1", "returned 1"], "both, and no new pickup in between"),
}


@pytest.mark.parametrize(("told", "detail"), DETAILS.values(), ids=DETAILS)
def test_a_finding_says_what_was_found(told: Sequence[str], detail: str) -> None:
    assert detail in {finding.detail for finding in found(history(*told))}


# A clock without a zone shows 14:00 later than 10:00Z if it is less than four hours east.
TURNED = {
    "a late scan": (["delivered 10", "pickup 14 zoned=0"], ("+04:00", "+14:00")),
    "a delivery without its zone": (["delivered 10 zoned=0", "pickup 14"], ("-12:00", "-04:00")),
    "a second": (["delivered 10", "pickup 10.01 zoned=0"], ("+00:01", "+14:00")),
    "both without": (["delivered 10 zoned=0", "pickup 14 zoned=0"], None),
    "both with": (["delivered 10", "pickup 14"], None),
    "farther than any zone": (["delivered 10", "pickup 24.1 zoned=0"], None),
    "the last two count": (
        ["delivered 0", "pickup 1", "delivered 2", "pickup 9 zoned=0"],
        ("+07:00", "+14:00"),
    ),
}
WHEN_FIRST = (
    "; the pickup would come first, were times without a zone written at an offset from UTC{} to "
    "UTC{}"
)


@pytest.mark.parametrize(("told", "offsets"), TURNED.values(), ids=TURNED)
def test_the_zones_that_turn_pickup_and_delivery_round_are_said(
    told: Sequence[str], offsets: tuple[str, str] | None
) -> None:
    details = {
        finding.reason.value: finding.detail
        for finding in contradictions(history("pickup -40", *told), NOON, zone_clock("UTC"))
    }
    end = WHEN_FIRST.format(*offsets) if offsets else ""
    assert details["pickup_after_delivery"].partition(";")[1:] == end.partition(";")[1:]


def test_the_zones_that_put_the_pickup_first_are_said() -> None:
    events = history(*failures(9), "delivered 10", "pickup 14 zoned=0")
    detail = next(contradictions(events, NOON, zone_clock("Asia/Dubai"))).detail
    # 14:00Z is 18:00 in Dubai.
    assert detail == "events before its first pickup: 2" + WHEN_FIRST.format("+09:00", "+14:00")
    detail = next(contradictions(events, NOON)).detail
    assert detail == "events before its first pickup: 2"


@pytest.mark.parametrize("told", [told for told, _ in CARDS.values()], ids=CARDS)
def test_a_finding_never_holds_a_full_mobile(told: Sequence[str]) -> None:
    assert not any("58555" in finding.detail for finding in found(history(*told)))


@pytest.mark.parametrize(
    ("max_attempts", "wanted"), [(0, True), (1, True), (2, False)], ids=["0", "1", "2"]
)
def test_how_many_attempts_are_in_order_can_be_said(max_attempts: int, wanted: bool) -> None:
    events = history("pickup 0", *failures(1, 2))
    assert ("too_many_attempts" in reasons(events, max_attempts=max_attempts)) == wanted


@pytest.mark.parametrize(("days", "wanted"), [(0, True), (2, True), (3, False)])
def test_how_long_a_card_may_be_open_can_be_said(days: int, wanted: bool) -> None:
    assert ("stale" in reasons(history("pickup -60"), stale_days=days)) == wanted


def test_what_contradicts_itself_is_said_without_age_and_attempts() -> None:
    events = history(*failures(-500, -499, -498, -497))
    assert {finding.reason for finding in contradictions(events, NOON)} == {"no_pickup"}


JOURNEYS = {
    "one event": (["delivered 0"], [1]),
    "never ended": (["pickup 0", "pickup 1", "delivery_exceptions 2"], [3]),
    "ended": (["pickup 0", "delivered 1"], [2]),
    "sent out again": (["pickup 0", "returned 1", "pickup 2", "delivered 3"], [2, 2]),
    "only just picked up again": (["pickup 0", "returned 1", "pickup 2"], [2, 1]),
    "sent out again, scanned twice": (["pickup 0", "returned 1", "pickup 2", "pickup 3"], [2, 2]),
    "picked up after two ends": (["delivered 0", "returned 1", "pickup 2"], [2, 1]),
    "picked up as it was delivered": (["pickup 1", "delivered 1", "pickup 2"], [2, 1]),
    "three times": (["returned 0", "pickup 1", "returned 2", "pickup 3"], [1, 2, 1]),
}


@pytest.mark.parametrize(("told", "lengths"), JOURNEYS.values(), ids=JOURNEYS)
def test_a_history_falls_into_journeys(told: Sequence[str], lengths: list[int]) -> None:
    events = history(*told)
    parts = list(journeys(events))
    assert [len(part) for part in parts] == lengths
    assert [event for part in parts for event in part] == events


ATTEMPTS = {
    "none": (["pickup 0"], 0),
    "one": (["pickup 0", *failures(1)], 1),
    "two rows of one instant": (["pickup 0", *failures(1), "delivery_exceptions 1 comment=x"], 1),
    "before the last pickup": (["pickup 0", *failures(1, 2), "pickup 3", *failures(4)], 1),
    "at the instant of the pickup": (["pickup 1", *failures(1)], 1),
    "without a pickup": (failures(1, 2), 2),
    "delivered since": (["pickup 0", *failures(1, 2), "delivered 3"], 2),
    "delivered, then sent out again": (["pickup 0", *failures(1), "returned 2", "pickup 3"], 0),
}


@pytest.mark.parametrize(("told", "attempts"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_failed_attempts_since_the_last_pickup(told: Sequence[str], attempts: int) -> None:
    assert failed_attempts(history(*told)) == attempts


# The definitions once more, written plainly and without code of src.


def slowly(events: list[CardEvent], terms: CheckTerms) -> set[str]:
    def no_pickup_between(first: int, last: int) -> bool:
        return all(event.type != PICKUP for event in events[first + 1 : last])

    numbered = list(enumerate(events))
    pairs = [(i, a, j, b) for i, a in numbered for j, b in numbered if i < j]
    last_pickup = max((i for i, event in numbered if event.type == PICKUP), default=-1)
    since = events[last_pickup + 1 :]
    attempts = {event.occurred_at for event in since if event.type == FAILED}
    last = events[-1]
    first_pickup = min((i for i, event in numbered if event.type == PICKUP), default=0)
    tests = {
        "before_the_pickup": first_pickup > 0,
        "pickup_after_delivery": any(
            a.type == DELIVERED
            and b.type == PICKUP
            and all(event.type != RETURNED for event in events[i:j])
            for i, a, j, b in pairs
        ),
        "delivered_and_returned": any(
            {a.type, b.type} == {DELIVERED, RETURNED} and no_pickup_between(i, j)
            for i, a, j, b in pairs
        ),
        "after_the_end": any(
            a.type in (DELIVERED, RETURNED)
            and b.type != PICKUP
            and a.occurred_at < b.occurred_at
            and no_pickup_between(i, j)
            for i, a, j, b in pairs
        ),
        "no_pickup": last_pickup == -1,
        "too_many_attempts": len(attempts) > terms.max_attempts
        and all(event.type != RETURNED for event in since),
        "two_mobiles": len({event.mobile for event in events if event.mobile}) > 1,
        "same_instant": any(
            a.occurred_at == b.occurred_at and a.type != b.type for _, a, _, b in pairs
        ),
        "in_the_future": any(event.occurred_at > terms.now for event in events),
        "stale": last.type in (PICKUP, FAILED)
        and last.occurred_at + terms.stale_days * DAY < terms.now,
    }
    if terms.reread:
        again = [
            (e.occurred_at if e.zoned else terms.reread(e.occurred_at), *e[2:6]) for e in events
        ]
        tests["zone_decides"] = sorted(again)[-1][1] != last.type
    return {reason for reason, holds in tests.items() if holds}


# Few values, so that instants, types and mobiles often meet.
EVENTS = st.builds(
    CardEvent,
    card_id=st.just("CRD1"),
    occurred_at=st.integers(0, 6).map(lambda day: MONDAY + day * DAY),
    type=st.sampled_from([PICKUP, FAILED, DELIVERED, RETURNED]),
    reference=st.sampled_from(["", "A1"]),
    mobile=st.sampled_from(["", "+971585550101", "+971585550102"]),
    comment=st.just(""),
    zoned=st.sampled_from([0, 1]),
    source=st.just(1),
    line=st.just(2),
)
HISTORIES = st.lists(EVENTS, min_size=1, max_size=7, unique_by=lambda event: event[:6]).map(sorted)
# Histories without anything odd are rare among those, and take another way through the code.
RISING = st.lists(
    st.tuples(st.sampled_from([PICKUP, FAILED, DELIVERED, RETURNED]), st.sampled_from([0, 1])),
    min_size=1,
    unique_by=lambda step: step[0],
).map(
    lambda steps: [
        CardEvent("CRD1", MONDAY + day * DAY, kind, "", "", "", zoned, 1, 2)
        for day, (kind, zoned) in enumerate(sorted(steps))
    ]
)


@settings(max_examples=300)
@given(
    HISTORIES | RISING,
    st.integers(-1, 9),
    st.integers(0, 3),
    st.integers(0, 3),
    st.none() | st.integers(-30, 30),
)
@example(history("pickup 0", "delivered 1", "returned 2"), 0, 3, 7, None)
def test_findings_are_what_the_definitions_say(
    events: list[CardEvent], day: int, attempts: int, days: int, shift: int | None
) -> None:
    reread = None if shift is None else lambda instant: instant + shift * HOUR
    terms = CheckTerms(MONDAY + day * DAY, attempts, days, reread, "Asia/Dubai")
    said = [finding.reason.value for finding in findings(events, terms)]
    assert set(said) == slowly(events, terms)
    assert len(said) == len(set(said))
    # The overview gives plain tuples.
    assert list(findings([tuple(e) for e in events], terms)) == list(findings(events, terms))  # type: ignore[misc]
