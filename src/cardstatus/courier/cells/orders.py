"""The order of day and month: what a single date shows of that of its file."""

import re
from enum import Enum
from typing import Final, NamedTuple

from .spellings import SAME_SIGNS

_FORMS: Final = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?<!\d)(?P<first>\d{1,2})(?P<s>[-/.] ?)(?P<second>\d{1,2})(?P=s)(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})(?P<s>[-/.] ?)(?P<first>\d{1,2})(?P=s)(?P<second>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})(?P<first>\d\d)(?P<second>\d\d)(?=[Tt]\d)",
        r"(?<!\d)(?P<first>\d{1,2})(?P<s>[-/.])(?P<second>\d{1,2})(?P=s)(?P<year>\d\d)(?!\d)",
    )
)


class Shown(Enum):
    """What a date shows of the order of day and month."""

    DAY_FIRST = "13/11/2023"
    MONTH_FIRST = "11/13/2023"
    EITHER_FIRST = "11/12/2023"
    DAY_LAST = "2023-11-13"
    MONTH_LAST = "2023-13-11"
    EITHER_LAST = "2023-11-12"


UNUSUAL: Final = (Shown.MONTH_FIRST, Shown.MONTH_LAST)
"""Orders that are read only if they are declared."""
_YEAR_LAST: Final = (Shown.DAY_FIRST, Shown.MONTH_FIRST, Shown.EITHER_FIRST)
_YEAR_FIRST: Final = (Shown.MONTH_LAST, Shown.DAY_LAST, Shown.EITHER_LAST)


class Showing(NamedTuple):
    """A date that shows something."""

    what: Shown
    date: str
    """As it is written."""


def showing(cell: str) -> Showing | None:
    """Return what the date of a time cell shows; None for a date in words, or no date, and for one
    that is the same either way, such as ``11/11/2023``.

    Whether a month has the day makes no difference: ``11/31/2023`` is a slip, with the month first.
    """
    text = cell.translate(SAME_SIGNS)
    match = next(filter(None, (form.search(text) for form in _FORMS)), None)
    if match is None:
        return None
    first, second = int(match["first"]), int(match["second"])
    may = (_are(day=first, month=second), _are(day=second, month=first))
    if first == second or not any(may):
        return None
    if len(match["year"]) == 2:
        # The first number may be the year, and the row is refused: only a month first is shown.
        return Showing(Shown.MONTH_FIRST, match[0]) if may == (False, True) else None
    last = match.start("year") > match.start("first")
    day_first, month_first, either = _YEAR_LAST if last else _YEAR_FIRST
    return Showing(either if all(may) else day_first if may[0] else month_first, match[0])


def casts_doubt(cell: str) -> bool:
    """Tell whether a cell shows an order that is read only if it is declared."""
    shown = showing(cell)
    return shown is not None and shown.what in UNUSUAL


def _are(*, day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12
