"""Events as Parquet, for warehouses: typed, and in the order of the event-ordering rule.

Beside the fields of a record there are the rule's own columns: ``occurred_ns``, since timestamps of
most engines end at the microsecond, and ``stage``, the rank of the event's type.
"""

from calendar import timegm
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from cardstatus.errors import CardStatusError
from cardstatus.instants import SECOND
from cardstatus.model.records import CardStatus, EventType

_ROWS_AT_ONCE: Final = 100_000
_STAGE: Final = {kind.status.value: int(kind) for kind in EventType}
_SORTED: Final = ("card_id", "occurred_ns", "stage", "reference", "mobile", "comment")


def write_parquet(path: Path, events: Iterable[CardStatus]) -> None:
    """Write events, sorted as the database gives them, into one file.

    Raises :class:`CardStatusError` without pyarrow, and :class:`OSError`.
    """
    arrow = _arrow()
    from pyarrow import parquet

    schema = _schema(arrow)
    order = parquet.SortingColumn.from_ordering(schema, [(name, "ascending") for name in _SORTED])
    with parquet.ParquetWriter(
        path, schema, compression="zstd", sorting_columns=order, write_page_index=True
    ) as writer:
        for batch in _batches(arrow, schema, events):
            writer.write_batch(batch)


def write_days(folder: Path, events: Iterable[CardStatus]) -> None:
    """Write events into a folder with a folder for each day on which some happened (UTC), named
    ``day=2024-03-12`` as Spark, DuckDB and Hive read it.

    The folder is there, and empty. Raises :class:`CardStatusError` and :class:`OSError`.
    """
    arrow = _arrow()
    from pyarrow import dataset

    schema = _schema(arrow)
    day = arrow.field("day", arrow.string())
    by_day = dataset.partitioning(arrow.schema([day]), flavor="hive")
    for number, batch in enumerate(_batches(arrow, schema, events)):
        days = arrow.array([time.date().isoformat() for time in batch["occurred_at"].to_pylist()])
        # One after another: the database answers this thread only.
        dataset.write_dataset(
            arrow.Table.from_batches([batch]).append_column(day, days),
            folder,
            format="parquet",
            basename_template=f"part-{number:05}-{{i}}.parquet",
            partitioning=by_day,
            existing_data_behavior="overwrite_or_ignore",
        )


def _arrow() -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        raise CardStatusError(
            "Parquet needs pyarrow, which is not installed; get it, in the clone of cardstatus, "
            "with: pip install '.[parquet]'"
        ) from error
    return pyarrow


def _schema(arrow: Any) -> Any:
    text, whole = arrow.string(), arrow.int64()
    return arrow.schema(
        [
            arrow.field("card_id", text, nullable=False),
            arrow.field("status", text, nullable=False),
            arrow.field("occurred_at", arrow.timestamp("us", "UTC"), nullable=False),
            arrow.field("mobile", text),
            arrow.field("comment", text),
            arrow.field("reference", text),
            arrow.field("source", text, nullable=False),
            arrow.field("line", whole, nullable=False),
            arrow.field("occurred_ns", whole, nullable=False),
            arrow.field("stage", arrow.int32(), nullable=False),
        ]
    )


def _batches(arrow: Any, schema: Any, events: Iterable[CardStatus]) -> Iterator[Any]:
    waiting = iter(events)
    while some := list(islice(waiting, _ROWS_AT_ONCE)):
        columns: dict[str, Any] = dict(
            zip(CardStatus._fields, zip(*some, strict=True), strict=True)
        )
        columns["occurred_ns"] = list(map(_nanoseconds, columns["occurred_at"]))
        columns["occurred_at"] = [instant // 1_000 for instant in columns["occurred_ns"]]
        columns["stage"] = [_STAGE[status] for status in columns["status"]]
        arrays = [arrow.array(columns[field.name], field.type) for field in schema]
        yield arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _nanoseconds(iso: str) -> int:
    whole, _, decimals = iso.removesuffix("Z").partition(".")
    return timegm(datetime.fromisoformat(whole).timetuple()) * SECOND + int(decimals.ljust(9, "0"))
