"""The marks of ``check`` on Spark: whole histories of cards, judged by the same Python code."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from cardstatus.instants import one_iso, zone_clock
from cardstatus.model.records import EventType
from cardstatus.rules import ordering
from cardstatus.rules.findings import CheckTerms, findings

from .frames import batch, in_ddl
from .rule import distinct

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_COLUMNS: Final = (*ordering.IDENTITY, "zoned", "source", "line")
"""The fields of a CardEvent, with the source's name for its number."""

FINDINGS: Final = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in (
        "card_id", "reason", "detail", "status", "occurred_at", "source",
    )] + [pa.field("line", pa.int64(), nullable=False)]
)  # fmt: skip
"""The record of ``check``."""


def check(events: "DataFrame", terms: CheckTerms, timezone: str = "UTC") -> "DataFrame":
    """Return what needs a person: the records of ``cardstatus check``, in no order.

    ``timezone``: of times that carry none, as when the events were read.
    """

    def judged(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        known = terms._replace(clock=terms.clock or zone_clock(timezone))
        rows = chain.from_iterable(map(_rows, batches))
        found: list[tuple[Any, ...]] = []
        for _, events_of_card in groupby(rows, itemgetter(0)):
            found += _judge(list(events_of_card), known)
            if len(found) >= 10_000:
                yield batch(FINDINGS, found)
                found = []
        if found:
            yield batch(FINDINGS, found)

    whole = distinct(events).select(*_COLUMNS).repartition("card_id")
    ordered = whole.sortWithinPartitions(*ordering.IDENTITY)
    return ordered.mapInArrow(judged, in_ddl(FINDINGS))


def _rows(some: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in some.columns), strict=True)


def _judge(history: list[Any], terms: CheckTerms) -> Iterator[tuple[Any, ...]]:
    card_id, occurred_at, kind, *_, source, line = history[-1]
    status, time = EventType(kind).status.value, one_iso(occurred_at)
    for reason, detail in findings(history, terms):
        yield card_id, reason.value, detail, status, time, source, line
