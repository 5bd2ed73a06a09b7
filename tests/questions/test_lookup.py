"""Look-ups: the cards that a question means, and the lines about those that are not there."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.store import Store
from cardstatus.model.records import CardStatus
from cardstatus.questions import lookup

ONE, TWO, NONE = "+971585550101", "+971585550102", "+971585550199"


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """CRD1 was given for both mobiles, CRD2 for the first, CRD3 for the second."""
    rows = [
        row("CRD1", mobile=ONE),
        row("CRD1", "14-11-2023 14:00", mobile=TWO),
        row("CRD2", mobile=ONE),
        row("CRD3", mobile=TWO),
    ]
    take(database, write(tmp_path, "pickup.csv", *rows))
    return database


ASKED = {
    "nothing": ([], [], []),
    "a card": (["CRD2"], [], ["CRD2"]),
    "cards come by id, each once": (["CRD3", "CRD1", "CRD3"], [], ["CRD1", "CRD3"]),
    "a card that is not known": (["CRD1", "CRD9"], [], ["CRD1"]),
    "a mobile, an earlier one too": ([], [ONE], ["CRD1", "CRD2"]),
    "any of the mobiles": ([], [ONE, TWO], ["CRD1", "CRD2", "CRD3"]),
    "a mobile that no card has": ([], [NONE], []),
    "both must match": (["CRD1", "CRD2"], [TWO], ["CRD1"]),
    "both, and neither does": (["CRD2"], [TWO], []),
}


@pytest.mark.parametrize(("card_ids", "mobiles", "found"), ASKED.values(), ids=ASKED)
def test_cards_are_found_by_id_and_by_mobile(
    stocked: Path, card_ids: Sequence[str], mobiles: Sequence[str], found: Sequence[str]
) -> None:
    with Store.open(stocked) as store:
        answers = lookup.find_cards(store, card_ids, mobiles)
    assert [answer.card_id for answer in answers] == found
    assert lookup.not_found(card_ids, answers) == [
        card_id for card_id in card_ids if card_id not in found
    ]


def test_a_list_is_answered_in_its_order_and_counted(stocked: Path) -> None:
    listed = ["CRD3", "CRD9", "CRD1", "CRD3"]
    tally = lookup.AnswerTally()
    with Store.open(stocked) as store:
        answers = list(tally.counted(lookup.find_each(store, listed, [])))
        of_the_first = list(lookup.find_each(store, listed, [ONE]))
    assert [answer.card_id for answer in answers] == listed
    assert answers[1] == CardStatus("CRD9", *[None] * 7)
    assert (tally.known, tally.unknown, tally.first_unknown) == (3, 1, ["CRD9"])
    assert [answer.status for answer in of_the_first] == [None, None, "picked_up", None]


def test_of_many_unknown_cards_the_first_are_kept() -> None:
    unknown = [CardStatus(f"CRD{number}", *[None] * 7) for number in range(12)]
    tally = lookup.AnswerTally()
    assert list(tally.counted(unknown)) == unknown
    assert tally.unknown == 12
    assert tally.first_unknown == [f"CRD{number}" for number in range(lookup.NAMED)]


MISSING = {
    "a card": (["CRD9", "CRD9"], [], ["no card matches 'CRD9'"]),
    "another case": (["crd1"], [], ["no card matches 'crd1'; did you mean 'CRD1'?"]),
    "a number": (
        ["0585550101"],
        [],
        ["no card matches '…0101'; a number is looked up with --mobile"],
    ),
    "a mobile": ([], [NONE], ["no card has the mobile …0199"]),
    "one of two mobiles": ([], [ONE, NONE], ["no card has the mobile …0199"]),
    "both": (["CRD9"], [ONE], ["no card matches both the card id and the mobile"]),
}


@pytest.mark.parametrize(("card_ids", "mobiles", "said"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_said(
    stocked: Path, card_ids: Sequence[str], mobiles: Sequence[str], said: Sequence[str]
) -> None:
    with Store.open(stocked) as store:
        lines = lookup.explain_missing(store, card_ids, mobiles, any_known=False)
        assert list(lines) == said
