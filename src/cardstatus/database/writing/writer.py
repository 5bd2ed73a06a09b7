"""The database of one run of ingest, over one connection: what it knows, and the way into it.

A file's rows are first *held*, without any lock, then *merged* in one short transaction. So they
go in together or not at all, and readers see a file whole or not. A file that takes the place of
others has these taken out in the same transaction. The SQL of holding and merging is in
``staging``, that of taking out in ``undoing``.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cardstatus.model.records import EventType, Settings
from cardstatus.model.reports import Counts, FailedFile, FileReport, Outcome, StatusChange

from .. import search_text, settled
from ..reading.standing import StandingFile, StandingFiles
from ..schema.version import refuse_missing_type
from ..sqlite_errors import translated
from . import changes, failures, sources, staging
from .failures import PathAndHash
from .packing import PackedEvents
from .session import Session
from .staging import StagedFile


class MergedFile(NamedTuple):
    """What became of a held file."""

    counts: Counts | None = None
    """None for one that another process, or the same run, has ingested before."""
    same_as: StandingFile | None = None
    """The file of another type with the same bytes that keeps this one out."""


class Writer(Session):
    """A database opened for ingest."""

    def __init__(
        self, path: Path, stack: ExitStack, *, dry_run: bool, on_wait: Callable[[], None]
    ) -> None:
        super().__init__(path, stack, dry_run=dry_run, on_wait=on_wait)
        self._known_before = 0
        self._files: list[StagedFile] = []
        self._holds_some = False
        self._replaced: set[int] = set()

    def recorded(self, sha256: str, event_type: EventType | None) -> FileReport | None:
        """Return the report of the file with this content, None if none has been ingested."""
        return self._store.recorded(sha256, event_type) if self._store else None

    def hold(self, piece: PackedEvents) -> None:
        """Set a piece of the current file aside."""
        self._holds_some = True
        staging.hold(self._db, piece, len(self._files) + 1)

    def drop_file(self) -> None:
        """Forget the current file."""
        if self._holds_some:
            staging.drop(self._db, len(self._files) + 1)
            self._holds_some = False

    def end_file(self, file: StagedFile) -> bool:
        """Keep the current file for the next merge; return whether it is time to merge."""
        self._files.append(file)
        self._holds_some = False
        return sum(file.tally.rows for file in self._files) >= staging.ENOUGH

    def merge(
        self, settings: Settings, partners: Mapping[str, str] = MappingProxyType({})
    ) -> list[MergedFile]:
        """Put all held files into the database, and return what became of each.

        The first file that gets in fixes the settings; the first of a partner what it has declared,
        which ``partners`` has by name.
        """
        db = self._db
        if not db.in_transaction:  # as it is in a dry run
            # What is noted in temporary tables meanwhile is rolled back with the rest.
            db.execute("PRAGMA temp.journal_mode = MEMORY")
        with self._transaction(db):
            if not all(file.error for file in self._files):
                settled.fix_settings(db, self._path, settings)
                owners = {file.partner for file in self._files if file.partner and not file.error}
                settled.fix_partners(db, {name: partners[name] for name in sorted(owners)})
            merged = self._merge(db)
            self._check_in_place()
        self._check_in_place()
        self._files = []
        if not db.in_transaction:
            db.execute("PRAGMA temp.journal_mode = OFF")
        staging.clear(db)
        return merged

    def record_failures(self, failed: Sequence[FailedFile], read: Sequence[PathAndHash]) -> None:
        """Put failures on record, and take off what was read. Makes no database for it."""
        if self._connection and self._store:
            with translated(self._path, self._connection):
                if any(failures.news(self._connection, failed, read)):
                    with self._transaction(self._db):
                        failures.change(self._connection, failed, read)

    def take_wal_in(self) -> bool:
        """Put the WAL into the database file, once the text of ``find`` is made."""
        if self._writing and not self._dry_run:
            self._check_in_place()
            self._make_search_text(self._writing)
        return super().take_wal_in()

    def _make_search_text(self, db: sqlite3.Connection) -> None:
        """Make the text of ``find`` if there is none, and there is room: once after a bulk load."""
        if not search_text.is_made(db):
            with suppress(sqlite3.OperationalError), self._transaction(db):
                search_text.make(db)

    def changes(self) -> tuple[StatusChange, ...]:
        """Return the cards whose status this run has changed, by card id.

        Of a dry run all, for which it goes through all events; else those of files that replaced
        others.
        """
        if self._store is None or self._writing is None:
            return ()
        noted = changes.changed(self._writing) if self._replaced else []
        if not self._dry_run:
            return tuple(noted)
        known = changes.noted_cards(self._writing) if self._replaced else set()
        others = self._store.changes_since(self._known_before)
        return tuple(sorted([*noted, *(one for one in others if one.card_id not in known)]))

    def near_pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs of card ids, different in spelling only, that this run has made."""
        if self._store and self._writing:
            yield from self._store.new_near_pairs(self._known_before)

    def _make_temporary_tables(self, db: sqlite3.Connection) -> None:
        staging.make_tables(db)

    def _begin_writing(self) -> sqlite3.Connection:
        db = super()._begin_writing()
        self._known_before = sources.last_number(db)
        return db

    def _merge(self, db: sqlite3.Connection) -> list[MergedFile]:
        base = sources.last_number(db)
        self._replace(db, base)
        files: list[StagedFile | None] = list(self._files)
        merged: dict[int, MergedFile] = {}
        for number, held in enumerate(self._files, 1):
            if outside := self._stays_outside(db, held, base):
                files[number - 1] = None
                merged[number] = outside
            else:
                for kind in [held.type] if held.type else EventType:
                    refuse_missing_type(db, self._path, kind)
                sources.forget_failure(db, held)
                sources.insert(db, base + number, held)
        new, erased = staging.merge(db, files, base)
        search_text.add_incoming(db, sum(file.tally.events for file in files if file))
        for number, file in enumerate(files, 1):
            if file:
                counted = file.counts(new.get(number, 0), erased[number])
                sources.set_counts(db, base + number, counted)
                merged[number] = MergedFile(counted)
        return [merged[number] for number in range(1, len(files) + 1)]

    def _replace(self, db: sqlite3.Connection, base: int) -> None:
        """Take out what the held files replace, and note the statuses that may change."""
        going: dict[int, int | None] = {}
        standing = StandingFiles(db)
        replacing = []
        for number, held in enumerate(self._files, 1):
            if held.error is None and (found := standing.of(held.replaces)):
                going |= {file.number: base + number for file in found}
                replacing.append(number)
        if not going:
            return
        from . import undoing  # files seldom replace others

        known = self._known_before if self._dry_run else base
        undoing.find_leaving(db, going)
        changes.note_statuses_of_leaving(db, known)
        changes.note_statuses_of_held(db, replacing, known)
        undoing.take_out(db, going, max(file.ingested_at for file in self._files))
        self._replaced |= going.keys()

    def _stays_outside(
        self, db: sqlite3.Connection, held: StagedFile, base: int
    ) -> MergedFile | None:
        """Return what is to be said of a file that must not be stored, None for any other."""
        same = StandingFiles(db).with_content(held.sha256)
        ingested = [file for file in same if file.outcome is Outcome.INGESTED]
        if any(file.type is held.type for file in ingested):
            # Its problems cannot be kept beside those of the file that stands.
            return MergedFile(held.counts(0, 0) if held.error else None)
        # Those of the same merge have no counts yet.
        others = [file for file in ingested if file.kept or file.number > base]
        if others and held.tally.events and held.error is None:
            return MergedFile(same_as=others[0])
        return None
