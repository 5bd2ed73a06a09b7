"""The plain reference: what couriers say, and what follows from it; shares no code with src."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

TYPES = ("pickup", "delivery_exceptions", "delivered", "returned")
WORDS = ("picked_up", "delivery_exception", "delivered", "returned")
RANKS = (10, 20, 30, 40)
MASKED = "411111******1111"
"""What is kept of the networks' test number, whether it comes in clear or masked."""
START = datetime(2023, 11, 12, 20, 0, tzinfo=UTC)


class Said(NamedTuple):
    """What a courier says, before it is written in one form or another."""

    card: str
    when: datetime
    stage: int
    reference: str
    mobile: str
    comment: str


# Few values, so that cards, instants and whole events meet again and again.
EVENTS = st.builds(
    Said,
    card=st.sampled_from(["CRD1", "CRD2", "crd1", "Karte Ä 1"]),
    when=st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes * 97)),
    stage=st.integers(0, len(TYPES) - 1),
    reference=st.sampled_from(["", "A1", "a1", "982"]),
    mobile=st.sampled_from(["", "585550101", "585550102"]),
    comment=st.sampled_from(
        ["", "Nobody at home", "=1+1", "[red]x", "zwei\nZeilen", "é", "e\u0301", f"VISA {MASKED}"]
    ),
)
TIMES = (
    "{0:%d-%m-%Y %H:%M}",
    "{0:%d-%m-%Y %I:%M %p}",
    "{0:%d/%m/%Y %I:%M%p}",
    "{0:%Y-%m-%dT%H:%M:%SZ}",
    "{0:%Y-%m-%d %H:%M:%S.000}",
    "{0:%d %b %Y %H:%M} +00:00",
    "{1:%d.%m.%Y %H:%M} +0400",
)
ZONED = TIMES[3:4] + TIMES[5:]
"""Those of them that say their zone."""
MOBILES = ("{}", "0{}", '"0{}"', "971{}", "+971 {}", "00971{}")


def write_row(event: Said, draw: st.DrawFn, times: Sequence[str] = TIMES) -> tuple[str, ...]:
    """Write a row in some form, its time in one of ``times``."""
    time = draw(st.sampled_from(times)).format(event.when, event.when + timedelta(hours=4))
    mobile = draw(st.sampled_from(MOBILES)).format(event.mobile) if event.mobile else ""
    comment = event.comment
    if MASKED in comment:
        comment = comment.replace(MASKED, draw(st.sampled_from([MASKED, "4111111111111111"])))
    return event.reference, f" {event.card}", mobile, time, comment


def greatest(events: Iterable[Said]) -> dict[str, Said]:
    """Each card's greatest event. Rule 1, as DESIGN says it."""
    latest: dict[str, Said] = {}
    for event in events:
        known = latest.get(event.card)
        if known is None or event[1:] > known[1:]:
            latest[event.card] = event
    return dict(sorted(latest.items()))


def record(event: Said) -> tuple[str | None, ...]:
    """What is printed of an event, but for source and line."""
    return (
        event.card,
        WORDS[event.stage],
        f"{event.when:%Y-%m-%dT%H:%M:%SZ}",
        f"+971{event.mobile}" if event.mobile else None,
        event.comment or None,
        event.reference or None,
    )
