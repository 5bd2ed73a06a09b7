"""Event types, statuses, events as read and as stored, answers, and settings.

Light, for every look-up loads it. The types of a run of ingest take 10 ms to build and stand in
``reports``.
"""

from collections.abc import Sequence
from enum import EnumType, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

Colour = Literal["cyan", "yellow", "green", "magenta", "blue", "red"]
"""The colours of statuses: names that Rich knows, and classes of the web's style sheet."""

_Kind = tuple[int, str, Colour, str, bool]


def _kind(rank: int, status: str, colour: Colour, names: str, *, ends: bool = False) -> _Kind:
    """Return a row of the table of types: the values of :class:`EventType`'s attributes."""
    return rank, status, colour, names, ends


class EventType(IntEnum):
    """The type of a file and of its events: the one table of types.

    A further type is one more row. All else follows from it: statuses, the life cycle, options,
    colours, the names of files, and the rows of the table ``event_type``.

    The number is the rank in the life cycle, and what databases store: never change one. The
    gaps leave room for a type between two others.
    """

    PICKUP = _kind(10, "picked_up", "cyan", r"pick(ed)? ?up|collected|collection")
    DELIVERY_EXCEPTIONS = _kind(20, "delivery_exception", "yellow", r"exception")
    DELIVERED = _kind(
        30, "delivered", "green", r"delivered|deliver(y|ies)(?! ?exception)", ends=True
    )
    RETURNED = _kind(40, "returned", "magenta", r"return|\brto\b", ends=True)

    _status: str
    colour: Colour
    names: str
    """A regular expression for what tells the type in the name of a file."""
    ends: bool
    """Whether it ends a card's journey."""

    def __new__(cls, rank: int, *row: Any) -> Self:
        """Make a member of the rank, with the rest of its row as attributes."""
        member = int.__new__(cls, rank)
        member._value_ = rank
        member._status, member.colour, member.names, member.ends = row
        return member

    @property
    def word(self) -> str:
        """The type as users write it: ``delivery_exceptions``."""
        return self.name.lower()

    @property
    def status(self) -> "Status":
        """The status that an event of this type means."""
        return Status(self._status)


if TYPE_CHECKING:

    class _Members(EnumType):
        # The members come from the table of types: a type checker takes any name for one.
        def __getattr__(cls, name: str) -> "Status": ...

else:
    _Members = EnumType


class Status(StrEnum, metaclass=_Members):
    """A card's whereabouts, as every output spells them: one status for each type."""

    _ignore_ = "kind"
    for kind in EventType:
        vars()[kind._status.upper()] = kind._status

    @property
    def label(self) -> str:
        """The status as people read it: ``Picked up``."""
        return self.value.replace("_", " ").capitalize()


class Severity(StrEnum):
    """The cost of a problem."""

    REJECTED = "rejected"
    """No event was kept."""
    WARNING = "warning"
    """The event was kept, one field was dropped or masked."""


class CardStatus(NamedTuple):
    """The answer for one card: its deciding event and the file and line that it stands in.

    The fields and their order are the record of ``get`` and ``export``; None is unknown.
    """

    card_id: str
    status: str | None
    occurred_at: str | None
    """ISO 8601 in UTC, ending in ``Z``."""
    mobile: str | None
    comment: str | None
    reference: str | None
    source: str | None
    line: int | None


class StatusChange(NamedTuple):
    """The change of one card's status by an ingest."""

    card_id: str
    before: str | None
    """None if the card was not known."""
    after: str


class StoredProblem(NamedTuple):
    """A problem as the ``problems`` command gives it, with the file it was found in."""

    severity: str
    source: str
    line: int
    field: str | None
    reason: str
    detail: str
    raw: str


class Settings(NamedTuple):
    """Settings that a database's first ingest fixes: others would change old answers."""

    timezone: str
    country_code: str


DEFAULT_SETTINGS: Final = Settings(timezone="UTC", country_code="971")
"""Settings of a database whose first ingest names none."""


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
    """1 if the courier wrote the zone, 0 if the database's was assumed."""
    source: int
    """Number of the file that brought it first."""
    line: int


History = Sequence[CardEvent]
"""All events of one card, in rule order; never empty."""


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


class RawRow(NamedTuple):
    """A row as read: as many cells as the header has, nothing interpreted."""

    line: int
    cells: Sequence[str]
    text: str
    """The row as it stands in the file, for evidence."""
