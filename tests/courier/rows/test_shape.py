"""The shape of rows: what certainly means the cells of the header, and a header in their midst."""

import io

import pytest

from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.header.reading import read_header
from cardstatus.courier.rows.lines import Block
from cardstatus.courier.rows.table import Table
from cardstatus.errors import SourceError
from cardstatus.model.events import RawRow
from cardstatus.model.problems import Problem
from cardstatus.model.records import EventType

HEADER = "ID,Card ID,Phone,Timestamp,Comment\n"
TIME = "13-11-2023 14:00"
ROW = f"A0,C0,585550100,{TIME},x\n"


def rows_of(body: str, header: str = HEADER) -> list[RawRow | Problem]:
    lines = io.StringIO(header + body, newline="").readlines()
    formats = formats_of(EventType.DELIVERED)
    table = Table(read_header([Block(lines)], formats), iter([Block(lines)]))
    rows: list[RawRow | Problem] = []
    for batch in table.batches():
        rows += batch.problems
        rows += table.examine(batch, range(len(batch.cells)))
    return sorted(rows, key=lambda row: row.line)


def cells_of(body: str, header: str = HEADER) -> list[list[str]]:
    """The cells of rows in which nothing is wrong."""
    rows = rows_of(body, header)
    assert [row for row in rows if isinstance(row, Problem)] == []
    return [[*row.cells] for row in rows if isinstance(row, RawRow)]


def reasons_of(body: str, header: str = HEADER) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows_of(body, header) if isinstance(row, Problem)]


LEVELLED = {
    "a cell too many": (f"A1,C1,5,{TIME},x,\n", ["A1", "C1", "5", TIME, "x"]),
    "several too many": (f"A1,C1,5,{TIME},x,, ,\n", ["A1", "C1", "5", TIME, "x"]),
    "the comment left out": (f"A1,C1,5,{TIME}\n", ["A1", "C1", "5", TIME, ""]),
    "the comment left out, CRLF": (f"A1,C1,5,{TIME}\r\n", ["A1", "C1", "5", TIME, ""]),
    "too many on the last line": (f"A1,C1,5,{TIME},x,", ["A1", "C1", "5", TIME, "x"]),
    "quoted": (f'"A1","C1","5","{TIME}","x",""\n', ["A1", "C1", "5", TIME, "x"]),
    "over two lines": (f'A1,C1,5,{TIME},"x\ny",\n', ["A1", "C1", "5", TIME, "x\ny"]),
}


@pytest.mark.parametrize("among", ["", ROW], ids=["alone", "among others"])
@pytest.mark.parametrize(("row", "cells"), LEVELLED.values(), ids=LEVELLED.keys())
def test_what_certainly_means_the_cells_of_the_header(
    row: str, cells: list[str], among: str
) -> None:
    assert cells_of(among + row)[-1] == cells


STAYS = {
    "a cell too many that is filled": (f"A1,C1,5,{TIME},x,y\n", "too_many_cells"),
    "filled behind an empty one": (f"A1,C1,5,{TIME},x,,y\n", "too_many_cells"),
    "the time left out": ("A1,C1,5\n", "too_few_cells"),
    "the comment left out of a line without an end": (f"A1,C1,5,{TIME}", "too_few_cells"),
    "blank cells only": (", ,,,,,\n", "empty_row"),
    "text behind a quote": (f'A1,C1,5,{TIME},"x" y\n', "bad_quoting"),
    "a blank behind a quote": (f'A1,C1,5,{TIME}, x,"y" ,\n', "bad_quoting"),
    "quoted or not, with other cells": (f'A1,C1,5,{TIME}, "x,y",\n', None),
}


@pytest.mark.parametrize(("row", "reason"), STAYS.values(), ids=STAYS.keys())
def test_what_may_mean_something_else_is_rejected(row: str, reason: str | None) -> None:
    assert reasons_of(ROW + row) == ([(3, reason)] if reason else [])


def test_a_row_that_may_have_quotes_or_not_is_rejected() -> None:
    header = "ID,Card ID,Phone,Timestamp,Van,Comment\n"
    assert cells_of(f'A1,C1,5,{TIME},7, "x,y"\n', header)[0][4:] == ["7", "x,y"]
    # With quotes it lacks the comment, without it has all cells.
    assert reasons_of(f'A1,C1,5,{TIME}, "x,y"\n', header) == [(2, "too_few_cells")]


def test_mobiles_and_cells_in_between_are_never_left_out() -> None:
    header = "Card ID,Timestamp,Comment,Phone\n"
    assert reasons_of(f"C1,{TIME},x\n", header) == [(2, "too_few_cells")]
    assert reasons_of(f"C1,{TIME}\n", header) == [(2, "too_few_cells")]


EMPTY_AT_THE_END = "ID,Card ID,Phone,Timestamp,,\n"


@pytest.mark.parametrize("end", ["", ",", ",,", ",,,", ",,,\n", "\n"])
def test_empty_cells_too_many_in_the_header_only(end: str) -> None:
    assert cells_of(f"A1,C1,5,{TIME}{end}", EMPTY_AT_THE_END) == [["A1", "C1", "5", TIME, "", ""]]


def test_a_cell_below_an_empty_header_is_taken_for_what_it_is() -> None:
    assert cells_of(f"A1,C1,5,{TIME},x\n", EMPTY_AT_THE_END)[0][4:] == ["x", ""]


BEHIND_BLANKS = {
    "the last": (f'A1,C1,5,{TIME}, "DELIVERED"\n', "DELIVERED"),
    "several blanks": (f'A1,C1,5,{TIME},   "DELIVERED"\n', "DELIVERED"),
    "blanks around": (f'A1,C1,5,{TIME}, "DELIVERED" \n', "DELIVERED"),
    "all": (f' "A1", "C1", "5", "{TIME}", "DELIVERED"\n', "DELIVERED"),
    "all, with blanks around": (f' "A1" , "C1" , "5" , "{TIME}" , "DELIVERED" \n', "DELIVERED"),
    "a delimiter inside": (f'A1,C1,5,{TIME}, "at home, door 2"\n', "at home, door 2"),
    "a quote inside": (f'A1,C1,5,{TIME}, "so ""said"" he"\n', 'so "said" he'),
    "a line break inside": (f'A1,C1,5,{TIME}, "at\nhome"\n', "at\nhome"),
    "blanks inside": (f'A1,C1,5,{TIME}, " x "\n', " x "),
    "an empty cell": (f'A1,C1,5,{TIME}, ""\n', ""),
    "no end of the line": (f'A1,C1,5,{TIME}, "DELIVERED"', "DELIVERED"),
    "and a cell too many": (f'A1,C1,5,{TIME}, "DELIVERED",\n', "DELIVERED"),
    # What only looks like a quoted cell is text, as ever.
    "a ditto mark": (f'A1,C1,5,{TIME}, "\n', ' "'),
    "a quoted word first": (f'A1,C1,5,{TIME}, "home" he said\n', ' "home" he said'),
    "a quote that is not closed": (f'A1,C1,5,{TIME}, "at home\n', ' "at home'),
    "inches": (f'A1,C1,5,{TIME}, 5" wide\n', '5" wide'),
}


@pytest.mark.parametrize(("row", "comment"), BEHIND_BLANKS.values(), ids=BEHIND_BLANKS.keys())
@pytest.mark.parametrize("below", ["", ROW, f'A0,C0,5,{TIME}, "\n{ROW}'], ids=["", "row", "ditto"])
def test_a_blank_before_a_quoted_cell(row: str, comment: str, below: str) -> None:
    if below and not row.endswith("\n"):
        row += "\n"
    cells = cells_of(row + below)
    assert cells[0] == ["A1", "C1", "5", TIME, comment]
    assert len(cells) == 1 + below.count("\n")


def test_a_row_that_lacks_only_cells_without_a_header_may_have_quotes() -> None:
    row = f'A1,C1,5,{TIME}, "x,y"\n'
    assert cells_of(row, HEADER.replace("\n", ",\n"))[0][4:] == ["x,y", ""]


def test_the_last_line_of_a_row_over_several_is_not_taken_for_one_that_lacks_cells() -> None:
    header = "Card ID,Comment,Time,Phone,ID,Remarks\n"
    row = f'C1,"a\nx,y,14:00 now",{TIME},5\n'
    assert cells_of(row, header)[0][1] == "a\nx,y,14:00 now"


@pytest.mark.parametrize("end", [",,,", "", ",", ",,,,,,"])
@pytest.mark.parametrize("card", ["C1", "CRD-2"])
def test_nor_is_one_with_empty_cells_too_many(end: str, card: str) -> None:
    header = "Phone,Comment,Date,Time,Card ID,,,\n"
    row = f'5,"two\nlines",13-11-2023,14:00,{card}{end}\n'
    assert cells_of(row, header)[0][1:5] == ["two\nlines", "13-11-2023", "14:00", card]


def test_two_ditto_marks_on_a_line_may_be_a_quoted_cell() -> None:
    header = "ID,Card ID,Phone,Timestamp,Van,Bike,Comment\n"
    assert reasons_of(f'A1,C1,5,{TIME}, ",x, "\n', header) == [(2, "too_few_cells")]
    assert cells_of(f'A1,C1,5,{TIME}, ",, x\n', header)[0][4:] == [' "', "", " x"]


def test_a_row_that_may_be_cut_says_so() -> None:
    (problem,) = rows_of(f"A1,C1,5,{TIME}")
    assert isinstance(problem, Problem)
    assert problem.detail == "4 cells where the header has 5; the file may have been cut here"


# A header in the midst of the rows


AGAIN = {
    "as it was": HEADER,
    "other names": "Ref,Card No,User Mobile,Date,Remarks\n",
    "fewer columns": "ID,Card ID,Phone,Timestamp\n",
    "more columns": "ID,Card ID,Phone,Timestamp,Comment,Van\n",
    "in quotes": '"ID","Card ID","Phone","Timestamp","Comment"\n',
    "over two lines": 'ID,"Card\nID",Phone,Timestamp,Comment\n',
    "a column that is not known": "ID,Card ID,Handy,Timestamp,Comment\n",
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN.keys())
def test_the_header_again_is_no_row(again: str) -> None:
    assert reasons_of(ROW + again + ROW) == [(3, "repeated_header")]


OTHER = {
    "card and mobile": "ID,Phone,Card ID,Timestamp,Comment\n",
    "card and reference": "Card ID,ID,Phone,Timestamp,Comment\n",
    "all": "Comment,Timestamp,Phone,Card ID,ID\n",
    "other names": "Ref,User Mobile,Card No,Date,Remarks\n",
    "fewer columns": "Card ID,Phone,Timestamp\n",
    "more columns": "Van,ID,Card ID,Phone,Timestamp,Comment\n",
    "in quotes": '"ID","Phone","Card ID","Timestamp","Comment"\n',
    "over two lines": 'ID,Phone,"Card\nID",Timestamp,Comment\n',
    "blanks before quotes": 'ID, "Phone", "Card ID", "Timestamp", "Comment"\n',
    "blanks around quotes": 'ID, "Phone" , "Card ID" ,Timestamp,Comment\n',
    "a card id that is not known": "ID,Phone,Ticket,Timestamp,Comment\n",
    "without the mobile": "Card ID,ID,Timestamp,Comment\n",
    "another zone": "ID,Card ID,Phone,Timestamp (UTC),Comment\n",
    "empty cells too many": "ID,Phone,Card ID,Timestamp,Comment,,\n",
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER.keys())
@pytest.mark.parametrize("above", ["", ROW * 3], ids=["first", "in the midst"])
def test_a_header_with_other_columns_ends_the_reading(other: str, above: str) -> None:
    line = 2 + above.count("\n")
    with pytest.raises(SourceError) as caught:
        rows_of(above + other + ROW)
    assert str(caught.value) == (
        f"line {line} is a second header, with other columns than the first; make two files of it, "
        "cut above this line"
    )


NO_HEADER = {
    "a foot": ("Total,,,12,\n", []),
    "contact data": ("Phone,Contact,04 555 0100,,\n", []),
    "a row of words": (f"Card,Phone,Date,{TIME},Reason\n", []),
    "two fields": ("ID,x,y,z,Comment\n", []),
}


@pytest.mark.parametrize(("row", "reasons"), NO_HEADER.values(), ids=NO_HEADER.keys())
def test_words_of_a_header_alone_are_none(row: str, reasons: list[tuple[int, str]]) -> None:
    assert reasons_of(ROW + row + ROW) == reasons
