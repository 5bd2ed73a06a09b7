"""A database opened to take files out of it again."""

from collections.abc import Collection
from typing import NamedTuple

from cardstatus.errors import DatabaseError
from cardstatus.model.reports import StatusChange

from ..reading.standing import StandingFiles
from . import changes, sources, undoing
from .session import Session
from .undoing import Undone


class TakenOut(NamedTuple):
    """What a removal did."""

    events: Undone
    changes: tuple[StatusChange, ...]


class Remover(Session):
    """A database opened to take files out of it again."""

    def take_out(self, numbers: Collection[int], now: int) -> TakenOut:
        """Take files out, all or none, as if they had never come in.

        ``now``: nanoseconds since 1970-01-01T00:00:00Z. Raises :class:`DatabaseError` if one of
        them does not stand, or if nobody can tell what would be left.
        """
        db = self._db
        with self._transaction(db):
            standing = StandingFiles(db)
            found = standing.of(numbers)
            if len(found) < len(set(numbers)):
                raise DatabaseError(
                    f"{self._path}: another process has just taken one of the files out; run the "
                    "same command again"
                )
            if unsure := standing.unsure(found):
                raise DatabaseError(unsure_sentence(str(self._path), unsure))
            undoing.find_leaving(db, numbers)
            changes.note_statuses_of_leaving(db, sources.last_number(db))
            events = undoing.take_out(db, dict.fromkeys(numbers), now)
            changed = changes.changed(db)
            self._check_in_place()
        self._check_in_place()
        return TakenOut(events, tuple(changed))


def unsure_sentence(database: str, files: int) -> str:
    """Return why a file cannot be taken out for certain; ``files``: how many stand in the way."""
    return (
        f"{database}: files taken in by an older cardstatus, of which it did not note what they "
        f"say again, stand in the way: {files:,}; what would be left nobody can tell; ingest all "
        "files but this one into a new database (--db)"
    )
