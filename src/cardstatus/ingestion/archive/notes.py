"""Notes in the database of where archived files are."""

from contextlib import suppress
from pathlib import Path

from cardstatus.courier.files.search import printable_path
from cardstatus.database.writing.failures import Move, note_moves
from cardstatus.errors import DatabaseError
from cardstatus.model.reports import Outcome

from .archive import Put


class Notes:
    """The moves of a run that are not noted in the database yet."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._moves: list[Move] = []

    def add(self, put: Put) -> None:
        """Take note of a file that was moved."""
        if put.archived:
            path, archived = (printable_path(p.absolute()) for p in (put.path, put.archived))
            is_new = put.report.outcome is Outcome.INGESTED
            self._moves.append(Move(path, archived, is_new))

    def store(self) -> None:
        """Put them into the database; keep them for the next time if that cannot be."""
        if self._moves:
            with suppress(DatabaseError):
                note_moves(self._database, self._moves)
                self._moves = []
