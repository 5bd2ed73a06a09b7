"""Ages, spans, local times and reasons in words, for the terminal and the web."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cardstatus.questions.find import FoundCard
    from cardstatus.questions.history import Explanation, SaidBy

WHY_BEATEN: Final = {
    "occurred_at": "earlier",
    "type": "at the same instant, of an earlier stage",
    "reference": "same instant and stage; the greater reference decides",
    "mobile": "same but for the mobile; the greater decides",
    "comment": "same but for the comment; the greater decides",
}
"""The reasons for which an event does not decide, by the part of the rule."""


def zone_of(name: str) -> tzinfo:
    """Return a zone by its IANA name."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # 3 ms to import

    return ZoneInfo(name)


def local_time(iso: str, zone: tzinfo) -> str:
    """Return an instant (ISO 8601, UTC, ``Z``) as local date and time, decimals kept.

    >>> from zoneinfo import ZoneInfo
    >>> local_time("2023-11-13T09:34:56.5Z", ZoneInfo("Asia/Dubai"))
    '2023-11-13 13:34:56.5'
    """
    whole, dot, decimals = iso.removesuffix("Z").partition(".")
    local = datetime.fromisoformat(whole + "+00:00").astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}{dot}{decimals}"


def to_the_minute(iso: str, zone: tzinfo) -> str:
    """Return an instant (ISO 8601, UTC, ``Z``) as local date, hour and minute."""
    return local_time(iso, zone)[:16]


def assumptions(record: Explanation) -> Sequence[str]:
    """Return the settings that stand in for what the courier did not write, a line each."""
    assumed, lines = record.assumed, []
    if assumed and assumed["timezone"]:
        events = len(record.beats) + 1
        lines.append(
            f"{assumed['zoneless_events']} of {events} times carry no zone, and were read as "
            f"{assumed['timezone']}"
        )
        if other := record.other_answer:
            lines.append(
                f"written at an offset from UTC{other['from_offset']} to "
                f"UTC{other['to_offset']} they would make it {other['status']}"
            )
    if assumed and assumed["country_code"]:
        lines.append(f"mobiles without their country are read as +{assumed['country_code']}")
    return lines


def matched(found: FoundCard) -> str:
    """Return why a card was found: the fields, and their values if the record shows others."""
    shown = found._asdict()
    told = (
        one["field"].replace("_", " ")
        + ("" if one["value"] == shown[one["field"]] else f" {one['value']}")
        for one in found.matched
    )
    return ", ".join(dict.fromkeys(told))


def remarks(record: Explanation) -> str:
    """Return comment and reference of the deciding event, as the end of a sentence."""
    comment = f", with the comment {record.comment!r}" if record.comment else ""
    reference = f", reference {record.reference}" if record.reference else ""
    return comment + reference


def age(record: Explanation) -> str:
    """Return the time since the deciding event, in its two greatest units."""
    seconds = record.age_seconds or 0
    return f"in {span(-seconds)}" if seconds < 0 else f"{span(seconds)} ago"


def span(seconds: float) -> str:
    """Return a length of time in words of at most two units.

    >>> span(93_784), span(59)
    ('1 day 2 h', '0 min')
    """
    minutes = int(seconds // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days:,} day{'' if days == 1 else 's'}" + (f" {hours} h" if hours else "")
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


_SAID_BY_SHOWN: Final = 2


def also_said_by(rows: Sequence[SaidBy]) -> str:
    """Return the first of the rows that say an event again, and how many more there are."""
    shown = ", ".join(f"{row['source']}:{row['line']}" for row in rows[:_SAID_BY_SHOWN])
    more = len(rows) - _SAID_BY_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
