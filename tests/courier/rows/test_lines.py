"""Decoded text as blocks of physical lines."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.rows import lines
from cardstatus.courier.rows.lines import Block, blocks_of

LONGEST_LINE = 1_048_576
BLOCK_SIZE = 16_384


def blocks_in(text: str) -> list[Block]:
    """The blocks of a text that is decoded as that of a file is."""
    content = io.BytesIO(text.encode())
    return list(blocks_of(io.TextIOWrapper(content, encoding="utf-8", newline="")))


def test_a_block_is_all_that_is_held() -> None:
    blocks = blocks_in("123456789\n" * 10_000)
    sizes = [sum(map(len, block.lines)) for block in blocks]
    assert sum(sizes) == 100_000
    assert sizes[0] == BLOCK_SIZE // 10 * 10
    assert max(sizes) <= BLOCK_SIZE + 10


ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
LAST_END = {"nothing": "", **ENDS}
# In front of the longest line: nothing; or so much that a block ends with its line end's CR.
ABOVE = {"at the top": "", "its CR last in a block": "a" * (BLOCK_SIZE - 2) + "\n"}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE.keys())
@pytest.mark.parametrize(
    "behind", [*LAST_END.values(), "\nbelow", "\r\nbelow", "\rbelow"], ids=repr
)
def test_longest_line_is_taken_whatever_its_end(behind: str, above: str) -> None:
    text = above + "x" * LONGEST_LINE + behind
    blocks = blocks_in(text)
    # Lengths, for of two such texts pytest would show where they differ at great length.
    assert [len(line) for block in blocks for line in block.lines] == [
        len(line) for line in io.StringIO(text, newline="")
    ]
    assert not any(block.overlong for block in blocks)


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE.keys())
@pytest.mark.parametrize("end", LAST_END.values(), ids=LAST_END.keys())
def test_longer_line_is_kept_as_its_head(end: str, above: str) -> None:
    text = above + "x" * (LONGEST_LINE + 1) + end
    *_, block = blocks_in(text)
    assert block == Block(["x" * 1_998 + " …" + end], overlong=True)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("length", [LONGEST_LINE + 1, 2 * LONGEST_LINE, 2 * LONGEST_LINE + 100])
def test_line_too_long_ends_where_it_ends(length: int, end: str) -> None:
    text = end.join(["above", "X" * length, "below", ""])
    blocks = blocks_in(text)
    lines = [line for block in blocks for line in block.lines]
    assert [len(line) - len(end) for line in lines] == [5, 2_000, 5]
    assert (lines[0], lines[2]) == (f"above{end}", f"below{end}")
    assert [block.lines[0][-4:] for block in blocks if block.overlong] == [f"X …{end}"[-4:]]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_two_lines_too_long_are_two(end: str) -> None:
    text = end.join(["x" * (2 * LONGEST_LINE), "y" * (2 * LONGEST_LINE), "below"])
    blocks = blocks_in(text)
    assert [block.lines[0][0] for block in blocks if block.overlong] == ["x", "y"]
    assert blocks[-1].lines[-1] == "below"


ALIGNED = LONGEST_LINE + BLOCK_SIZE - 1
"""With its line end such a line at the top of a file ends where a block is read to."""


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_line_too_long_that_ends_with_a_piece(end: str) -> None:
    text = "x" * ALIGNED + f"{end}below{end}last{end}"
    lines = [line for block in blocks_in(text) for line in block.lines]
    assert lines[1:] == [f"below{end}", f"last{end}"]


@given(st.text(alphabet="ab,é\r\n", max_size=30), st.integers(1, 9))
def test_lines_are_the_same_whatever_the_size_of_a_block(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", size)
        blocks = blocks_in(text)
    assert [line for block in blocks for line in block.lines] == io.StringIO(
        text, newline=""
    ).readlines()
    assert not any(block.overlong for block in blocks)
    assert all(block.lines for block in blocks)
