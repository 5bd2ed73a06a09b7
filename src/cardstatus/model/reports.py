"""Reports on a run of ingest, and on each of its files."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from .records import EventType, type_word


class Outcome(StrEnum):
    """The end that one file came to."""

    INGESTED = "ingested"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    PASSED_OVER = "passed_over"
    """Not looked into, since it is not named as a CSV file; told by ``watch``."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a file or of a run; ``rows = new + duplicates + rejected + erased``."""

    rows: int = 0
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0
    erased: int = 0
    """Rows of cards that were erased, or are turned away since they were."""

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


@dataclass(frozen=True, slots=True)
class FileReport:
    """Report on one file."""

    source: str
    type: EventType | None
    outcome: Outcome
    counts: Counts = Counts()
    error: str | None = None
    zoneless: int = 0
    """Events of this file whose time carried no zone and was read in the database's."""
    notes: tuple[str, ...] = ()
    """Remarks for a person, such as on ignored columns; problems are counted instead."""
    is_settled: bool = False
    """Whether it is in, and its problems are mended or forgotten."""

    @property
    def type_word(self) -> str | None:
        """The type as users read it; None for a file that failed before it could be told."""
        if self.type is None and self.outcome in (Outcome.FAILED, Outcome.PASSED_OVER):
            return None
        return type_word(self.type)


class FailedFile(NamedTuple):
    """A file that failed before a row of it was read."""

    name: str
    path: str
    """Absolute."""
    sha256: str | None
    """None if its bytes could not be read."""
    size: int
    """Bytes on disk."""
    type: EventType | None
    failed_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    error: str


class StatusChange(NamedTuple):
    """The change of one card's status by an ingest."""

    card_id: str
    before: str | None
    """None if the card was not known."""
    after: str | None
    """None if it is not known any more."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Report on one run."""

    database: str
    timezone: str
    country_code: str
    files: tuple[FileReport, ...]
    dry_run: bool = False
    left_out: int = 0
    """Files not taken in because of ``--only``."""
    interrupted: bool = False
    """Whether Ctrl-C ended the run, after the last of ``files``."""
    passed_over: tuple[str, ...] = ()
    """Files of folders that look like data and were not looked into, for they are named
    otherwise than ``*.csv`` and ``*.csv.gz``."""
    changes: tuple[StatusChange, ...] = ()
    """By card id, the statuses that are others than before: of a dry run all, else those of files
    that replaced others."""
    open_to_all: bool = False
    """Whether the run found a database that every user of the machine may read."""
    near_ids: int = 0
    """Pairs of cards whose ids differ in spelling only, of which the run brought one at least."""
    near_example: tuple[str, str] | None = None
    """One of these pairs."""
    wal_is_in: bool = True
    """Whether the database file alone has all that was taken in; else readers kept a part of it in
    the WAL beside the file, and a plain copy lacks that part."""
    record_error: str | None = None
    """Why files that failed could not be put on record."""

    @property
    def totals(self) -> Counts:
        """The counts of all files together."""
        return sum((file.counts for file in self.files), Counts())


class RecordedFile(NamedTuple):
    """A file that is in, or was."""

    number: int
    source: str
    """As the user named it."""
    type: str
    outcome: str
    ingested_at: str
    """ISO 8601 in UTC, ending in ``Z``."""
    rows: int
    new: int
    duplicates: int
    rejected: int
    warnings: int
    erased: int


@dataclass(frozen=True, slots=True)
class UndoReport:
    """Report on files that were taken out again."""

    database: str
    files: tuple[RecordedFile, ...]
    """As they had been."""
    removed: int
    """Events that no other file says."""
    kept: int
    """Events that other files say, too."""
    changes: tuple[StatusChange, ...]
    """By card id, the statuses that are others than before."""
    dry_run: bool = False
    wal_is_in: bool = True
    """As of a run of ingest."""


class Progress(Protocol):
    """Listener to a run's progress, in bytes of files on disk."""

    def start(self, total: int) -> None:
        """Begin a run over so many bytes."""

    def advance(self, count: int) -> None:
        """Count so many more bytes as done."""


class WatchedFile(NamedTuple):
    """Report of ``watch`` on one file, or on something that could not be looked at."""

    time: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    report: FileReport
    archived: Path | None = None
    """The file's new place; None if it was not moved."""
    archive_error: str | None = None
    """Why the file could not be moved to the archive."""
