"""Finding: what words may be part of, their order, why a card matched, and a plain reference."""

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import row, take, write

from cardstatus.database import search_text
from cardstatus.database.reading.search import Search
from cardstatus.errors import UsageError
from cardstatus.instants import SECOND
from cardstatus.questions import find as question
from cardstatus.questions.find import FoundCards, find, read_query, said

ONE, TWO = "+971585550123", "+971585550199"
NOON = 1_699_876_800 * SECOND
"""2023-11-13T12:00Z."""


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """Cards with something in common, and each with news of another hour."""
    rows = [
        row("CRD1037", "13-11-2023 09:00", mobile=ONE, reference="A982", comment="Gate closed"),
        row("CRD1037", "13-11-2023 18:00", mobile=TWO, reference="B1", comment="Reception, flat 5"),
        row("CRD10371", "13-11-2023 10:00", mobile="", reference="a982", comment="gate open"),
        row("X-0123", "13-11-2023 11:00", mobile="+971585550100", reference="", comment="Straße 7"),
        row("crd 9", "13-11-2023 12:30", mobile=TWO, reference="C\n3", comment="=1+1"),
        row("0123", "13-11-2023 08:00", mobile=ONE, reference="0123", comment="see CRD1037"),
    ]
    take(database, write(tmp_path, "pickup.csv", *rows))
    return database


def found(path: Path, *texts: str, **options: int) -> FoundCards:
    with Search.open(path) as store:
        return find(store, read_query(store, texts), **options)


def ids(path: Path, *texts: str, **options: int) -> list[str]:
    return [card.card_id for card in found(path, *texts, **options).cards]


FOUND = {
    "a whole id, whatever its case, before ids that begin so": (
        ["crd1037"],
        ["CRD1037", "CRD10371"],
    ),
    "the end of an id before its middle": (["37"], ["CRD1037", "CRD10371"]),
    "part of an id with a sign": (["x-01"], ["X-0123"]),
    "an id with a blank": (["crd 9"], ["crd 9"]),
    "and folded": (["CRD9"], ["crd 9"]),
    "an id before the end of a mobile, that by news": (["0123"], ["0123", "X-0123", "CRD1037"]),
    "five digits of a mobile": (["50123"], ["CRD1037", "0123"]),
    "a whole mobile, as people write it": (["058 555 0123"], ["CRD1037", "0123"]),
    "in pieces": (["+971", "58", "555", "0199"], ["CRD1037", "crd 9"]),
    "three digits are no end of a mobile": (["199"], []),
    "a reference, whatever its case": (["A982"], ["CRD1037", "CRD10371"]),
    "half a reference": (["A98"], []),
    "a word of a comment": (["GATE"], ["CRD1037", "CRD10371"]),
    "its beginning": (["recept"], ["CRD1037"]),
    "not its end": (["ception"], []),
    "by the fold of its letters": (["STRASSE"], ["X-0123"]),
    "signs are no pattern": (["%"], []),
    "a formula": (["=1+1"], ["crd 9"]),
    "words narrow": (["gate", "A982", "closed"], ["CRD1037"]),
    "in one text too": (["gate open"], ["CRD10371"]),
    "of an event each": (["B1 closed"], ["CRD1037"]),
    "words that no card has together": (["recept", "open"], []),
    "found elsewhere, so not looked for in comments": (["CRD1037 0123"], ["CRD1037"]),
}


@pytest.mark.parametrize(("texts", "cards"), FOUND.values(), ids=FOUND)
def test_what_is_found(stocked: Path, texts: Sequence[str], cards: Sequence[str]) -> None:
    assert ids(stocked, *texts) == cards


def test_comments_are_searched_for_every_word_if_asked(stocked: Path) -> None:
    assert ids(stocked, "CRD1037", comments=True) == ["CRD1037", "CRD10371", "0123"]


def test_each_card_says_why(stocked: Path) -> None:
    (card,) = found(stocked, "crd1037", "0123", "a982", "flat").cards
    assert (card.mobile, card.reference) == (TWO, "B1")
    assert card.matched == [
        {"text": "crd1037", "field": "card_id", "value": "CRD1037"},
        {"text": "0123", "field": "mobile", "value": ONE},
        {"text": "a982", "field": "reference", "value": "A982"},
        {"text": "flat", "field": "comment", "value": "Reception, flat 5"},
    ]


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        (["4111111111111111"], "payment card number"),
        (["4111 1111 1111 1111"], "payment card number"),
        (["visa 4111 1111 1111 1111"], "payment card number"),
        (["4111", "1111", "1111", "1111"], "payment card number"),
        (["gate", "4111111111111111"], "payment card number"),
        (["caf\udce9"], "is not text in UTF-8"),
        ([" ", ""], "say what to look for"),
    ],
)
def test_what_is_refused(stocked: Path, texts: Sequence[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        found(stocked, *texts)


def test_of_many_the_first_are_shown(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Search.open(stocked) as store:
        words = read_query(store, ["crd"])
        cards = find(store, words, limit=2)
        assert (len(cards.cards), cards.total, cards.is_cut) == (2, 3, False)
        assert list(said(words, cards)) == [
            "3 cards match; shown are the 2 most likely; add a word, or see more with --limit"
        ]
        monkeypatch.setattr(question, "CLOSELY", 1)
        cards = find(store, words, limit=1)
        assert ([card.card_id for card in cards.cards], cards.is_cut) == (["CRD1037"], True)
        assert list(said(words, cards)) == [
            "1 cards and more match, shown are 1; add a word, or see more with --limit"
        ]
        assert [card.card_id for card in find(store, words, limit=3).cards] == [
            "CRD1037", "crd 9", "CRD10371",
        ]  # fmt: skip


def test_what_was_not_found_is_said_without_a_mobile(stocked: Path) -> None:
    with Search.open(stocked) as store:
        words = read_query(store, ["0585550177", "zebra"])
        assert list(said(words, find(store, words))) == [
            "no card has '…0177', 'zebra' in its id, its mobiles, references or comments"
        ]


def test_what_lies_beyond_a_horizon_is_not_found(stocked: Path) -> None:
    with Search.open(stocked) as store:
        store.look_back(as_of=NOON)
        for text, cards in {
            "0199": [],
            "B1": [],
            "recept": [],
            "crd9": [],
            "A982": ["CRD10371", "CRD1037"],
            "CRD1037": ["CRD1037", "CRD10371"],
        }.items():
            answer = find(store, read_query(store, [text])).cards
            assert [card.card_id for card in answer] == cards, text


# The plain reference, which shares no code with the program

CARDS = ("CRD1", "CRD12", "crd 1", "2101")
MOBILES = ("", "+971585550101", "+971585552101")
REFERENCES = ("", "A1", "a1", "2101", "CRD1")
COMMENTS = ("", "a1 gate", "Gate CRD1", "at 0101", "É 1")
TEXTS = ("crd1", "CRD 1", "12", "0101", "2101", "a1", "gate", "é", "1", "0585550101", "zzz")
ROWS = st.tuples(*map(st.sampled_from, (CARDS, MOBILES, REFERENCES, COMMENTS)), st.integers(10, 14))
FILES = st.lists(st.lists(ROWS, min_size=1, max_size=5), min_size=1, max_size=4)

Row = tuple[str, str, str, str, int]


def matching(rows: Iterable[Row], word: str, *, comments: bool) -> set[str]:
    """Return the cards that match a word, by what the docs say."""
    found = set()
    for card, mobile, reference, comment, _ in rows:
        number = word if len(word) >= 4 and word.isdigit() else "-"
        number = number[1:] if len(number) == 10 and number.startswith("0") else number
        folded, asked = card.upper().replace(" ", ""), word.upper().replace(" ", "")
        if (
            folded == asked
            or (len(asked) > 1 and asked in folded)
            or mobile.endswith(number)
            or reference.upper() == word.upper()
            or (comments and re.search(rf"\b{word}", comment, re.IGNORECASE))
        ):
            found.add(card)
    return found


def expected(rows: Sequence[Row], words: Iterable[str]) -> set[str]:
    cards = {card for card, *_ in rows}
    for word in words:
        cards &= matching(rows, word, comments=False) or matching(rows, word, comments=True)
    return cards


def words_of(rows: Sequence[Row], texts: Iterable[str]) -> list[str]:
    """Return the words of the texts: "CRD 1" is one where it is the id of a card."""
    known = {card.upper().replace(" ", "") for card, *_ in rows}
    parts = ([text] if text.replace(" ", "") in known else text.split() for text in texts)
    return [word for part in parts for word in part]


@settings(max_examples=60)
@given(files=FILES, texts=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2))
def test_the_cards_found_are_those_of_the_plain_reference(
    files: Sequence[Sequence[Row]], texts: Sequence[str]
) -> None:
    rows = [one for file in files for one in file]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_text, "LINES", 2)
        patch.setattr(search_text, "_MOST_ADDED", 1)
        database = Path(folder) / "cards.db"
        for number, file in enumerate(files):
            cells = [
                row(card, f"13-11-2023 {hour}:{at:02}", mobile=m, reference=r, comment=c)
                for at, (card, m, r, c, hour) in enumerate(file)
            ]
            take(database, write(Path(folder), f"{number}/pickup.csv", *cells))
        cards = ids(database, *texts)
        assert set(cards) == expected(rows, words_of(rows, texts))
        with closing(sqlite3.connect(database)) as connection:
            assert search_text.is_made(connection)
            connection.execute("DELETE FROM search_text")
            connection.commit()
        assert ids(database, *texts) == cards
