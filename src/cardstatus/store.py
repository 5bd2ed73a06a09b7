"""The door to the database for whoever asks: opens it, and answers by card, by mobile and in full.

Writing is in ``recorder``. Only the writer pays for importing sqlite-utils (80 ms).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from . import ordering
from .errors import DatabaseError
from .model import DEFAULT_SETTINGS, CardStatus, Settings, Severity, Status, StoredProblem
from .schema import APPLICATION_ID, EVIDENCE, RECORD, SCHEMA_VERSION

BUSY_SECONDS: Final = 30.0
"""How long to wait for another process that is writing."""

_FIELDS: Final = ", ".join(CardStatus._fields)


def connect(path: Path, *, writable: bool = False) -> sqlite3.Connection:
    """Open a database file of ours that exists.

    Raises :class:`DatabaseError` for whatever is there instead, leaving it untouched.
    """
    if not path.exists():
        raise DatabaseError(
            f"there is no database at {path}; make one with 'cardstatus ingest FOLDER', or say "
            "where it is with --db or $CARDSTATUS_DB"
        )
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder; --db takes the database file itself")
    with translated(path):
        connection = _open(path)
        try:
            _check_ours(connection, path)
            if not writable:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _open(path: Path) -> sqlite3.Connection:
    # "rw" also for readers: the last of them to leave then tidies the WAL files away. It falls
    # back to reading where the file may not be written.
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    connection = _connect(uri)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        wal = path.with_name(path.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        # A WAL database in a folder that we may not write: with no WAL there is no writer.
        connection = _connect(uri.replace("?mode=rw", "?mode=ro&immutable=1"))
    return connection


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID:
        raise DatabaseError(
            f"{path} is a database of another program, or empty; give another file with --db"
        )
    if version > SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by a newer cardstatus (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); upgrade with: pip install --upgrade cardstatus"
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors inside the block as :class:`DatabaseError`, with what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise DatabaseError(f"{path}: {_advice(error)}") from error


_ADVICE: Final = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; give another file with --db",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a copy, or ingest the courier files anew",
    sqlite3.SQLITE_BUSY: "is locked by another process; try again when that has ended",
    sqlite3.SQLITE_FULL: "the disk is full; make room and run the same command again",
    sqlite3.SQLITE_READONLY: "may not be written; check the permissions of file and folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check the permissions of file and folder",
    sqlite3.SQLITE_PERM: "cannot be opened; check the permissions of file and folder",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check it before going on",
}


def _advice(error: sqlite3.DatabaseError) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the kind of error, the rest its shade.
    advice = _ADVICE.get(code & 0xFF) if isinstance(code, int) else None
    return f"{advice} ({error})" if advice else str(error)


def read_settings(connection: sqlite3.Connection) -> Settings | None:
    """Return what the first ingest fixed; None if nothing has been ingested."""
    stored = dict(connection.execute("SELECT name, value FROM setting ORDER BY name"))
    return Settings(**stored) if stored else None


class Store:
    """A database opened for reading."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["Store"]:
        """Open the database for the length of the block. Raises :class:`DatabaseError`."""
        with closing(connect(path)) as connection, translated(path):
            yield cls(path, connection)

    def settings(self) -> Settings:
        """Return the zone and the country code that the database was begun with."""
        return read_settings(self._connection) or DEFAULT_SETTINGS

    def card(self, card_id: str) -> CardStatus | None:
        """Return the status of one card, None if it is not known."""
        row = self._connection.execute(
            f"SELECT {_FIELDS} FROM card_status WHERE card_id = :card_id ORDER BY card_id",
            {"card_id": card_id},
        ).fetchone()
        return CardStatus(*row) if row else None

    def cards_of_mobile(self, mobile: str) -> list[str]:
        """Return the ids of the cards that any event gives this number for, sorted."""
        return [
            card_id
            for (card_id,) in self._connection.execute(
                "SELECT card_id FROM card_mobile WHERE mobile = :mobile ORDER BY card_id",
                {"mobile": mobile},
            )
        ]

    def near(self, card_id: str) -> str | None:
        """Return a known card id that differs from this one in case or blanks only."""
        row = self._connection.execute(
            """
            SELECT card_id FROM (
                SELECT card_id FROM card_alias WHERE folded = :folded
                UNION ALL
                SELECT card_id FROM event WHERE card_id = :folded
            )
            WHERE card_id <> :card_id ORDER BY card_id LIMIT 1
            """,
            {"folded": fold(card_id), "card_id": card_id},
        ).fetchone()
        return row[0] if row else None

    def statuses(self, only: Sequence[Status] = ()) -> Iterator[CardStatus]:
        """Yield the status of every card by card id, or of those with a status in ``only``."""
        rows = self._connection.execute(
            f"SELECT {_FIELDS} FROM card_status {_where_status(only)} ORDER BY card_id", only
        )
        return map(CardStatus._make, rows)

    def events(self, only: Sequence[Status] = ()) -> Iterator[CardStatus]:
        """Yield every event as a record by card id, each card's in rule order."""
        rows = self._connection.execute(
            f"SELECT {RECORD} {EVIDENCE} {_where_status(only)} "
            f"ORDER BY {ordering.columns(ordering.IDENTITY, 'event')}",
            only,
        )
        return map(CardStatus._make, rows)

    def problems(self, severity: Severity | None = None) -> Iterator[StoredProblem]:
        """Yield every problem by file, in the order of ingest, and line."""
        rows = self._connection.execute(
            """
            SELECT severity, source.name, line, field, reason, detail, raw
            FROM problem JOIN source ON source.id = problem.source
            WHERE :severity IS NULL OR severity = :severity
            ORDER BY problem.source, line, problem.id
            """,
            {"severity": severity},
        )
        return map(StoredProblem._make, rows)


def fold(card_id: str) -> str:
    """Return the card id in upper case without blanks, as the table of aliases has it.

    ASCII only, for it must agree with SQLite's ``upper``.
    """
    return card_id.replace(" ", "").encode().upper().decode()


def _where_status(only: Sequence[Status]) -> str:
    return f"WHERE status IN ({', '.join('?' * len(only))})" if only else ""
