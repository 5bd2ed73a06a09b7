import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.faults import KEEP_BYTES, has_undecoded, raw_text
from cardstatus.privacy import redact

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
def test_a_long_cell_takes_no_long_time(text: str) -> None:
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
