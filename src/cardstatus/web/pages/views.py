"""The contents of the pages, for the templates in ``templates/``.

Words for times and reasons are those of the terminal.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from itertools import islice
from time import time_ns
from typing import Any, Final, NamedTuple

from cardstatus.database.reading.overview import Overview
from cardstatus.display.wording import (
    WHY_BEATEN,
    age,
    also_said_by,
    assumptions,
    local_time,
    to_the_minute,
    zone_of,
)
from cardstatus.model.problems import Severity
from cardstatus.model.records import CardStatus, EventType, Status
from cardstatus.questions.history import Explanation, explain
from cardstatus.web.api.answers import cards_asked_for, check_run
from cardstatus.web.parameters import (
    ON_A_PAGE,
    REASONS,
    AttentionPageParameters,
    CardParameters,
    CardsPageParameters,
    CheckParameters,
    PageParameters,
    ProblemsPageParameters,
)

from .cards import Others, Step, journey

CARDS: Final = 50
"""Cards that an answer's page shows; the JSON has all."""
EVENTS: Final = 200
"""Events of a card that a page shows: the last in rule order."""
COLOURS: Final = {kind.status.value: kind.colour for kind in EventType}
"""The colour of each status: a class of the style sheet."""

Contents = dict[str, Any]
"""What a template is filled in with."""


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
    also: str = ""
    """Other rows that say the same event."""


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
    journey: Sequence[Step]
    others: Sequence[CardStatus]
    """Other cards of its mobiles."""


class Row(NamedTuple):
    """A record as a row of a list: its fields, and its times in the database's zone."""

    record: Any
    time: str


def answer(parameters: CardParameters, overview: Overview) -> Contents:
    """Return the contents of an answer's page.

    Raises the errors of :func:`cards_asked_for`.
    """
    return {**cards_in_full(cards_asked_for(parameters, overview), overview), "taken": None}


def cards_in_full(found: Sequence[CardStatus], overview: Overview) -> Contents:
    """Return cards with their histories, and the other cards of their mobiles."""
    timezone = overview.settings().timezone
    records = explain(overview, found[:CARDS], time_ns())
    others = Others(overview, found)
    shown = [_card(record, zone_of(timezone), others) for record in records]
    return {"cards": shown, "timezone": timezone, "left_out": len(found) - len(shown)}


def cards(parameters: CardsPageParameters, overview: Overview) -> Contents:
    """Return the contents of a page of all cards, by card id."""
    timezone = overview.settings().timezone
    only = [parameters.status] if parameters.status else []
    found = list(islice(overview.statuses(only, parameters.after), ON_A_PAGE + 1))
    shown = found[:ON_A_PAGE]
    return {
        "rows": _rows(shown, "occurred_at", timezone),
        "timezone": timezone,
        "statuses": list(Status),
        "chosen": parameters.status,
        "after": shown[-1].card_id if len(found) > len(shown) else None,
        "from_the_first": not parameters.after,
    }


def attention(parameters: AttentionPageParameters, overview: Overview) -> Contents:
    """Return the contents of a page of the findings of ``check``, by card id."""
    timezone = overview.settings().timezone
    reasons = (parameters.reason,) if parameters.reason else ()
    run = check_run(CheckParameters(reason=reasons, now=parameters.now), overview)
    every = list(run.findings())
    totals = run.totals()
    return {
        "rows": _rows(_part(every, parameters), "occurred_at", timezone),
        "timezone": timezone,
        "totals": totals,
        # The next page is judged as at the same time.
        "now": totals["now"],
        "as_of": to_the_minute(totals["now"], zone_of(timezone)),
        "reasons": REASONS,
        "chosen": parameters.reason,
        **_neighbours(len(every), parameters),
    }


def problems(parameters: ProblemsPageParameters, overview: Overview) -> Contents:
    """Return the contents of a page of problems, by file and line."""
    every = overview.problems(parameters.severity, file=parameters.file)
    found = islice(every, parameters.offset, None)
    shown = list(islice(found, ON_A_PAGE))
    more = next(found, None) is not None
    return {
        "rows": shown,
        "severities": list(Severity),
        "chosen": parameters.severity,
        "file": parameters.file,
        **_neighbours(parameters.offset + len(shown) + more, parameters),
    }


def files(parameters: PageParameters, overview: Overview) -> Contents:
    """Return the contents of a page of files, the newest first, and what came of each type."""
    timezone = overview.settings().timezone
    every = list(overview.files(newest_first=True))
    return {
        "rows": _rows(_part(every, parameters), "ingested_at", timezone),
        "types": [
            (
                activity,
                activity.last_ingested_at
                and to_the_minute(activity.last_ingested_at, zone_of(timezone)),
                activity.newest_event and local_time(activity.newest_event, zone_of(timezone)),
            )
            for activity in overview.activity()
        ],
        "timezone": timezone,
        **_neighbours(len(every), parameters),
    }


def _part(records: Sequence[Any], parameters: PageParameters) -> Sequence[Any]:
    return records[parameters.offset : parameters.offset + ON_A_PAGE]


def _neighbours(records: int, parameters: PageParameters) -> Contents:
    """Return where the pages before and after begin, None where there is none."""
    before, after = parameters.offset - ON_A_PAGE, parameters.offset + ON_A_PAGE
    return {
        "first": parameters.offset + 1,
        "before": max(before, 0) if parameters.offset else None,
        "after": after if after < records else None,
    }


def _rows(records: Sequence[Any], field: str, timezone: str) -> list[Row]:
    zone = zone_of(timezone)
    return [Row(record, local_time(getattr(record, field), zone)) for record in records]


def _card(record: Explanation, zone: tzinfo, others: Others) -> CardView:
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
        journey=journey([*reversed(record.beats), record._asdict()], zone),
        others=others.of(record),
    )


def _row(event: Mapping[str, Any], why: str, zone: tzinfo) -> EventRow:
    return EventRow(
        event,
        status=_type_of(event).status.label,
        time=local_time(event["occurred_at"], zone),
        ingested_at=to_the_minute(event["ingested_at"], zone),
        why=why,
        also=also_said_by(event["also_said_by"]),
    )


def _type_of(event: Mapping[str, Any]) -> EventType:
    return EventType[event["type"].upper()]
