"""The errors a user can mend. Owns their types and the one rule about their text: what happened,
where, and what to do next, in one line. Never prints and never exits.
"""


class CardStatusError(Exception):
    """Something a user can mend; ``str(error)`` is one line fit for stderr."""


class SourceError(CardStatusError):
    """A file that cannot be taken in; the run goes on with the next file."""


class DatabaseError(CardStatusError):
    """The database is missing, locked, damaged or not ours; the run stops."""


class OlderSchemaError(DatabaseError):
    """The database was made by an older version; ingest brings it up to date."""


class UsageError(CardStatusError):
    """The command was called in a way that cannot mean anything (exit code 2)."""


def in_words(error: BaseException) -> str:
    """Return an error of the system as the second half of a sentence."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:] if text else type(error).__name__


# By the names that users import: in tracebacks, and where processes hand errors to each other.
for _error in (CardStatusError, SourceError, DatabaseError, OlderSchemaError, UsageError):
    _error.__module__ = "cardstatus"
