"""The formats of courier files as data, and the type that a file's name tells.

A fifth format is one more :class:`SourceFormat` in :data:`FORMATS`. The name tells the type of a
file; which format of that type it has is for ``header`` to say. Reads no file and no cell.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cardstatus.errors import SourceError
from cardstatus.model.records import EventType


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """A form in which files of a type come: what their columns are called."""

    name: str
    """For messages, such as ``acme pickup``."""
    type: EventType
    columns: Mapping[str, frozenset[str]]
    """Event field -> the headers it is known by, reduced to lower-case letters and digits."""
    required: frozenset[str]
    """Fields whose columns must be there, lest no row can be trusted: ``card_id`` and
    ``occurred_at`` always."""
    name_pattern: str = ""
    """A regular expression for file names that tell the type, beside those of the type itself;
    "" for none. It is searched in the name after :func:`claimants` has levelled that."""


_ID = frozenset({"id", "reference", "ref", "referenceid", "referenceno", "referencenumber"})
_CARD_ID = frozenset({"cardid", "card", "cardreference"})
_TIME = frozenset(
    {"timestamp", "datetime", "dateandtime", "time", "date", "eventtime", "occurredat"}
)
_COMMENT = frozenset({"comment", "comments", "remark", "remarks", "reason"})
# Each partner has a name of its own for the user's number: who it is, then what it is.
_MOBILE = frozenset(
    who + what + number
    for who in ("", "user", "customer", "client", "recipient", "consignee")
    for what in ("mobile", "phone", "contact", "telephone", "cell", "msisdn")
    for number in ("", "no", "number", "num")
)

# The types differ in which of these they have, not in what they call them.
_COLUMNS: Mapping[str, frozenset[str]] = {
    "reference": _ID,
    "card_id": _CARD_ID,
    "mobile": _MOBILE,
    "occurred_at": _TIME,
    "comment": _COMMENT,
}
# A file without a card or a time has no events. One without a mobile column would look right and
# answer every look-up by mobile with "no card": a quiet wrong answer, so it is refused as well.
_REQUIRED = frozenset({"card_id", "mobile", "occurred_at"})

FORMATS: tuple[SourceFormat, ...] = (
    # Each type comes with the usual columns; below stand the forms of single partners.
    *(SourceFormat(kind.word, kind, _COLUMNS, _REQUIRED) for kind in EventType),
)

# Words that turn a type into its opposite or its future: "not yet delivered.csv",
# "undelivered.csv", "failed deliveries.csv", "out for delivery.csv". Such a name tells no type,
# unless it says exception.
_DENIAL = re.compile(
    r"\b(not|non|never|to be|out for|pending|expected|planned|ready)\b"
    r"|\b(no ?|un)(deliver|return|pick|collect)"
    r"|fail|attempt|refus|reject|cancel|await|schedul"
)


def formats_of(event_type: EventType) -> tuple[SourceFormat, ...]:
    """Return the declared formats of a type, of which there is at least one."""
    return tuple(fmt for fmt in FORMATS if fmt.type is event_type)


def claimants(name: str) -> tuple[EventType, ...]:
    """Return the types whose pattern occurs in the file name, in the order of the life cycle.

    Case, punctuation, joined words and the suffix do not count: ``DeliveryExceptions.csv``,
    ``Sample_Card_Status_Info_-_Delivery exceptions.csv`` and ``exceptions.CSV`` are one name.
    """
    stem = re.sub(r"(\.csv)?(\.gz)?$", "", name, flags=re.IGNORECASE)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    levelled = re.sub(r"[\W_\d]+", " ", words).casefold()
    claims = tuple(kind for kind in EventType if _claims(kind, levelled))
    if _DENIAL.search(levelled):
        return tuple(kind for kind in claims if kind is EventType.DELIVERY_EXCEPTIONS)
    return claims


def _claims(kind: EventType, levelled: str) -> bool:
    patterns = (kind.names, *(fmt.name_pattern for fmt in formats_of(kind) if fmt.name_pattern))
    return any(re.search(pattern, levelled) for pattern in patterns)


def identify(name: str, fallback: EventType | None) -> EventType:
    """Return the one type that claims the file name, else ``fallback`` (``--type``).

    Raises :class:`SourceError` when the name is claimed by none or by several types and there is
    no fallback: a pickup taken in as a return would be a confident wrong answer.
    """
    claims = claimants(name)
    if len(claims) == 1:
        return claims[0]
    if fallback is not None:
        return fallback
    if claims:
        names = " and ".join(kind.word for kind in claims)
        raise SourceError(
            f"the name is claimed by {len(claims)} types, {names}; say which with --type"
        )
    types = ", ".join(kind.word for kind in EventType)
    raise SourceError(f"the name tells no type; rename the file or give --type ({types})")
