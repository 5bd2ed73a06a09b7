"""The partners' file: what it declares, and the line of the first word that means nothing."""

from pathlib import Path

import pytest

from cardstatus.courier.partners.declaration import Partner
from cardstatus.courier.partners.reading import read_partners
from cardstatus.errors import UsageError
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType

FULL = r"""
# All that a partner can declare.
[acme]
files = ["acme/**", "*ACME*"]
timezone = "Asia/Dubai"
country_code = "971"
dates = "month-first"
encoding = "cp1256"
delimiter = "|"
card_id_pattern = "ENB-\\d{6}"
[acme.columns]
card_id = ["AWB Card Ref"]
occurred_at = ["Scan Date", "Scan Time"]
[acme.types]
delivered = ["POD *.csv"]
delivery_exceptions = ["NDR*"]
[acme.status]
"OK" = "delivered"
"R T  O" = "returned"

["bee line"]
files = ["bee/**"]
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "partners.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read_partners(put(folder, text))
    return str(caught.value).removeprefix(f"{folder}/")


def test_all_that_is_declared_is_read(tmp_path: Path) -> None:
    assert read_partners(put(tmp_path, FULL)) == (
        Partner(
            "acme",
            ("acme/**", "*ACME*"),
            timezone="Asia/Dubai",
            country_code="971",
            dates=DateOrder.MONTH_FIRST,
            encoding="cp1256",
            delimiter="|",
            card_id_pattern=r"ENB-\d{6}",
            columns={"card_id": ("AWB Card Ref",), "occurred_at": ("Scan Date", "Scan Time")},
            types={
                EventType.DELIVERED: ("POD *.csv",),
                EventType.DELIVERY_EXCEPTIONS: ("NDR*",),
            },
            status={"ok": EventType.DELIVERED, "r t o": EventType.RETURNED},
        ),
        Partner("bee line", ("bee/**",)),
    )
    assert read_partners(put(tmp_path, "\ufeff# nobody yet\n")) == ()


HEAD = '[acme]\nfiles = ["a/**"]\n'

COMPLAINTS = {
    "no TOML": ("[acme\n", "line 1: this is no TOML: Expected ']' at the end of a table"),
    "not ended": ("a = [1", "at its end: this is no TOML"),
    "outside": ("x = 1\n", "line 1: 'x' stands outside of any partner; write it below a line"),
    "no files": ("# x\n[acme]\n", "line 2: partner 'acme' has no files; say which are theirs: fil"),
    "no list": ('[acme]\nfiles = "a/**"', "line 2: files is no list of texts; write ['one', 'ano"),
    "empty list": ("[acme]\nfiles = []", "line 2: files is no list of texts"),
    "empty pattern": ('[acme]\nfiles = [""]', "line 2: files is no text; write it in quotes"),
    "key": (HEAD + 'time_zone = "UTC"', "line 3: there is no key 'time_zone'; did you mean 'timez"),
    "far key": (HEAD + "zzz = 1", "line 3: there is no key 'zzz'; there are files, timezone, coun"),
    "number": (HEAD + "country_code = 971", "line 3: country_code is no text; write it in quotes"),
    "zone": (
        HEAD + 'timezone = "asia/dubay"',
        "line 3: timezone: 'asia/dubay' is no zone; did you",
    ),
    "no zone": (HEAD + 'timezone = "x"', "line 3: timezone: 'x' is no zone"),
    "code": (
        HEAD + 'country_code = "+971"',
        "line 3: country_code: '+971' is no country code; giv",
    ),
    "dates": (
        HEAD + 'dates = "day first"',
        "line 3: dates: 'day first' is no order; did you mean ",
    ),
    "encoding": (HEAD + 'encoding = "cp125x"', "line 3: encoding: 'cp125x' is no encoding; try cp"),
    "regex": (HEAD + 'card_id_pattern = "("', "line 3: card_id_pattern: '(' is no regular express"),
    "any": (HEAD + 'card_id_pattern = ".*"', "line 3: card_id_pattern: '.*' matches an empty cell"),
    "field": (
        HEAD + '[acme.columns]\ncardid = ["x"]',
        "line 4: there is no field 'cardid'; did you",
    ),
    "no table": (
        HEAD + "columns = 1",
        "line 3: columns is no table; write it below a line [acme.co",
    ),
    "twice": (
        HEAD + '[acme.columns]\ncard_id = ["x y"]\ncomment = ["X_Y"]',
        "line 5: 'X_Y' is the card_id already; remove one",
    ),
    "type": (
        HEAD + '[acme.types]\ndeliverd = ["x"]',
        "line 4: there is no type 'deliverd'; did yo",
    ),
    "path": (
        HEAD + '[acme.types]\n"delivered" = ["a/b"]',
        "line 4: 'a/b' matches no name of a fil",
    ),
    "inline": (HEAD + 'types = { delivered = ["a/b"] }', "line 3: 'a/b' matches no name of a file"),
    "delimiter": (HEAD + 'delimiter = "::"', "line 3: delimiter: '::' parts no cells; give one si"),
    "quote": (
        HEAD + """delimiter = "'" """,
        'line 3: delimiter: "\'" parts no cells; give one sign',
    ),
    "word": (
        HEAD + '[acme.status]\n"OK" = "delivrd"',
        "line 4: there is no type 'delivrd'; did you mean 'delivered'?",
    ),
    "no word": (HEAD + '[acme.status]\n" " = "delivered"', "line 4: an empty status tells no type"),
    "no text": (HEAD + '[acme.status]\nOK = ["delivered"]', "line 4: OK is no text; write it in"),
    "two types": (
        HEAD + '[acme.status]\nok = "delivered"\nOK = "returned"',
        "line 5: 'OK' is delivered already; remove one",
    ),
    "two": (HEAD + '[bee]\nfiles = ["A/**"]', "line 4: 'A/**' is of acme already; remove one"),
}


@pytest.mark.parametrize(("text", "said"), COMPLAINTS.values(), ids=COMPLAINTS.keys())
def test_word_that_means_nothing_is_named_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    told = complaint(tmp_path, text)
    assert told.startswith(f"partners.toml, {said}"), told


def test_mobile_in_a_wrong_place_is_cut(tmp_path: Path) -> None:
    assert "0585550123" not in complaint(tmp_path, HEAD + 'timezone = "0585550123"')


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--partners: cannot read .*none\.toml: no such file"):
        read_partners(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="--partners: cannot read"):
        read_partners(tmp_path / "x.toml")
