"""The shape of a row: as many cells as the header has, or what certainly means as many."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from cardstatus.errors import SourceError

from ..header.claims import claims_of
from ..header.reading import Header

_CLOCK: Final = re.compile(r"\d:\d\d")
_DIGIT: Final = re.compile(r"\d")
_FIELDS_OF_A_HEADER: Final = 3
"""A row that names so many fields is a header: the title of a list names fewer."""


class Shape:
    """The shape of the rows below a header."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._columns = header.columns
        self._delimiter = header.delimiter
        end = f"(?={re.escape(header.delimiter)}|$)"
        # A quote is either doubled or the last, so that there is one way to match.
        self._quoted = re.compile(rf'( *)"((?:[^"]|"")*+)"( *){end}')

    def is_row(self, cells: list[str]) -> bool:
        """Tell whether the cells of one line are as many as a row has, and hold a time.

        None may be left out, and with empty ones too many there must be a card id: so few are in
        the last line of a row over several, and so they stand.
        """
        fitted = self._fitted(cells, is_whole=False)
        if len(fitted) != self._columns.width or not _CLOCK.search(self._columns.time_of(fitted)):
            return False
        card_id = fitted[self._columns.index["card_id"]]
        return not _CLOCK.search(card_id) and (fitted is cells or bool(card_id.strip()))

    def levelled(self, cells: list[str], text: str) -> list[str]:
        """Return the cells of a row as many as the header has, or as they are where that is not
        certain. Empty ones too many at its end are cut off; of fields that may be left out, empty
        ones are added.

        A quote behind a blank begins a quoted cell, unless only as text it leaves as many cells as
        the header has.
        """
        width = self._columns.width
        if len(cells) == width:
            return cells
        # A last line that lacks its end may lack cells too, and half a time.
        fitted = self._fitted(cells, is_whole=text.endswith(("\n", "\r")))
        if f'{self._delimiter} "' in text and len(plain := self._as_text(text)) == width:
            certain = len(cells) >= self._columns.named and fitted is not cells
            return fitted if certain else plain if fitted is cells else cells
        return fitted

    def _fitted(self, cells: list[str], *, is_whole: bool) -> list[str]:
        width = self._columns.width
        if len(cells) > width and not "".join(cells[width:]).strip():
            return cells[:width]
        least = self._columns.least if is_whole else self._columns.named
        if least <= len(cells) < width:
            return cells + [""] * (width - len(cells))
        return cells

    def _as_text(self, line: str) -> list[str]:
        with suppress(csv.Error):
            return next(csv.reader([line], delimiter=self._delimiter, strict=True), [])
        return []

    def split_loosely(self, line: str) -> list[str]:
        """Return the cells of a line that does not parse because of blanks around its quotes,
        as in `` "cell" ,``; empty if it has none, or is no row even so.
        """
        if ' "' not in line:
            return []
        for cells in (self._without_blanks(line.rstrip("\r\n")), self._as_text(line)):
            if len(cells) == self._columns.width:
                return cells
            if cells and self.is_row(levelled := self.levelled(cells, line)):
                return levelled
        return []

    def _without_blanks(self, line: str) -> list[str]:
        """Return the cells, without blanks around quotes if there are some before them."""
        cells: list[str] = []
        at = -1
        while at < len(line):
            quoted = self._quoted.match(line, at + 1)
            if quoted and (quoted[1] or not quoted[3]):
                cells.append(quoted[2].replace('""', '"'))
                at = quoted.end()
                continue
            if line.startswith('"', at + 1):
                return []  # it opens a cell that no quote closes, or text follows the closing one
            end = line.find(self._delimiter, at + 1)
            end = len(line) if end < 0 else end
            cells.append(line[at + 1 : end])
            at = end
        return cells

    def is_header(self, cells: Sequence[str], text: str, line: int) -> bool:
        """Tell whether a row is the header again.

        Raises :class:`SourceError` if it is one whose columns stand elsewhere: the rows below it
        would be read by the columns of the first.
        """
        if _CLOCK.search(text) or sum(_is_word(cell) for cell in cells) < _FIELDS_OF_A_HEADER - 1:
            return False
        claims = claims_of(self._header.format, cells)
        if len({claim.field for claim in claims if claim}) < _FIELDS_OF_A_HEADER:
            return False
        first = self._header.claims
        known = {claim.field for claim in first if claim}
        for at, claim in enumerate(claims):
            here = first[at] if at < len(first) else None
            if claim is None or (here and (here.field, here.zone) == (claim.field, claim.zone)):
                continue
            if here or claim.field in known:
                raise SourceError(
                    f"line {line} is a second header, with other columns than the first; make two "
                    "files of it, cut above this line"
                )
        return True


def _is_word(cell: str) -> bool:
    return bool(cell) and _DIGIT.search(cell) is None
