"""Histories as records."""

from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.store import Store
from cardstatus.model.records import CardStatus
from cardstatus.questions.history import HistoryEvent, history_records

NOON = 1_699_876_800_000_000_000
"""2023-11-13T12:00:00Z."""
MINUTE = 60_000_000_000


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """A card with a history that came in backwards, and another one."""
    take(database, write(tmp_path, "delivered.csv", row(time="2023-11-14T10:00:00Z")), now=NOON)
    first = row(time="13-11-2023 08:00", mobile="", reference="", comment="")
    take(database, write(tmp_path, "pickup.csv", first, row("CRD2")), now=NOON + MINUTE)
    return database


def events(database: Path, *card_ids: str) -> list[HistoryEvent]:
    with Store.open(database) as store:
        return list(history_records(store, card_ids))


def test_the_record_begins_with_that_of_get() -> None:
    assert HistoryEvent._fields[:8] == CardStatus._fields
    assert HistoryEvent._fields[8:] == ("type", "ingested_at", "decides", "same_as")


def test_a_history_is_in_rule_order_with_its_evidence(stocked: Path, tmp_path: Path) -> None:
    assert events(stocked, "CRD1") == [
        (
            "CRD1", "picked_up", "2023-11-13T08:00:00Z", None, None, None,
            f"{tmp_path}/pickup.csv", 2, "pickup", "2023-11-13T12:01:00Z", False, None,
        ),
        (
            "CRD1", "delivered", "2023-11-14T10:00:00Z", "+971585550101", "note", "A1",
            f"{tmp_path}/delivered.csv", 2, "delivered", "2023-11-13T12:00:00Z", True, None,
        ),
    ]  # fmt: skip


def test_the_event_that_decides_is_the_answer_of_get(stocked: Path) -> None:
    with Store.open(stocked) as store:
        for answer in store.statuses():
            (decides,) = (e for e in history_records(store, [answer.card_id]) if e.decides)
            assert decides[:8] == answer


def test_one_event_decides_where_others_say_the_same(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row(comment="b"), row(comment="a")))
    assert [(event.line, event.decides) for event in events(database, "CRD1")] == [
        (3, False),
        (2, True),
    ]


def test_an_attempt_that_is_told_twice_says_as_which_event_it_counts(
    tmp_path: Path, database: Path
) -> None:
    times = ("2023-11-13T14:00:41Z", "13-11-2023 14:00", "13-11-2023 18:00")
    take(database, write(tmp_path, "exceptions.csv", *(row(time=time) for time in times)))
    assert [(event.line, event.same_as) for event in events(database, "CRD1")] == [
        (3, "2023-11-13T14:00:41Z"),
        (2, None),
        (4, None),
    ]


def test_histories_come_in_the_order_asked(stocked: Path) -> None:
    told = [(event.card_id, event.decides) for event in events(stocked, "CRD2", "CRD9", "CRD1")]
    assert told == [("CRD2", True), ("CRD1", False), ("CRD1", True)]


def test_an_event_in_two_files_is_told_once_with_the_first(stocked: Path, tmp_path: Path) -> None:
    again = write(tmp_path, "again_delivered.csv", row(time="14-11-2023 10:00"))
    take(stocked, again, now=NOON + 2 * MINUTE)
    last = events(stocked, "CRD1")[-1]
    assert (last.source, last.ingested_at) == (f"{tmp_path}/delivered.csv", "2023-11-13T12:00:00Z")
    assert len(events(stocked, "CRD1")) == 2
