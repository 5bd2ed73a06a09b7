"""A card's journey in one line, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Final

from .serialise import printable
from .wording import to_the_minute

_WORDS: Final = {
    "picked_up": "picked up",
    "delivery_exception": "failed",
    "delivered": "delivered",
    "returned": "returned",
}
"""How the line calls a status; another keeps its own words."""
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_STEP: Final = " → "
_FIRST, _LAST = 3, 6
"""Steps at both ends that a long journey keeps."""


JOURNEYS_SHOWN: Final = 5
"""Cards below whose table the journeys stand, at most."""


def journey(steps: Sequence[tuple[str, str]], zone: tzinfo) -> str:
    """Return the steps of a journey, given as status and instant (ISO 8601, UTC, ``Z``).

    Steps of one status on one day are one. The year stands where it changes.

    >>> from datetime import UTC
    >>> journey([("picked_up", "2023-11-08T07:00:00Z"), ("delivered", "2023-11-12T09:00:00Z")], UTC)
    'picked up 8 Nov 2023 → delivered 12 Nov'
    """
    days = [
        (_WORDS.get(status, status.replace("_", " ")), to_the_minute(instant, zone)[:10])
        for status, instant in steps
    ]
    texts, year = [], None
    for word, day in _merged(days):
        then = date.fromisoformat(day)
        texts.append(
            f"{word} {then.day} {_MONTHS[then.month - 1]}"
            + (f" {then.year}" if then.year != year else "")
        )
        year = then.year
    if len(texts) > _FIRST + _LAST + 1:
        texts[_FIRST:-_LAST] = [f"{len(texts) - _FIRST - _LAST:,} more"]
    return _STEP.join(texts)


def _merged(days: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the steps without those that say the same as the one before."""
    return [day for at, day in enumerate(days) if not at or day != days[at - 1]]


def journey_lines(journeys: Mapping[str, Sequence[tuple[str, str]]], zone: tzinfo) -> str:
    """Return a line for the journey of each card that has more than one step; card ids are named
    if there are several. For many cards there are none.
    """
    if len(journeys) > JOURNEYS_SHOWN:
        return ""
    lines = {card: journey(steps, zone) for card, steps in journeys.items()}
    return "".join(
        f" {printable(card) + ': ' if len(journeys) > 1 else ''}{line}\n"
        for card, line in lines.items()
        if _STEP in line
    )
