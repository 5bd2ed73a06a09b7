"""Spellings of card ids: which are near, and the forms that keys are written in."""

import re
import sqlite3
import unicodedata
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cardstatus.rules.spelling import (
    MOST_FORMS,
    UNLISTED,
    are_near,
    count_forms,
    keys,
    kind_of,
    look_alikes,
    pattern,
    spellings,
    written,
)

# Ids that differ in spelling only; all of a line are near each other.
NEAR = {
    "case": ["CRD1001", "crd1001", "Crd1001"],
    "separators": ["CRD1001", "CRD-1001", "CRD 1001", "CRD.1001", "CRD_1001", "C-R-D-1001"],
    "dashes of print": ["CRD1001", "CRD\u20101001", "CRD\u20131001", "CRD\u22121001"],
    "leading zeros": ["CRD1", "CRD01", "CRD0001"],
    "zeros of a number alone": ["123", "00123", "0123"],
    "zeros behind a separator": ["ENB-123", "ENB-000123", "ENB000123", "enb123"],
    "zeros of a second number": ["ENB-2023-000123", "ENB-2023-123", "enb.2023.0123"],
    "numbers apart and joined": ["784-1990-1234567-1", "784199012345671"],
    "a Cyrillic letter": ["CRD1001", "\u0421RD1001", "\u0441rd1001"],
    "Cyrillic letters": ["\u0410\u0412\u0421100", "ABC100", "abc-100"],
    "Greek letters": ["\u0391\u0392\u0395100", "ABE100", "\u03b1\u03b2\u03b5100"],
    "Armenian, Coptic, Cherokee, Lisu": ["OO1", "\u0555\u2c9e1", "O\ua4f31"],
    "letters of the same other script": ["\u0416\u04001", "\u0436\u04501"],
    "accents stay": ["\u00c41", "\u00e41", "\u00c4-1"],
    "one letter that is two": ["STRASSE1", "STRA\u00dfE1"],
    "only zeros": ["CRD0", "CRD000"],
}
FAR = [
    ("CRD1001", "CRD1002"),
    ("CRD1001", "CRD1001"),
    ("CRD1001", "CRD10010"),
    ("CRD1001", "1001"),
    ("1-11", "11-1"),
    ("2023-1-12", "2023-11-2"),
    ("CRD101", "CRD11"),
    ("CRD1001", "CRD1/001"),
    ("CRDO1", "CRD01"),
    ("CRDI1", "CRD11"),
    ("\u00c41", "A1"),
    ("CRD10", "CRD1"),
    ("\u04161", "X1"),
]


@pytest.mark.parametrize("ids", NEAR.values(), ids=NEAR)
def test_ids_that_differ_in_spelling_only_are_near(ids: list[str]) -> None:
    for one, other in combinations(ids, 2):
        assert are_near(one, other), (one, other)
        assert are_near(other, one), (other, one)


@pytest.mark.parametrize(("one", "other"), FAR, ids=" ".join)
def test_other_ids_are_not(one: str, other: str) -> None:
    assert not are_near(one, other)
    assert not are_near(other, one)


def test_letters_of_another_script_are_named() -> None:
    assert look_alikes("\u0421RD\u043e1") == ["\u0421", "\u043e"]
    assert look_alikes("Stra\u00dfe \u04161") == []


def test_a_letter_that_looks_latin_is_a_capital_of_another_script() -> None:
    letters = [
        chr(code)
        for code in range(0x80, 0x10000)
        # Others are folded as they are read.
        if look_alikes(chr(code)) and unicodedata.normalize("NFKC", chr(code)) == chr(code)
    ]
    assert len(letters) > 150
    for letter in letters:
        script = unicodedata.name(letter).split()[0]
        assert script in {"GREEK", "CYRILLIC", "ARMENIAN", "COPTIC", "CHEROKEE", "LISU", "LATIN"}
        if script == "LATIN":  # such as the dotless small i
            assert letter.upper().isascii()


IDS = st.text(alphabet="aBz019 -._/\u0421\u043e\u00e9\u00df\u2013", min_size=1, max_size=7)


@given(IDS)
@example("0-5")
@example("A-0-0")
@example("2023-0001")
def test_a_key_in_the_form_of_an_id_is_the_id(card_id: str) -> None:
    for key, form in spellings(card_id):
        if form.isascii():
            assert written(key, form) == card_id
        assert spellings(written(key, kind_of(key)))[0].key.replace("-", "") == key.replace("-", "")


@given(IDS)
@example("0-5")
@example("00--0-0")
@example("1- 0")
@example("_0")
def test_keys_are_those_that_are_told_with_their_forms(card_id: str) -> None:
    assert list(keys(card_id)) == [spelling.key for spelling in spellings(card_id)]


@given(st.lists(IDS, min_size=1, max_size=9))
def test_forms_are_counted_as_they_are_told(card_ids: list[str]) -> None:
    counts = count_forms(card_ids)
    told = [(kind_of(s.key), s.form) for card_id in card_ids for s in spellings(card_id)]
    assert sum(counts.values()) == len(told)
    assert counts == {form: told.count(form) for form in told}


def test_of_very_many_forms_there_is_no_list() -> None:
    ids = [f"{number:b}".replace("1", "a").replace("0", "A") for number in range(MOST_FORMS + 1)]
    assert count_forms(ids) == {UNLISTED: len(ids)}
    assert UNLISTED not in count_forms(ids[1:])


@given(st.text(alphabet="aB09 -[]*?/\u0421", min_size=1, max_size=7))
def test_an_id_is_of_the_pattern_of_its_form(card_id: str) -> None:
    connection = sqlite3.connect(":memory:")
    for _, form in spellings(card_id):
        query = "SELECT ? GLOB ?, ? GLOB ?"
        rows = connection.execute(query, (card_id, pattern(form), f"{card_id}x", pattern(form)))
        assert rows.fetchone() == (1, 0)
    connection.close()


@given(st.lists(st.from_regex(re.compile(r"[A-Z]{1,3}-?0{0,2}[1-9]\d?", re.ASCII), fullmatch=True)))
def test_near_ids_of_one_form_are_equal(card_ids: list[str]) -> None:
    for one, other in combinations(sorted(set(card_ids)), 2):
        if spellings(one)[0].form == spellings(other)[0].form:
            assert not are_near(one, other)
