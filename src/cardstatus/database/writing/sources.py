"""The table of sources: each file that was read, and its counts."""

import sqlite3

from cardstatus.model.reports import Counts

from .staging import StagedFile


def last_number(db: sqlite3.Connection) -> int:
    """Return the greatest number that a file was ever given, 0 if there was none."""
    (last,) = db.execute(
        """
        SELECT max(
            (SELECT coalesce(max(id), 0) FROM source), (SELECT coalesce(max(id), 0) FROM undone)
        )
        """
    ).fetchone()
    return int(last)


def insert(db: sqlite3.Connection, number: int, file: StagedFile) -> None:
    """Insert a file with the counts that are known before its rows are merged."""
    db.execute(
        """
        INSERT INTO source (
            id, name, path, sha256, size, type, outcome, ingested_at,
            rows, new, duplicates, rejected, warnings, zoneless, encoding, dates, partner
        ) VALUES (
            :id, :name, :path, :sha256, :size, :type, :outcome, :ingested_at,
            0, 0, 0, 0, :warnings, :zoneless, :encoding, :dates, :partner
        )
        """,
        {
            "id": number,
            "name": file.name,
            "path": file.path,
            "sha256": file.sha256,
            "size": file.size,
            "type": file.type and int(file.type),
            "outcome": file.outcome.value,
            "ingested_at": file.ingested_at,
            "warnings": file.tally.warnings,
            "zoneless": file.tally.zoneless,
            "encoding": file.encoding,
            "dates": file.dates,
            "partner": file.partner or None,
        },
    )


def set_counts(db: sqlite3.Connection, number: int, counts: Counts) -> None:
    """Store the counts of a file that is merged."""
    db.execute(
        """
        UPDATE source
        SET rows = :rows, new = :new, duplicates = :duplicates, rejected = :rejected,
            erased = :erased
        WHERE id = :number
        """,
        {
            "number": number,
            "rows": counts.rows,
            "new": counts.new,
            "duplicates": counts.duplicates,
            "rejected": counts.rejected,
            "erased": counts.erased,
        },
    )


def forget_failure(db: sqlite3.Connection, file: StagedFile) -> None:
    """Remove an earlier, failed attempt at the same file, with its problems."""
    key = {"sha256": file.sha256, "type": file.type and int(file.type)}
    db.execute(
        """
        DELETE FROM problem WHERE source IN (
            SELECT id FROM source WHERE sha256 = :sha256 AND type IS :type
        )
        """,
        key,
    )
    db.execute("DELETE FROM source WHERE sha256 = :sha256 AND type IS :type", key)
