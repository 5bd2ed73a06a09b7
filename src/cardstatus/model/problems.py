"""Reasons for refusing a row or a cell, and the problem that names one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from typing import Final, NamedTuple


class Severity(StrEnum):
    """The cost of a problem."""

    REJECTED = "rejected"
    """No event was kept."""
    WARNING = "warning"
    """The event was kept, one field was dropped or masked."""
    FAILED = "failed"
    """No row of the file was read."""


class Reason(StrEnum):
    """Fixed codes for what is wrong with a row or a cell; scripts may match them."""

    TOO_FEW_CELLS = "too_few_cells"
    TOO_MANY_CELLS = "too_many_cells"
    EMPTY_ROW = "empty_row"
    REPEATED_HEADER = "repeated_header"
    BAD_QUOTING = "bad_quoting"
    CELL_TOO_LONG = "cell_too_long"
    LINE_TOO_LONG = "line_too_long"
    UNDECODABLE = "undecodable"
    MISSING_CARD_ID = "missing_card_id"
    BAD_CARD_ID = "bad_card_id"
    SEVERAL_CARD_IDS = "several_card_ids"
    PAYMENT_CARD_NUMBER = "payment_card_number"
    CONTRADICTING_STATUS = "contradicting_status"
    UNMAPPED_STATUS = "unmapped_status"
    MISSING_TIME = "missing_time"
    BAD_TIME = "bad_time"
    INCOMPLETE_TIME = "incomplete_time"
    TWO_DIGIT_YEAR = "two_digit_year"
    MONTH_FIRST = "month_first"
    OTHER_DATE_ORDER = "other_date_order"
    UNKNOWN_ZONE = "unknown_zone"
    AMBIGUOUS_TIME = "ambiguous_time"
    NONEXISTENT_TIME = "nonexistent_time"
    BAD_MOBILE = "bad_mobile"
    SEVERAL_MOBILES = "several_mobiles"
    LANDLINE = "landline"
    EXCEL_ROUNDED_NUMBER = "excel_rounded_number"
    EXCEL_SERIAL_DATE = "excel_serial_date"
    EXCEL_NARROW_COLUMN = "excel_narrow_column"
    EXCEL_LOST_DATE = "excel_lost_date"
    FILE_FAILED = "file_failed"
    """Of the file as a whole: its name or its header."""


_SHOWN: Final = 5
"""Unknown words that are named."""


@dataclass(frozen=True, slots=True)
class UnknownWords:
    """The rows of a file, or of a piece of one, that hold a word of which nothing is known."""

    rows: int = 0
    found: tuple[tuple[int, str], ...] = ()
    """The first different words, each with the line of one."""

    def __add__(self, other: "UnknownWords") -> "UnknownWords":
        """Return the rows of both; the first lines of a file name the words, in whatever order the
        pieces come.
        """
        found = sorted((*self.found, *other.found), reverse=True)
        return self.of(self.rows + other.rows, {word: line for line, word in found})

    @classmethod
    def of(cls, rows: int, lines: Mapping[str, int]) -> "UnknownWords":
        """Return some rows; ``lines`` has each word with the first line that it stands in."""
        return cls(rows, tuple(nsmallest(_SHOWN, ((line, word) for word, line in lines.items()))))

    @property
    def words(self) -> list[str]:
        """The first different words."""
        return [word for _, word in self.found]


NO_UNKNOWN_WORDS: Final = UnknownWords()


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, or a cell of it, that could not be taken as written."""

    severity: Severity
    line: int
    field: str | None
    """The event's field at fault; None for the row as a whole."""
    reason: Reason
    detail: str
    """A sentence that a partner can act on, without any full mobile."""
    raw: str
    """The row as it stands in the file, cut to a few thousand characters, payment card numbers
    masked."""


class State(StrEnum):
    """What has become of a problem."""

    OPEN = "open"
    MENDED = "mended"
    """A later version of its file is in."""
    FORGOTTEN = "forgotten"
    """A person said that it is dealt with."""


class StoredProblem(NamedTuple):
    """A problem as the ``problems`` command gives it, with the file it was found in."""

    severity: str
    source: str
    line: int | None
    """None for a file that failed as a whole."""
    field: str | None
    reason: str
    detail: str
    raw: str
    ingested_at: str
    """When the file was read; ISO 8601 in UTC, ending in ``Z``."""
    state: str
    """A :class:`State`."""
