"""The columns of the fields, told by their headers."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cardstatus.errors import SourceError
from cardstatus.privacy import redact

from .formats import SourceFormat


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the fields in one file."""

    index: Mapping[str, int]
    """Event field -> position in the row."""
    width: int
    """Cells that every row must have."""
    ignored: tuple[str, ...]
    """Headers that no field claims, as written."""


def level_header(cell: str) -> str:
    """Return a header in the form by which formats know it: ``" User_Mobile "`` -> usermobile."""
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
    _refuse_answers(levelled)
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


_EVIDENCE = frozenset({"cardid", "status", "occurredat", "source", "line"})
"""Columns of every answer of this program that is about cards, and of no courier's file."""


def _refuse_answers(levelled: Sequence[str]) -> None:
    # Taken in, an answer would be taken as word of the courier that all its cards had one status.
    if _EVIDENCE.issubset(levelled):
        raise SourceError(
            "this is an answer that cardstatus has written, not a courier's file; ingest the files "
            "that it was made from"
        )


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
