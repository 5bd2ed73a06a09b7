"""Why a card's status is what it is: what decides it, what that beats, and what was assumed."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypedDict

from cardstatus.database.store import Store
from cardstatus.instants import MINUTE, SECOND, one_iso
from cardstatus.model.records import CardStatus, EventType
from cardstatus.model.settings import Settings
from cardstatus.rules import ordering
from cardstatus.rules.findings import (
    CardEvent,
    History,
    contradictions,
    failed_attempts,
    greatest,
    moved,
)
from cardstatus.zones import ZoneClock, zone_clock

from .history import HistoryEvent, records_of

_OFFSETS: Final = range(-12 * 60, 14 * 60 + 1)
"""The offsets from UTC, in minutes, that clocks on earth have."""


class Beaten(TypedDict):
    """An event that does not decide."""

    by: str
    """The part of the rule by which it loses: a column of its key, such as ``occurred_at``."""
    status: str
    occurred_at: str
    mobile: str | None
    comment: str | None
    reference: str | None
    source: str
    line: int
    type: str
    ingested_at: str


class Assumed(TypedDict):
    """What the courier did not write; None where nothing had to be assumed."""

    timezone: str | None
    zoneless_events: int
    """Events whose time was read in that zone."""
    country_code: str | None
    """That of a mobile of this card, which may have been written without it."""


class Contradiction(TypedDict):
    """Something about the events that cannot be right."""

    reason: str
    detail: str


class OtherAnswer(TypedDict):
    """What the status would be, had the times without a zone been written at other offsets."""

    status: str
    from_offset: str
    """The least offset from UTC for which it would be so, as ``+04:00``."""
    to_offset: str
    """The greatest."""


class Explanation(NamedTuple):
    """The record of ``get --explain``: that of ``get``, with its reasons."""

    card_id: str
    status: str | None
    occurred_at: str | None
    mobile: str | None
    comment: str | None
    reference: str | None
    source: str | None
    line: int | None
    type: str | None = None
    ingested_at: str | None = None
    now: str | None = None
    age_seconds: int | None = None
    """From the deciding event to ``now``; negative if it is yet to come."""
    failed_attempts: int | None = None
    """Since the last pickup."""
    beats: Sequence[Beaten] = ()
    """All other events, the greatest first."""
    assumed: Assumed | None = None
    contradictions: Sequence[Contradiction] = ()
    other_answer: OtherAnswer | None = None


def explain(store: Store, answers: Iterable[CardStatus], now: int) -> Iterator[Explanation]:
    """Yield each answer with its reasons; that for an unknown card has none.

    ``now`` is nanoseconds since 1970-01-01T00:00:00Z.
    """
    settings = store.settings()
    clock = zone_clock(settings.timezone)
    for answer in answers:
        events = store.history(answer.card_id) if answer.status else []
        if events:
            yield _explained(answer, store, events, settings, clock, now)
        else:
            yield Explanation(*answer)


def _explained(
    answer: CardStatus,
    store: Store,
    events: History,
    settings: Settings,
    clock: ZoneClock,
    now: int,
) -> Explanation:
    *beaten, decides = records_of(store, events)
    winner = events[-1]
    zoneless = sum(not event.zoned for event in events)
    national = any(event.mobile.startswith(f"+{settings.country_code}") for event in events)
    return Explanation(
        *answer,
        type=decides.type,
        ingested_at=decides.ingested_at,
        now=one_iso(now),
        age_seconds=(now - winner.occurred_at) // SECOND,
        failed_attempts=failed_attempts(events),
        beats=[
            _beaten(record, ordering.deciding_part(winner[1:6], event[1:6]))
            for record, event in zip(reversed(beaten), events[-2::-1], strict=True)
        ],
        assumed=Assumed(
            timezone=settings.timezone if zoneless else None,
            zoneless_events=zoneless,
            country_code=settings.country_code if national else None,
        ),
        contradictions=[
            Contradiction(reason=finding.reason, detail=finding.detail)
            for finding in contradictions(events, now)
        ],
        other_answer=other_answer(events, clock),
    )


def _beaten(event: HistoryEvent, by: str) -> Beaten:
    return Beaten(
        by=by,
        status=event.status,
        occurred_at=event.occurred_at,
        mobile=event.mobile,
        comment=event.comment,
        reference=event.reference,
        source=event.source,
        line=event.line,
        type=event.type,
        ingested_at=event.ingested_at,
    )


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
        _OFFSETS, 1, key=lambda minutes: greatest(moved(rivals, _behind(minutes))).zoned
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
    zoneless = moved([event for event in events if not event.zoned], clock.local)
    groups = ([event for event in events if event.zoned], list(zoneless))
    return [greatest(group) for group in groups if group]


def _behind(minutes: int) -> Callable[[int], int]:
    return lambda local: local - minutes * MINUTE


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
