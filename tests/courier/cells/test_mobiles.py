"""Mobile numbers to E.164, or refused."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells import mobiles
from cardstatus.courier.cells.mobiles import COUNTRY_CODES, BadMobileError, MobileReader
from cardstatus.model.problems import Reason


def uae() -> MobileReader:
    """A reader for the United Arab Emirates."""
    return MobileReader("971")


def doubt(reader: MobileReader, text: str) -> tuple[Reason, str]:
    """Return why a cell is not one mobile for sure, and what is kept of it."""
    with pytest.raises(BadMobileError) as caught:
        reader.read(text)
    return caught.value.reason, caught.value.kept


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
    "spreadsheet's notation with all digits": "5.85550123E8",
    "spreadsheet's notation with all digits, in full": "9.71585550123E+11",
    "country code behind a trunk 0": "0971585550123",
    "em dashes": "058\u2014555\u20140123",
    "plus at the end": "971585550123+",
    "plus twice": "++971585550123",
    "Arabic digits": "٠٥٨٥٥٥٠١٢٣",
    "an Arabic digit": "58555012٣",
    "Persian digits": "۰۵۸۵۵۵۰۱۲۳",
    "full-width digits": "０５８５５５０１２３",
    "full-width plus": "＋971585550123",
    "line break inside": "058555\n0123",
    "mark of direction before": "\u200e0585550123",
    "marks of direction around": "\u2066+971585550123\u2069",
    "override of direction": "\u202d0585550123\u202c",
    "zero-width blank inside": "058\u200b5550123",
    "byte-order mark": "\ufeff0585550123",
}


@pytest.mark.parametrize("text", ONE_NUMBER.values(), ids=ONE_NUMBER.keys())
def test_every_way_of_writing_it_is_one_number(text: str) -> None:
    assert uae().read(text) == "+971585550123"


def test_a_column_of_usual_forms_needs_no_closer_look() -> None:
    cells = ["585550123", "0585550123", '"0585550123"', "+971585550123", "00971585550123"]
    assert uae().read_column(cells) == (["+971585550123"] * 5, [])


UNUSUAL = ["+971 58 555 0123", " 0585550123", "97155501", "none", " ", "0585550123\n", "\n"]


@pytest.mark.parametrize("text", UNUSUAL, ids=repr)
def test_an_unusual_form_in_a_column_needs_one(text: str) -> None:
    numbers, strange = uae().read_column(["585550123", text, ""])
    assert 1 in strange
    assert [numbers[at] for at in (0, 2) if at not in strange] in (["+971585550123", ""], [])


def test_an_empty_cell_in_a_column_is_no_number() -> None:
    assert uae().read_column(["", "585550123", ""]) == (["", "+971585550123", ""], [])
    assert uae().read_column([""]) == ([""], [])


def test_a_line_break_shifts_no_number_to_another_row() -> None:
    _, strange = uae().read_column(["585550123\n585550124", "x\n"])
    assert strange == [0, 1]
    _, strange = uae().read_column(["none", "585550123\n585550124"])
    assert strange == [0, 1]


def test_usual_forms_of_another_country_are_those_of_its_plan() -> None:
    germany = MobileReader("49")
    cells = ["+4915123456789", "", "+4930555012"]
    assert germany.read_column(cells) == (["+4915123456789", "", ""], [2])


def test_no_form_is_usual_under_a_code_that_no_country_has() -> None:
    assert MobileReader("999").read_column(["+4915123456789", "", "None"])[1] == [0, 2]


@given(st.lists(st.one_of(st.sampled_from([*ONE_NUMBER.values(), *UNUSUAL]), st.text(max_size=15))))
def test_a_column_reads_what_its_cells_read(cells: list[str]) -> None:
    if not cells:
        return
    numbers, strange = uae().read_column(cells)
    assert len(numbers) == len(cells)
    for at, cell in enumerate(cells):
        if at not in strange:
            assert numbers[at] == (uae().read(cell) if cell else "")  # and raises nothing


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
    "letters around": "X0585550123X",
    "an Arabic letter": "58555012ب",
    "extension": "0585550123 ext 4",
    "plus and trunk 0": "+0585550123",
    "plus alone": "+",
    "two zeros alone": "00",
    "three zeros": "000971585550123",
    "two trunk zeros behind the country code": "+97100585550123",
    "own country code, too short": "+97158555012",
    "own country code, too long": "+9715855501234",
    "own country code, letters": "+97158555O123",
    "decimals that are not zero": "585550123.5",
    "decimals that make up the number": "5855501.23",
    "decimals that are zero make up the number": "58555.0000",
    "fixed number with a plus too many": "+45550123",
    "fixed number with a zero too many": "0045550123",
    "from abroad without its plus": "447911123456",
    "no country": "+999585550123456",
    "not in use": "+85355501",
    "seven digits": "+8535550",
    "sixteen digits": "+9995855501234567",
    "country code that begins with 0": "+0995855501",
    "a number and a word": "0585550123 / none",
    "half a number behind another": "0585550123 / 124",
    "longer than anybody looks": "0585550123 / " * 20 + "0585550124",
}


@pytest.mark.parametrize("text", NO_NUMBER.values(), ids=NO_NUMBER.keys())
def test_what_cannot_be_read_for_sure_is_none(text: str) -> None:
    assert doubt(uae(), text) == (Reason.BAD_MOBILE, "")


SEVERAL = {
    "slash": "0585550323 / 0585550324",
    "slash alone": "0585550323/0585550324",
    "other way round": "0585550324 / 0585550323",
    "blank": "0585550323 0585550324",
    "blank among groups": "058 555 0323 058 555 0324",
    "semicolon, in two ways": "0585550323; +971 58 555 0324",
    "comma": "585550323,585550324",
    "bar": "0585550323 | 0585550324",
    "word": "0585550323 or 0585550324",
    "line end": "0585550323\n0585550324",
    "one twice": "0585550323 / 0585550324 / 971585550323",
}


@pytest.mark.parametrize("text", SEVERAL.values(), ids=SEVERAL.keys())
def test_several_numbers_are_all_kept_in_one_order(text: str) -> None:
    assert doubt(uae(), text) == (Reason.SEVERAL_MOBILES, "+971585550323 +971585550324")


def test_one_number_twice_is_one() -> None:
    assert uae().read("0585550123 / +971 58 555 0123") == "+971585550123"


# Numbers that a hand-made plan gets wrong, and some of other plans: (country code, cell, number).
BY_PLAN = {
    "United Kingdom, trunk 0 behind the code": ("971", "+44 07911 123456", "+447911123456"),
    "France, trunk 0 behind the code": ("971", "+33 06 12 34 56 78", "+33612345678"),
    "Russia, trunk 8": ("7", "8 (912) 345-67-89", "+79123456789"),
    "Kazakhstan shares its code": ("7", "8 701 234 5678", "+77012345678"),
    "trunk 0 behind the code without plus": ("971", "9710585550101", "+971585550101"),
    "Italy, mobile": ("39", "347 123 4567", "+393471234567"),
    "Italy, mobile with a 0 that it has not": ("39", "0347 1234567", "+393471234567"),
    "Germany": ("49", "01512 3456789", "+4915123456789"),
    "Germany, code without plus": ("49", "4915123456789", "+4915123456789"),
    "United Kingdom": ("44", "07911 123456", "+447911123456"),
    "North America": ("1", "(202) 555-0123", "+12025550123"),
    "North America, from abroad": ("971", "+1 (202) 555-0123", "+12025550123"),
    "Singapore, from abroad": ("91", "+65 8555 0123", "+6585550123"),
    "Gulf, from abroad with two zeros": ("49", "00971585550123", "+971585550123"),
    "Qatar has no trunk 0": ("974", "075550123", "+97475550123"),
    "Saudi Arabia": ("966", "0585550123", "+966585550123"),
    "India, begins as its code": ("91", "9155501234", "+919155501234"),
    "Egypt": ("20", "010 5550 1234", "+201055501234"),
    "Pakistan": ("92", "0305 5501234", "+923055501234"),
    "United Kingdom, of a range that is not in use": ("971", "+44 7700 900123", "+447700900123"),
    "a code that no country has": ("999", "+971585550123", "+971585550123"),
}


@pytest.mark.parametrize(("code", "text", "expected"), BY_PLAN.values(), ids=BY_PLAN.keys())
def test_plans_are_those_of_the_library(code: str, text: str, expected: str) -> None:
    assert MobileReader(code).read(text) == expected


PREFIXES_OF_COUNTRIES = {"966": "585550123", "974": "75550123", "973": "35550123"} | {
    "965": "55550123",
    "968": "95550123",
    "20": "1055501234",
    "91": "9555501234",
    "92": "3055501234",
    "44": "7911123456",
    "1": "2025550123",
    "971": "585550123",
}


@pytest.mark.parametrize(("code", "national"), PREFIXES_OF_COUNTRIES.items())
@pytest.mark.parametrize("prefix", ["", "0", "{}", "+{}", "00{}", "+{} "])
def test_a_mobile_is_one_number_however_it_is_prefixed(
    code: str, national: str, prefix: str
) -> None:
    assert MobileReader(code).read(prefix.format(code) + national) == f"+{code}{national}"


LANDLINES = {
    "no prefix: a mobile of Qatar, or cut": ("971", "33123456", ""),
    "begins as its own code": ("971", "97155501", ""),
    "trunk 0": ("971", "04 555 0123", "+97145550123"),
    "country code": ("971", "97145550123", "+97145550123"),
    "in full": ("971", "+971 4 555 0123", "+97145550123"),
    "abroad": ("971", "+39 06 5550 1234", "+390655501234"),
    "Italy, 0 of the number": ("39", "06 1234 5678", "+390612345678"),
    "Germany": ("49", "(030) 555012", "+4930555012"),
    "toll-free": ("971", "800 12345", ""),
}


@pytest.mark.parametrize(("code", "text", "kept"), LANDLINES.values(), ids=LANDLINES.keys())
def test_a_landline_is_warned_of_and_kept_if_it_is_certain(code: str, text: str, kept: str) -> None:
    assert doubt(MobileReader(code), text) == (Reason.LANDLINE, kept)


DETAILS = {
    "several": (
        "0585550323 / 0585550324",
        "several numbers in one cell (2); the card is found by each of them",
    ),
    "landline": (
        "04 555 0123",
        "the number of a landline, which no message reaches; ask for a mobile",
    ),
    "landline, or cut": (
        "33123456",
        "the number of a landline, or of a mobile without its country code, or cut; write it in "
        "full, with + and its country code",
    ),
    "no number": (
        "none",
        "not one number that can be read for sure; write it in full, with + and its country code",
    ),
}


@pytest.mark.parametrize(("text", "detail"), DETAILS.values(), ids=DETAILS.keys())
def test_the_detail_says_what_to_do(text: str, detail: str) -> None:
    with pytest.raises(BadMobileError) as caught:
        uae().read(text)
    assert caught.value.detail == str(caught.value) == detail


def test_numbers_are_looked_for_in_two_hundred_characters_and_no_more() -> None:
    longest = "0585550323" + "/".ljust(180) + "0585550324"
    assert doubt(uae(), longest)[0] is Reason.SEVERAL_MOBILES
    assert doubt(uae(), longest.replace("/", "/ "))[0] is Reason.BAD_MOBILE


def test_a_code_that_no_country_has_reads_no_national_number() -> None:
    assert doubt(MobileReader("999"), "585550123") == (Reason.BAD_MOBILE, "")


def test_the_usual_forms_are_the_mobiles_of_the_library() -> None:
    for code, (pattern, trunk) in mobiles._MOBILES.items():
        region = phonenumbers.region_code_for_country_code(int(code))
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        assert metadata is not None and metadata.mobile is not None
        assert (metadata.mobile.national_number_pattern, metadata.national_prefix) == (
            pattern,
            trunk,
        )


# Written with data of libphonenumber 9.0.42. If a newer one reads a number otherwise, what is
# stored of it no longer matches what is asked for: tell users in the changelog before they see it.
@given(st.sampled_from(["585550123", "505550123", "525550123", "545550123", "565550123"]))
def test_a_usual_form_reads_as_the_library_reads_it(national: str) -> None:
    for prefix in ("", "0", "971", "+971", "00971"):
        assert uae()._one(prefix + national) == uae().read(prefix + national) == f"+971{national}"


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
    assert uae().read(quotes.format(prefix + groups)) == f"+97158555{last:04}"


@given(st.one_of(st.text(), st.text(alphabet='0123456789+-(). "E')))
def test_answer_is_e164_and_reads_as_itself(text: str) -> None:
    try:
        found = uae().read(text)
    except BadMobileError as bad:
        found = bad.kept
    for mobile in found.split():
        assert mobile[0] == "+"
        assert mobile[1:].isascii() and mobile[1:].isdigit()
        assert mobile in (found, *doubt_or_number(mobile))


def doubt_or_number(text: str) -> tuple[str, ...]:
    try:
        return (uae().read(text),)
    except BadMobileError as bad:
        return (bad.kept,)
