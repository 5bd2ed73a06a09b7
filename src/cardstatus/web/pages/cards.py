"""What stands beside a card on its page: its journey, and the other cards of its mobiles."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from cardstatus.database.reading.overview import Overview
from cardstatus.display.wording import span, to_the_minute
from cardstatus.model.records import CardStatus, EventType
from cardstatus.questions.history import Explanation

_FIRST, _LAST = 3, 6
"""Steps at both ends that a long journey keeps."""
_OTHERS: Final = 20
"""Other cards of a mobile that a page names."""


class Step(NamedTuple):
    """A stage of a card's journey: events of one status on one day; or a gap, without a status."""

    status: str
    colour: str
    instant: str
    """ISO 8601 in UTC, of the first of the events."""
    time: str
    events: int
    after: str
    """The time since the stage before, in words; empty for the first."""


def journey(events: Sequence[Mapping[str, Any]], zone: tzinfo) -> Sequence[Step]:
    """Return the stages of a card's events in rule order; the middle of a long one is a gap."""
    days = [
        list(same)
        for _, same in groupby(
            events, lambda event: (event["status"], to_the_minute(event["occurred_at"], zone)[:10])
        )
    ]
    steps = [_step(day, "", zone) for day in days[:1]]
    steps += [
        _step(day, span(_seconds(before[-1], day[0])), zone) for before, day in pairwise(days)
    ]
    if len(steps) > _FIRST + _LAST + 1:
        left_out = sum(step.events for step in steps[_FIRST:-_LAST])
        steps[_FIRST:-_LAST] = [Step("", "", "", "", left_out, "")]
    return steps


def _step(day: Sequence[Mapping[str, Any]], after: str, zone: tzinfo) -> Step:
    first = day[0]
    kind = EventType[first["type"].upper()]
    time = to_the_minute(first["occurred_at"], zone)
    return Step(kind.status.label, kind.colour, first["occurred_at"], time, len(day), after)


def _seconds(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    earlier, later = (datetime.fromisoformat(e["occurred_at"][:19]) for e in (before, after))
    return (later - earlier).total_seconds()


class Others:
    """The other cards of mobiles, each looked up once."""

    def __init__(self, overview: Overview, found: Sequence[CardStatus]) -> None:
        self._overview = overview
        self._cards: dict[str, CardStatus | None] = {card.card_id: card for card in found}
        self._of_mobile: dict[str, list[str]] = {}

    def of(self, record: Explanation) -> Sequence[CardStatus]:
        """Return the other cards of a card's mobiles."""
        ids = [card_id for mobile in (record.mobile or "").split() for card_id in self._of(mobile)]
        named = [card_id for card_id in dict.fromkeys(ids) if card_id != record.card_id][:_OTHERS]
        return [card for card in map(self._card, named) if card]

    def _of(self, mobile: str) -> list[str]:
        if mobile not in self._of_mobile:
            self._of_mobile[mobile] = self._overview.cards_of_mobile(mobile)
        return self._of_mobile[mobile]

    def _card(self, card_id: str) -> CardStatus | None:
        if card_id not in self._cards:
            self._cards[card_id] = self._overview.card(card_id)
        return self._cards[card_id]
