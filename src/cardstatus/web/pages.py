"""The contents of the web server's pages, for the templates in ``templates/``.

Words for times and reasons are those of the terminal.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from time import time_ns
from typing import Any, Final, NamedTuple

from cardstatus.database.reading.overview import Overview
from cardstatus.display.wording import (
    WHY_BEATEN,
    age,
    assumptions,
    local_time,
    to_the_minute,
    zone_of,
)
from cardstatus.model.records import EventType
from cardstatus.questions.history import Explanation, explain

from .endpoints import Parameters, cards_asked_for

CARDS: Final = 50
"""Cards that a page shows; the JSON has all."""
EVENTS: Final = 200
"""Events of a card that a page shows: the last in rule order."""


class EventRow(NamedTuple):
    """A row of a card's history."""

    record: Mapping[str, Any]
    """The event, with fields named as in the record of ``history``."""
    status: str
    """In words, as are the times in the database's zone."""
    time: str
    ingested_at: str
    why: str
    """The reason for which it does not decide; of the last row, that it does."""
    decides: bool = False


class CardView(NamedTuple):
    """The contents of a page about one card."""

    record: Explanation
    status: str
    """In words."""
    colour: str
    """The colour of the status: a class of the style sheet."""
    time: str
    age: str
    ingested_at: str
    assumed: Sequence[str]
    history: Sequence[EventRow]
    """In rule order, so that the last row decides."""
    left_out: int
    """Events that are not shown."""


def answer_page(path: Path, parameters: Parameters) -> dict[str, Any]:
    """Return the contents of an answer's page, all of one state of the database.

    Raises the errors of :func:`cards_asked_for`.
    """
    with Overview.open(path) as overview:
        timezone = overview.settings().timezone
        found = cards_asked_for(overview, parameters)
        records = explain(overview, found[:CARDS], time_ns())
        shown = [_card(record, zone_of(timezone)) for record in records]
    return {"cards": shown, "timezone": timezone, "left_out": len(found) - len(shown)}


def _card(record: Explanation, zone: tzinfo) -> CardView:
    beaten = record.beats[: EVENTS - 1]
    decides = _row(record._asdict(), "decides", zone)._replace(decides=True)
    return CardView(
        record,
        status=decides.status,
        colour=_type_of(decides.record).colour,
        time=decides.time,
        age=age(record),
        ingested_at=decides.ingested_at,
        assumed=assumptions(record),
        history=[*(_row(event, WHY_BEATEN[event["by"]], zone) for event in beaten[::-1]), decides],
        left_out=len(record.beats) - len(beaten),
    )


def _row(event: Mapping[str, Any], why: str, zone: tzinfo) -> EventRow:
    return EventRow(
        event,
        status=_type_of(event).status.label,
        time=local_time(event["occurred_at"], zone),
        ingested_at=to_the_minute(event["ingested_at"], zone),
        why=why,
    )


def _type_of(event: Mapping[str, Any]) -> EventType:
    return EventType[event["type"].upper()]
