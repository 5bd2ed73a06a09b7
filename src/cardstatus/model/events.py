"""Events of cards: rows as read, events as read, and events as stored."""

from collections.abc import Sequence
from typing import NamedTuple


class RawRow(NamedTuple):
    """A row as read: as many cells as the header has, nothing interpreted."""

    line: int
    cells: Sequence[str]
    text: str
    """The row as it stands in the file, for evidence."""


class Event(NamedTuple):
    """An event: one courier row's word on what happened to one card at one time.

    The first six fields are the identity, in the order of the event-ordering rule, so that
    comparing two events of a card as tuples *is* the rule (``ordering`` owns it; a test holds
    the two together). Missing text is ``""``: a primary key admits no null.

    A named tuple and not a dataclass: one is built for every row, and a frozen slotted dataclass
    costs 0.65 µs against 0.25 µs (Python 3.11), and cannot be bound to SQL parameters as it is.
    """

    card_id: str
    occurred_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z; partners send up to seven decimals of a second."""
    type: int
    """An :class:`EventType`; a plain ``int`` because it goes to SQLite as it is."""
    reference: str
    mobile: str
    """E.164, such as ``+971585550123``."""
    comment: str
    zoned: int
    """1 if the courier wrote the zone of ``occurred_at``, 0 if the database's zone was assumed."""
    line: int
    """Physical line on which the row starts; the header of most files is line 1."""


EventFields = tuple[str, int, int, str, str, str, int, int]
"""An :class:`Event` or its fields as a plain tuple, of which a million are made 0.2 s sooner."""


class CardEvent(NamedTuple):
    """One event of a card as stored; the fields up to ``comment`` are its identity."""

    card_id: str
    occurred_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    type: int
    """An :class:`EventType`."""
    reference: str
    mobile: str
    comment: str
    zoned: int
    """1 if the courier wrote the zone, 2 if only rows after the first do; 0 if the database's was
    assumed."""
    source: int
    """Number of the file that brought it first."""
    line: int


History = Sequence[CardEvent]
"""All events of one card, in rule order; never empty."""
