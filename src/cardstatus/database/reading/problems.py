"""Problems as a person goes through them: those of one file or reason, of late, or still open; and
files that failed as a whole.

A problem is *mended* when a later version of its file has come. That is a file read at the same
path, with no fewer rows, that says again what the earlier one said well: another file that has the
name, as with one that comes by the same name every day, mends nothing.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from cardstatus.instants import one_iso
from cardstatus.model.problems import Reason, Severity, State, StoredProblem


class ProblemFilter(NamedTuple):
    """The problems that are asked for; None for any."""

    severity: Severity | None = None
    reason: Reason | None = None
    file: str | None = None
    """A file's name as it was given, its path, or the end of its path."""
    since: int | None = None
    """Of files read then or later; nanoseconds since 1970-01-01T00:00:00Z."""
    only_open: bool = False


def of_file(table: str) -> str:
    """Return the SQL that tells whether a row of ``table`` is of the file ``:file``."""
    return f"""
        (:file IN ({table}.name, {table}.path)
            OR substr({table}.path, -length(:file) - 1) = '/' || :file)
    """


_PROBLEMS = f"""
    SELECT source.id, severity, source.name, line, field, reason, detail, raw, ingested_at,
        forgotten_at
    FROM problem JOIN source ON source.id = problem.source
    WHERE (:severity IS NULL OR severity = :severity) AND (:reason IS NULL OR reason = :reason)
    AND (:file IS NULL OR {of_file("source")}) AND (:since IS NULL OR ingested_at >= :since)
    ORDER BY problem.source, line, problem.id
"""
_FAILURES = f"""
    SELECT name, error, failed_at, forgotten_at FROM failure
    WHERE (:severity IS NULL OR :severity = '{Severity.FAILED}')
    AND (:reason IS NULL OR :reason = '{Reason.FILE_FAILED}')
    AND (:file IS NULL OR {of_file("failure")}) AND (:since IS NULL OR failed_at >= :since)
    ORDER BY failed_at, path
"""


def stored_problems(
    connection: sqlite3.Connection, wanted: ProblemFilter
) -> Iterator[StoredProblem]:
    """Yield problems by file, in the order of ingest, and line; then the files that failed."""
    values = wanted._asdict()
    del values["only_open"]
    for problem in _all(connection, values):
        if problem.state == State.OPEN or not wanted.only_open:
            yield problem


def _all(connection: sqlite3.Connection, values: dict[str, Any]) -> Iterator[StoredProblem]:
    mended = mended_sources(connection)
    for number, *fields, instant, forgotten in connection.execute(_PROBLEMS, values):
        state = State.FORGOTTEN if forgotten else State.MENDED if number in mended else State.OPEN
        yield StoredProblem._make((*fields, one_iso(instant), state.value))
    for name, error, instant, forgotten in connection.execute(_FAILURES, values):
        state = State.FORGOTTEN if forgotten else State.OPEN
        yield StoredProblem(
            Severity.FAILED.value, name, None, None, Reason.FILE_FAILED.value, error, "",
            one_iso(instant), state.value,
        )  # fmt: skip


def mended_sources(connection: sqlite3.Connection, number: int | None = None) -> set[int]:
    """Return the files with problems of which a later version is in; of one file if ``number``."""
    # A warning's row may say another thing once it is mended: it need not come again.
    rows = connection.execute(
        """
        SELECT DISTINCT earlier.id
        FROM source AS earlier
        JOIN source AS later ON later.path = earlier.path AND later.id > earlier.id
        WHERE (:number IS NULL OR earlier.id = :number)
        AND (earlier.rejected > 0 OR earlier.warnings > 0) AND later.outcome = 'ingested'
        AND (
            earlier.outcome = 'failed'
            OR (
                later.type IS earlier.type AND later.rows >= earlier.rows
                AND later.duplicates
                    >= max(1, earlier.rows - earlier.rejected - earlier.warnings)
            )
        )
        ORDER BY earlier.id
        """,
        {"number": number},
    )
    return {earlier for (earlier,) in rows}


def is_settled(connection: sqlite3.Connection, number: int) -> bool:
    """Tell whether the problems of a file are mended or forgotten."""
    (forgotten,) = connection.execute(
        "SELECT forgotten_at FROM source WHERE id = :number", {"number": number}
    ).fetchone()
    return forgotten is not None or number in mended_sources(connection, number)
