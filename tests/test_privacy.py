"""Numbers here are the networks' published test numbers, which no card has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.privacy import REACH, is_card_number, mask, mask_likely, may_hold_likely

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
