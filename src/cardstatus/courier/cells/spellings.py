"""Other spellings of times, put into the known forms: those that say the same for certain.

What may mean another day, or another zone, is no such spelling.
"""

import re
from typing import Final

from .clock import is_clock
from .dates import BEFORE_YEAR, DAY_AND_MONTH, MONTH
from .zones import respelled_zone

SAME_SIGNS: Final = str.maketrans(
    {
        # Full-width signs.
        **{code + 0xFEE0: code for code in range(0x21, 0x7F)},
        # Marks of direction, which browsers write into dates, and others that nobody sees.
        **dict.fromkeys(map(ord, "\u061c\u200b\u200e\u200f\u2060\ufeff")),
        **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
        # Hyphens and the minus. A dash may stand for "to".
        **dict.fromkeys(map(ord, "\u2010\u2011\u2212\ufe63"), "-"),
        ord("\u060c"): ",",
    }
)
"""Signs that mean others, for :meth:`str.translate`."""
_AROUND: Final = " '\"\u2018\u2019\u201c\u201d"

_NUMBERS = r"\d{1,4}(?P<s>[-/.]) ?\d{1,2}(?P=s) ?\d{1,4}\.?"
_WORDS = (
    rf"{BEFORE_YEAR}\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:/|\. ?| of ){MONTH}(?:/|\. ?| )\d{{4}}"
    rf"|\d{{4}}(?P<w>[-/. ]){MONTH}(?P=w)\d{{1,2}}"
)
# Behind a hyphen a clock with dots only: 2023-11-13-14:00 may be a date with an offset.
_JOINT = r" ?[,;@|_] ?|,? at | - | |(?<=\d{4}):(?=\d{1,2}:\d{2})|-(?=\d+\.\d+\.)"
_FORMS: Final = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"(?P<date>{_NUMBERS})(?P<joint>{_JOINT}|t)(?P<clock>\d.*)",
        rf"(?P<date>{_WORDS})(?P<joint>{_JOINT}|(?-i:T))(?P<clock>\d.*)",
        r"(?P<date>\d{8})(?P<joint>t)(?P<clock>\d.*)",
        rf"(?P<clock>\d{{1,2}}[:.]\d{{2}}.*?),? (?:on )?(?P<date>{_NUMBERS}|{_WORDS})",
        # As C has it: the year behind the clock.
        rf"(?P<date>{DAY_AND_MONTH}) (?P<clock>\d{{1,2}}:\d{{2}}:\d{{2}}.*) (?P<year>\d{{4}})",
    )
)
_WORDED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:/|\. ?| of )(?P<month>{MONTH})(?:/|\. ?| )"
    rf"(?P<year>\d{{4}})|(?P<y>\d{{4}})[-/. ](?P<m>{MONTH})[-/. ](?P<d>\d{{1,2}})",
    re.ASCII | re.IGNORECASE,
)

_HOURS = r"(?:hrs?|hours|h|uhr)\b\.?(?=$|[ +-])"
# How a clock, or the beginning of one, may be written, and what to write in its place.
_CLOCKS: Final = tuple(
    (re.compile(form, re.ASCII | re.IGNORECASE), known)
    for form, known in (
        (rf"(\d\d)(\d\d) ?{_HOURS}", r"\1:\2"),
        (r"(\d{1,2}) ?h ?(\d{2})(?: ?m(?:in)?\b\.?)?(?![\w:])", r"\1:\2"),
        (r"(\d{1,2})\.(\d{2})\.(\d{2})(?![\d:])", r"\1:\2:\3"),
        (r"(\d{1,2})\.(\d{2})(?![\d:.])", r"\1:\2"),
        (r"(\d{1,2}:\d{2}:\d{2}):(\d{3}|\d{6}|\d{9})(?!\d)", r"\1.\2"),
        (rf"(\d{{1,2}}:\d{{2}}(?::\d{{2}})?) ?{_HOURS}", r"\1"),
        (r"(\d[\d:.]*) ?([ap])\. m\.", r"\1 \2m"),
        (r"(\d[\d:.]*) ?\u0635", r"\1 AM"),
        (r"(\d[\d:.]*) ?\u0645", r"\1 PM"),
    )
)
_COMPACT = re.compile(r"(\d\d)(\d\d)(\d\d)?(?![\d:])(.*)", re.ASCII)
_CLOCK_AND_ZONE = re.compile(
    r"(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?) ?(?P<zone>[-+a-z\[(].*)",
    re.ASCII | re.IGNORECASE,
)


def respelled(text: str) -> str:
    """Return a time in a known form, if this is another spelling of one.

    >>> respelled("13/11/2023, 14.00 hrs"), respelled("20231113T140000Z")
    ('13/11/2023 14:00', '2023-11-13T14:00:00Z')
    """
    if not text.isascii():
        text = text.translate(SAME_SIGNS)
    text = " ".join(text.split()).strip(_AROUND)
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if match is None:
        return text
    parts = match.groupdict()
    joint = "T" if parts.get("joint") in ("T", "t") else " "
    year = f" {parts['year']}" if "year" in parts else ""
    clock = _respelled_clock(match["clock"].strip(), behind_t=joint == "T")
    return f"{_respelled_date(match['date'])}{year}{joint}{clock}"


def _respelled_date(text: str) -> str:
    if text.isdecimal():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if worded := _WORDED.fullmatch(text):
        day, month, year = (worded[name] or worded[name[0]] for name in ("day", "month", "year"))
        return f"{day}-{month}-{year}"
    return re.sub(r"([-/.]) ", r"\1", text).removesuffix(".")


def _respelled_clock(text: str, *, behind_t: bool) -> str:
    if is_clock(text):
        return text
    compact = _COMPACT.fullmatch(text)
    if compact and behind_t:
        text = ":".join(filter(None, compact.groups()[:3])) + compact[4]
    for form, known in _CLOCKS:
        if found := form.match(text):
            text = found.expand(known) + text[found.end() :]
    parts = _CLOCK_AND_ZONE.fullmatch(text)
    zone = respelled_zone(parts["zone"]) if parts else None
    return parts["clock"] + zone if parts and zone else text
