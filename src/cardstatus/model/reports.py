"""What became of each file of a run."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from .records import EventType, StatusChange


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


class Progress(Protocol):
    """Is told how far a run is, in bytes of files on disk."""

    def start(self, total: int) -> None:
        """The run will go through so many bytes."""

    def advance(self, count: int) -> None:
        """So many more bytes are done."""


class WatchedFile(NamedTuple):
    """What became of one file, or of something that could not be looked at."""

    time: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    report: FileReport
    archived: Path | None = None
    """Where the file is now, if it was moved."""
