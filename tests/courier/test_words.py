"""Words of names and statuses: their form, and several in one."""

import pytest

from cardstatus.courier.words import levelled, split_joined


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" - ", ""),
        ("Not_DELIVERED.", "not delivered"),
        ("NotDelivered (2)", "not delivered 2"),
        ("\uff24\uff45livered", "delivered"),
        ("Couldn't", "couldn t"),
        ("\u062a\u0645 \u0627", "\u062a\u0645 \u0627"),
    ],
)
def test_text_is_levelled_to_its_words(text: str, expected: str) -> None:
    assert levelled(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("notdelivered", ["not", "delivered"]),
        ("delivered", ["delivered"]),
        ("deliveredx", ["deliveredx"]),
        ("", [""]),
        ("not" * 21, ["not" * 21]),
        ("noton", ["not", "on"]),
    ],
)
def test_word_is_split_into_known_ones(word: str, expected: list[str]) -> None:
    assert split_joined(word, {"not", "delivered", "no", "on", "t"}) == expected
