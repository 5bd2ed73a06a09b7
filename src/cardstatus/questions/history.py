"""The records of ``history``: a card's events in rule order, with their evidence."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cardstatus.database.store import Store
from cardstatus.instants import iso
from cardstatus.model.records import EventType
from cardstatus.rules.findings import History


class HistoryEvent(NamedTuple):
    """One event of a card, and whether it decides the status. The fields and their order are the
    record of ``history``: those of ``get``, and three more; None is unknown.
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


def histories(store: Store, card_ids: Iterable[str]) -> Iterator[HistoryEvent]:
    """Yield the events of each card, in rule order; none of a card that is not known."""
    for card_id in card_ids:
        yield from records_of(store, store.history(card_id))


def records_of(store: Store, events: History) -> list[HistoryEvent]:
    """Return one card's events as records."""
    sources = {number: store.source(number) for number in {event.source for event in events}}
    times = iso(event.occurred_at for event in events)
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
        )
        for event, time, ingested_at in zip(events, times, ingested, strict=True)
    ]
