"""Mobile numbers to E.164, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.mobiles import COUNTRY_CODES, MobileReader

UAE = MobileReader("971")
# A country whose national numbers the program knows nothing about.
UNKNOWN = MobileReader("49")

ONE_NUMBER = {
    "pickup: national": "585550123",
    "trunk 0": "0585550123",
    "exceptions and delivered: quotes inside the cell": '"0585550123"',
    "quotes and no trunk 0": '"585550123"',
    "quotes and blanks": ' " 0585550123 " ',
    "one quote left over": '"0585550123',
    "returned: country code": "971585550123",
    "plus and groups": "+971 58 555 0123",
    "plus": "+971585550123",
    "plus in quotes": '"+971585550123"',
    "two zeros": "00971585550123",
    "two zeros and groups": "00971 58 555 0123",
    "blanks around": " 0585550123 ",
    "groups": "058 555 0123",
    "hyphens": "058-555-0123",
    "dots": "058.555.0123",
    "parentheses": "(058) 555 0123",
    "dots in all groups": "+971.58.555.0123",
    "trunk 0 in parentheses": "+971 (0)58 555 0123",
    "trunk 0 in parentheses and no plus": "971 (0)58 555 0123",
    "trunk 0 behind the country code": "+9710585550123",
    "trunk 0 behind two zeros": "0097 10 585550123",
    "no-break spaces": "058\u00a0555\u00a00123",
    "figure spaces": "058\u2007555\u20070123",
    "narrow no-break spaces": "058\u202f555\u202f0123",
    "Unicode hyphens": "058\u2010555\u20110123",
    "dashes": "058\u2012555\u20130123",
    "copied from a telephone, with marks of direction": "\u202a+971 58 555 0123\u202c",
    "pandas' float": "585550123.0",
    "pandas' float with the country code": "971585550123.0",
    "spreadsheet's two decimals": "971585550123.00",
    "float with plus": "+971585550123.0",
}


@pytest.mark.parametrize("text", ONE_NUMBER.values(), ids=ONE_NUMBER.keys())
def test_every_way_of_writing_it_is_one_number(text: str) -> None:
    assert UAE.read(text) == "+971585550123"


def test_a_column_of_usual_forms_needs_no_closer_look() -> None:
    cells = ["585550123", "0585550123", '"0585550123"', "+971585550123", "00971585550123"]
    assert UAE.read_column(cells) == (["+971585550123"] * 5, [])


UNUSUAL = ["+971 58 555 0123", " 0585550123", "97155501", "none", " ", "0585550123\n", "\n"]


@pytest.mark.parametrize("text", UNUSUAL, ids=repr)
def test_an_unusual_form_in_a_column_needs_one(text: str) -> None:
    numbers, strange = UAE.read_column(["585550123", text, ""])
    assert 1 in strange
    assert [numbers[at] for at in (0, 2) if at not in strange] in (["+971585550123", ""], [])


def test_an_empty_cell_in_a_column_is_no_number() -> None:
    assert UAE.read_column(["", "585550123", ""]) == (["", "+971585550123", ""], [])
    assert UAE.read_column([""]) == ([""], [])


def test_a_line_break_shifts_no_number_to_another_row() -> None:
    _, strange = UAE.read_column(["585550123\n585550124", "x\n"])
    assert strange == [0, 1]
    _, strange = UAE.read_column(["none", "585550123\n585550124"])
    assert strange == [0, 1]


def test_no_form_is_usual_where_the_plan_is_unknown() -> None:
    assert UNKNOWN.read_column(["+4930555012", "", "None"])[1] == [0, 2]


@given(st.lists(st.one_of(st.sampled_from([*ONE_NUMBER.values(), *UNUSUAL]), st.text(max_size=15))))
def test_a_column_reads_what_its_cells_read(cells: list[str]) -> None:
    if not cells:
        return
    numbers, strange = UAE.read_column(cells)
    assert len(numbers) == len(cells)
    for at, cell in enumerate(cells):
        if at not in strange:
            assert numbers[at] == (UAE.read(cell) if cell else "")


NO_NUMBER = {
    "empty": "",
    "blank": " ",
    "hyphen": "-",
    "word": "none",
    "rounded by Excel": "9.71586E+11",
    "narrow column": "########",
    "too short": "58555",
    "eight digits where nine are wanted": "58555012",
    "ten digits where nine are wanted": "5855501234",
    "letter O for 0": "97158555O322",
    "two numbers": "0585550323 / 0585550324",
    "two numbers with a blank": "0585550323 0585550324",
    "em dashes": "058\u2014555\u20140123",
    "letters around": "X0585550123X",
    "extension": "0585550123 ext 4",
    "plus at the end": "971585550123+",
    "plus twice": "++971585550123",
    "plus and trunk 0": "+0585550123",
    "plus alone": "+",
    "two zeros alone": "00",
    "three zeros": "000971585550123",
    "two trunk zeros behind the country code": "+97100585550123",
    "country code behind a trunk 0": "0971585550123",
    "own country code, too short": "+97158555012",
    "own country code, too long": "+9715855501234",
    "own country code, letters": "+97158555O123",
    "decimals that are not zero": "585550123.5",
    "decimals that make up the number": "5855501.23",
    "decimals that are zero make up the number": "58555.0000",
    "fixed number with a plus too many": "+45550123",
    "fixed number with a zero too many": "0045550123",
    "cut short, or a fixed number": "97155501",
    "Arabic digits": "٠٥٨٥٥٥٠١٢٣",
    "an Arabic digit": "58555012٣",
    "an Arabic digit behind the country code": "+97158555012٣",
    "full-width digits": "０５８５５５０１２３",
    "line break inside": "058555\n0123",
}


@pytest.mark.parametrize("text", NO_NUMBER.values(), ids=NO_NUMBER.keys())
def test_what_cannot_be_read_for_sure_is_none(text: str) -> None:
    assert UAE.read(text) is None


ABROAD = {
    "shortest": ("+85355501", "+85355501"),
    "longest": ("+999585550123456", "+999585550123456"),
    "two zeros": ("0044 7700 900123", "+447700900123"),
    "groups": ("+1 (202) 555-0123", "+12025550123"),
}


@pytest.mark.parametrize(("text", "expected"), ABROAD.values(), ids=ABROAD.keys())
def test_number_from_abroad_keeps_its_country_code(text: str, expected: str) -> None:
    assert UAE.read(text) == expected


NOT_E164 = {
    "seven digits": "+8535550",
    "sixteen digits": "+9995855501234567",
    "country code that begins with 0": "+0995855501",
    "letters": "+99955501x",
}


@pytest.mark.parametrize("text", NOT_E164.values(), ids=NOT_E164.keys())
def test_number_from_abroad_is_held_to_e164(text: str) -> None:
    assert UAE.read(text) is None


def test_number_from_abroad_without_plus_is_refused() -> None:
    assert UAE.read("447700900123") is None


# Country code, and national numbers of each shape that its plan knows, fictitious.
PLANS = {
    "United Arab Emirates, mobile": ("971", "585550123"),
    "United Arab Emirates, fixed": ("971", "45550123"),
    "United Arab Emirates, fixed in Al Ain": ("971", "35550123"),
    "United Arab Emirates, fixed in the east": ("971", "75550123"),
    "United Arab Emirates, lowest fixed": ("971", "25550123"),
    "United Arab Emirates, highest fixed": ("971", "95550123"),
    "United Arab Emirates, fixed in the north": ("971", "65550123"),
    "Saudi Arabia, mobile": ("966", "585550123"),
    "Saudi Arabia, fixed": ("966", "115550123"),
    "Qatar, lowest": ("974", "25550123"),
    "Qatar, highest": ("974", "75550123"),
    "Bahrain, fixed": ("973", "15550123"),
    "Bahrain, mobile": ("973", "35550123"),
    "Bahrain, mobile on 6": ("973", "65550123"),
    "Kuwait, fixed": ("965", "25550123"),
    "Kuwait, lowest mobile": ("965", "45550123"),
    "Kuwait, mobile": ("965", "55550123"),
    "Kuwait, highest mobile": ("965", "65550123"),
    "Kuwait, mobile on 9": ("965", "95550123"),
    "Kuwait, service": ("965", "1855012"),
    "Oman, fixed": ("968", "25550123"),
    "Oman, mobile on 7": ("968", "75550123"),
    "Oman, mobile on 9": ("968", "95550123"),
    "Egypt, mobile": ("20", "1055501234"),
    "Egypt, Cairo": ("20", "225550123"),
    "Egypt, eight digits": ("20", "45550123"),
    "Egypt, highest": ("20", "955501234"),
    "India, mobile": ("91", "9555501234"),
    "India, lowest": ("91", "1155501234"),
    "Pakistan, mobile": ("92", "3055501234"),
    "Pakistan, nine digits": ("92", "225550123"),
    "Pakistan, ten digits": ("92", "9555501234"),
    "United Kingdom, mobile": ("44", "7700900123"),
    "United Kingdom, London": ("44", "2079460123"),
    "United Kingdom, lowest": ("44", "1132496012"),
    "United Kingdom, on 3": ("44", "3069990123"),
    "United Kingdom, nine digits": ("44", "169772012"),
    "United Kingdom, nine digits on 2": ("44", "207946012"),
    "United Kingdom, nine digits on 3": ("44", "306999012"),
    "United Kingdom, nine digits on 8": ("44", "800900123"),
    "North America": ("1", "2025550123"),
    "North America, lowest": ("1", "2012550123"),
    "North America, highest": ("1", "9795550123"),
}


@pytest.mark.parametrize(("code", "national"), PLANS.values(), ids=PLANS.keys())
@pytest.mark.parametrize("prefix", ["", "0", "{}", "+{}", "00{}", "+{} 0", "+{} "])
def test_national_number_of_a_known_plan(code: str, national: str, prefix: str) -> None:
    text = prefix.format(code) + national
    assert MobileReader(code).read(text) == f"+{code}{national}"


OUT_OF_PLAN = {
    "United Arab Emirates, on 1": ("971", "15550123"),
    "United Arab Emirates, short mobile": ("971", "55550123"),
    "United Arab Emirates, short fixed": ("971", "4555012"),
    "United Arab Emirates, long fixed": ("971", "455501234"),
    "United Arab Emirates, on 8": ("971", "85550123"),
    "Saudi Arabia, on 6": ("966", "655501234"),
    "Saudi Arabia, short": ("966", "58555012"),
    "Saudi Arabia, short fixed": ("966", "11555012"),
    "Saudi Arabia, long": ("966", "1155501234"),
    "Qatar, on 1": ("974", "15550123"),
    "Qatar, on 8": ("974", "85550123"),
    "Qatar, short": ("974", "3555012"),
    "Qatar, long": ("974", "355501234"),
    "Bahrain, on 2": ("973", "25550123"),
    "Bahrain, short": ("973", "3555012"),
    "Bahrain, long": ("973", "355501234"),
    "Kuwait, on 3": ("965", "35550123"),
    "Kuwait, on 7": ("965", "75550123"),
    "Kuwait, on 8": ("965", "85550123"),
    "Kuwait, short": ("965", "5555012"),
    "Kuwait, long service": ("965", "18550123"),
    "Oman, on 3": ("968", "35550123"),
    "Oman, on 8": ("968", "85550123"),
    "Oman, short": ("968", "9555012"),
    "Oman, long": ("968", "955501234"),
    "Egypt, short mobile": ("20", "105550123"),
    "Egypt, long fixed": ("20", "2255501234"),
    "Egypt, short fixed": ("20", "4555012"),
    "India, short": ("91", "955550123"),
    "India, long": ("91", "95555012345"),
    "Pakistan, on 1": ("92", "1555501234"),
    "Pakistan, short": ("92", "22555012"),
    "Pakistan, long": ("92", "30555012345"),
    "United Kingdom, on 4": ("44", "4555501234"),
    "United Kingdom, on 6": ("44", "6555501234"),
    "United Kingdom, nine digits on 7": ("44", "770090012"),
    "United Kingdom, eight digits": ("44", "20794601"),
    "United Kingdom, eleven digits": ("44", "77009001234"),
    "North America, area on 1": ("1", "1205550123"),
    "North America, exchange on 1": ("1", "2021550123"),
    "North America, short": ("1", "202555012"),
    "North America, long": ("1", "20255501234"),
}


@pytest.mark.parametrize(("code", "national"), OUT_OF_PLAN.values(), ids=OUT_OF_PLAN.keys())
@pytest.mark.parametrize("prefix", ["", "0", "+{}"])
def test_national_number_that_its_plan_does_not_know(code: str, national: str, prefix: str) -> None:
    assert MobileReader(code).read(prefix.format(code) + national) is None


UNKNOWN_PLAN = {
    "national": ("30555012", "+4930555012"),
    "trunk 0": ("030555012", "+4930555012"),
    "plus": ("+49 30 555012", "+4930555012"),
    "two zeros": ("004930555012", "+4930555012"),
    "begins with 1": ("15555012", "+4915555012"),
    "six digits, the fewest": ("305550", "+49305550"),
    "twelve digits, the most": ("305550123456", "+49305550123456"),
    "too few digits": ("30555", None),
    "too many digits": ("3055501234567", None),
    "begins with 0 behind the trunk 0": ("0030555", None),
    "could be both, national or with its country code": ("4930555012", None),
    "too long to be national, so with its country code": ("4930555012345", "+4930555012345"),
    "cut short, or national": ("4930555", None),
    "trunk 0 says national": ("04930555012", "+494930555012"),
    "quotes": ('"030555012"', "+4930555012"),
}


@pytest.mark.parametrize(("text", "expected"), UNKNOWN_PLAN.values(), ids=UNKNOWN_PLAN.keys())
def test_country_without_a_known_plan_is_read_with_care(text: str, expected: str | None) -> None:
    assert UNKNOWN.read(text) == expected


ZERO_BEHIND_THE_CODE = {
    "Italy, of the number": ("39", "+39 06 5550 1234", "+390655501234"),
    "Italy, two zeros for the plus": ("39", "0039 06 5550 1234", "+390655501234"),
    "Italy, mobile without one": ("39", "+39 355 501 2345", "+393555012345"),
    "unknown plan": ("49", "+49 030 555012", "+49030555012"),
    "unknown plan, two zeros": ("49", "+49 0030 555012", None),
    "unknown plan, six digits, the fewest": ("49", "+49 030555", "+49030555"),
    "unknown plan, five digits": ("499", "+499 03055", None),
    "unknown plan, twelve digits, the most": ("499", "+499 030555012345", "+499030555012345"),
    "unknown plan, thirteen digits": ("499", "+499 0305550123456", None),
    "parentheses say that it is none of the number": ("49", "+49 (0)30 555012", "+4930555012"),
    "known plan, trunk 0": ("971", "+971 058 555 0123", "+971585550123"),
    "known plan, in parentheses": ("971", "+971 (0)58 555 0123", "+971585550123"),
    "another country": ("971", "+39 06 5550 1234", "+390655501234"),
}


@pytest.mark.parametrize(
    ("code", "text", "expected"), ZERO_BEHIND_THE_CODE.values(), ids=ZERO_BEHIND_THE_CODE.keys()
)
def test_zero_behind_the_country_code_goes_only_where_a_plan_says_so(
    code: str, text: str, expected: str | None
) -> None:
    assert MobileReader(code).read(text) == expected


FROM_ABROAD = {
    "country without a known plan": ("49", "+971 58 555 0123", "+971585550123"),
    "country without a known plan, two zeros": ("49", "00447700900123", "+447700900123"),
    "ten digits where national numbers have ten": ("91", "+65 8555 0123", "+6585550123"),
    "ten digits that could be North American": ("1", "+47 22 55 50 12", "+4722555012"),
    "nine digits where national numbers have nine": ("92", "+225550123", None),
    "nine digits where national numbers have ten": ("91", "+225550123", "+225550123"),
}


@pytest.mark.parametrize(("code", "text", "expected"), FROM_ABROAD.values(), ids=FROM_ABROAD.keys())
def test_plus_says_that_a_number_is_from_abroad(code: str, text: str, expected: str | None) -> None:
    assert MobileReader(code).read(text) == expected


def test_country_code_decides_what_a_national_number_is() -> None:
    assert MobileReader("966").read("0585550123") == "+966585550123"


@pytest.mark.parametrize("text", ["1", "20", "971"])
def test_country_code_has_one_to_three_digits(text: str) -> None:
    assert COUNTRY_CODES.fullmatch(text)


@pytest.mark.parametrize("text", ["", "0", "071", "9715", "+971", "00971", "٩٧١", "x"])
def test_what_is_no_country_code(text: str) -> None:
    assert not COUNTRY_CODES.fullmatch(text)


# No dots: one dot is a decimal point.
GAPS = st.sampled_from(["", " ", "-", "\u00a0", "  ", " - "])
PREFIXES = st.sampled_from(["", "0", "(0)", "971", "+971", "00971", "+971 0", "+971 (0) "])
QUOTES = st.sampled_from(["{}", '"{}"', " {} ", '" {}"', "\u202a{}\u202c"])


@given(PREFIXES, st.integers(0, 9_999), st.lists(GAPS, min_size=3, max_size=3), QUOTES)
def test_any_accepted_form_is_the_same_number(
    prefix: str, last: int, gaps: list[str], quotes: str
) -> None:
    groups = f"{gaps[0]}58{gaps[1]}555{gaps[2]}{last:04}"
    assert UAE.read(quotes.format(prefix + groups)) == f"+97158555{last:04}"


@given(st.one_of(st.text(), st.text(alphabet='0123456789+-(). "E')))
def test_answer_is_e164_and_reads_as_itself(text: str) -> None:
    mobile = UAE.read(text)
    if mobile is not None:
        assert mobile[0] == "+"
        assert mobile[1:].isascii() and mobile[1:].isdigit()
        assert 8 <= len(mobile[1:]) <= 15
        assert UAE.read(mobile) == mobile
