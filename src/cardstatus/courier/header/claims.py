"""The fields that headers name, each header by itself."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cardstatus.privacy import redact

from .formats import SourceFormat
from .zones import split_zone


class Claim(NamedTuple):
    """The field that a header names."""

    field: str
    name: str
    """The header, levelled, without a zone."""
    is_usual: bool
    """Whether it is among the format's usual names of the field."""
    zone: str = ""
    """The zone that it names for times, "" for none."""


WANTED = {
    "reference": "reference (such as 'ID')",
    "card_id": "card id (such as 'Card ID')",
    "mobile": "mobile (such as 'User Mobile', 'User contact' or 'Phone')",
    "occurred_at": "time (such as 'Timestamp')",
    "comment": "comment (such as 'Comment')",
    "status": "status (such as 'Status')",
}
"""Each field with what it is called in messages."""


def level_header(cell: str) -> str:
    """Return a header in the form by which formats know it: ``" User_Mobile "`` -> usermobile."""
    return re.sub(r"[\W_]+", "", cell).casefold()


def claims_of(fmt: SourceFormat, header: Sequence[str]) -> list[Claim | None]:
    """Return which field each header cell names, None for one that no field knows."""
    return [_claim(fmt, cell) for cell in header]


def recognised(fmt: SourceFormat, header: Sequence[str]) -> int:
    """Return how many header cells a field of the format claims."""
    return sum(claim is not None for claim in claims_of(fmt, header))


def _claim(fmt: SourceFormat, cell: str) -> Claim | None:
    if claim := _known(fmt, level_header(cell)):
        return claim
    name, zone = split_zone(cell)
    claim = _known(fmt, level_header(name)) if zone else None
    # Beside a plain `Timestamp`, `Timestamp (UTC)` is the same again.
    if claim is None or claim.field != "occurred_at":
        return None
    return claim._replace(zone=zone, is_usual=False)


def _known(fmt: SourceFormat, name: str) -> Claim | None:
    for columns, is_usual in ((fmt.columns, True), (fmt.less_usual, False)):
        for field, names in columns.items():
            if name in names:
                return Claim(field, name, is_usual)
    return None


def some_of(headers: Sequence[str], show: Callable[[str], str] = str) -> str:
    """Return header cells for a message: the first ones, and the beginning of each."""
    shown = [show(_beginning(redact(one_line(header)))) for header in headers[:20]]
    if more := len(headers) - len(shown):
        shown.append(f"and {more:,} more")
    return ", ".join(shown)


def one_line(header: str) -> str:
    """Return a header without the line breaks and other blanks that may stand in it."""
    return " ".join(header.split())


def _beginning(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]} …"
