"""Figures for Prometheus: what is in the database, and what was asked. No ids, and no numbers of
people.
"""

from collections import Counter as Counts
from collections.abc import Iterator
from datetime import datetime
from time import perf_counter
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from cardstatus.database.reading.overview import Overview, TypeActivity

from .guard import Application, Receive, Scope, Send

_OUTCOMES = ("new", "duplicates", "rejected", "warnings")


class Figures(NamedTuple):
    """The figures of a database."""

    cards: dict[str, int]
    """By status."""
    files: Counts[tuple[str, str]]
    """By type and outcome."""
    rows: Counts[tuple[str, str]]
    """By type and what became of them."""
    activity: list[TypeActivity]


def figures(overview: Overview) -> Figures:
    """Return the figures of a database."""
    files: Counts[tuple[str, str]] = Counts()
    rows: Counts[tuple[str, str]] = Counts()
    for file in overview.files():
        kind = file.type or "unknown"
        files[kind, file.outcome] += 1
        for outcome in _OUTCOMES:
            rows[kind, outcome] += getattr(file, outcome)
    return Figures(overview.status_counts(), files, rows, overview.activity())


def in_prometheus_format(found: Figures, asked: "Asked") -> bytes:
    """Return all figures as text for Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Database(found))
    return bytes(generate_latest(registry) + generate_latest(asked.registry))


class _Database:
    def __init__(self, found: Figures) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Yield the figures of the database, as prometheus_client asks for them."""
        cards = GaugeMetricFamily("cardstatus_cards", "Cards by status.", labels=["status"])
        for status, count in self._found.cards.items():
            cards.add_metric([status], count)
        files = GaugeMetricFamily(
            "cardstatus_files", "Files by type and outcome.", labels=["type", "outcome"]
        )
        for labels, count in sorted(self._found.files.items()):
            files.add_metric(labels, count)
        rows = GaugeMetricFamily(
            "cardstatus_rows", "Rows of all files by what became of them.", labels=["type", "as"]
        )
        for labels, count in sorted(self._found.rows.items()):
            rows.add_metric(labels, count)
        yield from (cards, files, rows, *self._newest())

    def _newest(self) -> Iterator[Metric]:
        ingested = GaugeMetricFamily(
            "cardstatus_newest_file_timestamp_seconds",
            "When the last file of a type was ingested.",
            labels=["type"],
        )
        occurred = GaugeMetricFamily(
            "cardstatus_newest_event_timestamp_seconds",
            "The latest instant of an event of a type.",
            labels=["type"],
        )
        for kind in self._found.activity:
            for family, instant in (
                (ingested, kind.last_ingested_at),
                (occurred, kind.newest_event),
            ):
                if instant:
                    family.add_metric([kind.type], datetime.fromisoformat(instant).timestamp())
        yield from (ingested, occurred)


class Asked:
    """Requests and their times, by endpoint or page."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        """What prometheus_client makes text of."""
        self._requests = Counter(
            "cardstatus_requests", "Requests.", ["endpoint", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "cardstatus_request_seconds",
            "Seconds until the answer was sent.",
            ["endpoint"],
            registry=self.registry,
        )

    def counted(self, application: Application) -> Application:
        """Return the application, its requests counted."""

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            begun, statuses = perf_counter(), ["none"]

            async def send_and_see(message: Scope) -> None:
                if message["type"] == "http.response.start":
                    statuses[0] = str(message["status"])
                await send(message)

            try:
                await application(scope, receive, send_and_see)
            finally:
                # Names of our own only: the paths of requests could be anything.
                path = getattr(scope.get("route"), "path", "/none")
                name = path.rpartition("/")[2] or "home"
                self._requests.labels(name, statuses[0]).inc()
                self._seconds.labels(name).observe(perf_counter() - begun)

        return wrapped
