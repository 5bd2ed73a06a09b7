"""Event types, statuses, answers, and settings: what every look-up loads.

Light for that reason. A named tuple takes 0.25 ms to make and the types of ``reports`` take 10, so
that what only some commands need stands beside it.
"""

from enum import EnumType, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

Colour = Literal["cyan", "yellow", "green", "magenta", "blue", "red"]
"""The colours of statuses: names that Rich knows, and classes of the web's style sheet."""

_Kind = tuple[int, str, Colour, str, str, bool]


def _kind(
    rank: int, status: str, colour: Colour, names: str, nouns: str = "", *, ends: bool = False
) -> _Kind:
    """Return a row of the table of types: the values of :class:`EventType`'s attributes."""
    return rank, status, colour, names, nouns, ends


class EventType(IntEnum):
    """The type of a file and of its events: the one table of types.

    A further type is one more row. All else follows from it: statuses, the life cycle, options,
    colours, the names of files, and the rows of the table ``event_type``.

    The number is the rank in the life cycle, and what databases store: never change one. The
    gaps leave room for a type between two others.
    """

    PICKUP = _kind(
        10, "picked_up", "cyan", "picked up",
        "pickup|pickups|pick up|pick ups|collected|collection|collections",
    )  # fmt: skip
    DELIVERY_EXCEPTIONS = _kind(
        20, "delivery_exception", "yellow",
        "exception|exceptions|delivery exception|delivery exceptions|deliveries exceptions",
    )  # fmt: skip
    DELIVERED = _kind(30, "delivered", "green", "delivered", "delivery|deliveries", ends=True)
    RETURNED = _kind(
        40, "returned", "magenta", "returned",
        "return|returns|rto|rtos|return to origin|return to sender", ends=True,
    )  # fmt: skip

    _status: str
    colour: Colour
    names: str
    """Phrases, parted by ``|``, that say in a file's name what happened: the type, whatever else
    is in it that does not deny it."""
    nouns: str
    """Phrases that only name the type, and tell it if all else in the name says nothing."""
    ends: bool
    """Whether it ends a card's journey."""

    def __new__(cls, rank: int, *row: Any) -> Self:
        """Make a member of the rank, with the rest of its row as attributes."""
        member = int.__new__(cls, rank)
        member._value_ = rank
        member._status, member.colour, member.names, member.nouns, member.ends = row
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


MIXED: Final = "mixed"
"""In place of the type of a file in which each row has its own; there it is None."""


def type_word(kind: EventType | None) -> str:
    """Return the type of a file as users read it."""
    return MIXED if kind is None else kind.word


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


class Settings(NamedTuple):
    """Settings that a database's first ingest fixes: others would change old answers."""

    timezone: str
    country_code: str
    card_id_pattern: str = ""
    """A regular expression for all of a card id; empty if the user has declared none."""


DEFAULT_SETTINGS: Final = Settings(timezone="UTC", country_code="971")
"""Settings of a database whose first ingest names none."""
