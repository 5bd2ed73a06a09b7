"""Questions about the files that stand: those that were taken in, and not out again."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import astuple
from typing import Final, NamedTuple

from cardstatus.instants import one_iso
from cardstatus.model.records import EventType, type_word
from cardstatus.model.reports import Counts, Outcome, RecordedFile


class StandingFile(NamedTuple):
    """A file that was read and stands; if it failed, only its problems are there."""

    number: int
    name: str
    """As the user named it."""
    path: str
    """Absolute, on the machine that read it."""
    sha256: str
    size: int
    """Bytes."""
    type: EventType | None
    """None if each row has its own."""
    outcome: Outcome
    ingested_at: int
    """Nanoseconds since 1970-01-01T00:00:00Z."""
    counts: Counts
    zoneless: int
    """Events with a time that was read in the database's zone."""
    encoding: str | None
    """How its bytes were read; None if it came in before sightings were kept."""
    dates: str | None
    """The order of its dates, if the user declared it."""

    def recorded(self) -> RecordedFile:
        """Return the file as a record."""
        return RecordedFile(
            self.number, self.name, type_word(self.type), self.outcome, one_iso(self.ingested_at),
            *astuple(self.counts),
        )  # fmt: skip

    @property
    def kept(self) -> int:
        """The number of rows that say an event."""
        return self.counts.new + self.counts.duplicates


_QUERY: Final = """
    SELECT id, name, path, sha256, size, type, outcome, ingested_at, encoding, dates, zoneless,
        rows, new, duplicates, rejected, warnings, erased
    FROM source
"""


class StandingFiles:
    """The files of a database that stand."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[StandingFile]:
        """Return all files, in the order in which they came in."""
        return self._where("TRUE")

    def archived(self) -> dict[int, str]:
        """Return where watch has put files, by number."""
        return dict(
            self._connection.execute(
                "SELECT id, archived FROM source WHERE archived IS NOT NULL ORDER BY id"
            )
        )

    def numbered(self, number: int) -> StandingFile | None:
        """Return the file of a number, None if it does not stand."""
        return next(iter(self._where("id = ?", number)), None)

    def with_content(self, sha256: str) -> list[StandingFile]:
        """Return the files with this content."""
        return self._where("sha256 = ?", sha256)

    def at_path(self, path: str) -> list[StandingFile]:
        """Return the files that were read at a path, or moved there; absolute, as it is stored."""
        return self._where("path = ? OR archived = ?", path, path)

    def named(self, name: str) -> list[StandingFile]:
        """Return the files that were given by a name, that have it at the end of their path, or
        that were read at it.
        """
        return self._where(
            "? IN (name, path) OR substr(path, -length(?) - 1) = '/' || ?", name, name, name
        )

    def since(self, instant: int) -> list[StandingFile]:
        """Return the files ingested at an instant or later."""
        return self._where("ingested_at >= ?", instant)

    def last(self, kind: EventType | None) -> StandingFile | None:
        """Return the file that came in last, of one type if one is given; None if there is none."""
        wanted = None if kind is None else int(kind)
        return next(
            iter(
                self._where(
                    "id = (SELECT max(id) FROM source WHERE ?1 IS NULL OR type = ?1)", wanted
                )
            ),
            None,
        )

    def unsure(self, files: Iterable[StandingFile]) -> int:
        """Return how many standing files may say again what these say, without a record of it.

        They came in before sightings were kept. If there are any, nobody can tell what would be
        left without these files.
        """
        taken = list(files)
        gone = {file.number for file in taken}
        unsure: set[int] = set()
        for kind in {file.type for file in taken}:
            if kind is None:  # such a file has sightings
                continue
            first = min(file.number for file in taken if file.type is kind)
            unsure |= {
                other.number
                for other in self._where(
                    "encoding IS NULL AND duplicates > 0 AND type = ? AND id > ?", int(kind), first
                )
            } - gone
        for file in taken:
            writes_zones = file.kept > file.zoneless
            if file.type and file.encoding is None and file.counts.duplicates and writes_zones:
                unsure |= self._zoneless_before(file) - gone
        return len(unsure)

    def _zoneless_before(self, file: StandingFile) -> set[int]:
        """Return the files that may owe the zone of an event to a file that came after them."""
        return {
            other.number
            for other in self._where(
                "zoneless > 0 AND type = ? AND id < ?", file.type and int(file.type), file.number
            )
        }

    def of(self, numbers: Collection[int]) -> list[StandingFile]:
        """Return those files of some numbers that stand."""
        found = map(self.numbered, sorted(numbers))
        return [file for file in found if file is not None]

    def _where(self, condition: str, *values: str | int | None) -> list[StandingFile]:
        rows = self._connection.execute(f"{_QUERY} WHERE {condition} ORDER BY id", values)
        return [
            StandingFile(
                number, name, path, sha256, size, kind and EventType(kind), Outcome(outcome),
                ingested_at, Counts(*counts), zoneless, encoding, dates,
            )
            for (
                number, name, path, sha256, size, kind, outcome, ingested_at, encoding, dates,
                zoneless, *counts
            ) in rows
        ]  # fmt: skip
