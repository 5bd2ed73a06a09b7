"""One cell: its wrapping, placeholders, damage done by spreadsheets, and card ids.

Times and mobiles have modules of their own.
"""

import re
from typing import Final

from cardstatus import privacy
from cardstatus.model.problems import Reason

from .faults import Fault

CARD_ID_LIMIT: Final = 100
"""Characters of the longest card id that is taken."""

PLACEHOLDERS: Final = frozenset(
    {"", "-", "null", "none", "nil", "nan", "n/a", "na", "#n/a", "#ref!", "#value!", "#name?"}
)
"""Programs' words for nothing, in lower case."""

LONGEST_PLACEHOLDER: Final = max(len(text) for text in PLACEHOLDERS if text.isalnum())
"""Characters of the longest placeholder that is letters and digits only, as card ids are."""

_WRAPPED = re.compile(r'=?"([^"]*)"')

_ROUNDED = re.compile(r"[+-]?\d+([.,]\d+)?E[+]?\d+", re.ASCII | re.IGNORECASE)

_NARROW = re.compile(r"#{2,}")

_EXCEL_DAMAGE = (
    (
        _ROUNDED,
        Fault(
            Reason.EXCEL_ROUNDED_NUMBER,
            "a spreadsheet has rounded this number; format the column as text, or send the "
            "original file",
        ),
    ),
    (
        _NARROW,
        Fault(
            Reason.EXCEL_NARROW_COLUMN,
            "a spreadsheet column was too narrow and the value is lost; send the original file",
        ),
    ),
)

_NO_CARD_ID: Final = Fault(Reason.MISSING_CARD_ID, "there is no card id; ask which card is meant")

_LONG_CARD_ID: Final = Fault(
    Reason.BAD_CARD_ID, f"longer than {CARD_ID_LIMIT} characters, which no card id is"
)

_INVISIBLE: Final = Fault(Reason.BAD_CARD_ID, "line breaks or invisible characters in the card id")

_PAYMENT_CARD_NUMBER: Final = Fault(
    Reason.PAYMENT_CARD_NUMBER,
    "a payment card number, which is never kept here; ask for the card's own id",
)


class BadCellError(Exception):
    """A cell that cannot be taken as written."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def unwrap(cell: str) -> str:
    """Return the value of a cell without its wrapping: blanks, a byte-order mark (from files that
    were joined), and one pair of quotes inside the cell, as ``"0585550123"`` or ``="0585550123"``.
    """
    text = cell.strip()
    if text.isalnum():
        return text
    text = text.strip("\ufeff\u200b").strip()
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[1].strip() if wrapped else text


def excel_damage(text: str) -> Fault | None:
    """Return the fault of a value that a spreadsheet has damaged, None for any other value."""
    return next((fault for form, fault in _EXCEL_DAMAGE if form.fullmatch(text)), None)


def read_card_id(cell: str) -> str:
    """Return the card id of a cell as written, but unwrapped.

    Raises :class:`BadCellError` for a placeholder, damage by a spreadsheet, a payment card number,
    invisible characters, and more than CARD_ID_LIMIT of any.
    """
    text = unwrap(cell)
    if text.casefold() in PLACEHOLDERS:
        raise BadCellError(_NO_CARD_ID)
    if text.isalnum() and len(text) <= CARD_ID_LIMIT and not privacy.is_card_number(text):
        return text
    if damage := excel_damage(text):
        raise BadCellError(damage)
    if len(text) > CARD_ID_LIMIT:
        raise BadCellError(_LONG_CARD_ID)
    if privacy.is_card_number(text):
        raise BadCellError(_PAYMENT_CARD_NUMBER)
    if not text.isprintable():
        raise BadCellError(_INVISIBLE)
    return text
