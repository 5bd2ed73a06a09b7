"""Card ids: folded to one spelling where that is certain, or refused with the reason."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from cardstatus import privacy
from cardstatus.model.problems import Reason

from ..faults import Fault
from .values import PLACEHOLDERS, BadCellError, excel_damage, unwrap

CARD_ID_LIMIT: Final = 100
"""Characters of the longest card id that is taken."""

_NOTHING = re.compile(r"#[A-Z][A-Z0-9/]*[!?]|Err:\d{3}|[0-]*0[0-]*", re.ASCII | re.IGNORECASE)
"""What spreadsheets show for a formula that failed, such as ``#DIV/0!``, and zeros only."""
_USUAL = r"(?!0+(?:\n|\Z))[A-Za-z]*+[0-9][A-Za-z0-9]*+"
"""Letters and digits, one digit other than 0 at least."""
_USUAL_CELL = re.compile(_USUAL)
_USUAL_LINES = re.compile(rf"{_USUAL}(?:\n{_USUAL})*+")
_DIGIT = re.compile(r"\d")
_FLOAT = re.compile(r"^(\d+)\.0+$", re.ASCII)
# The characters that Unicode has displays leave out (Default_Ignorable_Code_Point).
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_QUOTES = "'\"`\u00b4\u2018-\u201f\u00ab\u00bb\u2039\u203a\u300c-\u300f\u2032\u2033\u301d-\u301f"
_QUOTED = re.compile(rf"[{_QUOTES}]?([^{_QUOTES}]*)[{_QUOTES}]?")
"""One apostrophe or quote in front, behind, or both."""

_OTHER_THING = re.compile(
    r"(.*[\sT])?\d{1,2}:\d\d(:\d\d)?([\s.Z+-].*|[AP]M)?"
    r"|\d{1,2}([-/.])\d{1,2}\4(19|20)\d\d|(19|20)\d\d([-/.])\d{1,2}\7\d{1,2}"
    r"|(grand |sub)?(total|sum|count|page|sheet|row|record|report|generated|printed|exported)s?"
    r"[\s.:=]+.*|\d+ (total|rows?|records?|items|cards|pages)",
    re.ASCII | re.IGNORECASE,
)
"""A time or a date, the foot of a list."""

_NO_CARD_ID: Final = Fault(Reason.MISSING_CARD_ID, "there is no card id; ask which card is meant")

_LONG_CARD_ID: Final = Fault(
    Reason.BAD_CARD_ID, f"longer than {CARD_ID_LIMIT} characters, which no card id is"
)

_SEVERAL_CARD_IDS: Final = Fault(
    Reason.SEVERAL_CARD_IDS, "several card ids in one cell; write a row for each card"
)
_BETWEEN = r"\s*(?:[,;|&+/\s-]|\band\b)\s*"
# Certain are the same letters before digits, as many in each, and long numbers of one length where
# a comma or the like parts them. "CRD 1001", "2023/1001" and "1234 5678" may be one id each.
_SEVERAL = re.compile(
    rf"([A-Z]+[-_ ]?)\d{{3,}}(?:{_BETWEEN}\1\d{{3,}})+"
    r"|\d{4,}(?:\s*[,;|&\n]\s*\d{4,})+",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+", re.ASCII)

_INVISIBLE: Final = Fault(Reason.BAD_CARD_ID, "line breaks or invisible characters in the card id")

_NO_DIGIT: Final = Fault(
    Reason.BAD_CARD_ID,
    "there is no digit in it, as in a word or the foot of a list; if the card ids look so, declare "
    "their form with --card-id-pattern",
)

_NO_ID: Final = Fault(
    Reason.BAD_CARD_ID,
    "a time or the foot of a list; if the card ids look so, declare their form with "
    "--card-id-pattern",
)

_OTHER_FORM: Final = Fault(
    Reason.BAD_CARD_ID, "not of the form that is declared, by --card-id-pattern or for its partner"
)

_PAYMENT_CARD_NUMBER: Final = Fault(
    Reason.PAYMENT_CARD_NUMBER,
    "a payment card number, which is never kept here; ask for the card's own id",
)


def fold_card_id(text: str) -> str:
    """Return a card id without what does not tell it from others: wrapping, other forms of the same
    characters and digits, characters that nobody sees, quotes of any script around it, and the
    ``.0`` of a number that a program took for a decimal.

    >>> fold_card_id("\u201cＣＲＤ１００１\ufe0f\u201d"), fold_card_id("'1001.0")
    ('CRD1001', '1001')
    """
    text = unwrap(text)
    if not text.isascii():
        text = _IGNORABLE.sub("", unicodedata.normalize("NFKC", text))
        text = "".join(str(int(c)) if c.isdecimal() else c for c in text).strip()
    quoted = _QUOTED.fullmatch(text)
    text = quoted[1].strip() if quoted else text
    return _FLOAT.sub(r"\1", text)


class CardIdReader:
    """Reads the card ids of one database; ``pattern`` is the form that its user has declared."""

    def __init__(self, pattern: str = "") -> None:
        self._declared = re.compile(pattern) if pattern else None

    def read(self, cell: str) -> str:
        """Return the card id of a cell, folded.

        Raises :class:`BadCellError` for a placeholder, damage by a spreadsheet, a payment card
        number, several ids, control characters, more than CARD_ID_LIMIT of any, and what has no
        digit, is a time or the foot of a list, or has not the declared form.
        """
        text = fold_card_id(cell)
        if text.casefold() in PLACEHOLDERS or _NOTHING.fullmatch(text):
            raise BadCellError(_NO_CARD_ID)
        if not text.isalnum() and (damage := excel_damage(text)):
            raise BadCellError(damage)
        if len(text) > CARD_ID_LIMIT:
            raise BadCellError(_LONG_CARD_ID)
        if privacy.is_card_number(text) or (not self._declared and privacy.holds_likely(text)):
            raise BadCellError(_PAYMENT_CARD_NUMBER)
        if self._holds_several(text):
            raise BadCellError(_SEVERAL_CARD_IDS)
        if not text.isprintable():
            raise BadCellError(_INVISIBLE)
        if self._declared:
            if not self._declared.fullmatch(text):
                raise BadCellError(_OTHER_FORM)
        elif no_id := _why_no_id(text):
            raise BadCellError(no_id)
        return text

    def _holds_several(self, text: str) -> bool:
        """Tell whether a cell is several card ids for certain."""
        if text.isalnum() or (self._declared and self._declared.fullmatch(text)):
            return False
        if self._declared:
            parts = re.split(_BETWEEN, text)
            return len(parts) > 1 and all(map(self._declared.fullmatch, parts))
        return bool(_SEVERAL.fullmatch(text)) and len(set(map(len, _DIGITS.findall(text)))) == 1

    def strange(self, cells: Sequence[str]) -> list[int]:
        """Return the positions of the cells that :meth:`read` must be asked about; the others are
        card ids as they stand.
        """
        if self._declared:
            return list(range(len(cells)))
        # Matched all at once, as lines of one text, with nothing gone through twice: 0.07 µs a
        # cell. A search for what is strange takes 0.19, since it asks anew at each character.
        lines = "\n".join(cells)
        is_usual = _USUAL_LINES.fullmatch(lines) and lines.count("\n") == len(cells) - 1
        if is_usual and max(map(len, cells)) < privacy.SHORTEST:
            return []
        match = _USUAL_CELL.fullmatch
        return [
            at
            for at, cell in enumerate(cells)
            if not match(cell) or (len(cell) >= privacy.SHORTEST and _is_suspect(cell))
        ]


def _why_no_id(text: str) -> Fault | None:
    """Return the fault of what is no card id as such ids usually are, None for one."""
    if not _DIGIT.search(text):
        return _NO_DIGIT
    return _NO_ID if not text.isalnum() and _OTHER_THING.fullmatch(text) else None


def _is_suspect(card_id: str) -> bool:
    """Tell whether letters and digits are too long, or may be a payment card's number."""
    return (
        len(card_id) > CARD_ID_LIMIT
        or privacy.is_card_number(card_id)
        or privacy.holds_likely(card_id)
    )
