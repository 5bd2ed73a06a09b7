"""The status as it would be, were the times without a zone written in another zone."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypedDict

from cardstatus.instants import MINUTE, ZoneClock
from cardstatus.model.events import CardEvent, History
from cardstatus.model.records import EventType

_WEST: Final = -12 * 60
_EAST: Final = 14 * 60
"""Minutes from UTC that clocks on earth show, from the least to the greatest."""

_NEVER: Final = 1 << 64
"""Later than any instant."""


class OtherAnswer(TypedDict):
    """Another status, and the offsets of the zoneless times that would give it."""

    status: str
    from_offset: str
    """The least such offset from UTC, as ``+04:00``."""
    to_offset: str
    """The greatest."""


def other_answer(events: History, clock: ZoneClock) -> OtherAnswer | None:
    """Return the offsets of zoneless times at which the status would be another, None if at none.

    All zoneless times move together, against those with a zone. So one event of each kind may
    decide, and one offset divides those where the first does from those where the second does.

    ``clock``: the clocks of the zone in which the zoneless times were read.
    """
    with_zone = [event for event in events if event.zoned]
    without = [event for event in events if not event.zoned]
    if not (with_zone and without):
        return None
    fixed = greatest(with_zone)
    moving = greatest(shifted(without, clock.local))
    if fixed.type == moving.type:
        return None
    # A clock farther east shows a time at an earlier instant. Up to this many minutes east of UTC,
    # the zoneless event is the later one.
    minutes, rest = divmod(moving.occurred_at - fixed.occurred_at, MINUTE)
    wins_tie = greatest([fixed, moving._replace(occurred_at=fixed.occurred_at)]) is not fixed
    turn = minutes + 1 if rest or wins_tie else minutes
    if fixed.type != events[-1].type:
        return _answer(fixed, max(turn, _WEST), _EAST)
    return _answer(moving, _WEST, min(turn - 1, _EAST))


def offsets_with_first(
    pickups: History, others: History, clock: ZoneClock
) -> tuple[str, str] | None:
    """Return the least and the greatest offset of zoneless times at which a pickup would come
    before all ``others``, None if there is none or no time would move against another.

    At the same instant a pickup comes first. ``clock``: as in :func:`other_answer`.
    """
    pickup, moving_pickup = _earliest(pickups, clock)
    other, moving_other = _earliest(others, clock)
    least, most = _WEST, _EAST
    if pickup > other:  # then the one that moves must come first
        least = max(least, -((other - moving_pickup) // MINUTE))
    if moving_pickup > moving_other:  # then the one that stays must
        most = min(most, (moving_other - pickup) // MINUTE)
    return (_offset(least), _offset(most)) if least <= most else None


def _earliest(events: History, clock: ZoneClock) -> tuple[int, int]:
    """Return the earliest instant with a zone and the earliest local time without."""
    return (
        min((event[1] for event in events if event[6]), default=_NEVER),
        min((clock.local(event[1]) for event in events if not event[6]), default=_NEVER),
    )


def _answer(event: CardEvent, least: int, most: int) -> OtherAnswer | None:
    if least > most:
        return None
    return OtherAnswer(
        status=EventType(event.type).status, from_offset=_offset(least), to_offset=_offset(most)
    )


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def greatest(events: Iterable[CardEvent]) -> CardEvent:
    """Return the greatest of one card's events, compared by the fields of ``ordering.KEY``."""
    return max(events, key=lambda event: event[1:6])


def shifted(events: Iterable[CardEvent], reread: Callable[[int], int]) -> Iterator[CardEvent]:
    """Yield the events, the zoneless ones at the instants that ``reread`` returns for theirs."""
    for event in events:
        yield event if event.zoned else event._replace(occurred_at=reread(event.occurred_at))


def other_type(history: History, reread: Callable[[int], int]) -> int:
    """Return the type that would decide, with zoneless times at the instants ``reread`` returns."""
    if len(history) == 1 or all(event[6] for event in history):
        return history[-1][2]
    # What greatest(shifted(...)) does, in a third of its time.
    keys = ((event[1] if event[6] else reread(event[1]), *event[2:6]) for event in history)
    return max(keys)[1]
