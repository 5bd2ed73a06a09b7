"""Findings about one card's history: attempts, contradictions, a status that hangs on a zone.

A history is in rule order, as the store gives it, so its last event decides. Findings over all
cards are in ``questions.check``.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from cardstatus.instants import DAY, ZoneClock
from cardstatus.model.events import CardEvent, History
from cardstatus.model.records import EventType

from .attempts import told_once
from .other_zone import offsets_with_first, other_type

MAX_ATTEMPTS: Final = 3
"""Failed attempts that a card may have, unless said otherwise: a delivery and two re-deliveries."""
STALE_DAYS: Final = 7
"""Days that an open card may go without news, unless said otherwise."""
_PICKUP: Final = int(EventType.PICKUP)
_FAILED: Final = int(EventType.DELIVERY_EXCEPTIONS)
_DELIVERED: Final = int(EventType.DELIVERED)
_RETURNED: Final = int(EventType.RETURNED)
_ENDS: Final = frozenset(int(kind) for kind in EventType if kind.ends)
_ENDED: Final = " or ".join(kind.status.label.lower() for kind in EventType if kind.ends)


class FindingReason(StrEnum):
    """The reasons for which a card needs a person: fixed codes that scripts may match."""

    DELIVERED_AND_RETURNED = "delivered_and_returned"
    AFTER_THE_END = "after_the_end"
    PICKUP_AFTER_DELIVERY = "pickup_after_delivery"
    BEFORE_THE_PICKUP = "before_the_pickup"
    NO_PICKUP = "no_pickup"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TWO_MOBILES = "two_mobiles"
    SAME_INSTANT = "same_instant"
    IN_THE_FUTURE = "in_the_future"
    STALE = "stale"
    ZONE_DECIDES = "zone_decides"
    NEAR_IDS = "near_ids"
    """Of ids, and so not found by :func:`findings`."""


class CheckTerms(NamedTuple):
    """The limits that a history is judged by, and the time."""

    now: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    max_attempts: int = MAX_ATTEMPTS
    stale_days: int = STALE_DAYS
    reread: Callable[[int], int] | None = None
    """From an instant read in the database's zone to the same clock time in ``also_zone``."""
    also_zone: str = ""
    clock: ZoneClock | None = None
    """The clocks of the database's zone; None if nothing is to be said on other zones."""


class Finding(NamedTuple):
    """One thing about a card that needs a person."""

    reason: FindingReason
    detail: str
    """A sentence for the person, with mobiles cut to four digits."""


def journeys(history: History) -> Iterator[History]:
    """Yield the parts of a history, one for each time that the card was sent out.

    A pickup after the end of a journey begins the next. Any other pickup is one more scan of the
    same journey.
    """
    begin, ended = 0, False
    for at, event in enumerate(history):
        if ended and event[2] == _PICKUP:
            yield history[begin:at]
            begin, ended = at, False
        ended = ended or event[2] in _ENDS
    yield history[begin:]


def failed_attempts(history: History) -> int:
    """Return the number of failed attempts since the last pickup."""
    failed = []
    for event in reversed(history):
        if event[2] == _PICKUP:
            break
        if event[2] == _FAILED:
            failed.append(event)
    return len(told_once(failed[::-1]))


def findings(history: History, terms: CheckTerms) -> Iterator[Finding]:
    """Yield the findings about a card, judged at ``terms.now``."""
    yield from contradictions(history, terms.now, terms.clock)
    types = {event[2] for event in history}
    attempts = failed_attempts(history) if _FAILED in types else 0
    if attempts > terms.max_attempts and not _was_returned(history):
        yield Finding(
            FindingReason.TOO_MANY_ATTEMPTS,
            f"{attempts} failed attempts since the last pickup, and no return",
        )
    last = history[-1]
    days = (terms.now - last[1]) // DAY
    if last[2] not in _ENDS and terms.now - last[1] > terms.stale_days * DAY:
        yield Finding(FindingReason.STALE, f"open, and no news for {days:,} days")
    if terms.reread and (other := other_type(history, terms.reread)) != last[2]:
        yield Finding(
            FindingReason.ZONE_DECIDES,
            f"{EventType(other).status} if times without a zone were read in {terms.also_zone}",
        )


def contradictions(history: History, now: int, clock: ZoneClock | None = None) -> Iterator[Finding]:
    """Yield the findings that need no limit: events that contradict each other, or cannot be.

    ``clock``: the clocks of the zone in which zoneless times were read.
    """
    if len(history) == 1 or _is_plain(history):
        if history[0][2] != _PICKUP:
            yield Finding(FindingReason.NO_PICKUP, "no file says that it was picked up")
    else:
        yield from _between_events(history, clock)
    if history[-1][1] > now:
        ahead = sum(event[1] > now for event in history)
        yield Finding(FindingReason.IN_THE_FUTURE, f"events that are yet to come: {ahead}")


def _is_plain(history: History) -> bool:
    """Tell whether stages and instants rise, the mobile stays, and only the last event is an end.

    Most histories are so, and :func:`_between_events` finds nothing in them but a missing pickup.
    """
    before = history[0]
    mobile = before[4]
    if " " in mobile:  # several numbers
        return False
    for event in history[1:]:
        if (
            event[2] <= before[2]
            or event[1] == before[1]
            or event[4] != mobile
            or before[2] in _ENDS
        ):
            return False
        before = event
    return True


def _between_events(history: History, clock: ZoneClock | None) -> Iterator[Finding]:
    """Yield what a card's events contradict in each other, and a missing pickup."""
    mobiles = sorted({number for event in history for number in event[4].split()})
    history = told_once(history)
    types = {event[2] for event in history}
    parts = list(journeys(history)) if types & _ENDS else []
    if any({_DELIVERED, _RETURNED} <= {event[2] for event in part} for part in parts):
        yield Finding(FindingReason.DELIVERED_AND_RETURNED, "both, and no new pickup in between")
    if late := sum(map(_after_the_end, parts)):
        yield Finding(
            FindingReason.AFTER_THE_END,
            f"events after it was {_ENDED} that are no new pickup: {late}",
        )
    yield from _pickups_out_of_turn(history, clock)
    if len(mobiles) > 1:
        ends = ", ".join(f"…{mobile[-4:]}" for mobile in mobiles)
        yield Finding(FindingReason.TWO_MOBILES, f"{len(mobiles)} mobiles: {ends}")
    instants = {a[1] for a, b in pairwise(history) if a[1] == b[1] and a[2] != b[2]}
    if instants:
        times = "one instant has" if len(instants) == 1 else f"{len(instants)} instants have"
        yield Finding(
            FindingReason.SAME_INSTANT, f"{times} events of several types; the later stage wins"
        )


def _pickups_out_of_turn(history: History, clock: ZoneClock | None) -> Iterator[Finding]:
    """Yield what is odd about a card's pickups: none, none at the beginning, one too many."""
    pickups = [event for event in history if event[2] == _PICKUP]
    if not pickups:
        yield Finding(FindingReason.NO_PICKUP, "no file says that it was picked up")
        return
    if before := history.index(pickups[0]):
        others = [event for event in history if event[2] != _PICKUP]
        told = f"events before its first pickup: {before}"
        yield Finding(FindingReason.BEFORE_THE_PICKUP, told + _if_first(pickups, others, clock))
    if late := list(_late_pickups(history)):
        delivery, pickup = late[-1]
        told = "picked up after it was delivered, and no return in between"
        if len(late) > 1:
            told += f" ({len(late)} times)"
        yield Finding(
            FindingReason.PICKUP_AFTER_DELIVERY, told + _if_first([pickup], [delivery], clock)
        )


def _late_pickups(history: History) -> Iterator[tuple[CardEvent, CardEvent]]:
    """Yield each delivery with the pickup that follows it without a return in between."""
    delivery = None
    for event in history:
        if event[2] == _DELIVERED:
            delivery = event
        elif event[2] == _RETURNED:
            delivery = None
        elif event[2] == _PICKUP and delivery:
            yield delivery, event
            delivery = None


def _if_first(pickups: History, others: History, clock: ZoneClock | None) -> str:
    """Return the end of a sentence: in which zones a pickup would be the first of the events."""
    offsets = clock and offsets_with_first(pickups, others, clock)
    if not offsets:
        return ""
    return (
        "; the pickup would come first, were times without a zone written at an offset from "
        f"UTC{offsets[0]} to UTC{offsets[1]}"
    )


def _after_the_end(journey: History) -> int:
    """Return the number of a journey's events that are later than its first end."""
    end = next((event[1] for event in journey if event[2] in _ENDS), None)
    return 0 if end is None else sum(event[1] > end for event in journey)


def _was_returned(history: History) -> bool:
    """Tell whether the card was returned since its last pickup."""
    for event in reversed(history):
        if event[2] in (_PICKUP, _RETURNED):
            return event[2] == _RETURNED
    return False
