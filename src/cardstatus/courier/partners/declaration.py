"""What a partner has declared, and which partner a file belongs to. Reads no file."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from cardstatus.errors import SourceError
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType

from ..header.claims import level_header
from ..header.columns import Columns
from ..header.formats import SourceFormat
from .row_types import RowTypes


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner's conventions; what is empty is not declared."""

    name: str
    files: tuple[str, ...]
    """Patterns of the paths that are theirs (see :func:`matches`)."""
    timezone: str = ""
    """IANA name of the zone of times that carry none."""
    country_code: str = ""
    dates: DateOrder | None = None
    """The order of day, month and year."""
    encoding: str = ""
    """Of files that are not UTF-8."""
    delimiter: str = ""
    """What parts the cells; "" to tell it by the header."""
    card_id_pattern: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Event field -> headers."""
    types: Mapping[EventType, tuple[str, ...]] = field(default_factory=dict)
    """Type -> patterns of the names of files that are of it."""
    status: Mapping[str, EventType] = field(default_factory=dict)
    """Levelled status -> the type of a row that has it; of files whose name is in no ``types``."""

    @property
    def settled(self) -> str:
        """What answers depend on, as one text: the partner's first file fixes it."""
        declared = {
            "timezone": self.timezone,
            "country_code": self.country_code,
            "dates": self.dates or "",
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "card_id_pattern": self.card_id_pattern,
            "columns": {
                # Those of a time are joined as they stand.
                field: list(headers) if field == "occurred_at" else sorted(headers)
                for field, headers in self.columns.items()
            },
            "types": {kind.word: sorted(patterns) for kind, patterns in self.types.items()},
            "status": {word: kind.word for word, kind in self.status.items()},
        }
        return json.dumps({key: what for key, what in declared.items() if what}, sort_keys=True)

    def formats(self, formats: Sequence[SourceFormat]) -> tuple[SourceFormat, ...]:
        """Return formats that know the declared columns by their declared headers alone."""
        own = {name: frozenset(map(level_header, said)) for name, said in self.columns.items()}
        taken = frozenset().union(*own.values())

        def known(headers: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
            return {name: own.get(name, usual - taken) for name, usual in headers.items()}

        return tuple(
            replace(
                fmt,
                columns=known(fmt.columns) | own,
                less_usual=known(fmt.less_usual),
                declared=self.columns,
            )
            for fmt in formats
        )

    def row_types(self, columns: Columns) -> RowTypes:
        """Return what tells the types of the rows of a file that has these columns.

        Raises :class:`SourceError` if several could be the status.
        """
        if len(columns.statuses) > 1:
            raise SourceError(
                f"{len(columns.statuses)} columns could be the status, by which partner "
                f"{self.name} tells the type of a row; declare which below [{self.name}.columns]"
            )
        return RowTypes(self.name, self.status, columns.statuses[0])

    def type_of(self, name: str) -> EventType | None:
        """Return the type that a file's name tells by this declaration, None if it tells none.

        Raises :class:`SourceError` if it tells several.
        """
        kinds = [kind for kind, patterns in self.types.items() if _any_matches(patterns, name)]
        if len(kinds) > 1:
            words = " and ".join(kind.word for kind in sorted(kinds))
            raise SourceError(
                f"partner {self.name} declares the name as {len(kinds)} types, {words}; narrow "
                "the patterns of one"
            )
        return kinds[0] if kinds else None


def partner_of(path: Path, partners: Sequence[Partner]) -> Partner | None:
    """Return the partner that a path belongs to, None for nobody's.

    Raises :class:`SourceError` if two claim it: one of their zones would be wrong.
    """
    written = path.absolute().as_posix()
    owners = [partner for partner in partners if _any_matches(partner.files, written)]
    if len(owners) > 1:
        names = " and ".join(partner.name for partner in owners)
        raise SourceError(
            f"{len(owners)} partners claim the path, {names}; narrow the files of one"
        )
    return owners[0] if owners else None


def _any_matches(patterns: Sequence[str], path: str) -> bool:
    return any(matches(pattern, path) for pattern in patterns)


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path ends as a pattern says, in whatever case.

    ``*`` stands for any part of a name, ``**`` for any folders, ``?`` for a character. A pattern
    without a slash is one for the name alone.

    >>> matches("acme/**", "drops/ACME/2024/pod.csv"), matches("*acme*", "acme/pod.csv")
    (True, False)
    """
    return _compiled(pattern).fullmatch(path) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    names = pattern.strip("/").split("/")
    steps = [
        (".*" if name == "**" else _step(name))
        if at == len(names)
        else ("(?:.*/)?" if name == "**" else f"{_step(name)}/")
        for at, name in enumerate(names, 1)
    ]
    return re.compile(
        ("/" if pattern.startswith("/") else "(?:.*/)?") + "".join(steps), re.IGNORECASE
    )


def _step(name: str) -> str:
    """Return the regular expression for one name of a path."""
    signs = {"*": "[^/]*", "?": "[^/]"}
    return "".join(signs.get(part) or re.escape(part) for part in re.split(r"([*?])", name))
