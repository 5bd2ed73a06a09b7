"""The header line: found below what stands above it, and its delimiter told."""

import io
import re

import pytest

from cardstatus.courier.header.claims import claims_of
from cardstatus.courier.header.columns import Columns
from cardstatus.courier.header.formats import SourceFormat, formats_of
from cardstatus.courier.header.reading import Header, read_header
from cardstatus.courier.rows.lines import Block
from cardstatus.errors import SourceError
from cardstatus.model.records import EventType

PICKUP, EXCEPTIONS = EventType.PICKUP, EventType.DELIVERY_EXCEPTIONS
DELIVERED, RETURNED = EventType.DELIVERED, EventType.RETURNED


def format_of(event_type: EventType) -> SourceFormat:
    """Return the one format of a type."""
    (fmt,) = formats_of(event_type)
    return fmt


LINE = "ID ,Card ID,Phone,Timestamp\n"
COLUMNS = Columns(
    {"reference": 0, "card_id": 1, "mobile": 2, "occurred_at": 3}, 4, (), named=4, least=4
)
"""Those of LINE."""


def read(*blocks: str | Block) -> Header:
    """The header of a file that comes in the given blocks; a text stands for its lines."""
    return read_header(
        (
            Block(io.StringIO(block, newline="").readlines()) if isinstance(block, str) else block
            for block in blocks
        ),
        formats_of(PICKUP),
    )


def header_at(line: int, delimiter: str = ",") -> Header:
    """That of LINE, at the line of a file."""
    fmt = format_of(PICKUP)
    cells = LINE.strip().split(",")
    claims = claims_of(fmt, cells)
    return Header(
        COLUMNS, "Card ID", delimiter, line, fmt, tuple(claims), cells=tuple(map(str.strip, cells))
    )


def refusal_of(*blocks: str | Block) -> str:
    with pytest.raises(SourceError) as caught:
        read(*blocks)
    # It can stand behind "line 7: ", and what comes next behind it.
    assert re.fullmatch(r"[a-z\d].*[a-z\d?')]", str(caught.value))
    return str(caught.value)


def test_header_that_begins_with_an_ignored_column() -> None:
    assert read("Xtra,Card,Phone,Time\n").columns.ignored == ("Xtra",)


def test_header_tells_where_the_columns_are() -> None:
    assert read("Time,Card,Phone,Van\n").columns.index == {
        "occurred_at": 0,
        "card_id": 1,
        "mobile": 2,
    }


@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"]
)
def test_delimiter_is_told_by_the_header(delimiter: str) -> None:
    assert read(LINE.replace(",", delimiter)) == header_at(1, delimiter)


def test_delimiter_is_the_one_by_which_most_columns_are_known() -> None:
    header = read("Van, bike;Card ID;Phone;Timestamp\n")
    assert (header.delimiter, header.columns.ignored) == (";", ("Van, bike",))


@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"]
)
def test_delimiter_is_told_by_a_header_all_in_quotes(delimiter: str) -> None:
    line = delimiter.join(f'"{cell}"' for cell in ("ID", "Card ID", "Phone", "Timestamp")) + "\n"
    assert read(line) == header_at(1, delimiter)


HEADERS = {
    "byte-order mark left over": ("\ufeffID,Card ID,Phone,Timestamp\n", 1),
    "blank lines above": ("\n \r\nID,Card ID,Phone,Timestamp\n", 3),
    "byte-order mark on a line of its own": ("\ufeff\nID,Card ID,Phone,Timestamp\n", 2),
    "quotes": ('"ID","Card ID","Phone","Timestamp"\n', 1),
    "quotes around the last cell": ('ID,Card ID,Phone,"Timestamp"\n', 1),
    "CR": ("ID,Card ID,Phone,Timestamp\r", 1),
    "Excel's directive": ("sep=,\nID,Card ID,Phone,Timestamp\n", 2),
    "Excel's directive in quotes": ('"sep=,"\r\nID,Card ID,Phone,Timestamp\r\n', 2),
    "Excel's directive behind a byte-order mark": (
        "\ufeffsep=,\nID,Card ID,Phone,Timestamp\n",
        2,
    ),
    "Excel's directive and a blank line": ("sep=,\n\nID,Card ID,Phone,Timestamp\n", 3),
}


@pytest.mark.parametrize(("text", "line"), HEADERS.values(), ids=HEADERS.keys())
def test_header_is_the_first_line_that_is_not_blank(text: str, line: int) -> None:
    assert read(text + "1,C1,2,3\n") == header_at(line, ",")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"], ids=["semicolon", "tab", "bar"])
def test_directive_declares_the_delimiter(delimiter: str) -> None:
    text = f"sep={delimiter}\n" + LINE.replace(",", delimiter)
    assert read(text) == header_at(2, delimiter)


def test_declared_delimiter_holds_against_the_header() -> None:
    assert "no column" in refusal_of("sep=;\n" + LINE)


def test_unknown_directive_is_a_line_like_any_other() -> None:
    assert "found: 'sep=!'" in refusal_of("sep=!\n")
    assert read("sep=!\n" + LINE).notes == (
        "lines above the header passed over: 1, the first with text 'sep=!'",
    )


NO_HEADER = {
    "nothing": ([], "the file is empty"),
    "blank lines only": (["\n \n"], "no header line"),
    "byte-order mark only": (["\ufeff"], "no header line"),
    "directive only": (["sep=;\n"], "no header line"),
    "line too long below a blank one": (["\n", Block(["{...", "x\n"], overlong=True)], "no header"),
    "quote that is not closed": (['ID,"Card ID,Phone,Timestamp\n'], "no column for card id"),
    "quote at the front that is not closed": (['"ID,Card ID,Phone\n'], "quotes of the header"),
    "one letter": (["X\n"], "no column for card id"),
    "data in its place": (["1,C1,2,3\n"], "no column for card id"),
}


@pytest.mark.parametrize(("blocks", "message"), NO_HEADER.values(), ids=NO_HEADER.keys())
def test_file_without_a_header_is_refused(blocks: list[str | Block], message: str) -> None:
    assert message in refusal_of(*blocks)


def test_file_that_is_one_endless_line_is_not_called_empty() -> None:
    assert "empty" not in refusal_of(Block(['{"cards": [ …'], overlong=True))


def test_header_below_a_line_too_long_is_none() -> None:
    assert "no header line" in refusal_of(Block(["{...\n"], overlong=True), LINE)


def test_header_may_come_in_a_later_block() -> None:
    assert read("\n", "\n", LINE, "1,C1,2,3\n") == header_at(3, ",")


# What stands above the header


ABOVE = {
    "commas": (",,,\n", "lines above the header passed over: 1"),
    "a title": ("Card Status Report\n", "1, the first with text 'Card Status Report'"),
    "a title filled with commas": ("Card Status Report,,,\n", "'Card Status Report,,,'"),
    "a title of dates": ("Period,01-11-2023 00:00,to,12-11-2023 23:59\n", "1, the first"),
    "a title of days": ("From,01-11-2023,To,12-11-2023\n", "1, the first"),
    "a foot's words": ("Report generated,,12-11-2023 18:00\n", "1, the first"),
    "words of a header": ("Date:,12-11-2023\nTime:,14:00\n", "2, the first"),
    "a quote that is not closed": ('"Report of 12" cards,,\n', "1, the first"),
    "a title over two lines": ('"Report\nof November",,\n', "2, the first"),
    "blank lines between": ("Title\n\n,,,\n \n", "2, the first with text 'Title'"),
    "twenty lines": ("Title\n" * 20, "20, the first"),
    "a number of a phone": ("Call +971585550123\n", "'Call …0123'"),
}


@pytest.mark.parametrize(("above", "note"), ABOVE.values(), ids=ABOVE.keys())
def test_titles_above_the_header_are_passed_over_and_named(above: str, note: str) -> None:
    header = read(above + LINE + "1,C1,2,3\n")
    (told,) = header.notes
    assert note in told
    assert header._replace(notes=()) == header_at(above.count("\n") + 1)


NO_TITLE = {
    "a row": ("A1,CRD1,585550101,13-11-2023 14:00\n", "line 1 stands above the header"),
    "a row of a payment card": ("A1,4111111111111111,,13-11-2023\n", "line 1 stands above"),
    "a row below a title": ("T\nA1,CRD1,585550101,13-11-2023 14:00\n", "line 2 stands above"),
    "a row without a mobile": ("A1,CRD1,,13-11-2023\n", "line 1 stands above"),
    "a row of other columns": ("1,585550101,13-11-2023 14:00\n", "line 1 stands above"),
    "a header that lacks a column": ("ID,Card ID,Timestamp\n", "no column for mobile"),
    "a header of two card ids": ("Card ID,CardID,Phone,Time\n", "2 columns could be the card id"),
    "twenty-one lines": ("Title\n" * 21, "no column for"),
}


@pytest.mark.parametrize(("above", "message"), NO_TITLE.values(), ids=NO_TITLE.keys())
def test_what_may_be_rows_or_a_header_is_not_passed_over(above: str, message: str) -> None:
    assert message in refusal_of(above + LINE + "1,C1,2,3\n")


OVER_LINES = {
    "a line break in a cell": ('ID,"Card\nID",Phone,Timestamp\n', 2),
    "CRLF": ('ID,"Card\r\nID",Phone,Timestamp\r\n', 2),
    "in several": ('"ID\n","Card\nID","\nPhone",Timestamp\n', 4),
    "below a title": ('Title\nID,"Card\nID",Phone,Timestamp\n', 3),
    "blanks before the quotes": ('ID, "Card\nID", "Phone", Timestamp\n', 2),
}


@pytest.mark.parametrize(("text", "line"), OVER_LINES.values(), ids=OVER_LINES.keys())
def test_header_may_go_over_several_lines(text: str, line: int) -> None:
    header = read(text + "1,C1,2,3\n")
    assert (header.line, header.columns) == (line, COLUMNS)


def test_a_line_break_in_a_header_is_shown_as_a_blank() -> None:
    assert read('"Van\n no",Card,Phone,Time\n').columns.ignored == ("Van no",)
