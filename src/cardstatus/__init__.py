"""Where is this card now, and why do we say so? Courier CSV files in, one answer per card out.

The names in ``__all__`` are the Python API. Everything else is private, whether or not its name
begins with an underscore, and may change with any version.
"""

# As ``typing`` has it, which loads in half the time once the program has stopped the garbage
# collector.
TYPE_CHECKING = False

if TYPE_CHECKING:
    import os
    from contextlib import AbstractContextManager

    from cardstatus.courier.partners.declaration import Partner as Partner
    from cardstatus.courier.partners.reading import read_partners as read_partners
    from cardstatus.database.reading.store import Store as Store
    from cardstatus.errors import CardStatusError as CardStatusError
    from cardstatus.errors import DatabaseError as DatabaseError
    from cardstatus.errors import OlderSchemaError as OlderSchemaError
    from cardstatus.errors import SourceError as SourceError
    from cardstatus.errors import UsageError as UsageError
    from cardstatus.ingestion.ingest import ingest as ingest
    from cardstatus.ingestion.options import Options as Options
    from cardstatus.ingestion.watch import WatchOptions as WatchOptions
    from cardstatus.ingestion.watch import watch as watch
    from cardstatus.model.dates import DateOrder as DateOrder
    from cardstatus.model.events import CardEvent as CardEvent
    from cardstatus.model.problems import Severity as Severity
    from cardstatus.model.problems import StoredProblem as StoredProblem
    from cardstatus.model.records import CardStatus as CardStatus
    from cardstatus.model.records import EventType as EventType
    from cardstatus.model.records import Settings as Settings
    from cardstatus.model.records import Status as Status
    from cardstatus.model.reports import Counts as Counts
    from cardstatus.model.reports import FileReport as FileReport
    from cardstatus.model.reports import IngestReport as IngestReport
    from cardstatus.model.reports import Outcome as Outcome
    from cardstatus.model.reports import Progress as Progress
    from cardstatus.model.reports import StatusChange as StatusChange
    from cardstatus.model.reports import WatchedFile as WatchedFile

__version__ = "0.1.0"

_HOMES = {
    "courier.partners.declaration": ["Partner"],
    "courier.partners.reading": ["read_partners"],
    "database.reading.store": ["Store"],
    "errors": [
        "CardStatusError", "DatabaseError", "OlderSchemaError", "SourceError", "UsageError",
    ],
    "ingestion.ingest": ["ingest"],
    "ingestion.options": ["Options"],
    "ingestion.watch": ["WatchOptions", "watch"],
    "model.dates": ["DateOrder"],
    "model.events": ["CardEvent"],
    "model.problems": ["Severity", "StoredProblem"],
    "model.records": ["CardStatus", "EventType", "Settings", "Status"],
    "model.reports": [
        "Counts", "FileReport", "IngestReport", "Outcome", "Progress", "StatusChange",
        "WatchedFile",
    ],
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", "open", *_HOME]  # noqa: PLE0604 - the keys are names


def open(database: "str | os.PathLike[str]") -> "AbstractContextManager[Store]":  # noqa: A001
    """Open a database for the length of a ``with`` block, in which it stays as it is.

    Raises :class:`DatabaseError` if there is none, or if it cannot be read.
    """
    from pathlib import Path

    from cardstatus.database.reading.store import Store

    return Store.open(Path(database))


if not TYPE_CHECKING:  # to checkers of types a wrong name is wrong

    def __getattr__(name: str) -> object:
        """Load a name of the API when it is asked for: a look-up does not pay for ingest."""
        from importlib import import_module

        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        value.__module__ = __name__  # what tracebacks and reprs then call it by
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the names of the API, for editors and ``help``."""
    return __all__
