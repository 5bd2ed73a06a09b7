"""The value of a cell: unwrapped, a placeholder for nothing, or spoilt by a spreadsheet."""

import re
from typing import Final

from cardstatus.model.problems import Reason

from ..faults import Fault

PLACEHOLDERS: Final = frozenset(
    {
        *("", "-", "--", "\\n", "null", "(null)", "<null>", "none", "nil", "nan"),
        *("n/a", "na", "n.a.", "#n/a", "undefined", "(blank)", "(empty)", "missing", "tbd"),
    }
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
