"""What stands beside an answer: cards with near ids, and the event that a missing mobile is of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from cardstatus.database.reading.store import Store
from cardstatus.model.records import CardStatus


class NearId(TypedDict):
    """Another card, whose id differs in spelling only, and its status."""

    card_id: str
    status: str
    occurred_at: str


class MobileFrom(TypedDict):
    """The event that gives the mobile of an answer, where the deciding one gives none."""

    status: str
    occurred_at: str
    source: str
    line: int


class Answer(CardStatus):
    """An answer with what stands beside it, which CSV and tables have no column for."""

    asked: str | None = None
    """The id that was asked for, if another was taken; the mobile, as a list has it."""
    mobile_from: MobileFrom | None = None
    near_ids: Sequence[NearId] = ()

    def _asdict(self) -> dict[str, Any]:
        """Return the record, and after it those of the three that say something."""
        names = ("asked", "mobile_from", "near_ids")
        more = {name: getattr(self, name) for name in names if getattr(self, name)}
        return super()._asdict() | more


def beside(
    store: Store, answers: Iterable[CardStatus], asked_as: Mapping[str, str] | None = None
) -> Iterator[Answer]:
    """Yield the answers with what stands beside them.

    A mobile that the deciding event does not give is the newest that an earlier one gives.
    ``asked_as``: cards that were asked for by other words, each with these. It may change
    while answers are taken.
    """
    any_near = store.has_near_ids()
    for record in answers:
        mobile, origin = record.mobile, None
        if record.status and not mobile:
            mobile, origin = _earlier_mobile(store, record.card_id)
        answer = Answer(*record._replace(mobile=mobile))
        answer.mobile_from = origin
        if record.status and any_near:
            answer.near_ids = near_ids(store, record.card_id) or ()
        if asked_as:
            answer.asked = asked_as.get(record.card_id)
        yield answer


def near_ids(store: Store, card_id: str) -> list[NearId]:
    """Return the cards whose ids differ from that of a known card in spelling only."""
    if not store.has_near_ids():
        return []
    found = map(store.card, store.near_ids(card_id))
    return [
        NearId(card_id=card.card_id, status=card.status, occurred_at=card.occurred_at)
        for card in found
        if card and card.status and card.occurred_at
    ]


def _earlier_mobile(store: Store, card_id: str) -> tuple[str | None, MobileFrom | None]:
    from cardstatus.instants import one_iso
    from cardstatus.model.records import EventType

    for event in reversed(store.history(card_id)):
        if event.mobile:
            return event.mobile, MobileFrom(
                status=EventType(event.type).status.value,
                occurred_at=one_iso(event.occurred_at),
                source=store.source(event.source)[0],
                line=event.line,
            )
    return None, None
