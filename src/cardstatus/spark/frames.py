"""The columns of the DataFrames, and rows turned into Arrow batches."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

EVENTS: Final = pa.schema(
    [
        pa.field("card_id", pa.string(), nullable=False),
        # Nanoseconds since 1970-01-01T00:00:00Z: Spark's own timestamps end at the microsecond, and
        # partners write seven decimals.
        pa.field("occurred_at", pa.int64(), nullable=False),
        pa.field("type", pa.int32(), nullable=False),  # the rank in the life cycle
        pa.field("reference", pa.string(), nullable=False),
        pa.field("mobile", pa.string(), nullable=False),
        pa.field("comment", pa.string(), nullable=False),
        pa.field("zoned", pa.int32(), nullable=False),  # 1: the courier wrote the zone
        pa.field("line", pa.int64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),  # in the order in which files are taken in
    ]
)
"""One row of a file that says an event. Missing text is empty, as in the rule."""

PROBLEMS: Final = pa.schema(
    [
        pa.field("severity", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("field", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("raw", pa.string(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),
    ]
)
"""One row or cell that could not be taken as written: the record of ``problems``, and the file."""

FILES: Final = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("type", pa.string()),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("events", pa.int64(), nullable=False),
        pa.field("rejected", pa.int64(), nullable=False),
        pa.field("warnings", pa.int64(), nullable=False),
        pa.field("zoneless", pa.int64(), nullable=False),
        pa.field("error", pa.string()),
        pa.field("file", pa.int32(), nullable=False),
    ]
)
"""One file and what became of its rows: ``rows = events + rejected``."""

SCHEMAS: Final = {"events": EVENTS, "problems": PROBLEMS, "files": FILES}
"""The schemas by what is asked for."""


def batch(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Return rows, at least one, as a batch."""
    columns = zip(*rows, strict=True)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


_SQL: Final = {pa.string(): "STRING", pa.int32(): "INT", pa.int64(): "BIGINT"}


def in_ddl(schema: pa.Schema) -> str:
    """Return a schema as Spark writes it."""
    return ", ".join(
        f"{field.name} {_SQL[field.type]}{'' if field.nullable else ' NOT NULL'}"
        for field in schema
    )
