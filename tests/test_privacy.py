"""Payment card numbers masked, phone numbers cut.

The card numbers are the networks' published test numbers, which no card has.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.privacy import REACH, is_card_number, mask, mask_likely, may_hold_likely, redact

VISA = "4111111111111111"
MASKED = "411111******1111"

NUMBERS = {
    "Visa": VISA,
    "Visa, thirteen digits": "4222222222222",
    "Mastercard": "5555555555554444",
    "Mastercard, 2-series": "2223003122003222",
    "American Express": "378282246310005",
    "Diners": "30569309025904",
    "Discover": "6011111111111117",
    "UnionPay, nineteen digits": "6205500000000000004",
    "groups": "4111 1111 1111 1111",
    "hyphens": "4111-1111-1111-1111",
    "short group at the end": "4222 2222 2222 2",
    "groups of four, six and five": "3782 822463 10005",
    "dots": "4111.1111.1111.1111",
    "no-break spaces": "4111\u00a01111\u00a01111\u00a01111",
    "Unicode hyphens": "4111\u20101111\u20111111\u20131111",
    "wide gaps": "4111 - 1111  -  1111        1111",
    "zero-width spaces": "4111\u200b1111\u200b1111\u200b1111",
    "over two lines": "4111 1111\n1111 1111",
    "full-width digits": "４１１１１１１１１１１１１１１１",
    "Arabic digits": "٤١١١١١١١١١١١١١١١",
    "digits of two scripts": "4111111111111١١١",
}
AS_CARD_ID = {
    "no network's": "9792030394440796",
    "groups of every length": "4 11 111 1111 111111",
    "digit by digit": " ".join(VISA),
    "what pandas makes of it": VISA + ".0",
    "behind a word": f"PAN {VISA}",
    "behind a hyphen": f"CRD-{VISA}",
    "behind an apostrophe": f"'{VISA}",
}
NO_CARD_ID_BUT_A_NUMBER = NUMBERS | AS_CARD_ID


@pytest.mark.parametrize(
    "text", NO_CARD_ID_BUT_A_NUMBER.values(), ids=NO_CARD_ID_BUT_A_NUMBER.keys()
)
def test_no_such_number_is_a_card_id(text: str) -> None:
    assert is_card_number(text)


@pytest.mark.parametrize("text", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("around", ["{}", "A1,{},0585550123", "no {}.", "({})", "{} 12", "12 {}"])
def test_such_a_number_is_masked_wherever_it_stands(text: str, around: str) -> None:
    row = around.format(text)
    for masked in (mask(row), mask_likely(row), mask_likely(row, alone=True)):
        digits = "".join(sign for sign in text if sign.isdecimal())
        shown = "".join(sign for sign in masked if sign.isdecimal() or sign == "*")
        hidden = digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
        assert hidden in shown
        assert len(masked) == len(row)
        assert [a for a, b in zip(masked, row, strict=True) if a != b] == ["*"] * (len(digits) - 10)


CARD_IDS = {
    "letters and digits": "CRD1001",
    "twelve digits": "411111111116",
    "twelve digits with a check digit, in groups": "4111 1111 1116",
    "twenty digits": "41111111111111111119",
    "wrong check digit": "4111111111111112",
    "digits that belong to a word": f"CRD{VISA}",
    "digits in front of a letter": f"{VISA}X",
    "digits behind an underscore": f"CRD_{VISA}",
    "decimals in a word": f"lat 25.{VISA}",
    "not as networks' numbers begin, in a word": "CRD-9792030394440796",
    "not as people group them, in a word": "CRD-411-1111-11111-1111",
    "too wide a gap": "4111" + " " * 9 + "111111111111",
    "mobile": "971585550123",
    "word": "unknown",
    "nothing": "",
}


@pytest.mark.parametrize("text", CARD_IDS.values(), ids=CARD_IDS.keys())
def test_other_card_ids_are_no_such_number(text: str) -> None:
    assert not is_card_number(text)


MASKED_ANYWHERE = {
    "exactly six and four": (f"A1,{VISA},x", f"A1,{MASKED},x"),
    "gaps stay": ("4111 1111-1111 1111", "4111 11**-**** 1111"),
    "shortest": ("4222222222222", "422222***2222"),
    "longest": ("6205500000000000004", "620550*********0004"),
    "two numbers": (f"{VISA},{VISA}", f"{MASKED},{MASKED}"),
    "two numbers a blank apart": (f"{VISA} {VISA}", f"{MASKED} {MASKED}"),
    "as part of a word": (f"VISA{VISA}x", f"VISA{MASKED}x"),
    "Arabic digits": ("٤١١١١١١١١١١١١١١١", "٤١١١١١******١١١١"),
    "other script around": (f"رقم {VISA} é", f"رقم {MASKED} é"),
    "undecoded byte beside": (f"\udce9{VISA}", f"\udce9{MASKED}"),
}


@pytest.mark.parametrize(("text", "masked"), MASKED_ANYWHERE.values(), ids=MASKED_ANYWHERE.keys())
def test_six_and_four_digits_are_left(text: str, masked: str) -> None:
    assert mask(text) == mask_likely(text) == masked


UNLIKELY = {
    "no network's": "9792030394440796",
    "Mastercard's 2-series begins with 22": "2123003122003223",
    "Mastercard's 2-series ends with 27": "2823003122003226",
    "small groups in front": "4 111 1111 1111 1111",
    "small group in between": "4111 1111 11 111111 11",
    "small group before the last": "4111 1111 111111 1 1",
    "decimals": f"25.{VISA}",
    "decimals at the start": f"0.{VISA}",
}


@pytest.mark.parametrize("text", UNLIKELY.values(), ids=UNLIKELY.keys())
def test_unlikely_numbers_are_masked_in_evidence_only(text: str) -> None:
    assert mask(text) != text
    assert mask_likely(text) == text


KEPT = {
    "date and time": "13-11-2023 14:00",
    "two mobiles": "0585550323 / 0585550324",
    "mobile in groups": "+971 58 555 0123",
    "mobile with its prefix": "00971585550123",
    "twenty digits": "41111111111111111119",
    "a digit on its left": f"7{VISA}",
    "a digit on its right": f"{VISA}7",
    "wrong check digit": "4111 1111 1111 1112",
    "digits swapped": "4111 1111 1111 1211",
    "twelve digits": "411111111116",
    "slashes between": "4111/1111/1111/1111",
    "cells between": "4111\t1111\t1111\t1111",
    "too wide a gap": "4111" + " " * 9 + "111111111111",
    "too wide a gap behind as many digits": "9 41111111 1111" + " " * 9 + "1111",
    "superscripts": "⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹",
    "masked already": MASKED,
    "nothing": "",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_other_text_stays(text: str) -> None:
    assert mask(text) == mask_likely(text) == mask_likely(text, alone=True) == text


def test_in_the_partners_own_numbers_it_must_stand_alone() -> None:
    for text in (f"AWB{VISA}", f"X{VISA}", f"{VISA}X", f"AWB_{VISA}"):
        assert mask_likely(text, alone=True) == text != mask_likely(text)
    assert mask_likely(f"AWB-{VISA}", alone=True) == f"AWB-{MASKED}"


def luhn(digits: str) -> bool:
    """The formula as ISO/IEC 7812-1 has it, a digit at a time."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@given(st.text("0123456789", min_size=11, max_size=21))
def test_check_digit_and_length_tell_a_number(digits: str) -> None:
    assert is_card_number(digits) is (13 <= len(digits) <= 19 and luhn(digits))


@given(st.integers(10**11, 10**18 - 1))
def test_of_ten_check_digits_one_is_right(number: int) -> None:
    assert sum(is_card_number(f"{number}{digit}") for digit in range(10)) == 1


MESSY = st.lists(
    st.sampled_from(
        [VISA, "4222222222222", "4111", "1111", "37", "0", "9", " ", "-", ".", "x", ","]
    ),
    max_size=14,
).map("".join)


@given(MESSY)
def test_masked_text_has_nothing_left_to_mask(text: str) -> None:
    assert mask(mask(text)) == mask(text)
    for alone in (False, True):
        masked = mask_likely(text, alone=alone)
        assert mask_likely(masked, alone=alone) == masked


@given(MESSY)
def test_the_quick_look_misses_nothing(text: str) -> None:
    if mask_likely(text) != text:
        assert may_hold_likely(text)
        assert may_hold_likely(f"é{text}")
        assert may_hold_likely(f"{text}{text}x")
    assert not may_hold_likely("Nobody at home, 13-11-2023 14:00, 0585550123")


def test_a_number_reaches_no_further_than_it_says() -> None:
    widest = (" " * 8).join("6205500000000000004")
    assert len(widest) == REACH
    assert is_card_number(widest)
    assert mask(widest) != widest


@pytest.mark.parametrize("text", ["1" * 100_000, "1 " * 50_000, "1111 " * 20_000, "1        " * 9])
def test_a_long_cell_takes_no_long_time(text: str) -> None:
    assert len(mask_likely(text)) == len(text)
    assert len(mask(text[:3_000])) == len(text[:3_000])


# In messages

REDACTED = {
    "mobile": ("0585550123", "…0123"),
    "mobile with its country code": ("+971585550123", "…0123"),
    "groups": ("+971 58 555 0123", "…0123"),
    "hyphens": ("058-555-0123", "…0123"),
    "dots": ("058.555.0123", "…0123"),
    "parentheses": ("(058) 5550123", "…0123"),
    "Unicode hyphens": ("058\u2010555\u20110123", "…0123"),
    "among words": ("call 0585550123 or 0585550124", "call …0123 or …0124"),
    "inside a word": ("A5550123B", "A…0123B"),
    "in front of a clock": ("585550123 14:00", "…0123 14:00"),
    "seven digits": ("5550123", "…0123"),
    "seven digits in groups": ("555 0123", "…0123"),
    "six digits": ("555012", "555012"),
    "six digits in groups": ("55 50 12", "55 50 12"),
    "six digits among words": ("call 555012", "call 555012"),
    "Arabic digits": ("٠٥٨٥٥٥٠١٢٣", "…٠١٢٣"),
    "date": ("13-11-2023", "13-11-2023"),
    "date, year first": ("2023/11/13", "2023/11/13"),
    "date and clock": ("13-11-2023 14:00", "13-11-2023 14:00"),
    "date, one-digit day": ("3-11-2023", "3-11-2023"),
    "date, one-digit month": ("13.1.2023", "13.1.2023"),
    "date, short year, and digits": ("13-11-23 1400", "13-11-23 1400"),
    "date of the last century": ("1999-11-13", "1999-11-13"),
    "date, year first, one-digit month": ("2023-1-13", "2023-1-13"),
    "date, year first, one-digit day": ("2023-11-3", "2023-11-3"),
    "date, year first, and digits": ("2023-11-13 1400", "2023-11-13 1400"),
    "no date, three-digit day": ("013-11-2023", "…2023"),
    "no date, three-digit month": ("13-011-2023", "…2023"),
    "no date, five-digit year": ("13-11-20233", "…0233"),
    "no date, a group more": ("13-11-2023-1", "…0231"),
    "no date, year first, three-digit month": ("2023-011-13", "…1113"),
    "no date, year first, three-digit day": ("2023-11-013", "…1013"),
    "date of the last century without separators": ("19991113", "19991113"),
    "date without separators in January": ("20230113", "20230113"),
    "date without separators below the tenth": ("20231103", "20231103"),
    "no such day without separators": ("20231143", "…1143"),
    "no such century without separators": ("10231113", "…1113"),
    "date without separators": ("20231113", "20231113"),
    "no date without separators": ("20232113", "…2113"),
    "separators of a date mixed": ("13-11/2023", "…2023"),
    "groups behind a word": ("mob 058 555 0123", "mob …0123"),
    "groups behind a word, with its country code": ("mob: +971 (58) 555-0123", "mob: …0123"),
    "groups between words": ("call 058.555.0123 at noon", "call …0123 at noon"),
    "groups between slashes": ("tel 058/555/0123", "tel …0123"),
    "groups with blanks around hyphens": ("tel 058 - 555 - 0123", "tel …0123"),
    "groups far apart": ("tel 058" + " " * 50 + "5550123", "tel …0123"),
    "groups twice": ("058 555 0123, 058 555 0124", "…0123, …0124"),
    "groups in front of a clock": ("+971 58 555 0123 14:00", "…0123 14:00"),
    "groups in front of a clock with seconds": ("058 555 0123 14:00:59", "…0123 14:00:59"),
    "groups behind a clock": ("14:00 058 555 0123", "14:00 …0123"),
    "groups behind a clock with seconds": ("14:00:59-058 555 0123", "14:00:59-…0123"),
    "groups in front of a date": ("058 555 0123 13-11-2023 14:00", "…0123 13-11-2023 14:00"),
    "groups in front of a date, year first": ("0585550123 2023/11/13", "…0123 2023/11/13"),
    "groups behind a date": ("13-11-2023 058 555 0123", "13-11-2023 …0123"),
    "groups behind a date without separators": ("20231113 058 555 0123", "20231113 …0123"),
    "groups behind a short year": ("13-11-23 058 555 0123", "…0123"),
    "seven digits in groups behind a word": ("mob 555 0123", "mob …0123"),
    "six digits in groups behind a word": ("mob 55 50 12", "mob 55 50 12"),
    "six digits in front of a clock": ("55 50 12 14:00", "55 50 12 14:00"),
    "pairs of digits, as French numbers have them": ("05-85-55 01 23", "…0123"),
    "pairs of digits that begin like a date": ("05-12-55 01 23", "…0123"),
    "pairs and three digits that begin like a date": ("05-12-55 012", "…5012"),
    "eight digits like a date of no month": ("33-55-2012", "…2012"),
    "eight digits like a date of no year": ("05-11-5012", "…5012"),
    "long number in front of a colon": ("0585550123:00", "…0123:00"),
    "long number behind a colon": ("14:0585550123", "14:…0123"),
    "long number for decimals": ("14:00:00.0585550123", "14:00:00.…0123"),
    "date of a month that never is": ("2026-13-45", "2026-13-45"),
    "date of a month that never is, slashes": ("2026/45/13 14:00", "2026/45/13 14:00"),
    "date of a day that never is": ("45-12-2026 14:00", "45-12-2026 14:00"),
    "date and offset": ("2023-11-13-14:00", "2023-11-13-14:00"),
    "date and clock without separators": ("20231113140000", "20231113140000"),
    "date with blanks behind its dots": ("13. 11. 2023 14:00", "13. 11. 2023 14:00"),
    "date at the end of a sentence": ("on 13.11.2023.", "on 13.11.2023."),
    "date that never is, behind a number": ("0585550123 2026-13-45", "…1345"),
    "date that never is, behind groups": ("058 2012-13-45", "…1345"),
    "groups of no date behind a plus": ("+44 2012-11-12", "…1112"),
    "file named by its day": ("drops/2024-03-12.csv", "drops/2024-03-12.csv"),
    "file named by its minute": ("cards-2024-03-12-1400.db", "cards-2024-03-12-1400.db"),
    "file named by its second": ("20240312140000.csv", "20240312140000.csv"),
    "folder named by its day": ("/drops/2024-03-12/x.csv", "/drops/2024-03-12/x.csv"),
    "folders by year, month and day": ("drops/2024/03/12/1.csv", "drops/2024/03/12/1.csv"),
    "folder and file named by days": ("2024-03-12/13-11-2023.csv", "2024-03-12/13-11-2023.csv"),
    "file named by a number in a day's folder": (
        "2024-03-12/0585550123.csv",
        "2024-03-12/…0123.csv",
    ),
    "file named by a day and a number": ("2024-03-12-0585550123.csv", "…0123.csv"),
    "clock": ("14:00:59", "14:00:59"),
    "clock with its offset": ("14:00+0400", "14:00+0400"),
    "range of times": ("13-11-2023 09:00 - 11:30", "13-11-2023 09:00 - 11:30"),
    "two dates": ("13-11-2023 14-11-2023", "13-11-2023 14-11-2023"),
    "date behind a word": ("Mon 13-11-2023 14:00", "Mon 13-11-2023 14:00"),
    "date of no such day": ("11/32/2023 14:00", "11/32/2023 14:00"),
    "date, short year": ("24/3/24 2:00 PM", "24/3/24 2:00 PM"),
    "date, short year, and an hour": ("24-03-24 2 PM", "24-03-24 2 PM"),
    "ISO time": ("2023-11-13T09:34:56Z", "2023-11-13T09:34:56Z"),
    "card id": ("CRD1001", "CRD1001"),
    "header": ("User Mobile", "User Mobile"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "expected"), REDACTED.values(), ids=REDACTED.keys())
def test_long_numbers_are_cut_to_their_end(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_mobile_behind_a_date_is_cut() -> None:
    assert re.fullmatch("13-11-2023 ?…0123", redact("13-11-2023 0585550123"))


def test_mobile_in_groups_like_those_of_a_date_is_cut() -> None:
    assert redact("0585-55-0123") == "…0123"


@pytest.mark.parametrize(
    "text", ["(" * 100_000, "1" + " " * 100_000, "1 " * 100_000, "1:" * 50_000]
)
def test_a_long_cell_is_redacted_in_no_long_time(text: str) -> None:
    assert len(redact(text)) <= len(text)


GROUPS = st.lists(
    st.sampled_from(["", " ", "-", ".", "/", ") ", " (", "  "]), min_size=9, max_size=9
)


@given(GROUPS, st.sampled_from(["", "mob ", "+971 ", "13-11-2023 ", "14:00 ", "CRD0001 "]))
def test_no_grouping_shows_more_than_the_end(gaps: list[str], before: str) -> None:
    number = "0" + "".join(gap + digit for gap, digit in zip(gaps, "585550123", strict=True))
    shown = redact(before + number)
    assert shown.endswith("…0123")
    assert re.sub(r"\D", "", shown.removeprefix(before.strip())).removesuffix("0123") == ""
