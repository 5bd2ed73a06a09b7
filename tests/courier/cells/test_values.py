"""The value of a cell, whatever surrounds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells.values import unwrap

WRAPPED = {
    "as it is": ("CRD1001", "CRD1001"),
    "blanks": ("  CRD1001\t", "CRD1001"),
    "no-break space": ("\u00a0CRD1001", "CRD1001"),
    "quotes inside the cell": ('"0585550123"', "0585550123"),
    "quotes and blanks": (' " 0585550123 " ', "0585550123"),
    "Excel's text formula": ('="0585550123"', "0585550123"),
    "byte-order mark from joined files": ("\ufeffCRD1001", "CRD1001"),
    "byte-order mark and blanks": (" \ufeff CRD1001 ", "CRD1001"),
    "zero-width space": ("CRD1001\u200b", "CRD1001"),
    "mark, then quotes": ('\ufeff"CRD1001"', "CRD1001"),
    "only one pair of quotes": ('""CRD1001""', '""CRD1001""'),
    "quote on one side": ('"CRD1001', '"CRD1001'),
    "quotes around parts": ('"CRD"1001', '"CRD"1001'),
    "two quoted parts": ('"CRD" "1001"', '"CRD" "1001"'),
    "empty quotes": ('""', ""),
    "a formula stays": ("=1+1", "=1+1"),
    "letters are no blanks": ("X-1X", "X-1X"),
    "blanks inside stay": ("CRD 1001", "CRD 1001"),
    "mark inside stays": ("CRD\ufeff1001", "CRD\ufeff1001"),
    "nothing": ("", ""),
    "only blanks": (" \r\n ", ""),
}


@pytest.mark.parametrize(("cell", "expected"), WRAPPED.values(), ids=WRAPPED.keys())
def test_value_is_what_is_inside(cell: str, expected: str) -> None:
    assert unwrap(cell) == expected


@given(st.text(alphabet=' "=\ufeff\u200baB1\t', max_size=8))
def test_value_is_part_of_the_cell_and_has_no_blanks_around(cell: str) -> None:
    assert unwrap(cell) in cell
    assert unwrap(cell) == unwrap(cell).strip()
