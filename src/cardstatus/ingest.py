"""The main job: many courier files into one database, each file in or out, and one report.

Callable from Python without the command line: :func:`ingest`.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, Self
from zoneinfo import ZoneInfo

from . import formats
from .database import holds_something
from .errors import SourceError
from .mobiles import MobileReader
from .model import (
    Counts,
    Event,
    FileReport,
    IngestReport,
    Outcome,
    Problem,
    Reason,
    Settings,
    Severity,
    SourceFormat,
)
from .normalise import Normaliser
from .options import Options, settle
from .recorder import Recorder, SourceRecord, Staged
from .rows import Table
from .sources import Found, Source, find, open_source, printable_path
from .times import TimeReader

# A block of a file gives some 300 events; handing each over by itself takes 0.5 µs an event more.
_STAGED_AT_A_TIME: Final = 5_000


class Progress(Protocol):
    """Is told how far a run is, in bytes of files on disk."""

    def start(self, total: int) -> None:
        """The run will go through so many bytes."""

    def advance(self, count: int) -> None:
        """So many more bytes are done."""


class _Silent:
    def start(self, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


def ingest(
    paths: Iterable[Path],
    database: Path,
    options: Options = Options(),
    *,
    now: Callable[[], int] = time.time_ns,
    progress: Progress | None = None,
) -> IngestReport:
    """Take the files at and below ``paths`` into ``database`` and report on each.

    A file that cannot be taken in is reported as failed and stops nothing. ``now`` gives the time
    in nanoseconds since 1970-01-01T00:00:00Z. Raises :class:`UsageError` for options that mean
    nothing and :class:`DatabaseError` for a database that cannot be used or was begun with other
    settings; the files reported before stay in. On Ctrl-C the report ends with the last whole file.
    """
    settings = settle(database, options)
    found = list(find(paths))
    progress = progress or _Silent()
    progress.start(sum(file.size for file in found))
    interrupted = False
    with _Run(database, options, settings, now, progress) as run:
        try:
            with _patient_collector():
                for file in found:
                    run.take(file)
        except KeyboardInterrupt:
            interrupted = True
    return IngestReport(
        database=str(database),
        timezone=settings.timezone,
        country_code=settings.country_code,
        files=tuple(run.reports),
        dry_run=options.dry_run,
        left_out=run.left_out,
        interrupted=interrupted,
    )


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Let the garbage collector pass seldom: rows make hardly any cycles, and its walks over them
    take 8 % of a run at the usual pace.
    """
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Run:
    """One run over many files: what they share."""

    def __init__(
        self,
        database: Path,
        options: Options,
        settings: Settings,
        now: Callable[[], int],
        progress: Progress,
    ) -> None:
        self.reports: list[FileReport] = []
        self.left_out = 0
        self._database = database
        self._options = options
        self._settings = settings
        self._times = TimeReader(ZoneInfo(settings.timezone))
        self._mobiles = MobileReader(settings.country_code)
        self._now = now
        self._progress = progress
        self._stack = ExitStack()
        self._recorder: Recorder | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def take(self, found: Found) -> None:
        """Take one file in, or say why not."""
        fmt: SourceFormat | None = None
        done = 0

        def on_bytes(count: int) -> None:
            nonlocal done
            done += count
            self._progress.advance(count)

        try:
            if found.error:
                raise SourceError(found.error)
            if self._is_left_out(found.path.name):
                self.left_out += 1
                return
            fmt = formats.identify(found.path.name, self._options.type)
            with open_source(found.path, on_bytes) as source:
                self.reports.append(self._ingest(found, fmt, source))
        except SourceError as error:
            self.reports.append(
                FileReport(found.name, fmt.type if fmt else None, Outcome.FAILED, error=str(error))
            )
        finally:
            self._progress.advance(found.size - done)

    def _is_left_out(self, name: str) -> bool:
        if not self._options.only:
            return False
        claims = {fmt.type for fmt in formats.claimants(name)}
        if len(claims) != 1 and self._options.type is not None:
            claims = {self._options.type}
        return bool(claims) and not claims & self._options.only

    def _open_recorder(self) -> Recorder:
        # Not before the first file that can be taken in: a wrong folder makes no database.
        if self._recorder is None:
            self._recorder = self._stack.enter_context(
                Recorder.open(self._database, self._settings, dry_run=self._options.dry_run)
            )
        return self._recorder

    def _ingest(self, found: Found, fmt: SourceFormat, source: Source) -> FileReport:
        sha256 = source.sha256()
        if unchanged := self._unchanged(found, fmt, sha256):
            return unchanged
        table = Table(source.blocks(self._options.encoding), fmt)
        recorder = self._open_recorder()
        stage = self._stage(table, fmt, recorder)
        source.check_unchanged()
        error = stage.why_failed(strict=self._options.strict)
        outcome = Outcome.FAILED if error else Outcome.INGESTED
        record = SourceRecord(
            found.name,
            printable_path(found.path.absolute()),
            sha256,
            source.size,
            fmt.type,
            self._now(),
        )
        counts = recorder.merge(record, stage.counts, outcome)
        if counts is None and (unchanged := self._unchanged(found, fmt, sha256)):
            return unchanged
        return FileReport(
            found.name,
            fmt.type,
            outcome,
            counts or Counts(),
            error,
            zoneless=0 if error else stage.counts.zoneless,
            notes=_notes(fmt, self._options, table, stage),
        )

    def _unchanged(self, found: Found, fmt: SourceFormat, sha256: str) -> FileReport | None:
        """Return the report of a file that is in already, from its stored counts."""
        if self._recorder is None and not holds_something(self._database):
            return None
        recorded = self._open_recorder().known(sha256, fmt.type)
        if recorded is None:
            return None
        kept = recorded.counts.rows - recorded.counts.rejected
        return FileReport(
            found.name,
            fmt.type,
            Outcome.UNCHANGED,
            replace(recorded.counts, new=0, duplicates=kept),
            zoneless=recorded.zoneless,
        )

    def _stage(self, table: Table, fmt: SourceFormat, recorder: Recorder) -> "_Stage":
        """Read and normalise all rows of a file, setting them aside in batches."""
        recorder.clear_stage()
        normalise = Normaliser(fmt.type, table.columns, self._times, self._mobiles)
        stage = _Stage(recorder)
        for rows in table.batches():
            stage.add(*normalise.batch(rows, table.examine))
        stage.flush()
        return stage


class _Stage:
    """Counts the rows of one file on their way to the database."""

    def __init__(self, recorder: Recorder) -> None:
        self.counts = Staged()
        self.first_rejected: Problem | None = None
        self.month_first = 0
        self._recorder = recorder
        self._events: list[Event] = []
        self._problems: list[Problem] = []

    def add(self, events: list[Event], problems: list[Problem]) -> None:
        """Take what became of some rows."""
        self._events += events
        self._problems += problems
        if len(self._events) + len(self._problems) >= _STAGED_AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        """Count what has gathered and hand it over to the database."""
        events, problems = self._events, self._problems
        self._recorder.stage(events, problems)
        rejected = [p for p in problems if p.severity is Severity.REJECTED]
        self.first_rejected = self.first_rejected or next(iter(rejected), None)
        self.counts.events += len(events)
        self.counts.zoneless += sum(not event.zoned for event in events)
        self.counts.rejected += len(rejected)
        self.counts.warnings += len(problems) - len(rejected)
        self.month_first += sum(p.reason is Reason.MONTH_FIRST for p in problems)
        self._events, self._problems = [], []

    def why_failed(self, *, strict: bool) -> str | None:
        """Say why the file as a whole must stay out; None if it need not."""
        first, rejected = self.first_rejected, self.counts.rejected
        if first is None or (self.counts.events and not strict):
            return None
        rows = self.counts.events + rejected
        what = f"{rejected:,} of {rows:,} rows rejected and --strict takes all or nothing"
        if not self.counts.events:
            what = "every row is rejected" if rows > 1 else "its only row is rejected"
        return f"{what}; the first is line {first.line}: {first.detail} (see 'cardstatus problems')"


def _notes(fmt: SourceFormat, options: Options, table: Table, stage: _Stage) -> tuple[str, ...]:
    notes = []
    if options.type not in (None, fmt.type):
        notes.append(f"taken as {fmt.type.word} by its name, --type is for names that do not tell")
    if table.columns.ignored:
        notes.append(f"columns ignored: {', '.join(table.columns.ignored)}")
    if stage.month_first and stage.counts.events:
        notes.append(
            f"dates with the month first: {stage.month_first:,}; ask the partner whether others, "
            "read day first, were meant so too"
        )
    if not stage.counts.events and not stage.counts.rejected:
        notes.append("no rows below the header")
    return tuple(notes)
