"""Takes many courier files into one database, each whole or not at all, and reports on them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cardstatus.courier.files.reader import open_file
from cardstatus.courier.files.search import (
    FoundFile,
    check_unchanged,
    find_files,
    printable_path,
    real_path,
)
from cardstatus.database.connection import open_to_all
from cardstatus.database.writing.packing import PackedEvents, Tally
from cardstatus.database.writing.staging import StagedFile
from cardstatus.database.writing.writer import MergedFile, Writer
from cardstatus.errors import DatabaseError, SourceError
from cardstatus.model.reports import (
    FileReport,
    IngestReport,
    Outcome,
    Progress,
    StatusChange,
)

from .options import Options, StrPath, as_paths, check_partners, reconcile, validate
from .part import FileToRead
from .plan import Planner, failed
from .record import Record
from .reports import report_on, why_failed
from .standing.versions import same_bytes
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
    """Take the files at and below ``paths`` into ``database``, and report on each.

    A file that cannot be taken in is reported as failed and stops nothing. On Ctrl-C the report
    ends with the last whole file.

    ``now``: returns the time in nanoseconds since 1970-01-01T00:00:00Z. ``on_wait``: called when
    another process that is writing keeps this one waiting.

    Raises :class:`UsageError` for options that mean nothing, and :class:`DatabaseError` for a
    database that cannot be used or was begun with other settings. Files that were merged before
    stay in.
    """

    def found(run: "_Run") -> list[FoundFile]:
        return list(find_files(as_paths(paths), run.pass_over))

    return _ingest(found, Path(database), options, now, progress, on_wait)


def ingest_found(
    files: Sequence[FoundFile],
    database: Path,
    options: Options,
    *,
    now: Callable[[], int],
    progress: Progress | None = None,
    on_wait: Callable[[], None] = lambda: None,
) -> IngestReport:
    """Take files that were found before, as :func:`ingest` does, by the names that they have."""
    return _ingest(lambda _: list(files), database, options, now, progress, on_wait)


def _ingest(
    found: "Callable[[_Run], list[FoundFile]]",
    database: Path,
    options: Options,
    now: Callable[[], int],
    progress: Progress | None,
    on_wait: Callable[[], None],
) -> IngestReport:
    validate(options)
    run: _Run | None = None
    try:
        with Writer.open(database, dry_run=options.dry_run, on_wait=on_wait) as writer:
            run = _Run(writer, database, options, now, progress or _Silent())
            run.take(found(run))
    except DatabaseError as error:
        raise _with_what_is_in(error, run.reports if run else ()) from error
    except KeyboardInterrupt:
        if run is None:
            raise
        run.interrupted = True  # perhaps the second, while the first one's run was put away
    return run.report()


class _Run:
    """One run: has its files planned, read, held and merged, and reports on each."""

    def __init__(
        self,
        writer: Writer,
        database: Path,
        options: Options,
        now: Callable[[], int],
        progress: Progress,
    ) -> None:
        self.reports: list[FileReport] = []
        self.interrupted = False
        self._wal_is_in = True
        self._record = Record(now)
        self._record_error: str | None = None
        self._left_out = 0
        self._passed_over: dict[Path, str] = {}
        self._changes: tuple[StatusChange, ...] = ()
        self._near_ids: list[tuple[str, str]] = []
        self._writer = writer
        self._database = database
        self._options = options
        self._settings = reconcile(writer.settings(), options)
        check_partners(writer.partners(), options.partners)
        self._planner = Planner(writer, database, options, self._settings)
        self._settled = {partner.name: partner.settled for partner in options.partners}
        self._now = now
        self._meter = _Meter(progress)
        self._waiting: list[tuple[FileReport, StagedFile | None]] = []
        """Reports that are not out yet, each with its file if that is held. Those lack the counts,
        which merging returns."""

    def pass_over(self, path: Path) -> None:
        """Take note of a file that looks like data and is not named as one of ours."""
        self._passed_over.setdefault(real_path(path), printable_path(path))

    def take(self, files: Sequence[FoundFile]) -> None:
        """Take the files in, or report why not. Ctrl-C ends it in good order."""
        for found in files:
            self._passed_over.pop(real_path(found.path), None)
        try:
            self._meter.start(files)
            self._writer.update_schema()
            self._take(files)
        except KeyboardInterrupt:
            self.interrupted = True
            self._report_committed()
        if self._options.dry_run or not self.interrupted:
            self._changes = self._writer.changes()
        if not self._options.dry_run:
            self._record_error = self._record.store(self._writer)
        if any(file.counts.new for file in self.reports):
            self._near_ids = list(self._writer.near_pairs())
        self._wal_is_in = self._writer.take_wal_in()

    def report(self) -> IngestReport:
        """Return the report of the run."""
        return IngestReport(
            database=str(self._database),
            timezone=self._settings.timezone,
            country_code=self._settings.country_code,
            files=tuple(self.reports),
            dry_run=self._options.dry_run,
            changes=self._changes,
            left_out=self._left_out,
            passed_over=tuple(self._passed_over.values()),
            open_to_all=open_to_all(self._database),
            near_ids=len(self._near_ids),
            near_example=self._near_ids[0] if self._near_ids else None,
            wal_is_in=self._wal_is_in,
            record_error=self._record_error,
            interrupted=self.interrupted,
        )

    def _take(self, files: Iterable[FoundFile]) -> None:
        with Workers(self._options.workers) as workers:
            for plan, pieces in workers.read(map(self._planner.plan, files)):
                if plan.report:
                    self._waiting.append((plan.report, None))
                    if plan.is_file:
                        self._record.add(plan.found, plan.report)
                elif plan.file:
                    self._read(plan.found, plan.file, pieces)
                else:
                    self._left_out += 1
                self._meter.end_file(plan.found)
        self._merge()

    def _read(self, found: FoundFile, file: FileToRead, pieces: Iterable[PackedEvents]) -> None:
        """Hold the rows of a file, and merge them with others when there are enough."""
        tally = Tally()
        try:
            for piece in pieces:
                self._writer.hold(piece)
                self._meter.advance(piece.size)
                tally += piece.tally
            if tally.doubts:
                _check_order(file)
            check_unchanged(file.path, file.stamp)
        except SourceError as error:
            self._writer.drop_file()
            report = failed(found.name, file.type, error)
            self._waiting.append((report, None))
            self._record.add(found, report)
            return
        staged = StagedFile(
            name=found.name,
            path=printable_path(file.path.absolute()),
            sha256=file.sha256,
            size=file.stamp.size,
            type=file.type,
            ingested_at=self._now(),
            tally=tally,
            encoding=file.encoding,
            dates=file.dates,
            replaces=file.replaces,
            partner=file.partner.name if file.partner else "",
            error=why_failed(tally, self._database, strict=self._options.strict),
        )
        self._record.add_read(staged.path, staged.sha256, is_in=staged.error is None)
        self._waiting.append((report_on(staged, file, self._options), staged))
        if self._writer.end_file(staged):
            self._merge()

    def _merge(self) -> None:
        """Put the held files into the database, and let the reports out."""
        merged: Iterator[MergedFile] = iter(())
        if any(file for _, file in self._waiting):
            merged = iter(self._writer.merge(self._settings, self._settled))
        reports = [
            self._completed(report, file, next(merged)) if file else report
            for report, file in self._waiting
        ]
        self.reports, self._waiting = self.reports + reports, []

    def _completed(self, report: FileReport, file: StagedFile, merged: MergedFile) -> FileReport:
        if merged.same_as:
            return failed(
                file.name, file.type, SourceError(same_bytes(merged.same_as, str(self._database)))
            )
        if merged.counts is None:
            return self._planner.versions.unchanged(file.name, file.type, file.sha256) or report
        return replace(report, counts=merged.counts)

    def _report_committed(self) -> None:
        """Report on held files that were committed just before an interrupt."""
        if self._options.dry_run:
            return
        self._writer.roll_back()
        for report, file in self._waiting:
            if file and not file.error:
                recorded = self._writer.recorded(file.sha256, file.type)
                if recorded:
                    self.reports.append(replace(report, counts=recorded.counts))


class _Meter:
    """The progress of a run. Each file counts its size on disk, whether it is read or not."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0

    def start(self, files: Iterable[FoundFile]) -> None:
        self._progress.start(sum(file.size for file in files))

    def advance(self, count: int) -> None:
        """Count more bytes of the current file."""
        self._done += count
        self._progress.advance(count)

    def end_file(self, file: FoundFile) -> None:
        """Count the rest of the current file."""
        self._progress.advance(file.size - self._done)
        self._done = 0


def _with_what_is_in(error: DatabaseError, reports: Sequence[FileReport]) -> DatabaseError:
    inside = [file.source for file in reports if file.outcome is not Outcome.FAILED]
    if not inside:
        return error
    return type(error)(f"{error}; files that are in and stay in: {len(inside):,}, to {inside[-1]}")


def _check_order(file: FileToRead) -> None:
    """Raise :class:`SourceError` if a file does not tell the order of its dates for certain."""
    from cardstatus.courier.rows.doubts import check_order  # hardly ever needed

    with open_file(file.path) as source:
        source.check_is(file.stamp)
        check_order(file.header, source.blocks(file.encoding), file.dates)
