"""The event-ordering rule: the choice of the event that decides a card's status.

The rule stands in this one place: *a card's status is that of its greatest event under the total
order* ``(occurred_at, type, reference, mobile, comment)``, *where* ``pickup <
delivery_exceptions < delivered < returned``.

- The latest instant wins.
- At the same instant the later stage of the life cycle wins.
- What is left (reference, mobile, comment; by Unicode code point, missing first) only makes the
  order total, so that the answer never depends on which file was read first.

The key, with the card in front, is also the *identity* of an event: two rows that agree on all of
it are one event. Were a part left out, the first file in would win a tie.

Everything else is built from :data:`KEY`: the primary key of the event table (which therefore
stores each card's history in rule order), the views, and the order of every query. SQLite
compares text by its UTF-8 bytes, which is the order of code points, so both worlds agree.
"""

from collections.abc import Sequence
from typing import Any, Final

KEY: Final = ("occurred_at", "type", "reference", "mobile", "comment")
"""The columns of the rule, most significant first; all ascending, the greatest wins."""

IDENTITY: Final = ("card_id", *KEY)
"""The columns that make two rows the same event, in the order in which events are stored."""


def columns(names: tuple[str, ...], alias: str = "") -> str:
    """Return the columns as a comma-separated list, each behind ``alias`` if one is given.

    >>> columns(("a", "b"), "e")
    'e.a, e.b'
    """
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + name for name in names)


def descending(names: tuple[str, ...]) -> str:
    """Return the columns as SQL sorts by them, the greatest first."""
    return ", ".join(f"{name} DESC" for name in names)


def deciding_part(winner: Sequence[Any], beaten: Sequence[Any]) -> str:
    """Return the part of the rule by which one event beats another of the same card.

    Both are the values of :data:`KEY`, in its order, and are not equal.

    >>> deciding_part((5, 3, "", "", ""), (5, 1, "", "", ""))
    'type'
    """
    return next(name for name, a, b in zip(KEY, winner, beaten, strict=True) if a != b)
