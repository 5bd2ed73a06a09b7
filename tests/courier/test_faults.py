"""Rows as evidence, and bytes of no known character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.faults import KEEP_BYTES, has_undecoded, raw_text

DECODED = {
    "Latin-1 in UTF-8": (b"caf\xe9", "utf-8", "caf\udce9"),
    "two bytes": (b"\xff\xfe", "utf-8", "\udcff\udcfe"),
    "cut character": (b"a\xc3", "utf-8", "a\udcc3"),
    "good text": ("é".encode(), "utf-8", "é"),
    "half a pair in UTF-16": (b"\0\xd8a\0", "utf-16-le", "\udc00\udcd8a"),
    "above ASCII": (b"\x80", "ascii", "\udc80"),
    "hole in cp1252": (b"\x81", "cp1252", "\udc81"),
}


@pytest.mark.parametrize(("content", "encoding", "text"), DECODED.values(), ids=DECODED.keys())
def test_bytes_of_no_character_are_kept_one_by_one(
    content: bytes, encoding: str, text: str
) -> None:
    assert content.decode(encoding, KEEP_BYTES) == text


@given(st.binary())
def test_no_byte_is_lost(content: bytes) -> None:
    kept = content.decode("utf-8", KEEP_BYTES)
    assert kept.encode("utf-8", "surrogateescape") == content


def test_keeping_bytes_is_for_reading_only() -> None:
    with pytest.raises(UnicodeEncodeError):
        "é".encode("ascii", KEEP_BYTES)


TOLD = {
    "nothing": ("", False),
    "plain": ("plain", False),
    "other scripts": ("é لا 😀", False),
    "undecoded byte": ("caf\udce9", True),
    "lowest surrogate": ("\ud800", True),
    "highest surrogate": ("\udfff", True),
    "below them": ("\ud7ff", False),
    "above them": ("\ue000", False),
}


@pytest.mark.parametrize(("text", "expected"), TOLD.values(), ids=TOLD.keys())
def test_undecoded_bytes_are_told_from_text(text: str, expected: bool) -> None:
    assert has_undecoded(text) is expected


RAW = {
    "as it is": ("1,C1,2,3", "1,C1,2,3"),
    "LF": ("1,C1\n", "1,C1"),
    "CRLF": ("1,C1\r\n", "1,C1"),
    "CR": ("1,C1\r", "1,C1"),
    "letters at the end": ("1,C1,X\n", "1,C1,X"),
    "blanks at the end stay": ("1,C1 \n", "1,C1 "),
    "line break inside stays": ('"a\nb"\n', '"a\nb"'),
    "undecoded byte": ("caf\udce9\n", r"caf\xe9"),
    "lowest undecoded byte": ("\udc00", r"\x00"),
    "undecoded byte below 16": ("\udc0f", r"\x0f"),
    "highest undecoded byte": ("\udcff", r"\xff"),
    "other text stays": ("é لا 😀", "é لا 😀"),
    "longest": ("x" * 2_000 + "\r\n", "x" * 2_000),
    "too long by one": ("x" * 2_001 + "\n", "x" * 2_000 + " … (2,001 characters)"),
    "too long by far": ("ab" * 600_000, "ab" * 1_000 + " … (1,200,000 characters)"),
    "undecoded bytes in what is cut": ("\udce9" * 2_001, r"\xe9" * 2_000 + " … (2,001 characters)"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "expected"), RAW.values(), ids=RAW.keys())
def test_raw_text_of_a_row(text: str, expected: str) -> None:
    assert raw_text(text) == expected


@given(st.binary(max_size=50))
def test_raw_text_can_always_be_stored(content: bytes) -> None:
    assert not has_undecoded(raw_text(content.decode("utf-8", KEEP_BYTES)))
