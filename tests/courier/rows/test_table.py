"""Lines to rows: their shape, their lines, and what stray quotes cost."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.header.reading import Header, read_header
from cardstatus.courier.rows.lines import Block
from cardstatus.courier.rows.records import swallowed, uneven_records
from cardstatus.courier.rows.table import Batch, Table
from cardstatus.model.events import RawRow
from cardstatus.model.problems import Problem, Reason, Severity
from cardstatus.model.records import EventType

HEADER = "ID ,Card ID,Phone,Timestamp\n"
FORMATS = formats_of(EventType.PICKUP)
LONGEST_CELL = 131_072


def physical(text: str) -> list[str]:
    """The lines of a text, ended by LF, CRLF or CR."""
    return io.StringIO(text, newline="").readlines()


def table(*blocks: str | Block) -> list[RawRow | Problem]:
    """The rows of a courier file that comes in the given blocks; a text stands for its lines."""
    whole = [Block(physical(b)) if isinstance(b, str) else b for b in blocks]
    return list(rows_in(Table(read_header(whole, FORMATS), iter(whole))))


def header_of(text: str) -> Header:
    return read_header([Block(physical(text))], FORMATS)


def rows_in(table: Table) -> Iterator[RawRow | Problem]:
    """Every row, examined, in the order of the file."""
    for batch in table.batches():
        examined = table.examine(batch, range(len(batch.cells)))
        yield from sorted([*batch.problems, *examined], key=lambda row: row.line)


def rows_of(body: str, header: str = HEADER) -> list[RawRow | Problem]:
    return table(header + body)


def good(body: str, header: str = HEADER) -> list[tuple[int, list[str]]]:
    """Line and cells of the rows of a file in which nothing is wrong."""
    rows = rows_of(body, header)
    assert [row for row in rows if isinstance(row, Problem)] == []
    return [(row.line, list(row.cells)) for row in rows if isinstance(row, RawRow)]


def outline(rows: Iterable[RawRow | Problem]) -> list[tuple[int, str]]:
    """Line of each row, with its card id or the reason why it has none."""
    return [(row.line, row.reason if isinstance(row, Problem) else row.cells[1]) for row in rows]


def is_half_a_sentence(detail: str) -> bool:
    """Whether it can stand behind "line 7: ", and what comes next behind it."""
    return re.fullmatch(r"[a-z\d].*[a-z\d?')]", detail) is not None


def problem_of(body: str) -> Problem:
    (problem,) = rows_of(body)
    assert isinstance(problem, Problem)
    assert is_half_a_sentence(problem.detail)
    return problem


def test_a_row_has_its_line_its_cells_and_its_text() -> None:
    assert rows_of("601,CRD1001,585550101,10-03-2024 6:10 AM\n") == [
        RawRow(
            2,
            ["601", "CRD1001", "585550101", "10-03-2024 6:10 AM"],
            "601,CRD1001,585550101,10-03-2024 6:10 AM\n",
        )
    ]


def test_a_row_names_its_parts() -> None:
    (row,) = rows_of("1,C1,2,3\n")
    assert isinstance(row, RawRow)
    assert (row.line, row.cells, row.text) == (2, ["1", "C1", "2", "3"], "1,C1,2,3\n")


WELL_FORMED = {
    "no line end after the last row": ("1,C1,2,3\n4,C2,5,6", [(2, "C1"), (3, "C2")]),
    "CRLF": ("1,C1,2,3\r\n4,C2,5,6\r\n", [(2, "C1"), (3, "C2")]),
    "CR": ("1,C1,2,3\r4,C2,5,6\r", [(2, "C1"), (3, "C2")]),
    "line ends mixed": ("1,C1,2,3\r\n4,C2,5,6\r7,C3,8,9\n", [(2, "C1"), (3, "C2"), (4, "C3")]),
    "blank line at the end": ("1,C1,2,3\n\n", [(2, "C1")]),
    "blank lines between": ("1,C1,2,3\n\n \t\n4,C2,5,6\n", [(2, "C1"), (5, "C2")]),
    "blank lines with CRLF": ("\r\n1,C1,2,3\r\n\r\n", [(3, "C1")]),
    "row over two lines": ('1,C1,"2\n",3\n4,C2,5,6\n', [(2, "C1"), (4, "C2")]),
    "row over three lines": ('1,C1,"2\n\n",3\n4,C2,5,6\n', [(2, "C1"), (5, "C2")]),
    "row over two lines with CRLF": ('1,C1,"2\r\n",3\r\n4,C2,5,6\r\n', [(2, "C1"), (4, "C2")]),
    "lone CR in quotes": ('1,C1,"2\rx",3\n4,C2,5,6\n', [(2, "C1"), (4, "C2")]),
    "rows over two lines at both ends": (
        '1,C1,"2\n",3\n4,C2,5,6\n7,C3,"8\n",9',
        [(2, "C1"), (4, "C2"), (5, "C3")],
    ),
    "quotes inside quotes": ('1,C1,"""0585550123""",3\n', [(2, "C1")]),
    "quote inside an unquoted cell": ('1,C1,5" wide,3\n', [(2, "C1")]),
    "delimiter in quotes": ('1,C1,"2,2",3\n', [(2, "C1")]),
    "card id is empty": ("1,,2,3\n", [(2, "")]),
    "card id alone": (",C1,,\n", [(2, "C1")]),
    "first cell like the header's": ("ID ,C1,2,3\n", [(2, "C1")]),
    "null character": ("1,C\x001,2,3\n", [(2, "C\x001")]),
    "no rows": ("", []),
}


@pytest.mark.parametrize(("body", "expected"), WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_rows_stand_on_their_physical_lines(body: str, expected: list[tuple[int, str]]) -> None:
    assert outline(rows_of(body)) == expected


def test_cells_are_as_the_csv_says() -> None:
    body = '1,C1,"""0585550123""","a,b"\n'
    assert good(body) == [(2, ["1", "C1", '"0585550123"', "a,b"])]


def test_cell_over_two_lines_keeps_its_line_break() -> None:
    assert good('1,C1,"2\r\nx",3\n') == [(2, ["1", "C1", "2\r\nx", "3"])]


def test_text_of_a_row_over_two_lines_is_both() -> None:
    (row,) = rows_of('1,C1,"2\nx",3\n')
    assert isinstance(row, RawRow) and row.text == '1,C1,"2\nx",3\n'


def test_comma_is_only_text_where_semicolons_part_the_cells() -> None:
    assert good("1;C1;2,5;3\n", HEADER.replace(",", ";")) == [(2, ["1", "C1", "2,5", "3"])]


def test_rows_stand_below_the_header_whatever_is_above_it() -> None:
    above = "\ufeffsep=;\r\n \n\n" + HEADER.replace(",", ";")
    assert good("1;C1;2;3\n", above) == [(5, ["1", "C1", "2", "3"])]


def test_header_may_come_in_a_later_block() -> None:
    assert outline(table("\n", "\n", HEADER, "1,C1,2,3\n")) == [(4, "C1")]


MISSHAPEN = {
    "too few cells": ("1,C1,2\n", Reason.TOO_FEW_CELLS),
    "one cell": ("C1\n", Reason.TOO_FEW_CELLS),
    "too many cells": ("1,C1,2,3,4\n", Reason.TOO_MANY_CELLS),
    "something behind a comma too many": ("1,C1,2,3,,x\n", Reason.TOO_MANY_CELLS),
    "nothing but commas": (",,,\n", Reason.EMPTY_ROW),
    "nothing but commas and quotes": ('"",,,\n', Reason.EMPTY_ROW),
    "nothing but empty quotes": ('""\n', Reason.EMPTY_ROW),
    "fewer commas": (",\n", Reason.EMPTY_ROW),
    "the header again": ("ID ,Card ID,Phone,Timestamp\n", Reason.REPEATED_HEADER),
    "the header again, too short": ("ID ,Card ID\n", Reason.TOO_FEW_CELLS),
    "quote that is not closed": ('1,C1,2,"3\n', Reason.BAD_QUOTING),
    "text behind a closing quote": ('1,C1,"2"2,3\n', Reason.BAD_QUOTING),
    "blank behind a closing quote": ('1,C1,"2" ,3\n', Reason.BAD_QUOTING),
    "byte of no character": ("1,C1,2,caf\udce9\n", Reason.UNDECODABLE),
    "byte of no character in the card id": ("1,C\udc80,2,3\n", Reason.UNDECODABLE),
    "byte of no character, and too short": ("1,\udcff\n", Reason.UNDECODABLE),
    "semicolons where the header has commas": ("1;C1;2;3\n", Reason.TOO_FEW_CELLS),
}


@pytest.mark.parametrize(("body", "reason"), MISSHAPEN.values(), ids=MISSHAPEN.keys())
def test_misshapen_row_is_rejected(body: str, reason: Reason) -> None:
    problem = problem_of(body)
    assert (problem.severity, problem.line, problem.field) == (Severity.REJECTED, 2, None)
    assert problem.reason is reason
    assert problem.raw == body.rstrip("\n").encode("utf-8", "backslashreplace").decode().replace(
        "\\udc", "\\x"
    )


@pytest.mark.parametrize(("body", "reason"), MISSHAPEN.values(), ids=MISSHAPEN.keys())
def test_misshapen_row_costs_no_other(body: str, reason: Reason) -> None:
    rows = rows_of(f"0,C0,0,0\n{body}1,C1,1,1\n2,C2,2,2\n")
    assert outline(rows) == [(2, "C0"), (3, reason), (4, "C1"), (5, "C2")]


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ("1,C1,2\n", "3 cells where the header has 4"),
        ("1,C1,2,3,4\n", "5 cells where the header has 4"),
    ],
)
def test_detail_counts_the_cells(body: str, counts: str) -> None:
    assert counts in problem_of(body).detail


def test_row_of_tabs_is_an_empty_row_where_tabs_part_the_cells() -> None:
    header = HEADER.replace(",", "\t")
    assert outline(rows_of("\t\t\t\n \n1\tC1\t2\t3\n", header)) == [(2, "empty_row"), (4, "C1")]


def test_undecodable_row_of_a_batch_needs_no_examining() -> None:
    text = HEADER + "1,C1,2,caf\udce9\n"
    table = Table(header_of(text), iter([Block(physical(text))]))
    (problem,) = [problem for batch in table.batches() for problem in batch.problems]
    assert problem.reason is Reason.UNDECODABLE


def test_one_undecodable_row_does_not_spoil_its_neighbours() -> None:
    body = "0,C0,é,0\n1,\udce9,1,1\n2,C2,2,2\n"
    assert outline(rows_of(body)) == [(2, "C0"), (3, "undecodable"), (4, "C2")]


@pytest.mark.parametrize(
    "body",
    [" , ,, \n", "ID, Card ID ,Phone,Timestamp\n", "1, Card ID ,2,13-11-2023 14:00\n"],
    ids=["commas and blanks", "header with other blanks", "card called as the header"],
)
def test_undecodable_neighbour_does_not_change_what_a_row_is(body: str) -> None:
    assert outline(rows_of(body)) == outline(rows_of(body + "\udce9\n"))[:1]


def test_quote_that_nobody_closes_costs_its_own_line_only() -> None:
    rows = rows_of('1,C1,"2,3\n4,C2,5,6\n\n7,C3,8,9\n')
    assert outline(rows) == [(2, "bad_quoting"), (3, "C2"), (5, "C3")]


def test_raw_text_of_an_open_quote_is_its_own_line_only() -> None:
    rows = rows_of('1,C1,"2,3\n4,C2,5,6\n')
    assert isinstance(rows[0], Problem) and rows[0].raw == '1,C1,"2,3'


def odd_lines(text: str) -> list[list[int]]:
    """The lines of the odd rows of each batch of a file."""
    batches = Table(header_of(text), iter([Block(physical(text))])).batches()
    return [[batch.numbers[at] for at in batch.odd] for batch in batches if batch.cells]


def test_rows_of_another_width_are_odd() -> None:
    assert odd_lines(HEADER + "1,C1,2,3\n1,C1\n\n1,C1,2,3\n1,C1,2,3,4\n") == [[3, 4, 6]]


@pytest.mark.parametrize("name", ["CardID", "CARDREFERENCE"])
@pytest.mark.parametrize(
    ("more", "odd"), [("", [3]), ("C2\n", [3, 4])], ids=["alone", "beside another odd row"]
)
def test_a_row_that_has_the_card_ids_header_is_odd(name: str, more: str, odd: list[int]) -> None:
    row = "0585550123,13-11-2023 14:00"
    text = f"{name},Phone,Timestamp\nC1,{row}\n{name},{row}\n{more}"
    assert odd_lines(text) == [odd]


def test_rows_that_only_their_card_id_shows_to_be_none_are_not_odd() -> None:
    assert odd_lines(HEADER + ",,,\n0, Card ID ,0,0\n1,C1,2,3\n") == [[]]


def test_only_the_rows_asked_for_are_examined() -> None:
    table = Table(header_of(HEADER), iter([]))
    batch = Batch(
        [2, 3, 4, 5],
        [["1", "C1", "2", "3"], ["1", "C1"], [], ["1", "C2", "2", "3"]],
        ["1,C1,2,3\n", "1,C1\n", "\n", "1,C2,2,3\n"],
    )
    assert outline(table.examine(batch, [3, 1, 2])) == [(5, "C2"), (3, "too_few_cells")]
    assert list(table.examine(batch, [])) == []


COMMENTED = "ID,Card ID,Phone,Timestamp,Comment\n"


def test_ditto_marks_do_not_swallow_the_rows_between_them() -> None:
    body = (
        "0,C0,0,13-11-2023 14:00,closed\n"
        '1,C1,1,13-11-2023 14:01,"\n'
        "2,C2,2,13-11-2023 14:02,moved\n"
        '3,C3,3,13-11-2023 14:03,"\n'
        "4,C4,4,13-11-2023 14:04,closed\n"
    )
    assert outline(rows_of(body, COMMENTED)) == [
        (2, "C0"),
        (3, "bad_quoting"),
        (4, "C2"),
        (5, "bad_quoting"),
        (6, "C4"),
    ]


def test_quote_that_opens_in_one_row_and_closes_in_another_swallows_none() -> None:
    body = (
        '1,C1,1,13-11-2023 14:01,"closed\n'
        '2,C2,2,13-11-2023 14:02,closed"\n'
        "3,C3,3,13-11-2023 14:03,closed\n"
    )
    assert outline(rows_of(body, COMMENTED)) == [(2, "bad_quoting"), (3, "C2"), (4, "C3")]


def test_ditto_marks_in_the_first_column_swallow_no_row() -> None:
    header = "Comment,Card ID,Phone,Timestamp\n"
    body = '",C1,1,13-11-2023 14:01\nx,C2,2,13-11-2023 14:02\n",C3,3,13-11-2023 14:03\n'
    assert outline(rows_of(body, header)) == [(2, "bad_quoting"), (3, "C2"), (4, "bad_quoting")]


def test_first_cell_over_two_lines_is_part_of_its_row() -> None:
    header = "Comment,Card ID,Phone,Timestamp\n"
    body = '"moved\naway",C1,1,13-11-2023 14:01\nx,C2,2,13-11-2023 14:02\n'
    assert outline(rows_of(body, header)) == [(2, "C1"), (4, "C2")]


def test_time_in_a_comment_over_two_lines_makes_no_row_of_it() -> None:
    body = '1,C1,1,13-11-2023 14:01,"called, no answer,\nagain at, 15:30, no answer"\n'
    assert outline(rows_of(body, COMMENTED)) == [(2, "C1")]


def test_address_over_two_lines_is_part_of_its_comment() -> None:
    header = "Card ID,Phone,Timestamp,Comment\n"
    rows = table(header + 'C1,2,3,"Address:\nFlat 3, Tower 2, Marina, Dubai"\nC2,5,6,7\n')
    assert [row.line for row in rows if isinstance(row, RawRow)] == [2, 4]


def test_two_quotes_that_nobody_closes_cost_their_own_lines_only() -> None:
    rows = rows_of('1,C1,"2,3\n4,C2,5,6\n7,C3,"8,9\n10,C4,11,12\n')
    assert outline(rows) == [(2, "bad_quoting"), (3, "C2"), (4, "bad_quoting"), (5, "C4")]


def test_row_over_two_lines_above_an_open_quote_stays_whole() -> None:
    rows = rows_of('1,C1,"2\n",3\n4,C2,"5,6\n7,C3,8,9\n')
    assert outline(rows) == [(2, "C1"), (4, "bad_quoting"), (5, "C3")]


def test_raw_text_of_a_long_row_is_cut() -> None:
    assert problem_of("x" * 3_000 + "\n").raw == "x" * 2_000 + " … (3,000 characters)"


def test_longest_cell_that_is_taken() -> None:
    cell = "x" * LONGEST_CELL
    assert good(f"1,C1,2,{cell}\n") == [(2, ["1", "C1", "2", cell])]


def test_longer_cell_is_rejected_with_the_limit() -> None:
    rows = rows_of(f"1,C1,2,{'x' * (LONGEST_CELL + 1)}\n4,C2,5,6\n")
    assert outline(rows) == [(2, "cell_too_long"), (3, "C2")]
    assert isinstance(rows[0], Problem) and "131,072 characters" in rows[0].detail


def test_longer_cell_further_down_is_rejected_with_the_limit() -> None:
    rows = rows_of(f'1,C1,"2\n",3\n4,C2,5,{"x" * (LONGEST_CELL + 1)}\n')
    assert outline(rows) == [(2, "C1"), (4, "cell_too_long")]


def test_short_row_with_an_open_quote_is_not_called_too_long() -> None:
    below = "4,C2,5,6\n" * 20_000
    rows = rows_of(f'1,C1,"2,3\n{below}')
    assert outline(rows)[:2] == [(2, "bad_quoting"), (3, "C2")]
    assert len(rows) == 20_001


def test_bad_quoting_on_a_line_of_the_longest_cells_length() -> None:
    line = '1,C1,"2"x,3'
    filled = line + "x" * (LONGEST_CELL - len(line) - 1) + "\n"
    assert problem_of(filled).reason is Reason.BAD_QUOTING


def test_line_too_long_is_rejected_and_counted_as_one() -> None:
    head = "1,C1," + "x" * 1_993 + " …\n"
    rows = list(
        table(HEADER + "0,C0,0,0\n", Block([head, "2,C2,2,2\n"], overlong=True), "3,C3,3,3\n")
    )
    assert outline(rows) == [(2, "C0"), (3, "line_too_long"), (4, "C2"), (5, "C3")]
    assert isinstance(rows[1], Problem)
    assert rows[1].raw == head.rstrip("\n")
    assert "1,048,576 characters" in rows[1].detail


def test_line_too_long_ends_an_open_quote_above_it() -> None:
    rows = table(HEADER, '1,C1,"2,3\n', Block(["x …\n"], overlong=True), "3,C3,3,3\n")
    assert outline(rows) == [(2, "bad_quoting"), (3, "line_too_long"), (4, "C3")]


def test_rows_come_while_the_file_is_read() -> None:
    left = [HEADER, "1,C1,2,3\n", "4,C2,5,6\n", "7,C3,8,9\n", "10,C4,11,12\n"]

    def blocks() -> Iterator[Block]:
        while left:
            yield Block([left.pop(0)])

    rows = rows_in(Table(header_of(HEADER), blocks()))
    assert outline([next(rows)]) == [(2, "C1")]
    assert "10,C4,11,12\n" in left
    assert outline(rows) == [(3, "C2"), (4, "C3"), (5, "C4")]


MIXED = (
    '1,C1,"2\n\n",3\n'
    "4,C2,5,6\r\n"
    '7,C3,"8\n'
    '9,C4,"10\r\n",11\r\n'
    "\n"
    '12,C5,"13"x,14\n'
    '15,C6,"16\r",17\r'
    "18,caf\udce9,19,20\n"
    '21,C8,22,"23'
)


@pytest.mark.parametrize("size", range(1, 15))
def test_row_over_several_blocks_is_one(size: int) -> None:
    lines = physical(HEADER + MIXED)
    blocks = [Block(lines[at : at + size]) for at in range(0, len(lines), size)]
    assert outline(table(*blocks)) == [
        (2, "C1"),
        (5, "C2"),
        (6, "bad_quoting"),
        (7, "C4"),
        (10, "bad_quoting"),
        (11, "C6"),
        (13, "undecodable"),
        (14, "bad_quoting"),
    ]


PIECES = st.sampled_from(
    [
        "1,C1,2,3\n",
        '1,C1,"2\n',
        '",3\n',
        "a",
        ",",
        ",,,",
        '"',
        '""',
        "\n",
        "\r",
        "\r\n",
        " ",
        "\udce9",
        "Card ID",
    ]
)
BODIES = st.lists(PIECES, max_size=40).map("".join)


@given(st.data(), BODIES)
def test_size_of_the_blocks_does_not_matter(data: st.DataObject, body: str) -> None:
    lines = physical(HEADER + body)
    blocks, rest = [], lines
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        blocks.append(Block(rest[:size]))
        rest = rest[size:]
    assert table(*blocks) == table(Block(lines))


def lines_of(row: RawRow | Problem) -> range:
    """The physical lines that a row stands on."""
    text = row.raw if isinstance(row, Problem) else row.text
    return range(row.line, row.line + len(physical(text)))


@given(BODIES)
def test_every_line_that_is_not_blank_is_part_of_exactly_one_row(body: str) -> None:
    lines = physical(HEADER + body)
    taken = [number for row in rows_of(body) for number in lines_of(row)]
    assert taken == sorted(set(taken))
    left = set(range(2, len(lines) + 1)) - set(taken)
    assert all(not lines[number - 1].strip() for number in left)


@given(BODIES)
def test_text_of_a_row_stands_on_its_line(body: str) -> None:
    lines = physical(HEADER + body)
    for row in rows_of(body):
        if isinstance(row, RawRow):
            assert "".join(lines[row.line - 1 :]).startswith(row.text)
            # A quote behind a blank may be text.
            ways = [
                next(csv.reader(physical(row.text), skipinitialspace=skips))[:4]
                for skips in (True, False)
            ]
            stripped = [[cell.strip() for cell in cells] for cells in ways]
            assert [cell.strip() for cell in row.cells] in stripped


CELLS = st.text(alphabet='ab,"; é', max_size=6)
PLAIN = st.text(alphabet="ab é", max_size=6)
LINES = st.text(alphabet='ab"\n\r ;é', max_size=6)
ON_ONE_LINE = st.lists(CELLS, min_size=3, max_size=3)
ON_SOME_LINES = st.builds(
    lambda place, lines, others: [*others[:place], lines, *others[place:]],
    st.integers(0, 2),
    LINES,
    st.lists(PLAIN, min_size=2, max_size=2),
)


@given(st.lists(ON_ONE_LINE | ON_SOME_LINES, max_size=6))
def test_what_a_csv_writer_wrote_reads_back(written: list[list[str]]) -> None:
    text = io.StringIO()
    rows = [[first, f"C{number}", *rest] for number, (first, *rest) in enumerate(written)]
    csv.writer(text).writerows(rows)
    # A blank that begins a cell without quotes is not of its value.
    read = [[cell.lstrip(" ") for cell in cells] for _, cells in good(text.getvalue())]
    assert read == [[cell.lstrip(" ") for cell in cells] for cells in rows]


# Quotes that lead to nothing


def has_clock(cells: list[str]) -> bool:
    return len(cells) == 3 and ":" in cells[2]


def plainly(lines: list[str]) -> Iterator[tuple[int, list[str] | None]]:
    """The rows of lines, found the long way: every quote is followed to where it leads."""
    start = 0
    while start < len(lines):
        reader = csv.reader(lines[start:], strict=True)
        try:
            cells = next(reader)
            below = lines[start + 1 : start + reader.line_num]
            if below and swallowed(below, cells, ",", has_clock) is not None:
                raise csv.Error
            yield start, cells
            start += reader.line_num
        except csv.Error:
            yield start, None
            start += 1


QUOTES = ['a,"\n', "a,a,:\n", 'a","\n', '"\n', '",\n', "a\n", '":,"\n', '",",\n', '"a,b,:\n']
QUOTED = st.lists(st.text(alphabet='a",:', max_size=6).map("{}\n".format), max_size=12)


@given(QUOTED | st.lists(st.sampled_from(QUOTES), max_size=12))
@example(['a,"\n', "a,a,:\n", 'a","\n', '"\n'])
def test_a_quote_that_leads_to_nothing_is_not_followed_twice(lines: list[str]) -> None:
    found = [(start, cells) for start, _, cells in uneven_records(lines, ",", has_clock)]
    assert found == list(plainly(lines))


class Counted(list[str]):
    """Lines that count how often one is looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)


ENDLESS = {
    "never closed": ['a","\n'],
    "closed far below": ['a","\n'] * 1_999 + ['"\n'],
    "closed over a row far below": ['a","\n'] * 1_990 + ["a,b,14:00\n"] + ['"\n'],
    "closed over every other row": ['a","\n', "a,b,14:00\n"] * 1_000 + ['"\n'],
    "never right": ['"a\n'],
    "closed by the next": ['"\n'],
    "longer than a row may be": ['a","\n'] * 1_999 + ["b" * 100_000 + "\n"] * 20,
}


@pytest.mark.parametrize("lines", ENDLESS.values(), ids=ENDLESS.keys())
def test_however_many_quotes_open_each_line_is_looked_at_a_few_times(lines: list[str]) -> None:
    counted = Counted(lines * (2_000 // len(lines) or 1))
    records = list(uneven_records(counted, ",", has_clock))
    assert sum(end - start for start, end, cells in records if cells) <= len(counted)
    assert counted.looks <= 6 * len(counted)


@pytest.mark.parametrize("size", [50, 4_000])
def test_a_row_without_end_costs_each_line_by_itself(size: int) -> None:
    lines = ['a","' + "b" * 1_000 + "\n"] * 2_500 + ["A1,CRD1,,13-11-2023 14:00\n"]
    blocks = [Block(lines[at : at + size]) for at in range(0, len(lines), size)]
    found = outline(table(HEADER, *blocks))
    assert found == [*[(2 + at, "bad_quoting") for at in range(2_500)], (2_502, "CRD1")]
