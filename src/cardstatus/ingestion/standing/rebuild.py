"""Reads the files of a database again, into a new one: under another zone, country or order of
dates, or by a newer version of the program.

Callable from Python without the command line: :func:`rebuild`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.courier.files.reader import open_file
from cardstatus.courier.files.search import find_files
from cardstatus.database.connection import opened, read_settings
from cardstatus.database.files import beside
from cardstatus.database.reading.standing import StandingFile, StandingFiles
from cardstatus.database.reading.store import Store
from cardstatus.database.whole.swap import State, carry_over, in_the_making, state_of, swap
from cardstatus.database.writing.turning_away import Hashes, hashes_of
from cardstatus.errors import CardStatusError, SourceError, UsageError
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import DEFAULT_SETTINGS, CardStatus, Settings
from cardstatus.model.reports import FileReport, Progress, RecordedFile, StatusChange

from ..ingest import ingest_found
from ..options import Options, StrPath, reconcile, validate

_MARKED: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-32")
"""Encodings that a file shows by itself."""


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """Report on a database that was made anew."""

    database: str
    made: str
    """Where the new database is."""
    timezone: str
    country_code: str
    files: tuple[FileReport, ...]
    """The files that were read again, in the order in which they had come in."""
    missing: tuple[RecordedFile, ...]
    """Those that were not found, and are not in the new database."""
    cards: int
    """Cards in the new database."""
    changes: tuple[StatusChange, ...]
    """The cards whose status is another, by card id."""
    backup: str | None = None
    """Where the old database is, if the new one has taken its place."""


class Places(NamedTuple):
    """Where else files are looked for, and what of those that are nowhere."""

    folders: Sequence[StrPath] = ()
    skip_missing: bool = False
    """Do without them; else they are an error."""


class MissingFilesError(CardStatusError):
    """Files that are in were not found, or have changed since."""

    def __init__(self, missing: Sequence[StandingFile]) -> None:
        """Name the files."""
        self.missing = tuple(missing)
        paths = "".join(f"\n  {file.number}: {file.path}" for file in missing[:10])
        more = f"\n  and {len(missing) - 10:,} more" if len(missing) > 10 else ""
        super().__init__(
            f"files that are in are not where they were, or have changed: {len(missing):,}; say "
            f"where others like them are with --from DIR, or --skip-missing to do without{paths}"
            f"{more}"
        )


@dataclass(frozen=True, slots=True)
class _Old:
    """What is read of the old database before anything is made."""

    settings: Settings
    files: Sequence[StandingFile]
    archived: Mapping[int, str]
    state: State
    erased: Hashes


def rebuild(
    database: StrPath,
    new: StrPath | None = None,
    options: Options = Options(),
    places: Places = Places(),
    *,
    progress: Progress | None = None,
    on_wait: Callable[[], None] = lambda: None,
) -> RebuildReport:
    """Read the files of ``database`` again into ``new``, and report which cards differ.

    Files are looked for where they were read or archived, and in ``places``, by their content.
    ``new``: None to take the place of the old database, which is kept beside it. ``options``: the
    settings that change, and workers.

    Raises :class:`UsageError` if the new database is there already, :class:`MissingFilesError`,
    and :class:`CardStatusError` if it cannot be made or take the place.
    """
    database, target = Path(database), None if new is None else Path(new)
    validate(options)
    _refuse(target)
    old = _read_old(database)
    found, missing = _located(old, [Path(folder) for folder in places.folders])
    if missing and not places.skip_missing:
        raise MissingFilesError(missing)
    options = _with_settings(options, old.settings)
    with in_the_making(target or database) as piece:
        carry_over(old.erased, piece.path)
        reports = tuple(_read_again(found, piece.path, options, progress, on_wait))
        cards, changes = _compared(database, piece.path)
        backup = None if target else piece.free_name()
        if target:
            piece.keep_as(target)
        elif backup:
            swap(piece.path, database, backup, old.state, on_wait)
    zone, country_code, _ = reconcile(None, options)
    return RebuildReport(
        str(database), str(target or database), zone, country_code, reports,
        tuple(file.recorded() for file in missing), cards, changes, str(backup) if backup else None,
    )  # fmt: skip


def _refuse(target: Path | None) -> None:
    if target is not None and any(map(_is_there, [target, *beside(target)])):
        raise UsageError(f"{target} is there already; give the name of a new database")


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _with_settings(options: Options, settings: Settings) -> Options:
    return replace(
        options,
        timezone=options.timezone or settings.timezone,
        country_code=options.country_code or settings.country_code,
        card_id_pattern=options.card_id_pattern or settings.card_id_pattern or None,
    )


def _read_old(database: Path) -> _Old:
    with opened(database) as connection:
        connection.execute("BEGIN")
        standing = StandingFiles(connection)
        return _Old(
            read_settings(connection) or DEFAULT_SETTINGS,
            standing.all(),
            standing.archived(),
            state_of(connection),
            hashes_of(connection),
        )


def _located(
    old: _Old, folders: Sequence[Path]
) -> tuple[list[tuple[StandingFile, Path]], list[StandingFile]]:
    """Return the files with where they lie, and those that are found nowhere."""
    others = _Folders(folders)
    found, missing = [], []
    for file in old.files:
        places = [Path(file.path), *map(Path, filter(None, [old.archived.get(file.number)]))]
        path = next((place for place in places if _sha256(place) == file.sha256), None)
        path = path or others.find(file)
        if path:
            found.append((file, path))
        else:
            missing.append(file)
    return found, missing


class _Folders:
    """The files of folders, found by their content."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._by_size: dict[int, list[Path]] = defaultdict(list)
        for found in find_files(folders) if folders else ():
            if found.error is None:
                self._by_size[found.size].append(found.path)

    def find(self, file: StandingFile) -> Path | None:
        """Return where a file with this content lies."""
        same = self._by_size.get(file.size, [])
        return next((path for path in same if _sha256(path) == file.sha256), None)


def _sha256(path: Path) -> str | None:
    with suppress(SourceError), open_file(path) as file:
        return file.sha256()
    return None


def _read_again(
    files: Sequence[tuple[StandingFile, Path]],
    database: Path,
    options: Options,
    progress: Progress | None,
    on_wait: Callable[[], None],
) -> Iterator[FileReport]:
    """Take the files in, each as it was and at the time at which it had come in."""
    meter = _Meter(progress, sum(file.size for file, _ in files))
    for file, path in files:
        (found,) = find_files([path])
        report = ingest_found(
            [replace(found, name=file.name)],
            database,
            _as_it_was(options, file),
            now=partial(int, file.ingested_at),
            progress=meter,
            on_wait=on_wait,
        )
        yield from report.files
        if report.interrupted:
            raise KeyboardInterrupt


def _as_it_was(options: Options, file: StandingFile) -> Options:
    declared = None if file.encoding in _MARKED else file.encoding
    return replace(
        options,
        type=file.type,
        encoding=options.encoding or declared,
        dates=options.dates or (DateOrder(file.dates) if file.dates else None),
    )


class _Meter:
    """The progress over several runs."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        if progress:
            progress.start(total)

    def start(self, total: int) -> None: ...

    def advance(self, count: int) -> None:
        if self._progress:
            self._progress.advance(count)


def _compared(database: Path, new: Path) -> tuple[int, tuple[StatusChange, ...]]:
    """Return the number of cards in the new database, and those whose status is another."""
    if not new.stat().st_size:
        return 0, ()
    with Store.open(database) as before, Store.open(new) as after:
        cards = 0
        changes = []
        for old, card in _pairs(before.statuses(), after.statuses()):
            cards += card is not None
            was, is_now = old and old.status, card and card.status
            if was != is_now:
                card_id = (card or old).card_id  # type: ignore[union-attr]
                changes.append(StatusChange(card_id, was, is_now))
    return cards, tuple(changes)


def _pairs(
    before: Iterator[CardStatus], after: Iterator[CardStatus]
) -> Iterator[tuple[CardStatus | None, CardStatus | None]]:
    """Yield the records of each card from two lists that are sorted by card id."""
    of = attrgetter("card_id")
    old, new = next(before, None), next(after, None)
    while old or new:
        if old and new and of(old) == of(new):
            yield old, new
            old, new = next(before, None), next(after, None)
        elif new is None or (old and of(old) < of(new)):
            yield old, None
            old = next(before, None)
        else:
            yield None, new
            new = next(after, None)
