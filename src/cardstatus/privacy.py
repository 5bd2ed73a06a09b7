"""Payment card numbers masked, phone numbers cut. This program must never become a place where card
numbers lie, so whatever stores or shows a courier's text asks here first.

*Any* such number, 13 to 19 digits with a valid check digit, is masked in evidence, where masking
too much costs nothing, and is no card id. A *likely* one, which begins as the networks' numbers do
and is grouped as people write them, is masked in text that is kept: of all long numbers, one in ten
has a valid check digit by chance.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

SHORTEST: Final = 13
"""Digits, as ISO/IEC 7812 has them."""
_LONGEST: Final = 19
_WIDEST_GAP: Final = 8
REACH: Final = _LONGEST + (_LONGEST - 1) * _WIDEST_GAP
"""Characters that a number with its gaps may have."""

# Blanks but the tab, which parts cells; invisible characters; hyphens and dots.
_GAP: Final = (
    rf"[ \n\v\f\r\x85\xa0\xad\u1680\u2000-\u2015\u2028-\u202f\u205f-\u2064\u2212\u3000\ufe58\ufe63"
    rf"\ufeff\uff0d.-]{{0,{_WIDEST_GAP}}}+"
)
_DIGITS = re.compile(r"[0-9]+")
_RUN = re.compile(rf"[0-9](?:{_GAP}[0-9]){{{SHORTEST - 1},}}+")
_ONE = re.compile(rf"[0-9](?:{_GAP}[0-9]){{{SHORTEST - 1},{_LONGEST - 1}}}+")
# Mastercard has 22 to 27, other networks 3 to 6. Compact times begin with 19 or 20, mobiles of the
# Gulf with 9 or 0.
_OF_A_NETWORK = re.compile(r"2[2-7]|[3-6]")
_DECIMALS = re.compile(r"[0-9]\.")
# Found in every likely number, and looked for in 0.05 µs a comment: most cells need no closer look.
_MAYBE_ASCII = re.compile(rf"[2-6][0-9]{{3}}(?:{_GAP}[0-9]){{{SHORTEST - 4}}}")
_MAYBE = re.compile(rf"\d{{4}}(?:{_GAP}\d){{{SHORTEST - 4}}}")

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

_Group = tuple[int, int]
"""Start and end of digits that stand together."""
_Test = Callable[[str, Sequence[_Group]], bool]


def may_hold_likely(text: str) -> bool:
    """Tell quickly whether a text, or many joined, may hold a likely number; False is certain."""
    return (_MAYBE_ASCII if text.isascii() else _MAYBE).search(text) is not None


def is_card_number(text: str) -> bool:
    """Tell whether a card id is any such number, in groups or not, or has a likely one in it.

    >>> is_card_number("4111-1111-1111-1111"), is_card_number("4111-1111-1111-1112")
    (True, False)
    """
    if len(text) < SHORTEST:
        return False
    folded = _folded(text)
    if _ONE.fullmatch(folded) and _has_check_digit("".join(_DIGITS.findall(folded))):
        return True
    return any(True for _ in _numbers(folded, _is_likely_word))


def holds_likely(text: str) -> bool:
    """Tell whether a likely number stands in a text, letters touching it or not.

    >>> holds_likely("CRD4111111111111111"), holds_likely("CRD4111111111111112")
    (True, False)
    """
    if not may_hold_likely(text):
        return False
    return any(True for _ in _numbers(_folded(text), _is_likely))


def mask(text: str) -> str:
    """Return text with any number that may be a card's masked, however unlikely.

    >>> mask("A1,4111 1111 1111 1111,0585550123")
    'A1,4111 11** **** 1111,0585550123'
    """
    return _masked(text, _is_any)


def mask_likely(text: str, *, alone: bool = False) -> str:
    """Return text with each likely card number masked; if ``alone``, only where no letter touches
    it, as in the partner's own numbers one may.
    """
    if not may_hold_likely(text):
        return text
    return _masked(text, _is_likely_word if alone else _is_likely)


def _masked(text: str, is_one: _Test) -> str:
    while True:
        numbers = _numbers(_folded(text), is_one)
        hidden = {place for groups in numbers for place in _middle(groups)}
        if not hidden:
            return text
        text = "".join("*" if at in hidden else sign for at, sign in enumerate(text))
        # What is left of a number may, with its neighbours, look like another: look again.


def _middle(groups: Iterable[_Group]) -> list[int]:
    """Return the positions of the digits to hide: all but the first six and the last four."""
    return [place for start, end in groups for place in range(start, end)][6:-4]


def _folded(text: str) -> str:
    """Return text of the same length with the digits of other scripts as ASCII."""
    if text.isascii():
        return text
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def _numbers(text: str, is_one: _Test) -> Iterator[Sequence[_Group]]:
    """Yield the groups of digits of each number with a valid check digit."""
    for run in _RUN.finditer(text):
        groups = [found.span() for found in _DIGITS.finditer(text, *run.span())]
        for first in range(len(groups)):
            digits = ""
            for last, (start, end) in enumerate(islice(groups, first, None), first):
                digits += text[start:end]
                if len(digits) > _LONGEST:
                    break
                together = groups[first : last + 1]
                if len(digits) >= SHORTEST and is_one(text, together) and _has_check_digit(digits):
                    yield together


def _is_any(text: str, groups: Sequence[_Group]) -> bool:
    return True


def _is_likely(text: str, groups: Sequence[_Group]) -> bool:
    start = groups[0][0]
    return (
        _OF_A_NETWORK.match(text, start) is not None
        and all(end - begin >= 4 for begin, end in groups[:-1])
        and not _DECIMALS.match(text, max(0, start - 2))
    )


def _is_likely_word(text: str, groups: Sequence[_Group]) -> bool:
    start, end = groups[0][0], groups[-1][1]
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return not re.search(r"\w", around) and _is_likely(text, groups)


def _has_check_digit(digits: str) -> bool:
    """Tell whether the last digit is the one that Luhn's formula gives for the others."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


_YEAR = r"(?:19|20)\d\d"
_PARTED: Final = (("-", "[-.]"), ("/", "[-./]"), (r"\. ?", "[-.]"))
"""What parts a date, and what would go on with it: a folder by its date may hold another."""


def _dates(form: str) -> str:
    """Return a pattern for dates of a form, such as ``DsMsY``, that are no part of a number."""
    alone = "(?<!\\d){}(?!\\d)(?!{}(?![0-2]\\d:[0-5]\\d)\\d)"
    return "|".join(alone.format(form.replace("s", s), more) for s, more in _PARTED)


# A day or month up to 39 stays readable: the message may be about it.
_PART = "[0-3]?[0-9]"
_DATE = (
    rf"{_dates(f'{_PART}s{_PART}s{_YEAR}')}|{_dates(f'{_YEAR}s{_PART}s{_PART}')}"
    rf"|(?<!\d){_YEAR}[01]\d[0-3]\d(?:[0-2]\d[0-5]\d[0-5]\d)?(?!\d)"
)
# Days that never are, and dates of folders and files; where no digits stand before them.
_WIDE_DATE = (
    rf"{_dates(f'{_YEAR}s[0-9]{{1,2}}s[0-9]{{1,2}}')}|{_dates(f'[0-9]{{1,2}}s[01]?[0-9]s{_YEAR}')}"
    rf"|(?<=/){_YEAR}/[01]?\d/[0-3]?\d(?=/)"
    rf"|(?<!\d){_YEAR}-[01]\d-[0-3]\d-[0-2]\d[0-5]\d(?!\d)"
)

_CLOCK = r"(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"

_BETWEEN = r"[\s+().\-/\u2010-\u2015]*+"
"""Signs between the digits of a number."""

# A date with two digits for the year may as well be the first groups of a number. So nothing may
# follow but the hour, or hour and minute.
_SHORT_DATE = (
    r"(?<!\d)[0-3]?\d(?P<s>[-/.])[0-3]?\d(?P=s)\d\d"
    rf"(?=(?:\s+(?:[0-2]\d[0-5]\d|[0-2]?\d))?(?!{_BETWEEN}\d))"
)

# Seven digits or more may be a phone number, in whatever groups. A clock or a date behind them is
# no part of it.
_NUMBER = (
    rf"(?:[+(][\s+(]{{0,3}})?\d(?:{_BETWEEN}(?!{_CLOCK})\d){{6,}}?"
    rf"(?:(?=\s++(?:{_DATE})|{_BETWEEN}{_CLOCK})|(?!{_BETWEEN}\d))"
)

_READABLE_OR_NUMBER = re.compile(
    rf"(?P<readable>{_DATE}|{_WIDE_DATE}|{_SHORT_DATE}|{_CLOCK})|{_NUMBER}"
)


def redact(text: str) -> str:
    """Return a cell with possible phone numbers cut to their last four digits, and payment card
    numbers masked.

    For messages, which end up in logs and tickets: a header line that is really a data line holds
    a full mobile, and so does a time cell if columns were swapped.

    >>> redact("mob 0585550123"), redact("+971 58 555 0123 14:00"), redact("13-11-2023")
    ('mob …0123', '…0123 14:00', '13-11-2023')
    """
    return mask(_READABLE_OR_NUMBER.sub(_cut, text))


def _cut(found: re.Match[str]) -> str:
    return found["readable"] or "…" + re.sub(r"\D", "", found.group())[-4:]
