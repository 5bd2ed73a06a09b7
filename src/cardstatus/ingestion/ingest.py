"""The main job: many courier files into one database, each file in or out, and one report.

Callable from Python without the command line: :func:`ingest`.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cardstatus.courier.files import FoundFile, check_unchanged, find_files, printable_path
from cardstatus.courier.header import some_of
from cardstatus.database.connection import open_to_all
from cardstatus.database.packing import PackedEvents, Tally
from cardstatus.database.staging import StagedFile
from cardstatus.database.writer import Writer
from cardstatus.errors import DatabaseError, SourceError
from cardstatus.model.records import Settings, StatusChange
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome, Progress

from .options import Options, StrPath, as_paths, check, settle
from .part import FileToRead
from .plan import Planner, failed
from .workers import Workers


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

    A file that cannot be taken in is reported as failed and stops nothing. On Ctrl-C the report
    ends with the last whole file.

    ``now`` gives the time in nanoseconds since 1970-01-01T00:00:00Z. ``on_wait`` is called when
    another process that is writing keeps this one waiting. Raises :class:`UsageError` for options
    that mean nothing and :class:`DatabaseError` for a database that cannot be used or was begun
    with other settings; the files reported before stay in.
    """
    database = Path(database)
    check(options)
    run: _Run | None = None
    try:
        with Writer.open(database, dry_run=options.dry_run, on_wait=on_wait) as writer:
            settings = settle(writer.settings(), options)
            run = _Run(writer, database, options, settings, now, progress or _Silent())
            run.take(list(find_files(as_paths(paths))))
    except DatabaseError as error:
        raise _with_what_is_in(error, run.reports if run else ()) from error
    except KeyboardInterrupt:
        if run is None:
            raise
        run.interrupted = True  # the second perhaps, while what the first has ended was put away
    return IngestReport(
        database=str(database),
        timezone=settings.timezone,
        country_code=settings.country_code,
        files=tuple(run.reports),
        dry_run=options.dry_run,
        changes=run.changes,
        left_out=run.left_out,
        open_to_all=open_to_all(database),
        interrupted=run.interrupted,
    )


class _Run:
    """One run over many files: has them planned, read, held and merged, and reports on each."""

    def __init__(
        self,
        writer: Writer,
        database: Path,
        options: Options,
        settings: Settings,
        now: Callable[[], int],
        progress: Progress,
    ) -> None:
        self.reports: list[FileReport] = []
        self.left_out = 0
        self.interrupted = False
        self.changes: tuple[StatusChange, ...] = ()
        self._writer = writer
        self._planner = Planner(writer, database, options, settings)
        self._options = options
        self._settings = settings
        self._now = now
        self._meter = _Meter(progress)
        self._waiting: list[tuple[FileReport, StagedFile | None]] = []
        """Reports that are not out; that of a held file lacks the counts, which merging tells."""

    def take(self, files: Sequence[FoundFile]) -> None:
        """Take the files in, or say why not."""
        try:
            self._meter.start(files)
            self._writer.update_schema()
            self._take(files)
        except KeyboardInterrupt:
            self.interrupted = True
            self._report_committed()
        if self._options.dry_run:
            self.changes = self._writer.changes()

    def _take(self, files: Iterable[FoundFile]) -> None:
        with Workers(self._options.workers) as workers:
            for plan, pieces in workers.read(map(self._planner.plan, files)):
                if plan.report:
                    self._waiting.append((plan.report, None))
                elif plan.file:
                    self._read(plan.found, plan.file, pieces)
                else:
                    self.left_out += 1
                self._meter.end_file(plan.found)
        self._merge()

    def _read(self, found: FoundFile, file: FileToRead, pieces: Iterable[PackedEvents]) -> None:
        """Hold a file's rows until they are merged, or say why it must stay out."""
        tally = Tally()
        try:
            for piece in pieces:
                self._writer.hold(piece)
                self._meter.advance(piece.size)
                tally += piece.tally
            check_unchanged(file.path, file.stamp)
        except SourceError as error:
            self._writer.drop_file()
            self._waiting.append((failed(found.name, file.type, error), None))
            return
        staged = StagedFile(
            name=found.name,
            path=printable_path(file.path.absolute()),
            sha256=file.sha256,
            size=file.stamp.size,
            type=file.type,
            ingested_at=self._now(),
            tally=tally,
            error=_why_failed(tally, strict=self._options.strict),
        )
        self._waiting.append((_report(staged, file, self._options), staged))
        if self._writer.end_file(staged):
            self._merge()

    def _merge(self) -> None:
        """Put what is held into the database, and let the reports out."""
        counts: Iterator[Counts | None] = iter(())
        if any(file for _, file in self._waiting):
            counts = iter(self._writer.merge(self._settings))
        reports = [
            self._completed(report, file, next(counts)) if file else report
            for report, file in self._waiting
        ]
        self.reports, self._waiting = self.reports + reports, []

    def _completed(self, report: FileReport, file: StagedFile, counts: Counts | None) -> FileReport:
        if counts is None:
            return self._planner.unchanged(file.name, file.type, file.sha256) or report
        return replace(report, counts=counts)

    def _report_committed(self) -> None:
        """Report on the files that came in in the very moment of an interrupt."""
        if self._options.dry_run:
            return
        self._writer.roll_back()
        for report, file in self._waiting:
            if file and not file.error:
                recorded = self._writer.recorded(file.sha256, file.type)
                if recorded:
                    self.reports.append(replace(report, counts=recorded.counts))


class _Meter:
    """Tells how far a run is; each file counts its size on disk, however much of it was read."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0

    def start(self, files: Iterable[FoundFile]) -> None:
        self._progress.start(sum(file.size for file in files))

    def advance(self, count: int) -> None:
        """Count so many more bytes of the current file."""
        self._done += count
        self._progress.advance(count)

    def end_file(self, file: FoundFile) -> None:
        """Count what is left of the current file."""
        self._progress.advance(file.size - self._done)
        self._done = 0


def _with_what_is_in(error: DatabaseError, reports: Sequence[FileReport]) -> DatabaseError:
    inside = [file.source for file in reports if file.outcome is not Outcome.FAILED]
    if not inside:
        return error
    return type(error)(f"{error}; files that are in and stay in: {len(inside):,}, to {inside[-1]}")


def _report(staged: StagedFile, file: FileToRead, options: Options) -> FileReport:
    """Return the report of a held file, but for its counts."""
    return FileReport(
        staged.name,
        staged.type,
        staged.outcome,
        error=staged.error,
        zoneless=0 if staged.error else staged.tally.zoneless,
        notes=_notes(file, options, staged.tally),
    )


def _why_failed(tally: Tally, *, strict: bool) -> str | None:
    """Say why a file as a whole must stay out; None if it need not."""
    first = tally.first_rejected
    if first is None or (tally.events and not strict):
        return None
    what = f"{tally.rejected:,} of {tally.rows:,} rows rejected and --strict takes all or nothing"
    if not tally.events:
        what = "every row is rejected" if tally.rows > 1 else "its only row is rejected"
    return f"{what}; the first is line {first.line}: {first.detail} (see 'cardstatus problems')"


def _notes(file: FileToRead, options: Options, tally: Tally) -> tuple[str, ...]:
    notes = []
    if options.type not in (None, file.type):
        notes.append(f"taken as {file.type.word} by its name, --type is for names that do not tell")
    if ignored := file.header.columns.ignored:
        notes.append(f"columns ignored: {some_of(ignored)}")
    if tally.month_first and tally.events:
        notes.append(
            f"dates with the month first: {tally.month_first:,}; ask the partner whether others, "
            "read day first, were meant so too"
        )
    if not tally.rows:
        notes.append("no rows below the header")
    return tuple(notes)
