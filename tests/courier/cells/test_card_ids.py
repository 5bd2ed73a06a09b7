"""Which card ids can be trusted, and which are one."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cardstatus.courier.cells.card_ids import CardIdReader, fold_card_id
from cardstatus.courier.cells.values import BadCellError
from cardstatus.courier.faults import Fault
from cardstatus.model.problems import Reason

VISA = "4111111111111111"
"""The networks' test number, which no card has."""


def refusal(cell: str) -> Fault:
    """What is wrong with the card id of a cell."""
    with pytest.raises(BadCellError) as caught:
        CardIdReader().read(cell)
    fault = caught.value.fault
    assert str(caught.value) == fault.detail
    # It can stand behind "line 7: ", and what comes next behind it.
    assert re.fullmatch(r"[a-z'].*[a-zDZ\d)]", fault.detail)
    return fault


CARD_IDS = {
    "letters and digits": ("CRD8827", "CRD8827"),
    "short": ("A1", "A1"),
    "a digit": ("7", "7"),
    "seven characters": ("CRD1001", "CRD1001"),
    "eight characters": ("CRD10011", "CRD10011"),
    "case is kept": ("crd1001", "crd1001"),
    "leading zeros are kept": ("000123", "000123"),
    "blanks around": (" CRD1001 ", "CRD1001"),
    "quotes inside the cell": ('"CRD1001"', "CRD1001"),
    "quotes around a short one": ('"A1"', "A1"),
    "hyphens": ("CRD-1001", "CRD-1001"),
    "blank inside": ("CRD 1001", "CRD 1001"),
    "Arabic": ("بطاقة1", "بطاقة1"),
    "would be a formula": ("=1+1", "=1+1"),
    "would be SQL": ("1'); DROP TABLE event; --", "1'); DROP TABLE event; --"),
    "begins with a placeholder": ("N/A-1001", "N/A-1001"),
    "letter E between digits": ("12E5", "12E5"),
    "one hash and a digit": ("#1", "#1"),
    "hashes and more": ("##1", "##1"),
    "a hundred characters": ("C1" * 50, "C1" * 50),
    "a hundred characters and blanks around": (" " + "C1" * 50 + " ", "C1" * 50),
    "a hundred characters with hyphens": ("1-" * 50, "1-" * 50),
    "sixteen digits with another check digit": ("4111111111111112", "4111111111111112"),
    "twelve digits": ("411111111116", "411111111116"),
    "twenty digits": ("41111111111111111119", "41111111111111111119"),
}


@pytest.mark.parametrize(("cell", "expected"), CARD_IDS.values(), ids=CARD_IDS.keys())
def test_card_id_is_kept_as_written(cell: str, expected: str) -> None:
    assert CardIdReader().read(cell) == expected


NO_CARD_ID = {
    "empty": ("", Reason.MISSING_CARD_ID),
    "blank": ("  ", Reason.MISSING_CARD_ID),
    "empty quotes": ('""', Reason.MISSING_CARD_ID),
    "hyphen": ("-", Reason.MISSING_CARD_ID),
    "null": ("null", Reason.MISSING_CARD_ID),
    "NULL": ("NULL", Reason.MISSING_CARD_ID),
    "None, of Python": ("None", Reason.MISSING_CARD_ID),
    "nil": ("nil", Reason.MISSING_CARD_ID),
    "nan, of pandas": ("NaN", Reason.MISSING_CARD_ID),
    "n/a": ("n/a", Reason.MISSING_CARD_ID),
    "NA": ("NA", Reason.MISSING_CARD_ID),
    "failed look-up": ("#N/A", Reason.MISSING_CARD_ID),
    "formula of a deleted cell": ("#REF!", Reason.MISSING_CARD_ID),
    "formula of a wrong value": ("#VALUE!", Reason.MISSING_CARD_ID),
    "formula of an unknown name": ("#NAME?", Reason.MISSING_CARD_ID),
    "placeholder in quotes": ('"null"', Reason.MISSING_CARD_ID),
    "placeholder and blanks": (" N/A ", Reason.MISSING_CARD_ID),
    "rounded": ("1.23457E+15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, decimal comma": ("1,23457E+15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, no plus": ("1.23E15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, no decimals": ("1E+15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, several digits": ("12E+15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, small e": ("1.2e+15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, minus": ("-1.2E+15", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, plus": ("+1.2E+15", Reason.EXCEL_ROUNDED_NUMBER),
    "narrow column": ("########", Reason.EXCEL_NARROW_COLUMN),
    "narrowest column told from a name": ("##", Reason.EXCEL_NARROW_COLUMN),
    "a hundred and one characters": ("C" * 101, Reason.BAD_CARD_ID),
    "a hundred and one characters with hyphens": ("C-" * 50 + "C", Reason.BAD_CARD_ID),
    "line break inside": ("CRD\n1001", Reason.BAD_CARD_ID),
    "two ids, comma": ("CRD1001, CRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids, no blank": ("CRD1001,CRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids, semicolon": ("CRD1001;CRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids, slash": ("CRD1001/CRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids, blank": ("CRD1001 CRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids, and": ("CRD1001 and crd1002", Reason.SEVERAL_CARD_IDS),
    "two ids, ampersand": ("CRD1001 & CRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids, line break": ("CRD1001\nCRD1002", Reason.SEVERAL_CARD_IDS),
    "two ids with hyphens": ("ENB-000123 / ENB-000124", Reason.SEVERAL_CARD_IDS),
    "from one id to another": ("CRD1001-CRD1005", Reason.SEVERAL_CARD_IDS),
    "three ids": ("CRD1001|CRD1002|CRD1003", Reason.SEVERAL_CARD_IDS),
    "one id twice": ("CRD1001, CRD1001", Reason.SEVERAL_CARD_IDS),
    "two numbers": ("10011, 10012", Reason.SEVERAL_CARD_IDS),
    "no digit": ("CRD", Reason.BAD_CARD_ID),
    "foot of a list": ("Total", Reason.BAD_CARD_ID),
    "foot of a report": ("Report generated", Reason.BAD_CARD_ID),
    "no digit, other script": ("بطاقة", Reason.BAD_CARD_ID),
    "one hash": ("#", Reason.BAD_CARD_ID),
    "null of MySQL": (r"\N", Reason.MISSING_CARD_ID),
    "null in parentheses": ("(null)", Reason.MISSING_CARD_ID),
    "undefined, of JavaScript": ("undefined", Reason.MISSING_CARD_ID),
    "division by nothing": ("#DIV/0!", Reason.MISSING_CARD_ID),
    "formula without a value": ("#NUM!", Reason.MISSING_CARD_ID),
    "formula that spilled": ("#SPILL!", Reason.MISSING_CARD_ID),
    "to be done": ("TBD", Reason.MISSING_CARD_ID),
    "payment card number behind letters": (f"CRD{VISA}", Reason.PAYMENT_CARD_NUMBER),
    "payment card number before a letter": (f"{VISA}A", Reason.PAYMENT_CARD_NUMBER),
    "payment card number between letters": (f"A{VISA}Z", Reason.PAYMENT_CARD_NUMBER),
    "payment card number, full-width, with letters": (
        "CRD４１１１１１１１１１１１１１１１",
        Reason.PAYMENT_CARD_NUMBER,
    ),
    "escape": ("CRD\x1b[31m", Reason.BAD_CARD_ID),
    "payment card number": (VISA, Reason.PAYMENT_CARD_NUMBER),
    "payment card number in groups": ("4111 1111-1111 1111", Reason.PAYMENT_CARD_NUMBER),
    "payment card number in quotes": (f'="{VISA}"', Reason.PAYMENT_CARD_NUMBER),
    "payment card number, no-break spaces": (
        "4111\u00a01111\u00a01111\u00a01111",
        Reason.PAYMENT_CARD_NUMBER,
    ),
    "payment card number, Arabic digits": ("٤١١١١١١١١١١١١١١١", Reason.PAYMENT_CARD_NUMBER),
    "payment card number, thirteen digits": ("4222222222222", Reason.PAYMENT_CARD_NUMBER),
    "payment card number in a card id": (f"CRD-{VISA}", Reason.PAYMENT_CARD_NUMBER),
}


@pytest.mark.parametrize(("cell", "reason"), NO_CARD_ID.values(), ids=NO_CARD_ID.keys())
def test_card_id_that_cannot_be_trusted_is_refused(cell: str, reason: Reason) -> None:
    assert refusal(cell).reason == reason


FEET = [
    "12-11-2023 18:00", "2023-11-12T18:00:00Z", "14:00", "2:05 PM", "12/11/2023", "2023-11-12",
    "Generated on 12-11-2023 18:00", "Page 1", "Page 1 of 2", "Pages: 2", "Total 120", "Total: 120",
    "Grand total 120", "TOTAL = 7", "120 cards", "1 row", "Report of 12 November", "Rows: 12",
    "Exported 2023",
]  # fmt: skip


@pytest.mark.parametrize("cell", FEET)
def test_the_foot_of_a_list_is_no_card_id(cell: str) -> None:
    assert refusal(cell).reason is Reason.BAD_CARD_ID
    assert CardIdReader(r"[\w :=/.-]+").read(cell) == cell


@pytest.mark.parametrize(
    "cell", ["0", "0000", "00-00", "Err:502", "00000000-0000-0000-0000-000000000000"]
)
def test_zeros_and_errors_are_no_card_id(cell: str) -> None:
    assert refusal(cell).reason is Reason.MISSING_CARD_ID
    assert CardIdReader().strange(["CRD1", cell, "10"]) == [1]


LIKE_FEET = [
    "Card 1001", "TOTAL-120", "PAGE1", "REP 12", "CRD:12:30A", "12-2023-11", "2023-1112", "0-1",
    "0A",
    "12-34-5678", "13.11.23", "RECORD9", "1:1", "Ref:12", "A0:1F:22",
]  # fmt: skip


@pytest.mark.parametrize("cell", LIKE_FEET)
def test_what_is_only_like_it_is_a_card_id(cell: str) -> None:
    assert CardIdReader().read(cell) == cell


def test_detail_names_the_longest_card_id() -> None:
    assert "100 characters" in refusal("C" * 101).detail


SAME = {
    "variation selector": "CRD1001\ufe0f",
    "soft hyphen inside": "CRD\u00ad1001",
    "zero-width blank inside": "CRD\u200b1001",
    "turned direction": "\u202dCRD1001\u202c",
    "word joiner": "CRD\u20601001",
    "Hangul filler": "CRD1001\u3164",
    "full-width": "ＣＲＤ１００１",
    "mathematical letters": "𝐂𝐑𝐃𝟏𝟎𝟎𝟏",
    "Arabic digits": "CRD١٠٠١",
    "apostrophe in front": "'CRD1001",
    "apostrophe behind": "CRD1001'",
    "pair of apostrophes": "'CRD1001'",
    "curly quotes": "“CRD1001”",
    "low and high quotes": "„CRD1001“",
    "angle quotes": "« CRD1001 »",
    "corner brackets": "「CRD1001」",
    "quote in front only": '"CRD1001',
    "backtick": "`CRD1001`",
    "formula with quotes": '="CRD1001"',
    "no-break space around": "\u00a0CRD1001\u00a0",
}


@pytest.mark.parametrize("cell", SAME.values(), ids=SAME.keys())
def test_what_does_not_tell_card_ids_apart_is_folded(cell: str) -> None:
    assert CardIdReader().read(cell) == "CRD1001"


@pytest.mark.parametrize("cell", ["1001.0", "1001.000", "'1001.0", "１００１.0", " 1001.0 "])
def test_a_number_that_was_taken_for_a_decimal_is_folded(cell: str) -> None:
    assert CardIdReader().read(cell) == "1001"


APART = [
    "crd1001",
    "CRD-1001",
    "CRD.1001",
    "CRD 1001",
    "0CRD1001",
    "СRD1001",
    "1001.5",
    "v1.0",
    "CRD1001.0",
]


@pytest.mark.parametrize("cell", APART)
def test_what_may_tell_card_ids_apart_is_kept(cell: str) -> None:
    assert CardIdReader().read(cell) == cell


@given(
    st.one_of(st.text(max_size=20), st.text(alphabet="'\"“”«» CRD1０.0\u200b\ufe0f", max_size=12))
)
def test_folding_twice_is_folding_once(cell: str) -> None:
    once = fold_card_id(cell)
    assert fold_card_id(once) == once


def test_a_declared_form_takes_what_has_it_and_nothing_else() -> None:
    declared = CardIdReader(r"[A-Z]{3}(-\d{16})?")
    assert declared.read(" abc ".upper()) == "ABC"
    assert declared.read(f"CRD-{VISA[:-1]}2") == f"CRD-{VISA[:-1]}2"
    for cell in ("ABCD", "A1", "CRD1001", ""):
        with pytest.raises(BadCellError):
            declared.read(cell)


def test_a_declared_form_may_look_as_if_a_card_number_stood_in_it() -> None:
    assert CardIdReader(r"CRD\d{16}").read(f"CRD{VISA}") == f"CRD{VISA}"
    with pytest.raises(BadCellError):
        CardIdReader(r"\d{16}").read(VISA)


CELLS = st.lists(
    st.one_of(
        st.sampled_from(
            [*SAME.values(), *APART, "CRD1", "ABC", "", VISA, f"C{VISA}", "A\nB1", "12E5"]
        ),
        st.text(alphabet="AB12'. \n", max_size=6),
    ),
    min_size=1,
)


@given(CELLS, st.sampled_from(["", r"[A-Z]+\d*"]))
@example(["1\n1"], "")
def test_a_cell_that_is_not_strange_is_a_card_id_as_it_stands(
    cells: list[str], pattern: str
) -> None:
    reader = CardIdReader(pattern)
    strange = set(reader.strange(cells))
    for at, cell in enumerate(cells):
        if at not in strange:
            assert reader.read(cell) == cell


@pytest.mark.parametrize(
    "card_id",
    [
        "CRD/2023/1001", "CRD 1001", "CRD-1001-2", "2023/1001", "1234 5678", "1234-5678", "A1/A2",
        "CRD1001/A", "CRD1001, X1", "1,234,567", "CRD1001/CRD10020", "AB123-CD456", "1001,12",
    ],
)  # fmt: skip
def test_what_may_be_one_card_id_is_one(card_id: str) -> None:
    assert CardIdReader().read(card_id) == card_id


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("A1/A2", Reason.SEVERAL_CARD_IDS),
        ("A1 and A2", Reason.SEVERAL_CARD_IDS),
        ("A1/B2", Reason.BAD_CARD_ID),
        ("A1/", Reason.BAD_CARD_ID),
    ],
)
def test_several_ids_are_told_by_a_declared_form(cell: str, reason: Reason) -> None:
    with pytest.raises(BadCellError) as bad:
        CardIdReader(r"A\d").read(cell)
    assert bad.value.fault.reason is reason
    assert CardIdReader(r"A\d(/A\d)?").read("A1/A2") == "A1/A2"
