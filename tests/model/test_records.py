from itertools import pairwise

import pytest

from cardstatus.model.records import EventType, Status


def test_the_table_of_types_is_in_the_order_of_the_life_cycle_and_has_gaps() -> None:
    assert all(after - before > 1 for before, after in pairwise(map(int, EventType)))


def test_ranks_that_databases_hold_are_never_changed() -> None:
    ranks = {"pickup": 10, "delivery_exceptions": 20, "delivered": 30, "returned": 40}
    assert {kind.word: int(kind) for kind in EventType if kind.word in ranks} == ranks


def test_each_type_has_a_status_of_its_own() -> None:
    assert [kind.status for kind in EventType] == list(Status)
    assert len(Status) == len(EventType)


@pytest.mark.parametrize("kind", EventType, ids=lambda kind: kind.word)
def test_a_type_is_found_by_its_rank_and_by_its_word(kind: EventType) -> None:
    assert EventType(int(kind)) is kind
    assert EventType[kind.word.upper()] is kind
    assert kind.value == int(kind)


def test_a_journey_ends_with_a_delivery_or_a_return() -> None:
    known = ("pickup", "delivery_exceptions", "delivered", "returned")
    ends = {kind.word for kind in EventType if kind.ends and kind.word in known}
    assert ends == {"delivered", "returned"}


def test_labels_are_the_words_of_a_person() -> None:
    labels = {"Picked up", "Delivery exception", "Delivered", "Returned"}
    assert labels <= {status.label for status in Status}
