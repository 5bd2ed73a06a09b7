"""What a text is that is no time: the error for it, by what it looks like."""

import re
from collections.abc import Callable
from typing import Final

from cardstatus.model.problems import Reason

from .clock import NO_CLOCK, BadTimeError, is_clock
from .dates import SHORT_YEAR, has_short_year, is_date, split
from .values import PLACEHOLDERS

_WORDS_FOR_NO_TIME: Final = PLACEHOLDERS | {
    *(".", "..", "...", "\u2026", "\u2013", "\u2014", "empty", "blank"),
    *("tba", "tbc", "to be advised", "to be announced", "to be confirmed", "to be decided"),
    *("pending", "awaiting", "awaited", "unknown", "not known", "not yet", "not available"),
    *("not applicable", "invalid date", "nat", "no date", "no time", "no timestamp"),
}
_ZEROS: Final = re.compile(r"(?=(?:\D*0){8})[0:./ TZ+-]+")
"""What programs write for no date: ``0000-00-00 00:00:00``."""

_Tests = tuple[tuple[Callable[[str], object], tuple[Reason, str]], ...]


def _form(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch


_HOUR = r"\d{1,2}(?:[:.]\d{2})*(?: ?[ap]\.?m\.?| ?h(?:rs?)?)?"
_CLOCK = r"\d{1,2}[:.]\d{2}(?::[\d.,:]+)?(?: ?[ap]\.?m\.?)?"
_is_window = _form(rf"(?:.* )?{_HOUR}(?: ?[-\u2013\u2014~/&]+ ?| to | till | until | and ){_HOUR}")
_A_WINDOW: Final = (
    Reason.BAD_TIME,
    "a window of time is no time of day; write the time at which it happened",
)

_NO_TIME: Final = (
    Reason.BAD_TIME,
    "not a time as DD-MM-YYYY HH:MM or YYYY-MM-DDTHH:MM:SSZ",
)

_WHOLE: Final[_Tests] = (
    (
        _form(r"#+"),
        (
            Reason.EXCEL_NARROW_COLUMN,
            "a spreadsheet column was too narrow and the time is lost; send the original file",
        ),
    ),
    (
        _form(r"\d{4,6}([.,]\d+)?|\d([.,]\d+)?E\+0\d"),
        (
            Reason.EXCEL_SERIAL_DATE,
            "a spreadsheet's day number; format the column as a date with time, or send the "
            "original file",
        ),
    ),
    (
        _form(r"\d{1,2}:\d{2}[.,]\d|(?:2[4-9]|[3-5]\d):\d{2}"),
        (
            Reason.EXCEL_LOST_DATE,
            "minutes and seconds, from which a spreadsheet has dropped the date and the hour; "
            "format the column as YYYY-MM-DD HH:MM:SS, or send the original file",
        ),
    ),
    (has_short_year, SHORT_YEAR),
    (lambda text: ":" in text and _is_window(text), _A_WINDOW),
    (is_clock, (Reason.INCOMPLETE_TIME, "the date is missing")),
    (_form(_CLOCK), (Reason.INCOMPLETE_TIME, "the date is missing")),
    (is_date, (Reason.INCOMPLETE_TIME, "the time of day is missing")),
)
"""What a text without date and clock may be, and what is wrong with it."""

_BEHIND_A_DATE: Final[_Tests] = (
    (
        _form(r"\d{1,2}( ?[ap]\.?m\.?| ?h(rs?)?)?"),
        (Reason.INCOMPLETE_TIME, "the minutes are missing"),
    ),
    (_is_window, _A_WINDOW),
    (
        _form(r"\d{1,2}(?:[:.]\d{2})? ?midnight"),
        (Reason.BAD_TIME, "midnight is at both ends of a day; write 00:00, or 24:00 for its end"),
    ),
    (
        _form(r"\d{1,2}(?:[:.]\d{2})? ?(?:noon|midday)"),
        (Reason.BAD_TIME, "a word stands behind the time; write 12:00 or 12:00 PM"),
    ),
    (
        _form(r"\d{1,2}:\d{2}:\d{2}[.,]\d{10,}.*"),
        (Reason.BAD_TIME, "over nine decimals of a second, which is no time of day"),
    ),
    (
        _form(
            rf"{_CLOCK} ?[\[(]?(?:[a-z]{{1,5}}|[a-z]+(?:/[\w+-]+)+|(?:utc|gmt)[\d:+-]+"
            r"|[a-z ]+ (?:time|zone))[)\]]?"
        ),
        (
            Reason.UNKNOWN_ZONE,
            "names of zones mean several things; write the offset (such as +04:00) or Z",
        ),
    ),
    (
        _form(rf"{_CLOCK} ?[^\d\s:.,].*"),
        (Reason.BAD_TIME, "more than a time of day; write the time alone"),
    ),
)


def means_nothing(text: str) -> bool:
    """Tell whether a time cell says that there is no time."""
    return text.casefold() in _WORDS_FOR_NO_TIME or _ZEROS.fullmatch(text) is not None


def explain(text: str) -> BadTimeError:
    """Return the error for a text that is no time."""
    parts = split(text)
    tests, unknown, rest = (_WHOLE, _NO_TIME, text)
    if parts:
        tests, unknown, rest = _BEHIND_A_DATE, NO_CLOCK, parts["clock"]
    return BadTimeError(*next((why for test, why in tests if test(rest)), unknown))
