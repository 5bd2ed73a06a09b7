"""The rule's key and its text for SQL."""

import random
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.model.events import Event
from cardstatus.rules import ordering


def test_an_event_compares_as_the_rule_orders() -> None:
    assert Event._fields[: len(ordering.IDENTITY)] == ordering.IDENTITY


def test_the_rule_is_instant_stage_then_what_makes_it_total() -> None:
    assert ordering.KEY == ("occurred_at", "type", "reference", "mobile", "comment")


def test_columns_can_stand_behind_an_alias() -> None:
    assert ordering.columns(("a", "b")) == "a, b"
    assert ordering.columns(("a", "b"), "e") == "e.a, e.b"


def test_columns_can_be_sorted_by_the_greatest_first() -> None:
    assert ordering.descending(("a", "b")) == "a DESC, b DESC"


@pytest.mark.parametrize("part", range(len(ordering.KEY)))
def test_the_first_part_that_differs_decides(part: int) -> None:
    winner = [0, 1, "", "", ""]
    beaten = list(winner)
    for behind in range(part, len(ordering.KEY)):
        winner[behind] = 9 if behind < 2 else "b"
    assert ordering.deciding_part(winner, beaten) == ordering.KEY[part]


@pytest.mark.parametrize(("winner", "beaten"), [((5, 3, ""), (5, 3, "")), ((5, 3), (5, 3, ""))])
def test_events_of_some_parts_are_not_compared(
    winner: tuple[object, ...], beaten: tuple[object, ...]
) -> None:
    with pytest.raises(ValueError, match="shorter"):
        ordering.deciding_part(winner, beaten)


@given(st.lists(st.text(), unique=True))
def test_sqlite_and_python_order_text_alike(texts: list[str]) -> None:
    shuffled = random.Random(0).sample(texts, len(texts))
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID")
    connection.executemany("INSERT INTO t VALUES (?)", [(text,) for text in shuffled])
    stored = [text for (text,) in connection.execute("SELECT x FROM t ORDER BY x")]
    connection.close()
    assert stored == sorted(texts)
