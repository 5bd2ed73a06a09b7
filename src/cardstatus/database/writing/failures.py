"""The record of files that failed as a whole, and short notes on files that were read.

The notes say that a person has dealt with problems, and where ``watch`` has put a file.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cardstatus.model.reports import FailedFile

from ..connection import opened
from ..reading.problems import of_file

PathAndHash = tuple[str, str]
"""The path of a file that was read, and the hash of one that is in by that; else empty."""


def news(
    connection: sqlite3.Connection, failed: Sequence[FailedFile], read: Sequence[PathAndHash]
) -> tuple[list[FailedFile], list[PathAndHash]]:
    """Return what a run has to change in the record: the failures that are not on it, and of the
    files that it has read, path and hash, those that are.
    """
    known = {
        path: (sha256, error)
        for path, sha256, error in connection.execute(
            "SELECT path, sha256, error FROM failure ORDER BY path"
        )
    }
    hashes = {sha256 for sha256, _ in known.values() if sha256}
    new = [
        one
        for one in failed
        if known.get(one.path) != (one.sha256, one.error) and not _is_in(connection, one.sha256)
    ]
    return new, [(path, sha256) for path, sha256 in read if path in known or sha256 in hashes]


def _is_in(connection: sqlite3.Connection, sha256: str | None) -> bool:
    """Tell whether a file with this content has been taken in, by whatever name."""
    found = connection.execute(
        "SELECT 1 FROM source WHERE sha256 = :sha256 AND outcome = 'ingested' LIMIT 1",
        {"sha256": sha256},
    ).fetchone()
    return found is not None


def change(
    connection: sqlite3.Connection, failed: Sequence[FailedFile], read: Sequence[PathAndHash]
) -> None:
    """Put failures on record, and take off what has been read; in the caller's transaction."""
    failed, read = news(connection, failed, read)
    for path, sha256 in read:
        connection.execute(
            "DELETE FROM failure WHERE path = :path OR sha256 = :sha256",
            {"path": path, "sha256": sha256},
        )
    for one in failed:
        connection.execute(
            """
            INSERT INTO failure (path, name, sha256, size, type, failed_at, error)
            VALUES (:path, :name, :sha256, :size, :type, :failed_at, :error)
            ON CONFLICT (path) DO UPDATE SET
                name = excluded.name, sha256 = excluded.sha256, size = excluded.size,
                type = excluded.type, failed_at = excluded.failed_at, error = excluded.error,
                forgotten_at = NULL
            """,
            {**one._asdict(), "type": None if one.type is None else int(one.type)},
        )


class Move(NamedTuple):
    """A file that was moved to the archive; both paths are absolute."""

    path: str
    archived: str
    is_new: bool
    """Whether it was taken in just before, so that no other was read at the path since."""


def forget(database: Path, file: str, now: int) -> int:
    """Note that a person has dealt with the problems of a file, by its name or path; return of how
    many files that were open.

    Raises :class:`DatabaseError`.
    """
    values = {"file": file, "now": now}
    with _transaction(database) as connection:
        sources = connection.execute(
            f"""
            UPDATE source SET forgotten_at = :now
            WHERE {of_file("source")} AND forgotten_at IS NULL AND (rejected > 0 OR warnings > 0)
            """,
            values,
        ).rowcount
        failures = connection.execute(
            f"""
            UPDATE failure SET forgotten_at = :now
            WHERE {of_file("failure")} AND forgotten_at IS NULL
            """,
            values,
        ).rowcount
    return sources + failures


def note_moves(database: Path, moves: Sequence[Move]) -> None:
    """Note where files are that were moved to the archive. Raises :class:`DatabaseError`."""
    with _transaction(database) as connection:
        for move in moves:
            connection.execute(
                """
                UPDATE source SET archived = :archived
                WHERE id = (SELECT max(id) FROM source WHERE path = :path)
                AND (:is_new OR archived IS NULL)
                """,
                move._asdict(),
            )


@contextmanager
def _transaction(database: Path) -> Iterator[sqlite3.Connection]:
    with opened(database) as connection:
        connection.execute("PRAGMA query_only = OFF")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
