"""The formats of courier files as data.

A further format is one more :class:`SourceFormat` in :data:`FORMATS`. The name tells the type of a
file (see ``names``), its columns which format of that type it has (``header``). Reads no file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from cardstatus.model.records import MIXED, EventType


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """A form in which files of a type come: what their columns are called."""

    name: str
    """For messages, such as ``acme pickup``."""
    type: EventType | None
    """None for files in which each row has its own."""
    columns: Mapping[str, frozenset[str]]
    """Event field -> the headers it is known by, reduced to lower-case letters and digits."""
    required: frozenset[str]
    """Fields whose columns must be there, lest no row can be trusted: ``card_id`` and
    ``occurred_at`` always."""
    name_pattern: str = ""
    """A regular expression for file names that tell the type, beside those of the type itself;
    "" for none. It is searched in the name's words, in lower case."""
    less_usual: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Event field -> further headers, by which it is known if no column has one of ``columns``."""
    declared: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Event field -> the headers that a partner declares, as written, for messages."""


_ID = frozenset({"id", "reference", "ref", "referenceid", "referenceno", "referencenumber"})
_CARD_ID = frozenset({"cardid", "card", "cardreference"})
_TIME = frozenset(
    {"timestamp", "datetime", "dateandtime", "time", "date", "eventtime", "occurredat"}
)
_COMMENT = frozenset({"comment", "comments", "remark", "remarks", "reason"})


def _numbers(owners: Iterable[str], things: Iterable[str]) -> frozenset[str]:
    """Return names of a user's number, as partners make them: who it is, then what it is."""
    numbers = ("", "no", "number", "num")
    return frozenset(map("".join, product(owners, things, numbers)))


_USERS = ("", "user", "customer", "client", "recipient", "consignee")
_PHONES = ("mobile", "phone", "contact", "telephone", "cell", "msisdn")

# The types differ in which of these they have, not in what they call them.
_COLUMNS: Mapping[str, frozenset[str]] = {
    "reference": _ID,
    "card_id": _CARD_ID,
    "mobile": _numbers(_USERS, _PHONES),
    "occurred_at": _TIME,
    "comment": _COMMENT,
}

# Names that mean the field where no other column does. `Card Number` beside `Card ID` is the number
# on the card, and a `Delivery Date` beside a `Timestamp` may be the day that was agreed on.
_LESS_USUAL: Mapping[str, frozenset[str]] = {
    "card_id": frozenset(
        {
            *("cardno", "cardnumber", "cardnum", "cardidno", "cardidnumber", "cardidentifier"),
            *("cardref", "cardrefno", "cardreferenceid", "cardreferenceno", "cardreferencenumber"),
        }
    ),
    "mobile": _numbers(
        (*_USERS, "receiver", "cardholder", "holder", "addressee", "member"),
        (*_PHONES, "tel", "mob", "cellphone", "mobilephone", "contactmobile", "contactphone"),
    ),
    "comment": frozenset(
        {
            *("note", "notes", "returnreason", "reasonforreturn", "reasonofreturn"),
            *("exception", "exceptiontype", "exceptionreason", "failurereason", "failedreason"),
            *("reasonforfailure", "reasontext", "reasondescription", "deliverynote"),
            *("deliverynotes", "couriernote", "couriernotes", "couriercomment", "couriercomments"),
            *("drivernote", "drivernotes", "commentsremarks", "remarkscomments"),
        }
    ),
}
_MOMENTS = ("date", "time", "datetime", "dateandtime", "timestamp", "at", "on")
_HAPPENINGS = ("event", "occurred", "scan", "scanned")
_HAPPENINGS_OF = {
    # In the file of another type `Delivery Date` is a day that was hoped for.
    EventType.PICKUP: ("pickup", "pickedup"),
    EventType.DELIVERY_EXCEPTIONS: ("attempt", "attempted", "deliveryattempt", "exception"),
    EventType.DELIVERED: ("delivery", "delivered"),
    EventType.RETURNED: ("return", "returned"),
}


def _times(kind: EventType) -> frozenset[str]:
    happenings = (*_HAPPENINGS, *_HAPPENINGS_OF.get(kind, ()))
    before = {f"{moment}of{what}" for what in happenings for moment in _MOMENTS[:4]}
    return frozenset({*before, *map("".join, product(happenings, _MOMENTS))})


# What says how the row ended, or what it is about.
_STATUSES = (
    "status",
    "statusdescription",
    "statusdesc",
    "statusname",
    "statustext",
    "outcome",
    "result",
)
_STATUS_OF = (
    *(
        "",
        "shipment",
        "delivery",
        "parcel",
        "package",
        "consignment",
        "item",
        "card",
        "order",
        "awb",
    ),
    *("tracking", "scan", "event", "courier", "attempt", "pickup", "return"),
)
_EVENTS = ("event", "eventname", "eventtype", "eventdescription", "scanevent", "trackingevent")


def _statuses(kind: EventType) -> frozenset[str]:
    # A card that was picked up may be delivered by now, and the row is right all the same.
    by_now = ("current", "last", "latest", "final") if kind.ends else ()
    return frozenset({*_EVENTS, *map("".join, product((*_STATUS_OF, *by_now), _STATUSES))})


# A file without a card or a time has no events. One without a mobile column would look right and
# answer every look-up by mobile with "no card": a quiet wrong answer, so it is refused as well.
_REQUIRED = frozenset({"card_id", "mobile", "occurred_at"})


def _usual_format(kind: EventType) -> SourceFormat:
    less_usual = {**_LESS_USUAL, "occurred_at": _times(kind)}
    columns = {**_COLUMNS, "status": _statuses(kind)}
    return SourceFormat(kind.word, kind, columns, _REQUIRED, less_usual=less_usual)


FORMATS: tuple[SourceFormat, ...] = (
    # Each type comes with the usual columns; below stand the forms of single partners.
    *map(_usual_format, EventType),
)


def formats_of(event_type: EventType | None) -> tuple[SourceFormat, ...]:
    """Return the declared formats of a type, of which there is at least one; None for files in
    which each row has its own.
    """
    if event_type is None:
        return (_mixed_format(),)
    return tuple(fmt for fmt in FORMATS if fmt.type is event_type)


def _mixed_format() -> SourceFormat:
    every = [_usual_format(kind) for kind in EventType]
    statuses = frozenset().union(*(fmt.columns["status"] for fmt in every))
    times = frozenset().union(*(fmt.less_usual["occurred_at"] for fmt in every))
    return SourceFormat(
        MIXED,
        None,
        {**_COLUMNS, "status": statuses},
        _REQUIRED | {"status"},
        less_usual={**_LESS_USUAL, "occurred_at": times},
    )
