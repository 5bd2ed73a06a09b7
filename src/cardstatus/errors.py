"""The errors a user can mend. Their text is one line: what happened, where, and what to do next.
Does not print, nor exit.
"""

import os
from typing import Final

DEFAULT_DATABASE: Final = "cardstatus.db"
"""The database of commands that name none, in the current folder."""


class CardStatusError(Exception):
    """Something a user can mend; ``str(error)`` is one line fit for stderr."""


class SourceError(CardStatusError):
    """A file cannot be taken in; the run goes on with the next one."""


class DatabaseError(CardStatusError):
    """The database is missing, locked, damaged or not ours; the run stops."""


class OlderSchemaError(DatabaseError):
    """An older version made the database; ingest brings it up to date."""


class UsageError(CardStatusError):
    """The options mean nothing, alone or together (exit code 2)."""


def in_words(error: BaseException) -> str:
    """Return an error of the system as the end of a sentence."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:] if text else type(error).__name__


def command(words: str, database: str | os.PathLike[str]) -> str:
    """Return a command of this program as messages advise it: with the ``--db`` that it needs.

    >>> command("problems", "cardstatus.db"), command("problems", "my cards.db")
    ('cardstatus problems', "cardstatus problems --db 'my cards.db'")
    """
    path = os.fspath(database)
    if path == os.environ.get("CARDSTATUS_DB", DEFAULT_DATABASE):
        return f"cardstatus {words}"
    from shlex import quote

    return f"cardstatus {words} --db {quote(path)}"


# By the names that users import: in tracebacks, and where processes hand errors to each other.
for _error in (CardStatusError, SourceError, DatabaseError, OlderSchemaError, UsageError):
    _error.__module__ = "cardstatus"
