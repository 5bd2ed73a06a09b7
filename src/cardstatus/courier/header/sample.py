"""The first rows below a header, to tell columns by what is in them where names do not tell."""

import csv
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

from cardstatus.privacy import is_card_number

from ..cells.values import PLACEHOLDERS, unwrap

SAMPLE: Final = 1_000
"""Lines that are looked at. Not all of the file: a row more must not change how the others were
read."""

_HAS_A_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)|\d{8}", re.ASCII)
_CUT_NUMBER = re.compile(r"[\dx*#•.]*[x*#•]{3,}\d{0,6}|[x*#•.]*\d{4}", re.IGNORECASE)
"""A payment card's number with only its last digits, or the first ones too."""


class Sample:
    """The first rows below a header, read when they are asked for."""

    def __init__(
        self, lines: Callable[[], Sequence[str]] = tuple[str, ...], delimiter: str = ","
    ) -> None:
        self._lines = lines
        self._delimiter = delimiter

    @cached_property
    def _rows(self) -> list[list[str]]:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # a cell too long for any
            rows.extend(csv.reader(self._lines(), delimiter=self._delimiter, skipinitialspace=True))
        return rows

    def cells(self, position: int) -> list[str]:
        """Return the values of a column, those that stand for nothing left out."""
        values = (unwrap(row[position]) for row in self._rows if len(row) > position)
        return [value for value in values if value.casefold() not in PLACEHOLDERS]

    def has_dates(self, position: int) -> bool:
        """Tell whether most cells of a column have a year, as a date has and a clock has not."""
        cells = self.cells(position)
        return 2 * sum(_HAS_A_YEAR.search(cell) is not None for cell in cells) > len(cells)

    def has_payment_card_numbers(self, position: int) -> bool:
        """Tell whether a cell of a column is a payment card's number, whole or cut."""
        return any(
            is_card_number(cell) or _CUT_NUMBER.fullmatch(re.sub(r"[\s-]", "", cell))
            for cell in self.cells(position)
        )
