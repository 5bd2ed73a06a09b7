"""What the database answers, as types: all that a look-up and an export need of the words of the
program. ``model`` has the others, which take 10 ms to build and so are for ingest only.
"""

from enum import StrEnum
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


class Severity(StrEnum):
    """What a problem cost."""

    REJECTED = "rejected"
    """No event was kept."""
    WARNING = "warning"
    """The event was kept, one field was dropped."""


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


class StoredProblem(NamedTuple):
    """A problem as the ``problems`` command gives it, with the file it was found in."""

    severity: str
    source: str
    line: int
    field: str | None
    reason: str
    detail: str
    raw: str
