"""Options of a run of ingest, and their agreement with the settings of the database."""

import io
import json
import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardstatus.courier.cells.mobiles import COUNTRY_CODES
from cardstatus.courier.partners.declaration import Partner
from cardstatus.errors import DatabaseError, UsageError
from cardstatus.instants import read_zone
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import DEFAULT_SETTINGS, EventType, Settings
from cardstatus.privacy import redact

StrPath = str | os.PathLike[str]
DEFAULT_ENCODING: Final = "utf-8"


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
    card_id_pattern: str | None = None
    """A regular expression for all of a card id; None for the database's, else any with a digit."""
    dates: DateOrder | None = None
    """The order of day, month and year; None for day first where the year comes last, and to refuse
    a file that shows otherwise. One that is given also has files read anew that are in by another.
    """
    encoding: str | None = None
    """The encoding of files that have no byte-order mark and are not UTF-8; None for UTF-8. One
    that is given also has files read anew that are in by another."""
    replace: bool = False
    """A file replaces the one that was read last at its path."""
    partners: tuple[Partner, ...] = ()
    """What partners have declared of their files."""
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
    asked = (options.timezone, options.country_code, options.card_id_pattern)
    wanted = Settings._make(new or old for new, old in zip(asked, fixed, strict=True))
    if stored and wanted != stored:
        raise DatabaseError(
            f"this database was begun with {_as_options(stored)}, and other ones would change what "
            f"it has answered; to use {_as_options(wanted)}, make it anew with "
            "'cardstatus rebuild' and these options"
        )
    return wanted


def check_partners(stored: Mapping[str, str], partners: Sequence[Partner]) -> None:
    """Raise :class:`DatabaseError` if a partner whose files are in has declared otherwise since."""
    declared = {partner.name: partner.settled for partner in partners}
    for name, settled in stored.items():
        if name not in declared:
            raise DatabaseError(
                f"this database has files of partner {name!r}, which nothing declares; give the "
                "file that does (--partners)"
            )
        if declared[name] != settled:
            raise DatabaseError(
                f"what partner {name!r} declares is settled by its first file, and another "
                "declaration would change what was answered "
                f"({_changes(settled, declared[name])}); to use it, make the "
                "database anew with 'cardstatus rebuild'"
            )


def _changes(settled: str, declared: str) -> str:
    before, after = json.loads(settled), json.loads(declared)
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    return ", ".join(
        f"{key}: {before.get(key, 'nothing')!r} to {after.get(key, 'nothing')!r}" for key in keys
    )


def _as_options(settings: Settings) -> str:
    spelled = f"--timezone {settings.timezone} --country-code {settings.country_code}"
    if settings.card_id_pattern:
        spelled += f" --card-id-pattern {shlex.quote(settings.card_id_pattern)}"
    return spelled


def validate(options: Options) -> None:
    """Raise :class:`UsageError` for a zone, country code or encoding that does not exist."""
    if options.timezone is not None:
        read_zone(options.timezone, "--timezone")
    if options.country_code is not None and not COUNTRY_CODES.fullmatch(options.country_code):
        raise UsageError(
            f"--country-code: {redact(options.country_code)!r} is not one; give one to three "
            "digits, such as 971"
        )
    if options.dates not in (None, *DateOrder):
        raise UsageError(
            f"--dates: {redact(str(options.dates))!r} is none of {', '.join(DateOrder)}"
        )
    if options.card_id_pattern is not None:
        _validate_pattern(options.card_id_pattern)
    try:
        # Decoding by itself accepts any name as long as there are no bytes.
        io.TextIOWrapper(io.BytesIO(), encoding=options.encoding or DEFAULT_ENCODING).read()
    except (LookupError, UnicodeError):
        raise UsageError(
            f"--encoding: {redact(str(options.encoding))!r} is not known; try cp1252 or utf-16-le"
        ) from None


def _validate_pattern(pattern: str) -> None:
    try:
        matches_nothing = re.compile(pattern).fullmatch("")
    except re.error as error:
        raise UsageError(
            f"--card-id-pattern: {redact(pattern)!r} is no regular expression ({error}); write one "
            r"for all of a card id, such as 'ENB-\d{6}'"
        ) from None
    if matches_nothing:
        raise UsageError(
            f"--card-id-pattern: {redact(pattern)!r} matches an empty cell; write one for all of a "
            r"card id, such as 'ENB-\d{6}'"
        )
