"""A card's events as records, with their evidence, and the reasons for which the last decides."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypedDict

from cardstatus.database.reading.store import Store
from cardstatus.instants import SECOND, ZoneClock, iso, one_iso, zone_clock
from cardstatus.model.events import History
from cardstatus.model.records import CardStatus, EventType, Settings
from cardstatus.rules import ordering
from cardstatus.rules.attempts import same_as
from cardstatus.rules.findings import contradictions, failed_attempts
from cardstatus.rules.other_zone import OtherAnswer, other_answer

from .beside import Answer, MobileFrom, NearId, beside, near_ids
from .evidence import Evidence, Files


class HistoryEvent(NamedTuple):
    """The record of ``history``: one event of a card, and whether it decides the status.

    The fields are those of ``get``, in their order, and three more; None is unknown.
    """

    card_id: str
    status: str
    occurred_at: str
    """ISO 8601 in UTC, ending in ``Z``."""
    mobile: str | None
    comment: str | None
    reference: str | None
    source: str
    """The file that brought the event first."""
    line: int
    type: str
    ingested_at: str
    decides: bool
    same_as: str | None = None
    """The instant of the event that counts, if this one tells of the same attempt once more."""


class SaidBy(TypedDict):
    """A row that says an event again."""

    source: str
    line: int


class Told(HistoryEvent):
    """The record of an event with what CSV and tables have no column for."""

    also_said_by: Sequence[SaidBy] = ()
    near_ids: Sequence[NearId] = ()
    """Of the event that decides, those of its card."""

    def _asdict(self) -> dict[str, Any]:
        """Return the record, and after it what else there is."""
        more = {"also_said_by": self.also_said_by, "near_ids": self.near_ids}
        return super()._asdict() | {name: value for name, value in more.items() if value}


def history_records(store: Store, card_ids: Iterable[str]) -> Iterator[HistoryEvent]:
    """Yield the events of each card in rule order, for an unknown card none."""
    for card_id in card_ids:
        events = store.history(card_id)
        for record, again in zip(records_of(store, events), also_said(store, events), strict=True):
            told = Told(*record)
            told.also_said_by = again
            if record.decides:
                told.near_ids = near_ids(store, card_id)
            yield told


def also_said(store: Store, events: History) -> list[list[SaidBy]]:
    """Return for each of a card's events the rows that say it, too."""
    if not events:
        return []
    sightings = store.sightings(events[0].card_id)
    return [
        [
            SaidBy(source=store.source(source)[0], line=line)
            for source, line in sightings.get(tuple(event[: len(ordering.IDENTITY)]), ())
            if (source, line) != (event.source, event.line)
        ]
        for event in events
    ]


def records_of(store: Store, events: History) -> list[HistoryEvent]:
    """Return one card's events as records."""
    sources = {number: store.source(number) for number in {event.source for event in events}}
    times = iso(event.occurred_at for event in events)
    again = same_as(events)
    ingested = iso(sources[event.source][1] for event in events)
    return [
        HistoryEvent(
            card_id=event.card_id,
            status=EventType(event.type).status,
            occurred_at=time,
            mobile=event.mobile or None,
            comment=event.comment or None,
            reference=event.reference or None,
            source=sources[event.source][0],
            line=event.line,
            type=EventType(event.type).word,
            ingested_at=ingested_at,
            decides=event is events[-1],
            same_as=times[again[at]] if at in again else None,
        )
        for at, (event, time, ingested_at) in enumerate(zip(events, times, ingested, strict=True))
    ]


class Beaten(TypedDict):
    """An event that another one beats."""

    by: str
    """The part of the rule by which it loses: a column of the key, such as ``occurred_at``."""
    status: str
    occurred_at: str
    mobile: str | None
    comment: str | None
    reference: str | None
    source: str
    line: int
    type: str
    ingested_at: str
    also_said_by: Sequence[SaidBy]
    """Further rows that say it."""


class Assumed(TypedDict):
    """The settings that stand in for what the courier did not write; None where none was needed."""

    timezone: str | None
    zoneless_events: int
    """Events with a time read in that zone."""
    country_code: str | None
    """The country code of a mobile of this card, which may have been written without one."""


class Contradiction(TypedDict):
    """A finding for which no limit is needed: the events cannot all be right."""

    reason: str
    detail: str


class Explanation(NamedTuple):
    """The record of ``get --explain``: the record of ``get`` with its reasons.

    With ``beats`` it holds all of the card's events, each with its evidence.
    """

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
    """From the deciding event to ``now``; negative if the event is yet to come."""
    failed_attempts: int | None = None
    """Since the last pickup."""
    beats: Sequence[Beaten] = ()
    """All other events, the greatest first."""
    assumed: Assumed | None = None
    contradictions: Sequence[Contradiction] = ()
    other_answer: OtherAnswer | None = None
    mobile_from: MobileFrom | None = None
    """The event that gives the mobile, if the deciding one gives none."""
    near_ids: Sequence[NearId] = ()
    """Other cards whose ids differ in spelling only."""
    evidence: Evidence | None = None
    also_said_by: Sequence[SaidBy] = ()
    """Further rows that say the deciding event."""


def explain(
    store: Store, answers: Iterable[CardStatus], now: int, *, reads_files: bool = False
) -> Iterator[Explanation]:
    """Yield each answer with its reasons, the answer for an unknown card without.

    Reads each card's history once. ``now``: nanoseconds since 1970-01-01T00:00:00Z.
    ``reads_files``: also reads the rows themselves, from files that are still there.
    """
    files = Files(store, reads=reads_files)
    settings = store.settings()
    clock = zone_clock(settings.timezone)
    for answer in beside(store, answers):
        events = store.history(answer.card_id) if answer.status else []
        if events:
            explained = _explained(answer, store, events, settings, clock, now)
            evidence = files.evidence(events[-1].source, events[-1].line)
            yield explained._replace(evidence=evidence)
        else:
            yield Explanation(*answer)


def _explained(
    answer: Answer,
    store: Store,
    events: History,
    settings: Settings,
    clock: ZoneClock,
    now: int,
) -> Explanation:
    *beaten, decides = records_of(store, events)
    winner = events[-1]
    said = also_said(store, events)
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
            _beaten(record, ordering.deciding_part(winner[1:6], event[1:6]), again)
            for record, event, again in zip(
                reversed(beaten), events[-2::-1], said[-2::-1], strict=True
            )
        ],
        assumed=Assumed(
            timezone=settings.timezone if zoneless else None,
            zoneless_events=zoneless,
            country_code=settings.country_code if national else None,
        ),
        contradictions=[
            Contradiction(reason=finding.reason, detail=finding.detail)
            for finding in contradictions(events, now, clock)
        ],
        other_answer=other_answer(events, clock),
        mobile_from=answer.mobile_from,
        near_ids=answer.near_ids,
        also_said_by=said[-1],
    )


def _beaten(event: HistoryEvent, by: str, also_said_by: Sequence[SaidBy]) -> Beaten:
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
        also_said_by=also_said_by,
    )
