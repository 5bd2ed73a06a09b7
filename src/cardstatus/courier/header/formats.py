"""The formats of courier files as data.

A further format is one more :class:`SourceFormat` in :data:`FORMATS`. The name tells the type of a
file (see ``names``), its columns which format of that type it has (``header``). Reads no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
    "" for none. It is searched in the name's words, in lower case."""


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


def formats_of(event_type: EventType) -> tuple[SourceFormat, ...]:
    """Return the declared formats of a type, of which there is at least one."""
    return tuple(fmt for fmt in FORMATS if fmt.type is event_type)
