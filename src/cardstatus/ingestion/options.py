"""What a run of ingest is asked to do, and whether the database lets it."""

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
    """For files whose name tells no type, or several."""
    only: frozenset[EventType] = frozenset()
    """Take in just these types; empty for all."""
    dry_run: bool = False
    strict: bool = False
    """A rejected row fails its file."""
    timezone: str | None = None
    """IANA name of the zone that zoneless times are in; None for the database's, else UTC."""
    country_code: str | None = None
    """For mobiles without one; None for the database's, else 971."""
    encoding: str = "utf-8"
    """For files without a byte-order mark."""
    workers: int = 1
    """Processes that read, beside this one; 1: this one reads, too. More are of use from some
    100,000 rows on, and need a ``__main__`` that may be imported (see multiprocessing)."""


def as_paths(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """Return one path, or several, as a list."""
    if isinstance(paths, str | os.PathLike):
        return [Path(paths)]
    return [Path(path) for path in paths]


def settle(stored: Settings | None, options: Options) -> Settings:
    """Return the settings of a run: those stored in the database, else those asked for.

    Raises :class:`DatabaseError` if other ones than are stored are asked for.
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


def check(options: Options) -> None:
    """Raise :class:`UsageError` for options that mean nothing."""
    if options.timezone is not None:
        read_zone(options.timezone, "--timezone")
    if options.country_code is not None and not COUNTRY_CODES.fullmatch(options.country_code):
        raise UsageError(
            f"--country-code: {redact(options.country_code)!r} is not one; give one to three "
            "digits, such as 971"
        )
    try:
        # Decoding no bytes at all would accept any name.
        io.TextIOWrapper(io.BytesIO(), encoding=options.encoding).read()
    except (LookupError, UnicodeError):
        raise UsageError(
            f"--encoding: {redact(options.encoding)!r} is not known; try cp1252 or utf-16-le"
        ) from None
