"""Statistics over all cards: statuses, deliveries, attempts, failures, rejected rows."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from cardstatus.database.reading.overview import FailureReason, Overview, Window
from cardstatus.errors import UsageError
from cardstatus.instants import DAY, EPOCH, SECOND, ZoneClock, one_iso, zone_clock
from cardstatus.model.events import History
from cardstatus.model.records import EventType
from cardstatus.rules.attempts import told_once

from .inputs import read_time

# Plain numbers: comparing with a member of an enum takes three times as long.
_PICKUP: Final = int(EventType.PICKUP)
_FAILED: Final = int(EventType.DELIVERY_EXCEPTIONS)
_DELIVERED: Final = int(EventType.DELIVERED)


class Period(StrEnum):
    """A length of time by which deliveries are counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def begins(self, day: date) -> date:
        """Return the first day of the period that a day is in; weeks begin on Monday."""
        if self is Period.DAY:
            return day
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1)


class Deliveries(NamedTuple):
    """The number of deliveries in a period."""

    begins: str
    """The period's first day, ISO 8601, in the database's zone."""
    deliveries: int


class Attempts(NamedTuple):
    """The number of delivered cards that took so many attempts, the successful one included."""

    attempts: int
    cards: int


class DeliveryTimes(NamedTuple):
    """Seconds from first pickup to delivery; None if there are no such cards."""

    cards: int
    """Delivered cards with a pickup to count from."""
    median: int | None
    p90: int | None


class FileRejects(NamedTuple):
    """The rows and cells that could not be taken, of one file."""

    source: str
    type: str
    rows: int
    rejected: int
    warnings: int


class Stats(NamedTuple):
    """The record of ``stats``: counts over all cards, of the events in a window of time."""

    timezone: str
    since: str | None
    until: str | None
    cards: dict[str, int]
    """By status: the cards whose deciding event is in the window."""
    by: str
    deliveries: Sequence[Deliveries]
    """By period, but for those without any."""
    seconds_to_delivery: DeliveryTimes
    attempts: Sequence[Attempts]
    failure_reasons: Sequence[FailureReason]
    """The commonest first."""
    rejects: Sequence[FileRejects]
    """Files ingested in the window, with a row rejected or a cell dropped."""


class StatsOptions(NamedTuple):
    """The choices that a user has."""

    period: Period = Period.DAY
    window: Window = Window()
    reasons: int = 10
    """Reasons of failures to list, at most."""


def read_window(
    timezone: str,
    since: str | None,
    until: str | None,
    options: tuple[str, str] = ("--since", "--until"),
) -> Window:
    """Return the window between two times that users wrote, in a zone where they write none.

    ``options``: the names of the two options, for messages. Raises :class:`UsageError`.
    """
    first, last = options
    window = Window(
        None if since is None else read_time(since, timezone, first, day_begins=True),
        None if until is None else read_time(until, timezone, last),
    )
    if window.since is not None and window.until is not None and window.since > window.until:
        raise UsageError(f"{first} is after {last}; nothing can lie between them")
    return window


def compute(
    overview: Overview,
    options: StatsOptions = StatsOptions(),
    advance: Callable[[int], None] | None = None,
) -> Stats:
    """Go through all cards and return the counts.

    ``advance`` is called with the number of further events that have been read.
    """
    period, window, reasons = options
    timezone = overview.settings().timezone
    counts = _Counts(zone_clock(timezone), window)
    counts.add(overview.histories(advance))
    return Stats(
        timezone,
        since=None if window.since is None else one_iso(window.since),
        until=None if window.until is None else one_iso(window.until),
        cards={kind.status.value: counts.cards[kind] for kind in EventType},
        by=period.value,
        deliveries=_by_period(counts.days, period),
        seconds_to_delivery=_delivery_times(counts.seconds),
        attempts=[Attempts(*pair) for pair in sorted(counts.attempts.items())],
        failure_reasons=overview.failure_reasons(window, reasons),
        rejects=[
            FileRejects(file.source, file.type or "", file.rows, file.rejected, file.warnings)
            for file in overview.files(window)
            if file.rejected or file.warnings
        ],
    )


class _Counts:
    """Counts over the histories of cards, of the events in a window of time."""

    def __init__(self, clock: ZoneClock, window: Window) -> None:
        self.cards: Counter[int] = Counter()
        """By type of the deciding event."""
        self.days: Counter[int] = Counter()
        """Deliveries by day, as days since 1970-01-01."""
        self.attempts: Counter[int] = Counter()
        """Delivered cards by attempts."""
        self.seconds = array("q")
        """From first pickup to delivery: eight bytes a delivered card, the rest does not grow."""
        self._clock = clock
        self._window = window

    def add(self, histories: Iterable[History]) -> None:
        """Count histories, each of them in rule order."""
        for history in histories:
            last = history[-1]
            if len(history) > 1 or last[2] == _DELIVERED:
                self.days.update(_delivery_days(history, self._clock, self._window))
            if not self._window.holds(last[1]):
                continue
            self.cards[last[2]] += 1
            if last[2] == _DELIVERED:
                self.attempts[_attempts(history)] += 1
                if (picked_up := _first_pickup(history)) is not None:
                    self.seconds.append((last[1] - picked_up) // SECOND)


def _by_period(days: Counter[int], period: Period) -> list[Deliveries]:
    counts: Counter[str] = Counter()
    for day, count in sorted(days.items()):
        counts[period.begins(date.fromordinal(EPOCH + day)).isoformat()] += count
    return [Deliveries(*pair) for pair in counts.items()]


def _delivery_days(history: History, clock: ZoneClock, window: Window) -> Iterator[int]:
    """Yield the day of each delivery, as days since 1970-01-01."""
    for event in told_once([event for event in history if event[2] == _DELIVERED]):
        if window.holds(event[1]):
            yield clock.local(event[1]) // DAY


def _attempts(history: History) -> int:
    """Return the number of attempts for a delivered card, the successful one included."""
    return 1 + len(told_once([event for event in history if event[2] == _FAILED]))


def _first_pickup(history: History) -> int | None:
    return next((event[1] for event in history if event[2] == _PICKUP), None)


def _delivery_times(seconds: Iterable[int]) -> DeliveryTimes:
    # A million take 42 MB for a moment, and 0.8 s.
    ordered = sorted(seconds)
    return DeliveryTimes(len(ordered), quantile(ordered, 50), quantile(ordered, 90))


def quantile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the value below which so many percent of the values lie, None if there are none.

    Between two values it is taken in proportion.

    >>> quantile([10, 20, 30, 40], 50)
    25
    """
    if not ordered:
        return None
    rank, part = divmod(percent * (len(ordered) - 1), 100)
    low = ordered[rank]
    high = ordered[rank + 1] if part else low
    return round((low * (100 - part) + high * part) / 100)
