"""Bare words of ``get``: what each can be, the cards it means, and what is said of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.store import Store
from cardstatus.errors import UsageError
from cardstatus.ingestion.options import Options
from cardstatus.questions.words import WordReading, find_words, read_words, say_taken

ONE, TWO = "+971585550101", "+971585550102"


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """585550101 is the id of one card and the mobile of another, 585550102 the mobile of two."""
    rows = [
        row("CRD1", mobile=ONE),
        row("585550101", mobile=TWO),
        row("CRD-2", mobile=TWO),
        row("crd 3", mobile=""),
        row("4000", mobile=""),
    ]
    take(database, write(tmp_path, "pickup.csv", *rows))
    return database


READ = {
    "letters and digits": (["CRD1"], [("CRD1", "CRD1", None)]),
    "too few digits for a mobile": (["4000"], [("4000", "4000", None)]),
    "a number": (["585550101"], [("585550101", "585550101", ONE)]),
    "a number as people write it": (["058 555 0101"], [("058 555 0101", "058 555 0101", ONE)]),
    "without quotes, in pieces": (
        ["+971", "58", "555", "0101"],
        [("+971 58 555 0101", "+971 58 555 0101", ONE)],
    ),
    "short ids are no pieces of a number": (
        ["4000", "4001"],
        [("4000", "4000", None), ("4001", "4001", None)],
    ),
    "two numbers": (
        ["585550101", "585550102"],
        [("585550101", "585550101", ONE), ("585550102", "585550102", TWO)],
    ),
    "blanks around": ([" CRD1 "], [(" CRD1 ", "CRD1", None)]),
    "14 digits with a check digit, and a mobile": (
        ["00971585550108"],
        [("00971585550108", None, "+971585550108")],
    ),
}


@pytest.mark.parametrize(("words", "readings"), READ.values(), ids=READ)
def test_what_a_word_can_be(
    stocked: Path, words: Sequence[str], readings: Sequence[tuple[str, str | None, str | None]]
) -> None:
    with Store.open(stocked) as store:
        assert read_words(store, words) == [WordReading(*reading) for reading in readings]


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("4111 1111 1111 1111", "a payment card number, which is never kept here"),
        (" ", "the card id is empty"),
        ("\udce9", "is not text in UTF-8"),
    ],
)
def test_a_word_that_can_be_neither(stocked: Path, word: str, complaint: str) -> None:
    with Store.open(stocked) as store, pytest.raises(UsageError, match=complaint):
        read_words(store, ["CRD1", word])


def test_a_payment_card_number_is_refused_in_pieces_too(stocked: Path) -> None:
    with Store.open(stocked) as store, pytest.raises(UsageError, match="payment card number"):
        read_words(store, ["4111", "1111", "1111", "1111"])


def test_a_declared_form_of_card_ids_tells_a_word(tmp_path: Path, database: Path) -> None:
    options = Options(card_id_pattern=r"ENB-\d{3}")
    take(database, write(tmp_path, "pickup.csv", row("ENB-001", mobile=ONE)), options=options)
    with Store.open(database) as store:
        assert read_words(store, ["ENB-001", "0585550101"]) == [
            WordReading("ENB-001", "ENB-001", None),
            WordReading("0585550101", None, ONE),
        ]
        with pytest.raises(UsageError, match="'CRD1' is neither a card id, by the form declared"):
            read_words(store, ["CRD1"])


ANSWERED = {
    "a card id": (["CRD1"], ["CRD1"], ["'CRD1' is taken as a card id"]),
    "a mobile": (["0585550102"], ["585550101", "CRD-2"], ["'…0102' is taken as a mobile"]),
    "both": (
        ["585550101"],
        ["585550101", "CRD1"],
        ["'…0101' is a card id and a mobile: the cards of both"],
    ),
    "any of several": (
        ["CRD-2", "0585550101"],
        ["CRD-2", "CRD1"],
        ["'CRD-2' is taken as a card id", "'…0101' is taken as a mobile"],
    ),
    "neither is known": (
        ["0585550199"],
        [],
        ["no card matches '…0199', neither as card id nor as mobile"],
    ),
    "one known, one not": (
        ["CRD1", "CRD9"],
        ["CRD1"],
        ["'CRD1' is taken as a card id", "no card matches 'CRD9'"],
    ),
    "a near id": (
        ["CRD3"],
        ["crd 3"],
        ["'CRD3' is taken as the card id 'crd 3', which differs in spelling only"],
    ),
}


@pytest.mark.parametrize(("words", "cards", "said"), ANSWERED.values(), ids=ANSWERED)
def test_cards_and_what_is_said(
    stocked: Path, words: Sequence[str], cards: Sequence[str], said: Sequence[str]
) -> None:
    with Store.open(stocked) as store:
        readings = read_words(store, words)
        assert [answer.card_id for answer in find_words(store, readings)] == cards
        assert list(say_taken(store, readings)) == said
