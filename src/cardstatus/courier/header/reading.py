"""The header line found below what stands above it: its number, its delimiter, its format.

Does not read the rows below, but for the first ones where the header alone does not tell.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import Final, NamedTuple

from cardstatus.errors import SourceError
from cardstatus.model.problems import Reason

from ..cells.card_ids import CardIdReader
from ..cells.values import BadCellError
from ..rows.lines import Block
from .claims import Claim, claims_of, one_line, recognised, some_of
from .columns import Columns, NoColumnError, map_columns
from .formats import SourceFormat
from .sample import SAMPLE, Sample

DELIMITERS: Final = (",", ";", "\t", "|")
_ABOVE: Final = 20
"""Lines above the header that are passed over: titles of a report, or commas only."""
_HEADER_LINES: Final = 20
"""Lines over which a header may go, with line breaks in its cells."""
_CLOCK: Final = re.compile(r"\d:\d\d")
_SAMPLED: Final = 1 << 22
"""Characters that are looked at, at most."""
_DIRECTIVE = re.compile(r'\ufeff?"?sep=([,;\t|])"?\s*')
"""Excel's own first line, for Excel only."""


class Header(NamedTuple):
    """The header line of one file, understood."""

    columns: Columns
    card_id: str
    """The card id's own header: a row with this for its card id is the header repeated."""
    delimiter: str
    line: int
    """Number of its last physical line, below which the rows begin."""
    format: SourceFormat
    claims: tuple[Claim | None, ...]
    """The field that each of its cells names."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was understood."""
    cells: tuple[str, ...] = ()
    """As written, but for line breaks and blanks at the ends."""

    @property
    def status(self) -> str:
        """The header of the first status."""
        return self.cells[self.columns.statuses[0]]


def read_header(
    blocks: Iterable[Block], formats: Sequence[SourceFormat], delimiter: str = ""
) -> Header:
    """Find the header, and tell the delimiter and the columns by it.

    It is the first line that is one of these formats: of several the one that knows most of its
    columns. Lines of titles above it are passed over. ``delimiter``: the declared one, "" for any;
    a line for Excel is nearer. Raises :class:`SourceError` if there is no header, or two formats
    read it alike.
    """
    lines = _Lines(blocks)
    passed: list[tuple[int, str]] = []
    # What the line that comes closest lacks is what the file lacks.
    lacks: list[_Lack] = []
    declared = delimiter
    while len(passed) <= _ABOVE and (text := lines.first) is not None:
        if directive := _DIRECTIVE.fullmatch(text):
            declared = directive.group(1)
        elif text.strip("\ufeff \t\r\n"):
            fit = _best_fit(lines, formats, declared)
            if isinstance(fit, Header):
                return _below(fit, passed)
            lacks.append(fit)
            passed.append((lines.number, text))
        lines.drop()
    if lacks:
        raise max(lacks, key=itemgetter(0))[1]
    if lines.number > 1:
        raise SourceError("there is no header line of a courier file; is this a CSV file?")
    raise SourceError("the file is empty; ask the partner to send it again")


class _Lines:
    """The next lines of a file, taken from its blocks as they are asked for."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.number = 1
        """That of the first of them."""
        self._next: list[str] = []
        self._rest = _until_overlong(blocks)

    @property
    def first(self) -> str | None:
        """The next line; None behind the last, and from one on that is too long for any."""
        some = self.some(1)
        return some[0] if some else None

    def some(self, count: int, characters: int = _SAMPLED) -> list[str]:
        """Return the next lines, up to so many and about so many characters."""
        done = sum(map(len, self._next))
        while len(self._next) < count and done < characters:
            line = next(self._rest, None)
            if line is None:
                break
            self._next.append(line if self._next or self.number > 1 else line.lstrip("\ufeff"))
            done += len(line)
        return self._next[:count]

    def drop(self) -> None:
        """Go on to the line behind the next one."""
        del self._next[:1]
        self.number += 1


def _until_overlong(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if block.overlong:
            yield ""  # the file is not empty
            return
        yield from block.lines


_Lack = tuple[int, SourceError]
"""How many fields a line names, and what it lacks to be a header."""


def _sampled(lines: _Lines, end: int) -> list[str]:
    return lines.some(end + SAMPLE)[end:]


def _best_fit(lines: _Lines, formats: Sequence[SourceFormat], declared: str) -> Header | _Lack:
    """Return the header at the next line, or what the line lacks to be one.

    Raises :class:`SourceError` for a header that cannot be trusted.
    """
    fits: list[Header] = []
    lacks: list[_Lack] = []
    for fmt in formats:
        try:
            cells, delimiter, end = _split_header(lines, fmt, declared)
        except SourceError as error:
            lacks.append((0, error))
            continue
        claims = claims_of(fmt, cells)
        sample = Sample(partial(_sampled, lines, end), delimiter)
        try:
            columns = map_columns(fmt, cells, sample)
        except SourceError as error:
            lacks.append((len({claim.field for claim in claims if claim}), error))
        else:
            line = lines.number - 1 + end
            card_id = cells[columns.index["card_id"]].strip()
            header = Header(columns, card_id, delimiter, line, fmt, tuple(claims), columns.notes)
            fits.append(header._replace(cells=tuple(map(one_line, cells))))
    if not fits:
        closest = max(lacks, key=itemgetter(0))
        # A title names a field or two at most; with three it is a header, and its file is refused.
        if closest[0] > 2 or not isinstance(closest[1], NoColumnError):
            raise closest[1]
        return closest
    known = max(len(fit.columns.index) for fit in fits)
    best = [fit for fit in fits if len(fit.columns.index) == known]
    if len(best) > 1:
        names = " and ".join(fit.format.name for fit in best)
        raise SourceError(
            f"the header fits {len(best)} formats alike, {names}; rename or remove the "
            "column that is not meant"
        )
    return best[0]


def _split_header(lines: _Lines, fmt: SourceFormat, declared: str) -> tuple[list[str], str, int]:
    """Split the header at the next line by the delimiter by which most of its columns are known.

    Returns the cells, the delimiter, and over how many lines the header goes.
    """
    splits: list[tuple[list[str], str, int]] = []
    some = lines.some(_HEADER_LINES)
    for delimiter in declared or DELIMITERS:
        # Quoted headers are an error at every delimiter but their own.
        with suppress(csv.Error):
            reader = csv.reader(some, delimiter=delimiter, skipinitialspace=True, strict=True)
            splits.append((next(reader), delimiter, reader.line_num))
    if not splits:
        raise NoColumnError("the quotes of the header line do not pair up; mend the line")
    return max(splits, key=lambda split: recognised(fmt, split[0]))


def _below(header: Header, above: Sequence[tuple[int, str]]) -> Header:
    """Return the header with a note on the lines above it; they must be no rows.

    Raises :class:`SourceError`.
    """
    for number, text in above:
        if _looks_like_a_row(text, header):
            raise SourceError(
                f"line {number} stands above the header and may be a row; move the header above it"
            )
    titles = [text.strip() for _, text in above if text.strip(f"{header.delimiter} \r\n\t")]
    if not above:
        return header
    note = f"lines above the header passed over: {len(above)}"
    if titles:
        note += f", the first with text {some_of(titles[:1], repr)}"
    return header._replace(notes=(note, *header.notes))


def _looks_like_a_row(text: str, header: Header) -> bool:
    """Tell whether a line has a card id and digits where a row has its card id and its time, or a
    clock and digits in as many cells as a row has.
    """
    cells = text.split(header.delimiter)
    with suppress(csv.Error):
        cells = next(csv.reader([text], delimiter=header.delimiter, skipinitialspace=True))
    if len(cells) < header.columns.least:
        numbers = sum(re.search(r"\d", cell) is not None for cell in cells)
        return numbers >= len(header.format.required) and _CLOCK.search(text) is not None
    if not re.search(r"\d", header.columns.time_of(cells)):
        return False
    try:
        CardIdReader().read(cells[header.columns.index["card_id"]])
    except BadCellError as bad:
        return bad.fault.reason is Reason.PAYMENT_CARD_NUMBER
    return True
