"""The pages of the web server as what their templates show. The templates are in ``web/``; the
words for reasons are those of the command's pages.
"""

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from time import time_ns
from typing import Any, Final, NamedTuple

from cardstatus.database.overview import Overview
from cardstatus.display.wording import (
    WHY_BEATEN,
    age,
    assumptions,
    local_time,
    to_the_minute,
    zone_of,
)
from cardstatus.model.records import CardStatus, EventType
from cardstatus.questions.history import Explanation, HistoryEvent, explain, history_records

from .endpoints import Parameters, cards_asked_for

CARDS: Final = 50
"""Cards that a page shows; the JSON has all."""
EVENTS: Final = 200
"""Events of a card that a page shows, those that come last in rule order."""


class EventRow(NamedTuple):
    """A row of a card's history."""

    record: HistoryEvent
    time: str
    ingested_at: str
    why: str
    """Why it does not decide, or that it does."""


class CardView(NamedTuple):
    """All that a page says of one card."""

    record: Explanation
    status: str
    """In words."""
    colour: str
    """Of the status: a class of the style sheet."""
    time: str
    age: str
    ingested_at: str
    assumed: Sequence[str]
    history: Sequence[EventRow]
    left_out: int
    """Events that are not shown."""


def answer_page(path: Path, parameters: Parameters) -> dict[str, Any]:
    """Return what the page of an answer shows, all of one state of the database.

    Raises what :func:`web_answers.cards_asked_for` does.
    """
    with Overview.open(path) as overview:
        timezone = overview.settings().timezone
        found = cards_asked_for(overview, parameters)
        shown = [_card(overview, record, zone_of(timezone)) for record in found[:CARDS]]
    return {"cards": shown, "timezone": timezone, "left_out": len(found) - len(shown)}


def _card(overview: Overview, answer: CardStatus, zone: tzinfo) -> CardView:
    (record,) = explain(overview, [answer], time_ns())
    kind = EventType[str(record.type).upper()]
    events = list(history_records(overview, [record.card_id]))
    # The greatest beaten event comes first, the events come in rule order.
    whys = ["decides", *(WHY_BEATEN[beaten["by"]] for beaten in record.beats)][::-1]
    rows = [
        EventRow(
            event,
            local_time(event.occurred_at, zone),
            to_the_minute(event.ingested_at, zone),
            why,
        )
        for event, why in zip(events[-EVENTS:], whys[-EVENTS:], strict=True)
    ]
    return CardView(
        record,
        status=kind.status.label,
        colour=kind.colour,
        time=local_time(str(record.occurred_at), zone),
        age=age(record),
        ingested_at=to_the_minute(str(record.ingested_at), zone),
        assumed=assumptions(record),
        history=rows,
        left_out=len(events) - len(rows),
    )
