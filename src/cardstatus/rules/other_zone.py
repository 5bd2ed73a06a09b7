"""What the status would be, were zoneless times written at another offset."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypedDict

from cardstatus.instants import MINUTE, ZoneClock
from cardstatus.model.records import CardEvent, EventType, History

_OFFSETS: Final = range(-12 * 60, 14 * 60 + 1)
"""The offsets from UTC, in minutes, that clocks on earth have."""


class OtherAnswer(TypedDict):
    """What the status would be, had the times without a zone been written at other offsets."""

    status: str
    from_offset: str
    """The least offset from UTC for which it would be so, as ``+04:00``."""
    to_offset: str
    """The greatest."""


def other_answer(events: History, clock: ZoneClock) -> OtherAnswer | None:
    """Return at which offsets of the zoneless times the status would be another, None if at none.

    All zoneless times move together, and only against those with a zone: so the offsets at which
    another event wins are all on one side of the one where both are at the same instant.
    """
    rivals = _rivals(events, clock)
    if len({event.type for event in rivals}) == 1:
        return None
    beaten = next(event for event in rivals if event.type != events[-1].type)
    # The farther east a clock, the earlier the instant that it shows a time.
    turn = bisect_left(
        _OFFSETS, 1, key=lambda minutes: greatest(shifted(rivals, _behind(minutes))).zoned
    )
    others = _OFFSETS[turn:] if beaten.zoned else _OFFSETS[:turn]
    if not others:
        return None
    return OtherAnswer(
        status=EventType(beaten.type).status,
        from_offset=_offset(others[0]),
        to_offset=_offset(others[-1]),
    )


def _rivals(events: History, clock: ZoneClock) -> list[CardEvent]:
    """Return the greatest event with a zone and the greatest without, that at its local time."""
    zoneless = shifted([event for event in events if not event.zoned], clock.local)
    groups = ([event for event in events if event.zoned], list(zoneless))
    return [greatest(group) for group in groups if group]


def _behind(minutes: int) -> Callable[[int], int]:
    return lambda local: local - minutes * MINUTE


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def greatest(events: Iterable[CardEvent]) -> CardEvent:
    """Return the greatest of one card's events: the fields compared are those of ``ordering.KEY``,
    in its order.
    """
    return max(events, key=lambda event: event[1:6])


def shifted(events: Iterable[CardEvent], reread: Callable[[int], int]) -> Iterator[CardEvent]:
    """Yield the events with those that gave no zone at the instant that ``also`` returns."""
    for event in events:
        yield event if event.zoned else event._replace(occurred_at=reread(event.occurred_at))


def _other_type(history: History, reread: Callable[[int], int]) -> int:
    if len(history) == 1 or all(event[6] for event in history):
        return history[-1][2]
    # What greatest(shifted(...)) does, in a third of its time.
    keys = ((event[1] if event[6] else reread(event[1]), *event[2:6]) for event in history)
    return max(keys)[1]
