"""Options of a run of ingest, and their agreement with the settings of the database."""

import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cardstatus.courier.mobiles import COUNTRY_CODES
from cardstatus.errors import DatabaseError, UsageError
from cardstatus.instants import read_zone
from cardstatus.model.records import DEFAULT_SETTINGS, EventType, Settings
from cardstatus.privacy import redact

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Options:
    """How to ingest; the defaults are those of the command."""

    type: EventType | None = None
    """The type of files whose name tells none, or several."""
    only: frozenset[EventType] = frozenset()
    """Take in just these types; empty for all."""
    dry_run: bool = False
    strict: bool = False
    """A rejected row fails its file."""
    timezone: str | None = None
    """IANA name of the zone of zoneless times; None for the database's, else UTC."""
    country_code: str | None = None
    """The country code of mobiles without one; None for the database's, else 971."""
    encoding: str = "utf-8"
    """The encoding of files without a byte-order mark."""
    workers: int = 1
    """Processes that read, beside this one; with 1 this one reads, too. More help from some 100,000
    rows on, and need a ``__main__`` that may be imported (see multiprocessing)."""


def as_paths(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """Return one path, or several, as a list."""
    if isinstance(paths, str | os.PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]


def reconcile(stored: Settings | None, options: Options) -> Settings:
    """Return the settings of a run: those stored in the database, else those asked for.

    Raises :class:`DatabaseError` if the two differ.
    """
    fixed = stored or DEFAULT_SETTINGS
    wanted = Settings(
        options.timezone or fixed.timezone, options.country_code or fixed.country_code
    )
    if stored and wanted != stored:
        raise DatabaseError(
            f"this database was begun with --timezone {stored.timezone} --country-code "
            f"{stored.country_code}, and other ones would change what it has answered; to use "
            f"--timezone {wanted.timezone} --country-code {wanted.country_code}, ingest all files "
            "into a new database (--db)"
        )
    return wanted


def validate(options: Options) -> None:
    """Raise :class:`UsageError` for a zone, country code or encoding that does not exist."""
    if options.timezone is not None:
        read_zone(options.timezone, "--timezone")
    if options.country_code is not None and not COUNTRY_CODES.fullmatch(options.country_code):
        raise UsageError(
            f"--country-code: {redact(options.country_code)!r} is not one; give one to three "
            "digits, such as 971"
        )
    try:
        # Decoding by itself accepts any name as long as there are no bytes.
        io.TextIOWrapper(io.BytesIO(), encoding=options.encoding).read()
    except (LookupError, UnicodeError):
        raise UsageError(
            f"--encoding: {redact(options.encoding)!r} is not known; try cp1252 or utf-16-le"
        ) from None
