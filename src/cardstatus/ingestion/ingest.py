"""The main job: many courier files into one database, each file in or out, and one report.

Callable from Python without the command line: :func:`ingest`.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cardstatus.courier import formats
from cardstatus.courier.files import (
    FoundFile,
    check_unchanged,
    find_files,
    open_file,
    printable_path,
)
from cardstatus.courier.header import read_header, some_of
from cardstatus.database.connection import open_to_all, opened, stored_settings
from cardstatus.database.packing import Run
from cardstatus.database.staging import SourceRecord, Staged
from cardstatus.database.store import Store
from cardstatus.errors import DatabaseError, OlderSchemaError, SourceError
from cardstatus.model.records import EventType, Settings, StatusChange
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome, Progress

from .options import Options, StrPath, as_paths, check, settle
from .part import Book, Job
from .workers import Workers

if TYPE_CHECKING:
    from cardstatus.database.writer import Recorder


class _Silent:
    def start(self, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


def ingest(
    paths: StrPath | Iterable[StrPath],
    database: StrPath,
    options: Options = Options(),
    *,
    now: Callable[[], int] = time.time_ns,
    progress: Progress | None = None,
    on_wait: Callable[[], None] = lambda: None,
) -> IngestReport:
    """Take the files at and below ``paths`` into ``database`` and report on each.

    A file that cannot be taken in is reported as failed and stops nothing. ``now`` gives the time
    in nanoseconds since 1970-01-01T00:00:00Z. Raises :class:`UsageError` for options that mean
    nothing and :class:`DatabaseError` for a database that cannot be used or was begun with other
    settings; the files reported before stay in. On Ctrl-C the report ends with the last whole file.
    ``on_wait`` is called when another process that is writing keeps this one waiting.
    """
    database = Path(database)
    check(options)
    stored = stored_settings(database)
    settings = settle(stored, options)
    found = list(find_files(as_paths(paths)))
    progress = progress or _Silent()
    progress.start(sum(file.size for file in found))
    run = _Ingest(database, options, settings, now, progress, on_wait)
    changes: tuple[StatusChange, ...] = ()
    try:
        with run:
            if stored:
                run.look_into_database()
            run.take(found)
            changes = run.changes()
    except DatabaseError as error:
        raise _with_what_is_in(error, run.reports) from error
    except KeyboardInterrupt:  # the second perhaps, while what the first has ended was put away
        run.interrupted = True
    return IngestReport(
        database=str(database),
        timezone=settings.timezone,
        country_code=settings.country_code,
        files=tuple(run.reports),
        dry_run=options.dry_run,
        changes=changes,
        left_out=run.left_out,
        open_to_all=open_to_all(database),
        interrupted=run.interrupted,
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done with one file: to report what is known, to read it, or else nothing."""

    found: FoundFile
    report: FileReport | None = None
    sha256: str = ""
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that is staged and waits to be merged."""

    plan: _Plan
    staged: Staged
    error: str | None
    """Why it must stay out."""


class _Ingest:
    """One run over many files: what they share."""

    def __init__(
        self,
        database: Path,
        options: Options,
        settings: Settings,
        now: Callable[[], int],
        progress: Progress,
        on_wait: Callable[[], None],
    ) -> None:
        self.reports: list[FileReport] = []
        self.left_out = 0
        self.interrupted = False
        self._waiting: list[FileReport | _Read] = []
        self._database = database
        self._options = options
        self._settings = settings
        self._now = now
        self._progress = progress
        self._on_wait = on_wait
        self._stack = ExitStack()
        self._recorder: Recorder | None = None
        self._store: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def look_into_database(self) -> None:
        """Have files that were ingested before known without opening the database for writing."""
        try:
            # Not Store.open, which would hold on to this state of it for as long as the run takes.
            connection = self._stack.enter_context(opened(self._database))
        except OlderSchemaError:
            self._open_recorder()  # which brings it up to date, be there files to take in or none
            return
        self._store = Store(self._database, connection)

    def take(self, files: Iterable[FoundFile]) -> None:
        """Take the files in, or say why not."""
        try:
            self._take(files)
        except KeyboardInterrupt:
            self.interrupted = True
            self._report_committed()

    def _take(self, files: Iterable[FoundFile]) -> None:
        workers = self._stack.enter_context(Workers(self._options.workers))
        for plan, runs in workers.read(map(self._plan, files)):
            done = 0
            if plan.report:
                self._waiting.append(plan.report)
            elif not plan.jobs:
                self.left_out += 1
            else:
                done = self._read(plan, runs)
            self._progress.advance(plan.found.size - done)
        self._merge()

    def _plan(self, found: FoundFile) -> _Plan:
        """Look at a file: whether it is to be read, and in which parts."""
        kind: EventType | None = None
        encoding = self._options.encoding
        try:
            if found.error:
                raise SourceError(found.error)
            if self._is_left_out(found.path.name):
                return _Plan(found)
            if self._is_database(found.path):
                raise SourceError("this is the database itself, not a courier file")
            kind = formats.identify(found.path.name, self._options.type)
            with open_file(found.path) as source:
                sha256 = source.sha256()
                if unchanged := self._unchanged(found, kind, sha256):
                    return _Plan(found, unchanged)
                header = read_header(source.blocks(encoding), formats.formats_of(kind))
                parts = source.parts(encoding)
        except SourceError as error:
            return _Plan(found, _failed(found, kind, error))
        book = Book(found.path, source.stamp, kind, header, encoding, self._settings)
        return _Plan(found, sha256=sha256, jobs=tuple(Job(book, part) for part in parts))

    def _is_left_out(self, name: str) -> bool:
        if not self._options.only:
            return False
        claims = set(formats.claimants(name))
        if len(claims) != 1 and self._options.type is not None:
            claims = {self._options.type}
        return bool(claims) and not claims & self._options.only

    def _is_database(self, path: Path) -> bool:
        # Closing a file takes from this process the locks that SQLite holds on it.
        with suppress(OSError):
            return path.samefile(self._database)
        return False

    def _open_recorder(self) -> "Recorder":
        # Not before the first file that can be taken in: a wrong folder makes no database.
        if self._recorder is None:
            from cardstatus.database.writer import Recorder

            opened = Recorder.open(
                self._database, self._settings, dry_run=self._options.dry_run, on_wait=self._on_wait
            )
            self._recorder = self._stack.enter_context(opened)
        return self._recorder

    def _unchanged(self, found: FoundFile, kind: EventType, sha256: str) -> FileReport | None:
        """Return the report of a file that is in already, from its stored counts."""
        known = self._recorder or self._store
        recorded = known.recorded(sha256, kind) if known else None
        if recorded is None:
            return None
        kept = recorded.counts.rows - recorded.counts.rejected
        return FileReport(
            found.name,
            kind,
            Outcome.UNCHANGED,
            replace(recorded.counts, new=0, duplicates=kept),
            zoneless=recorded.zoneless,
        )

    def _read(self, plan: _Plan, runs: Iterable[Run]) -> int:
        """Stage a file or say why not, and return how many of its bytes were counted as done."""
        done = 0
        staged = Staged()
        book = plan.jobs[0].book
        recorder = self._open_recorder()
        try:
            for run in runs:
                recorder.stage(run)
                staged.add(run)
                done += run.size
                self._progress.advance(run.size)
            check_unchanged(book.path, book.stamp)
        except SourceError as error:
            recorder.drop_file()
            self._waiting.append(_failed(plan.found, book.type, error))
            return done
        why_failed = staged.why_failed(strict=self._options.strict)
        self._waiting.append(_Read(plan, staged, why_failed))
        record = SourceRecord(
            plan.found.name,
            printable_path(plan.found.path.absolute()),
            plan.sha256,
            book.stamp.size,
            book.type,
            self._now(),
        )
        if recorder.end_file(record, staged, Outcome.FAILED if why_failed else Outcome.INGESTED):
            self._merge()
        return done

    def changes(self) -> tuple[StatusChange, ...]:
        """Return which cards a dry run would give another status."""
        return self._recorder.changes() if self._recorder and self._options.dry_run else ()

    def _merge(self) -> None:
        """Put what has been read into the database, and report on it."""
        counts: Iterator[Counts | None] = iter(())
        if any(isinstance(waiting, _Read) for waiting in self._waiting):
            counts = iter(self._open_recorder().merge())
        reports = [
            waiting if isinstance(waiting, FileReport) else self._report(waiting, next(counts))
            for waiting in self._waiting
        ]
        self.reports, self._waiting = self.reports + reports, []

    def _report_committed(self) -> None:
        """Report on the files that came in in the very moment of an interrupt."""
        if self._recorder is None or self._options.dry_run:
            return
        with Store.open(self._database) as store:
            for read in (it for it in self._waiting if isinstance(it, _Read) and not it.error):
                recorded = store.recorded(read.plan.sha256, read.plan.jobs[0].book.type)
                if recorded:
                    self.reports.append(self._report(read, recorded.counts))

    def _report(self, read: _Read, counts: Counts | None) -> FileReport:
        found, book = read.plan.found, read.plan.jobs[0].book
        if counts is None and (known := self._unchanged(found, book.type, read.plan.sha256)):
            return known
        return FileReport(
            found.name,
            book.type,
            Outcome.FAILED if read.error else Outcome.INGESTED,
            counts or Counts(),
            read.error,
            zoneless=0 if read.error else read.staged.zoneless,
            notes=_notes(book, self._options, read.staged),
        )


def _with_what_is_in(error: DatabaseError, reports: Sequence[FileReport]) -> DatabaseError:
    inside = [file.source for file in reports if file.outcome is not Outcome.FAILED]
    if not inside:
        return error
    return type(error)(f"{error}; files that are in and stay in: {len(inside):,}, to {inside[-1]}")


def _failed(found: FoundFile, kind: EventType | None, error: SourceError) -> FileReport:
    return FileReport(found.name, kind, Outcome.FAILED, error=str(error))


def _notes(book: Book, options: Options, staged: Staged) -> tuple[str, ...]:
    notes = []
    if options.type not in (None, book.type):
        notes.append(f"taken as {book.type.word} by its name, --type is for names that do not tell")
    if ignored := book.header.columns.ignored:
        notes.append(f"columns ignored: {some_of(ignored)}")
    if staged.month_first and staged.events:
        notes.append(
            f"dates with the month first: {staged.month_first:,}; ask the partner whether others, "
            "read day first, were meant so too"
        )
    if not staged.events and not staged.rejected:
        notes.append("no rows below the header")
    return tuple(notes)
