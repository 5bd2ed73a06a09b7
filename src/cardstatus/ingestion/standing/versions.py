"""Tells what a found file is beside the files that are in: one of them, its next version, or the
same bytes as another type.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cardstatus.courier.files.reader import OpenFile
from cardstatus.courier.files.search import FoundFile, printable_path
from cardstatus.database.reading.standing import StandingFile, StandingFiles
from cardstatus.database.writing.remover import unsure_sentence
from cardstatus.database.writing.writer import Writer
from cardstatus.errors import SourceError, command
from cardstatus.instants import SECOND, one_iso
from cardstatus.model.records import EventType, type_word
from cardstatus.model.reports import FileReport, Outcome

from ..options import Options


class Place(NamedTuple):
    """The place of a file beside those that are in."""

    report: FileReport | None = None
    """The report of a file that is in already, and is not to be read."""
    replaces: tuple[int, ...] = ()
    """The numbers of the files whose place it takes."""
    notes: tuple[str, ...] = ()


class Versions:
    """The files that are in, as the files of one run meet them."""

    def __init__(self, writer: Writer, database: str, options: Options) -> None:
        self._writer = writer
        self._database = database
        self._options = options

    def place_of(
        self,
        found: FoundFile,
        kind: EventType | None,
        file: OpenFile,
        sha256: str,
        declared: Options,
    ) -> Place:
        """Return the place of an open file; ``declared`` is how it is to be read.

        Raises :class:`SourceError` if it has none.
        """
        standing = self._writer.standing
        if standing is None:
            return Place()
        same = [one for one in standing.with_content(sha256) if one.outcome is Outcome.INGESTED]
        for one in same:
            if one.type is kind:
                return self._met_again(found, one, standing, file, declared)
        for one in same:
            if one.kept:
                raise SourceError(same_bytes(one, self._database))
        return self._after_others(found, kind, file, standing)

    def unchanged(self, name: str, kind: EventType | None, sha256: str) -> FileReport | None:
        """Return the report of a file that is in already, None if it is not."""
        recorded = self._writer.recorded(sha256, kind)
        if recorded is None:
            return None
        kept = recorded.counts.new + recorded.counts.duplicates
        counts = replace(recorded.counts, new=0, duplicates=kept)
        return replace(recorded, source=name, outcome=Outcome.UNCHANGED, counts=counts)

    def _met_again(
        self,
        found: FoundFile,
        one: StandingFile,
        standing: StandingFiles,
        file: OpenFile,
        declared: Options,
    ) -> Place:
        # Of files of older versions nobody knows how they were read: where one cannot be taken out
        # for certain, it stays as it is.
        is_open = one.encoding is not None or not standing.unsure([one])
        if is_open and (read_as := _read_otherwise(one, file, declared)):
            self._check_sure(standing, [one])
            return Place(replaces=(one.number,), notes=(f"read anew, {read_as}",))
        return Place(report=self.unchanged(found.name, one.type, one.sha256))

    def _after_others(
        self,
        found: FoundFile,
        kind: EventType | None,
        file: OpenFile,
        standing: StandingFiles,
    ) -> Place:
        """Return the place of a file beside those that were read at its path before it."""
        path = printable_path(found.path.absolute())
        earlier = [one for one in standing.at_path(path) if one.outcome is Outcome.INGESTED]
        grown = [one for one in earlier if one.type is kind and _has_grown(file, one)]
        if grown and not standing.unsure(grown):
            return Place(
                replaces=tuple(one.number for one in grown),
                notes=tuple(f"has grown, and replaces {_as_taken_in(one)}" for one in grown),
            )
        if self._options.replace and earlier:
            last = earlier[-1]
            self._check_sure(standing, [last])
            return Place(replaces=(last.number,), notes=(f"replaces {_as_taken_in(last)}",))
        return Place()

    def _check_sure(self, standing: StandingFiles, files: Sequence[StandingFile]) -> None:
        if unsure := standing.unsure(files):
            raise SourceError(unsure_sentence(self._database, unsure))


def _read_otherwise(one: StandingFile, file: OpenFile, declared: Options) -> str | None:
    """Return how a file that is in would be read now, None if as it was.

    Only what is declared counts: a file that was read in a declared way stays as it is when
    nothing is declared.
    """
    encoding, dates = declared.encoding, declared.dates
    if encoding is not None and (now := file.encoding(encoding)) != one.encoding:
        return f"as {now}" + (f"; it had been read as {one.encoding}" if one.encoding else "")
    if dates is not None and dates != one.dates:
        return f"{dates}; it had been read {one.dates or 'day-first'}"
    return None


def same_bytes(one: StandingFile, database: str) -> str:
    """Return the sentence about a file whose bytes are in as another type."""
    undo = command(f"undo {one.number}", database)
    return (
        f"the same bytes are in as {type_word(one.type)}, since {_time(one)}, by the name "
        f"{one.name}, and cannot be both; if that is wrong, run '{undo}', then the same command "
        "again"
    )


def _has_grown(file: OpenFile, one: StandingFile) -> bool:
    return one.size < file.stamp.size and file.begins_with(one.size, one.sha256)


def _as_taken_in(one: StandingFile) -> str:
    return f"what it was on {_time(one)} (number {one.number}, {one.counts.rows:,} rows)"


def _time(one: StandingFile) -> str:
    return one_iso(one.ingested_at // SECOND * SECOND)
