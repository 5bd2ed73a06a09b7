"""The four courier formats as data, and what tells one from another: the file's name for the
type, the header line for the columns. Owns no reading of files and no meaning of cells.

A fifth format is one more :class:`SourceFormat` in :data:`FORMATS` (and an event type).
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cardstatus.errors import SourceError
from cardstatus.model.reports import EventType, SourceFormat

from .faults import redact

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


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of one file stand."""

    index: Mapping[str, int]
    """Event field -> position in the row."""
    width: int
    """Cells that every row must have."""
    ignored: tuple[str, ...]
    """Headers that no field claims, as written."""


def level_header(cell: str) -> str:
    """Return a header reduced to what tells it from others: ``" User_Mobile "`` -> usermobile."""
    return re.sub(r"[\W_]+", "", cell).casefold()


def recognised(fmt: SourceFormat, header: Sequence[str]) -> int:
    """Return how many header cells a field of the format claims."""
    known = frozenset().union(*fmt.columns.values())
    return sum(level_header(cell) in known for cell in header)


def map_columns(fmt: SourceFormat, header: Sequence[str]) -> Columns:
    """Find the fields' columns in the header line.

    Raises :class:`SourceError` when a required column is missing or two columns could be the
    same field.
    """
    if any("\0" in cell for cell in header):
        raise SourceError(
            "this looks like UTF-16 without a byte-order mark; try --encoding utf-16-le"
        )
    levelled = [level_header(cell) for cell in header]
    claims = [
        next((field for field, names in fmt.columns.items() if cell in names), None)
        for cell in levelled
    ]
    _refuse_twins(header, claims)
    index = {field: position for position, field in enumerate(claims) if field is not None}
    missing = [field for field in fmt.columns if field in fmt.required - index.keys()]
    if missing:
        raise SourceError(_missing_columns(fmt, header, missing))
    ignored = tuple(
        cell.strip() or f"(column {position + 1}, no name)"
        for position, cell in enumerate(header)
        if claims[position] is None
    )
    return Columns(index, len(header), ignored)


def _refuse_twins(header: Sequence[str], claims: Sequence[str | None]) -> None:
    counted = Counter(field for field in claims if field is not None)
    for field, count in counted.items():
        if count > 1:
            twins = [header[i].strip() for i, claim in enumerate(claims) if claim == field]
            raise SourceError(
                f"{count} columns could be the {_WANTED[field]}: {some_of(twins)}; "
                "rename or remove all but one"
            )


def some_of(headers: Sequence[str], show: Callable[[str], str] = str) -> str:
    """Return header cells for a message: the first ones, and the beginning of each."""
    shown = [show(_beginning(redact(header))) for header in headers[:20]]
    if more := len(headers) - len(shown):
        shown.append(f"and {more:,} more")
    return ", ".join(shown)


def _beginning(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]} …"


_WANTED = {
    "reference": "reference (such as 'ID')",
    "card_id": "card id (such as 'Card ID')",
    "mobile": "mobile (such as 'User Mobile', 'User contact' or 'Phone')",
    "occurred_at": "time (such as 'Timestamp')",
    "comment": "comment (such as 'Comment')",
}


def _missing_columns(fmt: SourceFormat, header: Sequence[str], missing: Sequence[str]) -> str:
    found = some_of([cell.strip() for cell in header], repr) or "nothing"
    wanted = ", ".join(_WANTED[field] for field in missing)
    return f"the header has no column for {wanted}; found: {found}"
