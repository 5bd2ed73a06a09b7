"""The four courier formats as data, and what tells one from another: the file's name for the
type, the header line for the columns. Owns no reading of files and no meaning of cells.

A fifth format is one more :class:`SourceFormat` in :data:`FORMATS` (and an event type).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cardstatus.errors import SourceError
from cardstatus.model.records import EventType


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """One courier file type, declared: how its files are named and what its columns are called."""

    type: EventType
    name_pattern: re.Pattern[str]
    """Searched in the file's name after case, blanks and punctuation are levelled out."""
    columns: Mapping[str, frozenset[str]]
    """Event field -> the headers it is known by, reduced to lower-case letters and digits."""
    required: frozenset[str]
    """The fields without whose column no row of the file can be trusted."""


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

# The four types differ in which of these they have, not in what they call them.
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
    SourceFormat(
        type=EventType.PICKUP,
        name_pattern=re.compile(r"pick(ed)? ?up|collected|collection"),
        columns=_COLUMNS,
        required=_REQUIRED,
    ),
    SourceFormat(
        type=EventType.DELIVERY_EXCEPTIONS,
        name_pattern=re.compile(r"exception"),
        columns=_COLUMNS,
        required=_REQUIRED,
    ),
    SourceFormat(
        type=EventType.DELIVERED,
        name_pattern=re.compile(r"delivered|deliver(y|ies)(?! ?exception)"),
        columns=_COLUMNS,
        required=_REQUIRED,
    ),
    SourceFormat(
        type=EventType.RETURNED,
        name_pattern=re.compile(r"return|\brto\b"),
        columns=_COLUMNS,
        required=_REQUIRED,
    ),
)

# Words that turn a type into its opposite or its future: "not yet delivered.csv",
# "undelivered.csv", "failed deliveries.csv", "out for delivery.csv". Such a name tells no type,
# unless it says exception.
_DENIAL = re.compile(
    r"\b(not|non|never|to be|out for|pending|expected|planned|ready)\b"
    r"|\b(no ?|un)(deliver|return|pick|collect)"
    r"|fail|attempt|refus|reject|cancel|await|schedul"
)

TYPE_WORDS: tuple[str, ...] = tuple(fmt.type.word for fmt in FORMATS)


def format_of(event_type: EventType) -> SourceFormat:
    """Return the declared format of a type."""
    return next(fmt for fmt in FORMATS if fmt.type is event_type)


def claimants(name: str) -> tuple[SourceFormat, ...]:
    """Return the formats whose name pattern occurs in the file name, in life-cycle order.

    Case, punctuation, joined words and the suffix do not count: ``DeliveryExceptions.csv``,
    ``Sample_Card_Status_Info_-_Delivery exceptions.csv`` and ``exceptions.CSV`` are one name.
    """
    stem = re.sub(r"(\.csv)?(\.gz)?$", "", name, flags=re.IGNORECASE)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    levelled = re.sub(r"[\W_\d]+", " ", words).casefold()
    claims = tuple(fmt for fmt in FORMATS if fmt.name_pattern.search(levelled))
    if _DENIAL.search(levelled):
        return tuple(fmt for fmt in claims if fmt.type is EventType.DELIVERY_EXCEPTIONS)
    return claims


def identify(name: str, fallback: EventType | None) -> SourceFormat:
    """Return the one format that claims the file name, else that of ``fallback`` (``--type``).

    Raises :class:`SourceError` when the name is claimed by none or by several types and there is
    no fallback: a pickup taken in as a return would be a confident wrong answer.
    """
    claims = claimants(name)
    if len(claims) == 1:
        return claims[0]
    if fallback is not None:
        return format_of(fallback)
    if claims:
        names = " and ".join(fmt.type.word for fmt in claims)
        raise SourceError(
            f"the name is claimed by {len(claims)} types, {names}; say which with --type"
        )
    raise SourceError(
        f"the name tells no type; rename the file or give --type ({', '.join(TYPE_WORDS)})"
    )
