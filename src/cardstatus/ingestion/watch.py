"""Takes in what arrives in folders, by way of :func:`ingest`, and archives what is in. Does not
decide when to look.

Callable from Python without the command line: :func:`watch`.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

from cardstatus.courier.files import (
    FileStamp,
    FoundFile,
    check_unchanged,
    find_files,
    printable_path,
)
from cardstatus.database.connection import stored_settings
from cardstatus.errors import CardStatusError, DatabaseError, SourceError, UsageError, in_words
from cardstatus.instants import SECOND
from cardstatus.model.reports import FileReport, Outcome, WatchedFile

from .arrivals import Arrivals
from .ingest import ingest
from .options import Options, StrPath, as_paths, check, settle
from .wakeups import Wakeup
from .wakeups import wakeups as when_to_look

_RETRY_AFTER: Final = 5 * SECOND
"""Wait so long before another try at a database that could not be written."""
_PATIENCE: Final = 10
"""With ``once``, stop waiting for an unsettled file after this many settle times."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch."""

    settle: float = 2.0
    """A file is whole when it has not changed for so many seconds."""
    archive: StrPath | None = None
    """Folder for the files that are in; None to leave them where they are."""
    once: bool = False
    """End when the files that are there at the beginning are done with."""


def watch(
    folders: StrPath | Iterable[StrPath],
    database: StrPath,
    options: Options = Options(),
    watch_options: WatchOptions = WatchOptions(),
    wakeups: Iterable[Wakeup] | None = None,
    now: Callable[[], int] = time.time_ns,
) -> Iterator[WatchedFile]:
    """Take files in as they arrive, and yield what became of each.

    The run looks at the folders at each of ``wakeups``, and ends with them; None for whenever
    something happens, without end. A file that fails is left alone until it changes. On Ctrl-C,
    KeyboardInterrupt is raised once whole files are in.

    Raises at once :class:`UsageError` for options that mean nothing, and :class:`CardStatusError`
    for a folder that is not there and a database that cannot be used.
    """
    folders, database = as_paths(folders), Path(database)
    check(options)
    settle(stored_settings(database), options)
    _check_folders(folders, watch_options.archive)
    run = _Watch(folders, database, options, watch_options, now)
    return _watched(run, watch_options, wakeups or when_to_look(folders), now)


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
    run: "_Watch", watch_options: WatchOptions, wakeups: Iterable[Wakeup], now: Callable[[], int]
) -> Iterator[WatchedFile]:
    begun = now()
    for wakeup in wakeups:
        yield from run.look(wakeup)
        if watch_options.once:
            if not run.is_waiting:
                return
            if now() - begun > _PATIENCE * max(watch_options.settle, 1) * SECOND:
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
        now: Callable[[], int],
    ) -> None:
        self._folders = folders
        self._database = database
        self._options = options
        self._archive = None if watch_options.archive is None else Path(watch_options.archive)
        self._once = watch_options.once
        self._now = now
        self._arrivals = Arrivals(int(watch_options.settle * SECOND))
        self._errors: dict[str, str] = {}
        self._database_error: str | None = None
        self._not_before = 0
        self._awake = 0

    @property
    def is_waiting(self) -> bool:
        """Whether there are files that are not done with."""
        return bool(self._arrivals.waiting)

    def look(self, wakeup: Wakeup) -> Iterator[WatchedFile]:
        """Look at the folders, take whole files in, and yield what became of each."""
        # A file that is waited for may change without a word: look at it again each time.
        if wakeup.look or self.is_waiting:
            yield from self._see()
        self._awake = self._now()
        if self._awake < self._not_before:
            return
        if whole := self._arrivals.whole(self._now()):
            yield from self._take(whole)

    def give_up(self) -> Iterator[WatchedFile]:
        """Yield the files that are left undone."""
        for path in self._arrivals.waiting:
            yield self._failure(printable_path(path), "is still being written to; left as it is")

    def _see(self) -> Iterator[WatchedFile]:
        files: list[FoundFile] = []
        errors: dict[str, str] = {}
        archive = self._archive and self._archive.resolve()
        for found in find_files(self._folders):
            if archive and found.path.resolve().is_relative_to(archive):
                continue
            if found.error is None:
                files.append(found)
            elif not (found.path in self._folders and found.path.is_dir()):  # else it is empty
                errors[found.name] = found.error
        for name, error in errors.items():
            if self._errors.get(name) != error:
                yield self._failure(name, error)
        self._errors = errors
        self._arrivals.see(files, self._now(), self._awake)

    def _failure(self, name: str, error: str) -> WatchedFile:
        return WatchedFile(self._now(), FileReport(name, None, Outcome.FAILED, error=error))

    def _take(self, whole: Mapping[Path, FileStamp]) -> Iterator[WatchedFile]:
        try:
            report = ingest(whole, self._database, self._options, now=self._now)
        except DatabaseError as error:
            if self._once:
                raise
            # Locked, or its disk is full: what has arrived can wait.
            self._not_before = self._now() + _RETRY_AFTER
            if self._database_error != str(error):
                self._database_error = str(error)
                yield self._failure(printable_path(self._database), str(error))
            return
        self._database_error = None
        taken = {printable_path(path): path for path in whole}
        failed = set()
        for file in report.files:
            path = taken[file.source]
            if file.outcome is Outcome.FAILED:
                failed.add(path)
            yield self._put_away(file, path, whole[path])
        if report.interrupted:
            raise KeyboardInterrupt
        for path in whole:  # those left out by --only, too
            self._arrivals.done(path, failed=path in failed)

    def _put_away(self, file: FileReport, path: Path, stamp: FileStamp) -> WatchedFile:
        """Move a file that is in to the archive, unless it has changed since it was looked at."""
        if self._archive is None or file.outcome is Outcome.FAILED:
            return WatchedFile(self._now(), file)
        folder = next(folder for folder in self._folders if path.is_relative_to(folder))
        try:
            check_unchanged(path, stamp)
            archived = move(path, self._archive / path.relative_to(folder))
        except (OSError, SourceError) as error:
            note = f"not moved to the archive: {in_words(error)}"
            return WatchedFile(self._now(), replace(file, notes=(*file.notes, note)))
        return WatchedFile(self._now(), file, archived)


def move(path: Path, target: Path) -> Path:
    """Move a file to ``target``, or to that name with a number if there is a file, and return
    where it is. Never overwrites one. Raises :class:`OSError`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    name, dot, endings = target.name.partition(".")
    for number in count(1):
        free = target if number == 1 else target.with_name(f"{name} ({number}){dot}{endings}")
        try:
            _copy_new(path, free)
        except FileExistsError:
            continue
        path.unlink()
        return free
    raise AssertionError


def _copy_new(path: Path, target: Path) -> None:
    """Have the file at ``target``, too. Raises FileExistsError if there is one."""
    try:
        # A second name for the same file: whole at once, and never in place of another.
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:  # on another disk, or one without links
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with path.open("rb") as source, os.fdopen(handle, "wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.copystat(path, target)
