"""Mobile cells to E.164: one text for each number, or the reason why there is none.

Owns the forms that nearly every cell has. The national plans are those of libphonenumber, by the
package ``phonenumberslite``, which is loaded for the first cell of any other form.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from cardstatus.model.problems import Reason

COUNTRY_CODES: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)

_MOBILES: Final = {"971": (r"5[02-68]\d{7}", "0")}
"""Country code -> pattern of its mobiles and its trunk prefix, as the library has them.

Of the country that most databases have, so that a look-up does without the library, whose import
takes 20 ms. A test holds the two together.
"""

# What numbers are written with besides digits. Only such text goes to the library, which would
# find a number in any sentence.
_SIGNS: Final = r"+＋\s().\-\u2010-\u2015\u2212\uff0d"
_FORM = re.compile(rf"[{_SIGNS}\d]+")
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Marks of direction and other characters that nobody sees, as telephones copy them along."""
_TRUNK_IN_PARENTHESES = re.compile(r"\(0\)")
_FROM_ABROAD = re.compile(r"[+＋]|00", re.ASCII)

# Pandas and spreadsheets make these of a column of numbers; all digits are still there.
_FLOAT = re.compile(r"(\+?\d+)\.0+", re.ASCII)
_SCIENTIFIC = re.compile(r"(\d)[.,](\d+)E\+?(\d+)", re.ASCII | re.IGNORECASE)

_BETWEEN_NUMBERS = re.compile(r"\s*[/;,|&\\]\s*|\s+(?:or|and)\s+|[\r\n]+", re.IGNORECASE)
_LONGEST: Final = 200
"""Characters of a cell beyond which nobody looks for numbers in it."""


class BadMobileError(ValueError):
    """A cell that does not hold one mobile for sure."""

    def __init__(self, reason: "Reason", detail: str, kept: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.kept = kept
        """What can be kept all the same: a landline, or several numbers parted by a blank."""


class _Number(NamedTuple):
    """A valid number."""

    e164: str
    is_mobile: bool


class _Landline(NamedTuple):
    """A valid number that is no mobile's."""

    e164: str
    is_certain: bool
    """Whether it is written so that it can be no other country's mobile, and not cut."""


class MobileReader:
    """Reads the mobile cells of one database; national numbers get ``country_code``."""

    def __init__(self, country_code: str) -> None:
        self._country_code = country_code
        self._prefix = f"+{country_code}"
        mobiles, trunk = _MOBILES.get(country_code) or _plan(country_code)
        # Nearly every cell has one of these forms: one match instead of a parse of 20 µs. A bare
        # number that begins with the country code may be meant with it or without.
        before = rf"(?:{trunk}|\+?{country_code}|00{country_code}|(?!{country_code}))"
        usual = rf'"?{before}({mobiles})"?' if mobiles else "(?!)()"
        self._usual = re.compile(usual, re.ASCII)
        # One match a line, empty for any other cell.
        self._usual_lines = re.compile(rf"^(?:{usual}|.*)$", re.ASCII | re.MULTILINE)

    def read(self, text: str) -> str:
        """Return the mobile as E.164, such as ``+971585550123``.

        Takes a valid number in full with its country code, and one of the database's country as it
        is written there. Raises :class:`BadMobileError` for all else.
        """
        if usual := self._usual.fullmatch(text):
            return self._prefix + usual[1]
        text = _all_digits(_UNSEEN.sub("", text).strip().strip('"').strip())
        number = self._one(text)
        if isinstance(number, _Landline):
            raise _landline(number)
        if number is not None:
            return number
        from cardstatus.model.problems import Reason  # 10 ms, and most numbers are good

        several = self._several(text) if len(text) <= _LONGEST else []
        if len(several) == 1:
            return several[0]  # the same number twice
        if several:
            raise BadMobileError(
                Reason.SEVERAL_MOBILES,
                f"several numbers in one cell ({len(several)}); the card is found by each of them",
                " ".join(several),
            )
        raise BadMobileError(
            Reason.BAD_MOBILE,
            "not one number that can be read for sure; write it in full, with + and its country "
            "code",
        )

    def read_column(self, cells: Sequence[str]) -> tuple[list[str], list[int]]:
        """Return the numbers of many cells, ``""`` for an empty one, and the positions of those
        that :meth:`read` must be asked about.

        Nearly every cell has one of few forms. Searched all at once, as lines of one text, cells
        take 0.25 µs each; matched one by one they take three times as long.
        """
        lines = "\n".join(cells)
        found = self._usual_lines.findall(lines)
        if len(found) != len(cells) or lines.count("\n") != len(cells) - 1:
            return [""] * len(cells), list(range(len(cells)))  # line ends inside a cell
        prefix = self._prefix
        if "" not in found:
            # The same as below, in a third of its time.
            return (prefix + f"\n{prefix}".join(found)).split("\n"), []
        numbers = [number and prefix + number for number in found]
        return numbers, [at for at, cell in enumerate(cells) if cell and not found[at]]

    def _one(self, text: str) -> "str | _Landline | None":
        """Return the only valid reading of a text, None if there is none or more than one.

        Digits may be a national number, or one in full without its plus.
        """
        if not _FORM.fullmatch(text) or text.count(".") == 1:  # one is a decimal point
            return None
        text = _TRUNK_IN_PARENTHESES.sub("", text)
        digits = "".join(str(int(digit)) for digit in text if digit.isdigit())
        if _FROM_ABROAD.match(text):
            in_full, national = {self._from_abroad(digits.removeprefix("00"))}, set()
        else:
            in_full = {_valid(f"+{digits}")} if digits.startswith(self._country_code) else set()
            # Where there is no trunk 0 people write one all the same.
            national = {_valid(d, self._country_code) for d in {digits, digits.removeprefix("0")}}
        found = (in_full | national) - {None}
        if len(found) != 1:
            return None
        (number,) = found
        if number is None or number.is_mobile:
            return number and number.e164
        return _Landline(number.e164, number in in_full or digits.startswith("0"))

    def _from_abroad(self, digits: str) -> _Number | None:
        # Another country may have begun a range that the library does not know yet: a number in
        # full that is as long as its country's are is taken. At home a wrong one is more likely.
        if digits.startswith(self._country_code):
            return _valid(f"+{digits}")
        return _valid(f"+{digits}", or_possible=True)

    def _several(self, text: str) -> list[str]:
        """Return the mobiles of a cell that holds nothing else, sorted; empty if there are none."""
        for pieces in _splits(text):
            numbers = [self._one(piece) for piece in pieces]
            if all(isinstance(number, str) for number in numbers):
                return sorted({str(number) for number in numbers})
        return []


def _splits(text: str) -> Iterator[Sequence[str]]:
    pieces = [piece for piece in _BETWEEN_NUMBERS.split(text) if piece]
    if len(pieces) > 1:
        yield pieces
        return
    for blank in re.finditer(r"\s+", text):
        yield text[: blank.start()], text[blank.end() :]


def _all_digits(text: str) -> str:
    """Return a number that a program has written with a point without it, if none is lost."""
    if exact := _FLOAT.fullmatch(text):
        return exact[1]
    written = _SCIENTIFIC.fullmatch(text)
    if written and len(written[2]) == int(written[3]):
        return written[1] + written[2]
    return text


def _plan(country_code: str) -> tuple[str, str]:
    """Return the pattern of a country's mobiles and its trunk prefix, from the library."""
    from phonenumbers import PhoneMetadata, region_code_for_country_code

    metadata = PhoneMetadata.metadata_for_region(region_code_for_country_code(int(country_code)))
    if metadata is None or metadata.mobile is None:
        return "", ""
    pattern = metadata.mobile.national_number_pattern or ""
    return pattern, re.escape(metadata.national_prefix or "")


def _valid(digits: str, country_code: str = "", *, or_possible: bool = False) -> _Number | None:
    """Return a number if it is valid; ``country_code`` is for one that is written without.

    ``or_possible`` takes one of no known range, if its country has numbers so long.
    """
    import phonenumbers

    region = phonenumbers.region_code_for_country_code(int(country_code)) if country_code else None
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    is_valid = phonenumbers.is_valid_number(number)
    if not is_valid and not (or_possible and phonenumbers.is_possible_number(number)):
        return None
    kind = phonenumbers.number_type(number)
    kinds = phonenumbers.PhoneNumberType
    return _Number(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        is_mobile=kind in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE, kinds.UNKNOWN),
    )


def _landline(found: _Landline) -> BadMobileError:
    from cardstatus.model.problems import Reason

    if found.is_certain:
        detail = "the number of a landline, which no message reaches; ask for a mobile"
        return BadMobileError(Reason.LANDLINE, detail, found.e164)
    return BadMobileError(
        Reason.LANDLINE,
        "the number of a landline, or of a mobile without its country code, or cut; write it in "
        "full, with + and its country code",
    )
