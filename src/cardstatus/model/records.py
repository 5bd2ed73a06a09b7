"""What the database answers, as types: all that a look-up and an export need of the words of the
program. ``model`` has the others, which take 10 ms to build and so are for ingest only.
"""

from enum import IntEnum, StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """Where a card is, as every output spells it."""

    PICKED_UP = "picked_up"
    DELIVERY_EXCEPTION = "delivery_exception"
    DELIVERED = "delivered"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The word for a person: ``Picked up``."""
        return self.value.replace("_", " ").capitalize()


class EventType(IntEnum):
    """The type of a file and of its events; the number is the stage of the life cycle.

    The numbers are stored in databases: never renumber.
    """

    PICKUP = 1
    DELIVERY_EXCEPTIONS = 2
    DELIVERED = 3
    RETURNED = 4

    @property
    def word(self) -> str:
        """The type as users write it: ``delivery_exceptions``."""
        return self.name.lower()

    @property
    def status(self) -> Status:
        """The status that an event of this type means."""
        return _STATUS_OF_TYPE[self]


_STATUS_OF_TYPE = {
    EventType.PICKUP: Status.PICKED_UP,
    EventType.DELIVERY_EXCEPTIONS: Status.DELIVERY_EXCEPTION,
    EventType.DELIVERED: Status.DELIVERED,
    EventType.RETURNED: Status.RETURNED,
}


class Severity(StrEnum):
    """What a problem cost."""

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
    """What an ingest would do to the status of one card."""

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
