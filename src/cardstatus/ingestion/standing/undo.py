"""Takes files out of a database again, as if they had never come in.

Callable from Python without the command line: :func:`undo`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardstatus.courier.files.reader import open_file
from cardstatus.courier.files.search import printable_path
from cardstatus.database.connection import opened
from cardstatus.database.reading.standing import StandingFile, StandingFiles
from cardstatus.database.writing.remover import Remover
from cardstatus.errors import CardStatusError, UsageError
from cardstatus.instants import SECOND, one_iso
from cardstatus.model.records import EventType, type_word
from cardstatus.model.reports import UndoReport

from ..options import StrPath

_NAMED: Final = 10
"""Files of one name that a message lists."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files to take out. Raises :class:`UsageError` for a choice that means nothing."""

    files: tuple[str, ...] = ()
    """Numbers, names, or paths of files with the same content."""
    last: bool = False
    """The file that came in last."""
    since: int | None = None
    """All that came in from then on; nanoseconds since 1970-01-01T00:00:00Z."""
    type: EventType | None = None
    """Only files of this type; none whose rows each have their own."""

    def __post_init__(self) -> None:
        if bool(self.files) + self.last + (self.since is not None) != 1:
            raise UsageError(
                "say which file: by its number or name as 'cardstatus files' has them, or by the "
                "file itself; or give --last or --since TIME alone"
            )


def undo(
    database: StrPath,
    choice: Choice,
    *,
    dry_run: bool = False,
    confirm: Callable[[Sequence[StandingFile]], bool] = lambda files: True,
    now: Callable[[], int] = time.time_ns,
    on_wait: Callable[[], None] = lambda: None,
) -> UndoReport | None:
    """Take files out of ``database``, all or none, and report what that changed.

    What other files say, too, stays. ``confirm``: asked before anything is done; if it says no,
    nothing is, and None is returned. ``now`` and ``on_wait`` are those of ``ingest``.

    Raises :class:`UsageError` for a choice that means nothing, and :class:`CardStatusError` if a
    file does not stand, or cannot be taken out for certain.
    """
    database = Path(database)
    with Remover.open(database, dry_run=dry_run, on_wait=on_wait) as remover:
        if remover.standing is None:
            with opened(database):  # which says what is the matter
                pass
            raise CardStatusError(f"{database} holds no file yet")
        files = chosen(remover.standing, choice)
        if not dry_run and not confirm(files):
            return None
        taken_out = remover.take_out([file.number for file in files], now())
        wal_is_in = remover.take_wal_in()
    return UndoReport(
        database=str(database),
        files=tuple(file.recorded() for file in files),
        removed=taken_out.events.removed,
        kept=taken_out.events.kept,
        changes=taken_out.changes,
        dry_run=dry_run,
        wal_is_in=wal_is_in,
    )


def chosen(standing: StandingFiles, choice: Choice) -> list[StandingFile]:
    """Return the files of a choice, by number. Raises :class:`CardStatusError` if there is none."""
    if choice.files:
        found = {one.number: one for text in choice.files for one in [_one(standing, text, choice)]}
        return [found[number] for number in sorted(found)]
    of_type = f" of type {choice.type.word}" if choice.type else ""
    if choice.since is not None:
        since = [one for one in standing.since(choice.since) if choice.type in (None, one.type)]
        if not since:
            at = one_iso(choice.since)
            raise CardStatusError(f"no file{of_type} has come in since {at}")
        return since
    last = standing.last(choice.type)
    if last is None:
        raise CardStatusError(f"no file{of_type} is in")
    return [last]


def _one(standing: StandingFiles, text: str, choice: Choice) -> StandingFile:
    for found in _meanings(standing, text):
        files = [one for one in found if choice.type in (None, one.type)]
        if len(files) == 1:
            return files[0]
        if files:
            raise CardStatusError(f"{len(files):,} files are meant by {text!r}; {_numbers(files)}")
    raise CardStatusError(
        f"no file that is in is meant by {text!r}; see their numbers and names with 'cardstatus "
        "files'"
    )


def _meanings(standing: StandingFiles, text: str) -> "list[list[StandingFile]]":
    """Return the files that a text may mean: by number, by content, by name."""
    found = []
    if text.isascii() and text.isdigit() and len(text) < 19:
        found.append([one] if (one := standing.numbered(int(text))) else [])
    path = Path(text)
    name = printable_path(path)
    if path.is_file():
        with open_file(path) as file:
            found.append(standing.with_content(file.sha256()))
        found.append(standing.at_path(printable_path(path.absolute())))
    return [*found, standing.named(name)]


def _numbers(files: Sequence[StandingFile]) -> str:
    listed = ", ".join(
        f"{one.number} ({type_word(one.type)}, {one_iso(one.ingested_at // SECOND * SECOND)})"
        for one in files[-_NAMED:]
    )
    return f"give the number of the one: {listed}"
