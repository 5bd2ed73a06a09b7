"""The words of the program as types: events, statuses, problems, formats and reports.

Owns no behaviour beyond what a value says about itself. The words of answers, which a look-up can
do with alone, are in ``answers`` and ``settings``; here they are given on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import NamedTuple

from .records import CardStatus, EventType, Severity, Status, StatusChange, StoredProblem
from .settings import DEFAULT_SETTINGS, Settings

__all__ = [
    "DEFAULT_SETTINGS", "CardStatus", "Counts", "Event", "EventFields", "EventType", "FileReport",
    "IngestReport", "Outcome", "Problem", "RawRow", "Reason", "Settings", "Severity",
    "SourceFormat", "Status", "StatusChange", "StoredProblem",
]  # fmt: skip


class Event(NamedTuple):
    """What one courier row says happened to one card at one time.

    The first six fields are the identity, in the order of the event-ordering rule, so that
    comparing two events of a card as tuples *is* the rule (``ordering`` owns it; a test holds
    the two together). Missing text is ``""``: a primary key admits no null.

    A named tuple and not a dataclass: one is built for every row, and a frozen slotted dataclass
    costs 0.65 µs against 0.25 µs (Python 3.11), and cannot be bound to SQL parameters as it is.
    """

    card_id: str
    occurred_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z; partners send up to seven decimals of a second."""
    type: int
    """An :class:`EventType`; a plain ``int`` because it goes to SQLite as it is."""
    reference: str
    mobile: str
    """E.164, such as ``+971585550123``."""
    comment: str
    zoned: int
    """1 if the courier wrote the zone of ``occurred_at``, 0 if the database's zone was assumed."""
    line: int
    """Physical line on which the row starts; the header of most files is line 1."""


EventFields = tuple[str, int, int, str, str, str, int, int]
"""An :class:`Event` or its fields as a plain tuple, of which a million are made 0.2 s sooner."""


class RawRow(NamedTuple):
    """A row as read: as many cells as the header has, nothing interpreted."""

    line: int
    cells: Sequence[str]
    text: str
    """The row as it stands in the file, for evidence."""


class Reason(StrEnum):
    """Why a row or a cell could not be taken as written: fixed codes that scripts may match."""

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
    PAYMENT_CARD_NUMBER = "payment_card_number"
    MISSING_TIME = "missing_time"
    BAD_TIME = "bad_time"
    INCOMPLETE_TIME = "incomplete_time"
    TWO_DIGIT_YEAR = "two_digit_year"
    MONTH_FIRST = "month_first"
    UNKNOWN_ZONE = "unknown_zone"
    AMBIGUOUS_TIME = "ambiguous_time"
    NONEXISTENT_TIME = "nonexistent_time"
    BAD_MOBILE = "bad_mobile"
    EXCEL_ROUNDED_NUMBER = "excel_rounded_number"
    EXCEL_SERIAL_DATE = "excel_serial_date"
    EXCEL_NARROW_COLUMN = "excel_narrow_column"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, or a cell of it, that could not be taken as written."""

    severity: Severity
    line: int
    field: str | None
    """The field of the event at fault; None where the row as a whole is."""
    reason: Reason
    detail: str
    """A sentence a partner can act on; never holds a full mobile."""
    raw: str
    """The row as it stands in the file, cut to a few thousand characters, payment card numbers
    masked."""


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """One courier file type, declared: how its files are named and what its columns are called."""

    type: EventType
    name_pattern: re.Pattern[str]
    """Searched in the file's name after case, blanks and punctuation are levelled out."""
    columns: Mapping[str, frozenset[str]]
    """Event field -> the headers it is known by, reduced to lower-case letters and digits."""
    required: frozenset[str]
    """The fields without whose column no row of the file can be trusted."""


class Outcome(StrEnum):
    """What became of one file."""

    INGESTED = "ingested"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Counts:
    """The five counts of a file or of a run; ``rows = new + duplicates + rejected``."""

    rows: int = 0
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a stored file counted."""

    counts: Counts
    zoneless: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What ingest did with one file."""

    source: str
    type: EventType | None
    outcome: Outcome
    counts: Counts = Counts()
    error: str | None = None
    zoneless: int = 0
    """Events of this file whose time carried no zone and was read in the database's."""
    notes: tuple[str, ...] = ()
    """Things a person should know that are no problem, such as ignored columns."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one run of ingest did."""

    database: str
    timezone: str
    country_code: str
    files: tuple[FileReport, ...]
    dry_run: bool = False
    left_out: int = 0
    """Files not taken in because of ``--only``."""
    interrupted: bool = False
    """Ctrl-C came after the last of ``files``."""
    changes: tuple[StatusChange, ...] = ()
    """Of a dry run: the cards whose status would be another, by card id."""
    open_to_all: bool = False
    """Every user of the machine may read the database: that is how it was found."""

    @property
    def totals(self) -> Counts:
        """The counts of all files together."""
        return sum((file.counts for file in self.files), Counts())
