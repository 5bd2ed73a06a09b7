"""Plans each file of a run: to report what is known of it, to read it, or to leave it out.

Looks at the file and into the database, and changes neither.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cardstatus.courier.files.names import NameReading, identify, read_name
from cardstatus.courier.files.reader import OpenFile, Part, open_file
from cardstatus.courier.files.search import FoundFile
from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.header.reading import Header, read_header
from cardstatus.courier.partners.declaration import Partner, partner_of
from cardstatus.database.writing.writer import Writer
from cardstatus.errors import SourceError
from cardstatus.model.records import EventType, Settings
from cardstatus.model.reports import FileReport, Outcome

from .options import DEFAULT_ENCODING, Options
from .part import FileToRead
from .standing.versions import Versions

_MAY_BE_CUT: Final = (
    "the last line has no end, and its time or card id may be cut; if the file was not whole, "
    "ingest it again when it is: what has grown replaces what it was"
)


@dataclass(frozen=True, slots=True, eq=False)
class FilePlan:
    """The plan for one file; with neither ``report`` nor ``file`` it is left out."""

    found: FoundFile
    report: FileReport | None = None
    """The final report of a file that is not to be read."""
    file: FileToRead | None = None
    parts: tuple[Part, ...] = ()
    """The parts of ``file``, in order."""
    is_file: bool = True
    """Whether there is a courier's file at the path."""


class Planner:
    """Plans the files of one run."""

    def __init__(
        self, writer: Writer, database: Path, options: Options, settings: Settings
    ) -> None:
        self.versions = Versions(writer, str(database), options)
        """The files that are in."""
        self._database = database
        self._options = options
        self._settings = settings

    def plan(self, found: FoundFile) -> FilePlan:
        """Look at a file, and return the plan for it."""
        kind: EventType | None = None
        try:
            if found.error:
                return _no_file(found, found.error)
            partner = partner_of(found.path, self._options.partners)
            reading = _read_name(found.path.name, partner)
            of_rows = _types_of_rows(partner, reading)
            if self._is_left_out(reading, of_rows):
                return FilePlan(found)
            if self._is_database(found.path):
                return _no_file(found, "this is the database itself, not a courier file")
            if not of_rows:
                kind = identify(reading, self._options.type)
            notes = [reading.note] if reading.note and not of_rows else []
            return self._look_into(found, kind, partner, notes)
        except SourceError as error:
            return FilePlan(found, failed(found.name, kind, error))

    def _is_left_out(self, reading: NameReading, of_rows: frozenset[EventType]) -> bool:
        if not self._options.only:
            return False
        if of_rows:  # all of its rows are taken in, or none
            return not of_rows <= self._options.only
        claims = {*reading.types}
        if len(claims) != 1 and self._options.type is not None:
            claims = {self._options.type}
        return bool(claims) and not claims & self._options.only

    def _is_database(self, path: Path) -> bool:
        # Opened and closed as a file it would lose SQLite's locks on it.
        with suppress(OSError):
            return path.samefile(self._database)
        return False

    def _look_into(
        self,
        found: FoundFile,
        kind: EventType | None,
        partner: Partner | None,
        notes: Sequence[str],
    ) -> FilePlan:
        options = _as_declared(self._options, partner)
        declared = options.encoding or DEFAULT_ENCODING
        formats = partner.formats(formats_of(kind)) if partner else formats_of(kind)
        with open_file(found.path) as file:
            sha256 = file.sha256()
            place = self.versions.place_of(found, kind, file, sha256, options)
            if place.report:
                return FilePlan(found, place.report)
            file.check_is_text(declared)
            encoding = file.encoding(declared)
            delimiter = partner.delimiter if partner else ""
            header = read_header(file.blocks(encoding), formats, delimiter)
            parts = file.parts(encoding)
            may_be_cut = [_MAY_BE_CUT] if _may_be_cut(file, header, encoding) else []
        to_read = FileToRead(
            found.path,
            file.stamp,
            sha256,
            kind,
            header,
            encoding,
            self._settings,
            options.dates,
            (*notes, *place.notes, *may_be_cut),
            place.replaces,
        )
        if partner:
            to_read = _of_partner(to_read, partner)
        return FilePlan(found, file=to_read, parts=parts)


def _read_name(name: str, partner: Partner | None) -> NameReading:
    declared = partner.type_of(name) if partner else None
    return NameReading((declared,), is_declared=True) if declared else read_name(name)


def _types_of_rows(partner: Partner | None, reading: NameReading) -> frozenset[EventType]:
    """Return the types that the rows of a file may have, each its own; none if the file has one."""
    if partner is None or reading.is_declared:
        return frozenset()
    return frozenset(partner.status.values())


def _as_declared(options: Options, partner: Partner | None) -> Options:
    """Return the options of a run as they are for the files of a partner."""
    if partner is None:
        return options
    return replace(
        options,
        encoding=partner.encoding or options.encoding,
        dates=partner.dates or options.dates,
    )


def _of_partner(file: FileToRead, partner: Partner) -> FileToRead:
    """Return a file to be read as its partner has declared."""
    settings = file.settings._replace(
        country_code=partner.country_code or file.settings.country_code,
        card_id_pattern=partner.card_id_pattern or file.settings.card_id_pattern,
    )
    # A header that names a zone is nearer to the times than a declaration.
    columns = file.header.columns
    zone = columns.zone or partner.timezone
    note = f"of partner {partner.name}"
    if partner.timezone and zone == partner.timezone:
        note += f"; times that carry no zone are read in {zone}"
    if file.type is None:
        partner.row_types(columns)  # which refuses two statuses
        note += f"; each row has the type of its {file.header.status!r}"
    return replace(
        file,
        header=file.header._replace(columns=replace(columns, zone=zone)),
        settings=settings,
        partner=partner,
        notes=(note, *file.notes),
    )


def _no_file(found: FoundFile, error: str) -> FilePlan:
    return FilePlan(found, failed(found.name, None, SourceError(error)), is_file=False)


def sha256_of(path: Path) -> str | None:
    """Return the hash of a file's bytes, None if they cannot be read."""
    with suppress(SourceError), open_file(path) as file:
        return file.sha256()
    return None


def failed(name: str, kind: EventType | None, error: SourceError) -> FileReport:
    """Return the report of a file that failed before all its rows were read."""
    return FileReport(name, kind, Outcome.FAILED, error=str(error))


def _may_be_cut(file: OpenFile, header: Header, encoding: str) -> bool:
    """Tell whether the last line has no end, and its last cell is a time or a card id."""
    line = file.unended_line(encoding)
    if not line or line.endswith('"') or header.card_id in line:
        return False
    columns = header.columns
    last = line.count(header.delimiter)
    return last in (columns.index["card_id"], columns.index["occurred_at"], columns.clock)
