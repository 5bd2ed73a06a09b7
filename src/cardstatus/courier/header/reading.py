"""The header line found: its number, its delimiter, its format. Does not read the rows below."""

import csv
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import NamedTuple

from cardstatus.errors import SourceError

from ..rows.lines import Block
from .columns import Columns, map_columns, recognised
from .formats import SourceFormat

DELIMITERS = (",", ";", "\t")


class Header(NamedTuple):
    """The header line of one file, understood."""

    columns: Columns
    card_id: str
    """The card id's own header: a row with this for its card id is the header repeated."""
    delimiter: str
    line: int
    """Its number as a physical line."""


def read_header(blocks: Iterable[Block], formats: Sequence[SourceFormat]) -> Header:
    """Find the first line that is not blank, and tell the delimiter and the columns by it.

    Of several formats the one that knows most of the columns reads the line. Raises
    :class:`SourceError` if it is a header of none of them, or of two alike.
    """
    line, declared = 0, ""
    for block in blocks:
        if block.overlong:
            line += 1
            break
        for text in block.lines:
            line += 1
            directive = re.fullmatch(r'\ufeff?"?sep=([,;\t])"?\s*', text)
            if directive:
                # Excel's own first line, for Excel only.
                declared = directive.group(1)
            elif text.strip("\ufeff \t\r\n"):
                fit = _best_fit(text.lstrip("\ufeff"), formats, declared)
                return Header(fit.columns, fit.card_id, fit.delimiter, line)
    if line:
        raise SourceError("there is no header line of a courier file; is this a CSV file?")
    raise SourceError("the file is empty; ask the partner to send it again")


class _Fit(NamedTuple):
    """The header line as one format reads it."""

    format: str
    columns: Columns
    card_id: str
    delimiter: str


def _best_fit(text: str, formats: Sequence[SourceFormat], declared: str) -> _Fit:
    fits: list[_Fit] = []
    # What the format that comes closest does not find is what the file lacks.
    lacks: list[tuple[int, SourceError]] = []
    for fmt in formats:
        cells, delimiter = _split_header(text, fmt, declared)
        try:
            columns = map_columns(fmt, cells)
        except SourceError as error:
            lacks.append((recognised(fmt, cells), error))
        else:
            card_id = cells[columns.index["card_id"]].strip()
            fits.append(_Fit(fmt.name, columns, card_id, delimiter))
    if not fits:
        raise max(lacks, key=itemgetter(0))[1]
    known = max(len(fit.columns.index) for fit in fits)
    best = [fit for fit in fits if len(fit.columns.index) == known]
    if len(best) > 1:
        names = " and ".join(fit.format for fit in best)
        raise SourceError(
            f"the header fits {len(best)} formats alike, {names}; rename or remove the "
            "column that is not meant"
        )
    return best[0]


def _split_header(text: str, fmt: SourceFormat, declared: str) -> tuple[list[str], str]:
    """Split the header at the delimiter by which most of its columns are known ones."""
    splits: list[tuple[list[str], str]] = []
    for delimiter in declared or DELIMITERS:
        # Quoted headers are an error at every delimiter but their own.
        with suppress(csv.Error):
            cells = next(csv.reader([text], delimiter=delimiter, strict=True))
            splits.append((cells, delimiter))
    if not splits:
        raise SourceError("the quotes of the header line do not pair up; mend the line")
    return max(splits, key=lambda split: recognised(fmt, split[0]))
