"""Types of files that should have come by now, and did not."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from cardstatus.database.reading.overview import Overview
from cardstatus.errors import UsageError
from cardstatus.instants import MINUTE, SECOND
from cardstatus.model.records import EventType

_SPAN = re.compile(r"(\d{1,4})([mhdw])", re.ASCII | re.IGNORECASE)
_UNITS: Final = {"m": MINUTE, "h": 60 * MINUTE, "d": 1440 * MINUTE, "w": 10_080 * MINUTE}


class Expectation(NamedTuple):
    """A type of which a file is to come at least so often."""

    type: EventType
    within: str
    """As the user wrote it: ``1d``."""
    nanoseconds: int


class LateType(NamedTuple):
    """A type of which no file has come for longer than expected."""

    type: str
    within: str
    last_source: str | None
    last_ingested_at: str | None
    """ISO 8601 in UTC, ending in ``Z``; None if there never was one."""

    def sentence(self) -> str:
        """Return it in words."""
        last = f"the last, {self.last_source}, came {self.last_ingested_at}"
        return (
            f"late: no {self.type} file for more than {self.within}: "
            f"{last if self.last_ingested_at else 'there never was one'}"
        )


def read_expectation(text: str, option: str = "--expect") -> Expectation:
    """Return what ``delivered=1d`` expects. Raises :class:`UsageError`."""
    name, _, span = text.partition("=")
    kinds = {kind.word: kind for kind in EventType}
    kind = kinds.get(name.strip().lower().replace("-", "_"))
    found = _SPAN.fullmatch(span.strip())
    if kind is None or found is None or not int(found[1]):
        raise UsageError(
            f"{option}: {text!r} is not understood; give a type and a time such as delivered=1d, "
            f"of the types {', '.join(kinds)} and the times 30m, 36h, 1d, 2w"
        )
    return Expectation(kind, span.strip(), int(found[1]) * _UNITS[found[2].casefold()])


def late_types(overview: Overview, expected: Sequence[Expectation], now: int) -> list[LateType]:
    """Return the types of which no file has come in time, in the order expected."""
    activity = {kind.type: kind for kind in overview.activity()} if expected else {}
    late = []
    for each in expected:
        kind = activity[each.type.word]
        last = kind.last_ingested_at
        if last is None or now - _instant(last) > each.nanoseconds:
            late.append(LateType(each.type.word, each.within, kind.last_source, last))
    return late


def _instant(iso: str) -> int:
    """Return an instant to the second, in nanoseconds since 1970-01-01T00:00:00Z."""
    return int(datetime.fromisoformat(iso[:19] + "+00:00").timestamp()) * SECOND
