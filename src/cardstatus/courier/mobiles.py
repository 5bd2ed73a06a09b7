"""Mobile numbers to E.164: one text for each number, or none. Owns the plans of national numbers,
which occur without their country code.

Does not validate the world's numbers, as the ``phonenumbers`` package does, at 300 ms and 30 MB: a
number with the code of another country is only held to E.164's limits.
"""

import re
from collections.abc import Sequence
from typing import Final

# National significant numbers (what follows the country code), mobile and fixed, from the
# national plans that the ITU publishes (E.164 national numbering plans).
_PLANS: Final = {
    "971": r"5\d{8}|[234679]\d{7}",  # United Arab Emirates
    "966": r"5\d{8}|1\d{8}",  # Saudi Arabia
    "974": r"[2-7]\d{7}",  # Qatar
    "973": r"[136]\d{7}",  # Bahrain
    "965": r"[24-69]\d{7}|1\d{6}",  # Kuwait
    "968": r"[279]\d{7}",  # Oman
    "20": r"1\d{9}|[2-9]\d{7,8}",  # Egypt
    "91": r"[1-9]\d{9}",  # India
    "92": r"[2-9]\d{8,9}",  # Pakistan
    "44": r"[1-37]\d{9}|[1238]\d{8}",  # United Kingdom
    "1": r"[2-9]\d{2}[2-9]\d{6}",  # North America
}
_UNKNOWN_PLAN: Final = r"[1-9]\d{5,11}"
# Behind a country code a zero may be part of the number, as in Italy.
_UNKNOWN_PLAN_BEHIND_CODE: Final = r"(?!00)\d{6,12}"
# E.164: a country code and a national number, 15 digits at most; the shortest in use have 8.
_E164 = re.compile(r"[1-9]\d{7,14}", re.ASCII)

_SHORTEST_FROM_ABROAD: Final = 10
"""Digits, country code included, below which hardly any country's mobiles are."""

_PREFIX = re.compile(r"(?:\+|00)", re.ASCII)
_SEPARATORS = re.compile(r"\(0\)|[ \-().\u00a0\u2007\u2010-\u2013\u202f\u202a\u202c]")
# Pandas and spreadsheets make this of a column of numbers with a gap in it; nothing is lost.
_FLOAT = re.compile(r"^(\+?\d+)\.0+$", re.ASCII)

COUNTRY_CODES: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)


class MobileReader:
    """Reads the mobile cells of one database; national numbers get ``country_code``."""

    def __init__(self, country_code: str) -> None:
        self._country_code = country_code
        self._prefix = f"+{country_code}"
        plan = _PLANS.get(country_code)
        self._national = re.compile(plan or _UNKNOWN_PLAN, re.ASCII)
        # The trunk 0 is for calls inside the country; people write it all the same. No number of
        # the plans begins with a 0 of its own.
        behind_code = rf"0?({plan})" if plan else f"({_UNKNOWN_PLAN_BEHIND_CODE})"
        self._behind_code = re.compile(behind_code, re.ASCII)
        # Nearly every cell has one of these forms: one match instead of a dozen steps. Only with a
        # plan, for without one it would take digits that can be read in two ways.
        prefix = rf"(?:0|\+?{country_code}|00{country_code}|(?!{country_code}))"
        usual = rf'"?{prefix}({plan})"?' if plan else r"(?!)()"
        # One match a line, empty for any other cell.
        self._usual = re.compile(rf"^(?:{usual}|.*)$", re.ASCII | re.MULTILINE)

    def read(self, text: str) -> str | None:
        """Return the number as E.164 (``+971585550123``), None if it cannot be read for sure.

        Takes the national number with or without its trunk 0, the country code with or without
        ``+`` or ``00``, blanks and punctuation between groups, and one pair of quotes around it.
        Digits that could be both a national number and one with its country code are refused.
        """
        text = _FLOAT.sub(r"\1", text.strip().strip('"').strip())
        if text.count(".") == 1:
            return None  # a decimal point, not the groups of a number
        digits = _SEPARATORS.sub("", text)
        if prefix := _PREFIX.match(digits):
            return self._international(digits[prefix.end() :])
        if digits.startswith("0"):
            return self._with_country_code(digits[1:])
        if digits.startswith(self._country_code):
            # A national number that begins so may as well be an international one cut short.
            cut = self._national.fullmatch(digits)
            return None if cut else self._with_country_code(digits.removeprefix(self._country_code))
        return self._with_country_code(digits)

    def read_column(self, cells: Sequence[str]) -> tuple[list[str], list[int]]:
        """Return the numbers of many cells, ``""`` for an empty one, and the positions of those
        that :meth:`read` must be asked about.

        Nearly every cell has one of few forms. Searched all at once, as lines of one text, cells
        take 0.25 µs each; :meth:`read` takes 3.
        """
        lines = "\n".join(cells)
        found = self._usual.findall(lines)
        if len(found) != len(cells) or lines.count("\n") != len(cells) - 1:
            return [""] * len(cells), list(range(len(cells)))  # line ends inside a cell
        prefix = self._prefix
        numbers = [number and prefix + number for number in found]
        if "" not in found:
            return numbers, []
        return numbers, [at for at, cell in enumerate(cells) if cell and not found[at]]

    def _with_country_code(self, national: str) -> str | None:
        if self._national.fullmatch(national):
            return self._prefix + national
        return None

    def _international(self, digits: str) -> str | None:
        if digits.startswith(self._country_code):
            national = self._behind_code.fullmatch(digits, len(self._country_code))
            return self._prefix + national[1] if national else None
        if len(digits) < _SHORTEST_FROM_ABROAD and self._national.fullmatch(digits):
            return None  # a national number with one zero or one plus too many
        return f"+{digits}" if _E164.fullmatch(digits) else None
