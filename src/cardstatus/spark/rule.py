"""The event-ordering rule as expressions over DataFrames, all of them built from ``ordering.KEY``.

Spark compares strings by their UTF-8 bytes, which is the order of code points, as SQLite and Python
do.
"""

from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as F  # noqa: N812 - its name in all of Spark's own pages
from pyspark.sql.window import Window

from cardstatus.instants import SECOND
from cardstatus.model.records import CardStatus, EventType
from cardstatus.rules import ordering

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_EVIDENCE: Final = ("file", "line", "source")
"""Where an event stands; of several rows that say it, the least is its evidence."""


def distinct(events: "DataFrame") -> "DataFrame":
    """Return each event once: rows that agree on its identity are one.

    The file and line are the first that say it; its zone was written if any of them wrote it.
    """
    first = F.min(F.struct(*_EVIDENCE)).alias("first")
    merged = events.groupBy(*ordering.IDENTITY).agg(F.max("zoned").alias("zoned"), first)
    return merged.select(
        *ordering.IDENTITY, "zoned", *(F.col(f"first.{name}").alias(name) for name in _EVIDENCE)
    )


def latest_events(events: "DataFrame") -> "DataFrame":
    """Return the greatest event of each card, in the columns of ``events``.

    The greatest of several parts' greatest is the greatest of all: days may be merged so.
    """
    # Of rows that say the same event the first file and line, so these count backwards. The rest
    # only travels along: by then two structs differ.
    key = (*ordering.KEY, "file", "line")
    backwards = [(-F.col(name)).alias(f"-{name}") for name in ("file", "line")]
    rest = [name for name in events.columns if name not in ("card_id", *key)]
    compared = F.struct(*ordering.KEY, *backwards, "file", "line", *rest)
    found = events.groupBy("card_id").agg(F.max(compared).alias("greatest"))
    return found.select("card_id", "greatest.*").select(*events.columns)


def latest(events: "DataFrame") -> "DataFrame":
    """Return each card's status: the record of ``cardstatus export``, field by field."""
    return _records(latest_events(events))


def history(events: "DataFrame", card_id: str) -> "DataFrame":
    """Return a card's events in rule order, the deciding one marked in the column ``decides``."""
    own = distinct(events.where(F.col("card_id") == card_id))
    order = Window.orderBy(*(F.col(name).desc() for name in ordering.KEY))
    ranked = own.withColumn("decides", F.row_number().over(order) == 1)
    ordered = ranked.orderBy(*ordering.KEY)
    return ordered.select(
        *_record_columns(), _type_text("word").alias("type"), F.col("zoned"), F.col("decides")
    )


def accounts(events: "DataFrame", files: "DataFrame") -> "DataFrame":
    """Return the files with ``new`` and ``duplicates``: ``rows = new + duplicates + rejected``."""
    counts = distinct(events).groupBy("file").agg(F.count("*").alias("new"))
    counted = files.join(counts, "file", "left").fillna(0, ["new"])
    duplicates = (F.col("events") - F.col("new")).alias("duplicates")
    return counted.select(
        "source", "type", "outcome", "rows", "new", duplicates, "rejected", "warnings", "zoneless",
        "error", "file",
    ).orderBy("file")  # fmt: skip


def _records(events: "DataFrame") -> "DataFrame":
    return events.select(*_record_columns())


def _record_columns() -> "list[Column]":
    made = {
        "status": _type_text("status"),
        "occurred_at": iso(F.col("occurred_at")),
        **{name: _or_null(F.col(name)) for name in ("mobile", "comment", "reference")},
    }
    return [made.get(name, F.col(name)).alias(name) for name in CardStatus._fields]


def _or_null(text: "Column") -> "Column":
    return F.when(text != "", text)


def _type_text(attribute: str) -> "Column":
    """Return an attribute of the type as a column: ``word`` or ``status``."""
    pairs = [F.lit(value) for kind in EventType for value in (int(kind), getattr(kind, attribute))]
    return F.create_map(*pairs)[F.col("type")]


def iso(nanoseconds: "Column") -> "Column":
    """Return instants as ISO 8601 in UTC with as many decimals as they need, as ``instants.iso``.

    Does not depend on the session's time zone.
    """
    below = F.pmod(nanoseconds, F.lit(SECOND))
    # Whole numbers throughout: a double would round nanoseconds.
    seconds = F.call_function("div", nanoseconds - below, F.lit(SECOND)).cast("decimal(18, 6)")
    time = F.expr("timestamp_ntz '1970-01-01 00:00:00'") + F.make_dt_interval(secs=seconds)
    decimals = F.rtrim(F.lpad(below.cast("string"), 9, "0"), F.lit("0"))
    fraction = F.when(decimals == "", "").otherwise(F.concat(F.lit("."), decimals))
    return F.concat(F.date_format(time, "yyyy-MM-dd'T'HH:mm:ss"), fraction, F.lit("Z"))
