"""Takes in what arrives in folders, by way of :func:`ingest`, and archives what is in. Does not
decide when to look.

Callable from Python without the command line: :func:`watch`.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardstatus.courier.files.search import FileStamp, printable_path
from cardstatus.database.connection import stored_settings
from cardstatus.database.files import sync_to_disk
from cardstatus.database.settled import stored_partners
from cardstatus.errors import CardStatusError, DatabaseError, UsageError, in_words
from cardstatus.instants import SECOND
from cardstatus.model.reports import FileReport, IngestReport, Outcome, WatchedFile

from .archive import hidden
from .archive.archive import UNSEEN, Archive, Put, ReadFile
from .archive.moves import is_as_it_was
from .archive.notes import Notes
from .arriving.arrivals import Arrivals, Clocks, look_at
from .arriving.wakeups import Wakeup
from .arriving.wakeups import wakeups as when_to_look
from .arriving.writers import being_written, ends_with_a_line
from .ingest import ingest
from .options import Options, StrPath, as_paths, check_partners, reconcile, validate

_RETRY_AFTER: Final = 5 * SECOND
"""Wait so long before another try at a database that could not be written."""
_PATIENCE: Final = 10
"""With ``once``, stop waiting for an unsettled file after this many settle times."""
_HALF_A_LINE: Final = 5
"""An unseen writer who stopped within a line is waited for so many settle times."""
_TIDY_AGAIN: Final = 60 * SECOND
"""Time between two looks for files that a run has taken and not given back."""
_LONGEST_SETTLE: Final = 86_400
_HELD_OPEN: Final = (
    "has not changed for ten minutes, but is open for writing; it is taken in as soon as whoever "
    "writes it closes it"
)


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch. Raises :class:`UsageError` for what means nothing."""

    settle: float = 2.0
    """A file is whole when it has not changed for so many seconds, and nobody writes to it."""
    archive: StrPath | None = None
    """Folder for the files that are in; None to leave them where they are."""
    once: bool = False
    """End when the files that are there at the beginning are done with."""

    def __post_init__(self) -> None:
        if not 0 <= self.settle <= _LONGEST_SETTLE:  # nor is it for nan
            raise UsageError(
                f"--settle: {self.settle} is no time to wait; give the seconds for which a file "
                f"must not have changed, from 0 to {_LONGEST_SETTLE}"
            )


def watch(
    folders: StrPath | Iterable[StrPath],
    database: StrPath,
    options: Options = Options(),
    watch_options: WatchOptions = WatchOptions(),
    wakeups: Iterable[Wakeup] | None = None,
    clocks: Clocks = Clocks(),
) -> Iterator[WatchedFile]:
    """Take files in as they arrive, and yield what became of each.

    The run looks at the folders at each of ``wakeups``, and ends with them; None for whenever
    something happens, without end. A file that fails is left alone until it changes. On Ctrl-C,
    KeyboardInterrupt is raised once whole files are in.

    Raises at once :class:`UsageError` for options that mean nothing, and :class:`CardStatusError`
    for a folder that is not there and a database that cannot be used.
    """
    folders, database = as_paths(folders), Path(database)
    validate(options)
    reconcile(stored_settings(database), options)
    check_partners(stored_partners(database), options.partners)
    _check_folders(folders, watch_options.archive)
    run = _Watch(folders, database, options, watch_options, clocks)
    return _watched(run, watch_options, wakeups or when_to_look(folders), clocks.steady)


def _check_folders(folders: Sequence[Path], archive: StrPath | None) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise CardStatusError(f"there is no folder {folder}; make it, or give another one")
    if archive is None:
        return
    above = Path(archive).resolve()
    if any(folder.resolve().is_relative_to(above) for folder in folders):
        raise UsageError("--archive: the folder to watch is in it; give another one")


def _watched(
    run: "_Watch", watch_options: WatchOptions, wakeups: Iterable[Wakeup], clock: Callable[[], int]
) -> Iterator[WatchedFile]:
    patience = _PATIENCE * max(watch_options.settle, 1) * SECOND
    begun = clock()
    for wakeup in wakeups:
        yield from run.look(wakeup)
        if watch_options.once:
            if not run.is_waiting:
                return
            if clock() - begun > patience:
                yield from run.give_up()
                return


class _Watch:
    """One run over the watched folders: what it remembers between two looks."""

    def __init__(
        self,
        folders: Sequence[Path],
        database: Path,
        options: Options,
        watch_options: WatchOptions,
        clocks: Clocks,
    ) -> None:
        self._folders = folders
        self._database = database
        self._options = options
        self._once = watch_options.once
        self._settle = int(watch_options.settle * SECOND)
        self._now, self._clock = clocks
        self._arrivals = Arrivals(self._settle)
        self._archive: Archive | None = None
        if watch_options.archive is not None:
            root = Path(watch_options.archive)
            self._archive = Archive(root, folders, self._settle, once=watch_options.once)
        self._tidy_at: int | None = None
        self._not_before = 0
        self._told: dict[str, Mapping[str, str]] = {}
        self._notes = Notes(database)

    @property
    def is_waiting(self) -> bool:
        """Whether there are files that are not done with."""
        return bool(self._arrivals.waiting)

    def look(self, wakeup: Wakeup) -> Iterator[WatchedFile]:
        """Look at the folders, take whole files in, and yield what became of each."""
        yield from self._tidy()
        # A file that is waited for may change without a word: look at it again each time.
        if wakeup.look or self.is_waiting:
            yield from self._see()
        if self._clock() < self._not_before:
            return
        try:
            yield from self._take_whole()
            if self._archive:
                yield from self._see_to_archive(self._archive)
        finally:
            self._notes.store()

    def give_up(self) -> Iterator[WatchedFile]:
        """Yield the files that are left undone; another run may have taken some meanwhile."""
        yield from self._see()
        for path in self._arrivals.waiting:
            yield self._failure(printable_path(path), "is still being written to; left as it is")

    def _tidy(self) -> Iterator[WatchedFile]:
        """Give back what runs that were ended had taken, and remove pieces of their copies."""
        if self._tidy_at is not None and self._clock() < self._tidy_at:
            return
        stuck = list(hidden.recover(self._folders, hidden.TAKEN))
        if self._tidy_at is None and self._archive:
            stuck += hidden.recover([self._archive.root], hidden.COPY)
        self._tidy_at = self._clock() + _TIDY_AGAIN
        yield from self._failures(
            "stuck", {printable_path(path): in_words(error) for path, error in stuck}
        )

    def _see(self) -> Iterator[WatchedFile]:
        seen = look_at(self._folders, self._archive.root if self._archive else None)
        yield from self._failures("folders", seen.errors)
        for name in self._news("passed over", dict.fromkeys(seen.passed_over, "")):
            yield WatchedFile(self._now(), FileReport(name, None, Outcome.PASSED_OVER))
        self._arrivals.see(seen.files, self._now(), self._clock())

    def _failures(self, kind: str, errors: Mapping[str, str]) -> Iterator[WatchedFile]:
        """Yield the errors of a kind by what has them, each once as long as it lasts."""
        for name in self._news(kind, errors):
            yield self._failure(name, errors[name])

    def _news(self, kind: str, found: Mapping[str, str]) -> list[str]:
        told = self._told.get(kind, {})
        self._told[kind] = found
        return [name for name, what in found.items() if told.get(name) != what]

    def _failure(self, name: str, error: str) -> WatchedFile:
        return WatchedFile(self._now(), FileReport(name, None, Outcome.FAILED, error=error))

    def _take_whole(self) -> Iterator[WatchedFile]:
        """Take in the files that are whole, and archive them."""
        clock = self._clock()
        quiet = self._arrivals.quiet(clock)
        written = being_written(quiet)
        yield from self._failures(
            "open",
            {
                printable_path(path): _HELD_OPEN
                for path in quiet
                if written[path] and self._arrivals.quiet_for(path, clock) >= UNSEEN
            },
        )
        # Two names that print the same cannot be told apart in a report: one waits.
        whole = {printable_path(path): path for path in quiet if self._is_whole(path, written)}
        if not whole:
            return
        report = yield from self._ingested(whole.values())
        if report is None:
            return
        for path in whole.values():  # those left out by --only, too
            self._arrivals.done(path, failed=False)
        for file in report.files:
            if file.source in whole:  # else a folder has taken the name, and this was in it
                path = whole[file.source]
                is_seen = written[path] is not None
                yield from self._taken(file, path, quiet[path], is_seen=is_seen)
        if report.interrupted:
            raise KeyboardInterrupt

    def _is_whole(self, path: Path, written: Mapping[Path, bool | None]) -> bool:
        if written[path] is None and not ends_with_a_line(path):
            return self._arrivals.quiet_for(path, self._clock()) >= _HALF_A_LINE * self._settle
        return not written[path]

    def _ingested(self, paths: Iterable[Path]) -> Generator[WatchedFile, None, IngestReport | None]:
        """Ingest files and return the report, None if the database could not be written."""
        try:
            report = ingest(paths, self._database, self._options, now=self._now)
            if self._archive and report.files:
                sync_to_disk(self._database)  # before a file is no longer where it would be read
        except DatabaseError as error:
            if self._once:
                raise
            # Locked, or its disk is full: what has arrived can wait.
            self._not_before = self._clock() + _RETRY_AFTER
            yield from self._failures("database", {printable_path(self._database): str(error)})
            return None
        self._told.pop("database", None)
        return report

    def _taken(
        self, file: FileReport, path: Path, stamp: FileStamp, *, is_seen: bool
    ) -> Iterator[WatchedFile]:
        """Yield what became of a file, and archive it if it is in."""
        if file.outcome is not Outcome.FAILED:
            safe_at = 0 if is_seen else self._arrivals.since(path) + UNSEEN
            yield self._put_away(ReadFile(file, path, stamp, safe_at))
        elif is_as_it_was(path, stamp):
            self._arrivals.done(path, failed=True)
            yield WatchedFile(self._now(), file)
        else:  # it went or changed while it was read: the next look finds what is there now
            self._arrivals.again(path)

    def _put_away(self, file: ReadFile) -> WatchedFile:
        if self._archive is None:
            return WatchedFile(self._now(), file.report)
        put = self._archive.put(file, self._clock())
        if put.is_changed:
            self._arrivals.again(file.path)
        return self._archived(put)

    def _archived(self, put: Put) -> WatchedFile:
        self._notes.add(put)
        return WatchedFile(self._now(), put.report, put.archived, put.error)

    def _see_to_archive(self, archive: Archive) -> Iterator[WatchedFile]:
        """Move what could not be moved before, and read again what has grown in the archive."""
        for put in archive.try_again(self._clock()):
            if put.is_changed:
                self._arrivals.again(put.path)
            else:
                yield self._archived(put)
        grown = archive.grown(self._now(), self._clock())
        if not grown:
            return
        if report := (yield from self._ingested(grown)):
            for path, stamp in grown.items():
                archive.read_again(path, stamp, self._clock())
            for file in report.files:
                yield WatchedFile(self._now(), file)
            if report.interrupted:
                raise KeyboardInterrupt
