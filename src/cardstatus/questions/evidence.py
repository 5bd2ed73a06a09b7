"""The row that an answer rests on, read again from its file if that is still there as it was."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypedDict

from cardstatus.database.reading.store import Store

_LONGEST: Final = 100
"""Physical lines of a row at most: a quote that nobody closes would take the rest of the file."""


class Evidence(TypedDict):
    """The file of the deciding event, and the row itself."""

    sha256: str
    """By it, files that came by one name are told apart."""
    path: str
    """Where it was read; absolute."""
    archived: str | None
    """Where ``watch`` put it; absolute, None if it was not moved."""
    row: str | None
    """The row as it stands in the file, payment card numbers masked; None if the file is no longer
    there, has become another, or was not asked."""


class Files:
    """The files of a database, each compared with what was read of it once."""

    def __init__(self, store: Store, *, reads: bool) -> None:
        """``reads``: rows are read from the files, too, which takes as long as their size."""
        self._store = store
        self._reads = reads
        self._whole: dict[int, Path | None] = {}

    def evidence(self, number: int, line: int) -> Evidence:
        """Return what there is of a row of a file."""
        path, archived, sha256, encoding = self._store.place(number)
        row = None
        if self._reads:
            if number not in self._whole:
                places = (Path(place) for place in (path, archived) if place)
                self._whole[number] = next((p for p in places if _has(p, sha256)), None)
            if place := self._whole[number]:
                row = _row(place, line, encoding or "utf-8")
        return Evidence(sha256=sha256, path=path, archived=archived, row=row)


def _has(path: Path, sha256: str) -> bool:
    """Tell whether there is a file with this content."""
    from cardstatus.courier.files.reader import open_file
    from cardstatus.errors import SourceError

    try:
        with open_file(path) as file:
            return file.sha256() == sha256
    except SourceError:
        return False


def _row(path: Path, line: int, encoding: str) -> str | None:
    """Return the row that begins on a physical line, None if it cannot be read any more."""
    from cardstatus.courier.faults import raw_text
    from cardstatus.courier.files.reader import open_file
    from cardstatus.errors import SourceError

    try:
        with open_file(path) as file:
            every = chain.from_iterable(block.lines for block in file.blocks(encoding))
            return raw_text("".join(_one_row(islice(every, line - 1, line - 1 + _LONGEST))))
    except SourceError:
        return None


def _one_row(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a row: as many as it takes to close its quotes."""
    quotes = 0
    for text in lines:
        yield text
        quotes += text.count('"')
        if quotes % 2 == 0:
            return
