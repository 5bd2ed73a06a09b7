"""Parts of a file together read as the whole file does, wherever it is cut."""

import gc
import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import csv_text, gathered, pending, plan, read_alone, row, unpacked

from cardstatus.courier.files import reader
from cardstatus.courier.files.reader import WHOLE
from cardstatus.courier.rows import lines
from cardstatus.database.writing.packing import PackedEvents
from cardstatus.errors import SourceError
from cardstatus.ingestion import part, processes
from cardstatus.ingestion.plan import FilePlan
from cardstatus.ingestion.processes import PendingPart
from cardstatus.ingestion.workers import Workers
from cardstatus.model.events import Event
from cardstatus.model.problems import Problem, Reason
from cardstatus.model.records import EventType

HEADER = b"ID,Card ID,Phone,Timestamp,Comment\n"
ROW = b"1,CRD1,585550101,13-11-2023 14:00,note\n"
Found = tuple[list[Event], list[Problem]]


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@contextmanager
def cut(size: int, block: int = lines.BLOCK, events: int = 50_000) -> Iterator[None]:
    """Have files read in small parts, blocks and pieces within the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PART", size)
        patch.setattr(processes, "PART", size)
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(part, "_EVENTS_A_PIECE", events)
        yield


def pieces_of(planned: FilePlan) -> list[PackedEvents]:
    """Read a file as a run of ingest does, by this process alone."""
    with Workers(1) as workers:
        return [piece for _, pieces in workers.read([planned]) for piece in pieces]


def whole(planned: FilePlan) -> Found:
    """Read a file as one part, however it is planned."""
    return gathered(read_alone(planned))


def cards(events: Sequence[Event]) -> list[tuple[int, str]]:
    return [(event.line, event.card_id) for event in events]


def faults(problems: Sequence[Problem]) -> list[tuple[int, str]]:
    return [(problem.line, problem.reason.value) for problem in problems]


# A file is read the same however it is cut

PIECES = st.sampled_from(
    [
        ROW,
        b"2,crd 2,0585550102,2023-11-13T10:00:00Z,\r\n",
        b"3,CRD3,123,13-11-2023 2:00 PM,x\r",
        b"4,CRD4,,11/13/2023 14:00,\n",
        b'5,CRD5,585550105,13-11-2023 14:00,"two\nlines"\n',
        b'6,CRD6,585550106,13-11-2023 14:00,"open\n',
        b'closed"\n',
        b"7,\xd8\xa8,585550107,13-11-2023 14:00,\xd9\x84\xd8\xa7\n",
        b"8,CRD8,,13-11-2023 14:00,x,,\n",
        b"9,CRD9,,13-11-2023 14:00\n",
        b'10,CRD10,, "13-11-2023 14:00", "a, b"\r\n',
        b'11,CRD11,,13-11-2023 14:00, "\n',
        b'12,CRD12,,13-11-2023 14:00, "a\nb"\n',
        b"Ref,Card No,Tel,Date,Notes,\n",
        b"caf\xe9\n",
        b"\xe9",
        b"a",
        b",",
        b",,,,",
        b'"',
        b'""',
        b"\n",
        b"\r",
        b"\r\n",
        b" ",
        b"\xef\xbb\xbf",
        b"Card ID",
        HEADER,
    ]
)
BODIES = st.lists(PIECES, max_size=40).map(b"".join)
ABOVE = st.sampled_from(
    [b"", b"\xef\xbb\xbf", b"\n \r\n", b"sep=,\n", b"\xef\xbb\xbfsep=,\r\n\r\n"]
)


@given(
    st.tuples(ABOVE, BODIES),
    st.sampled_from(["utf-8", "cp1252"]),
    st.integers(1, 150),
    st.integers(1, 200),
    st.integers(1, 5),
)
def test_parts_together_read_as_the_file_does(
    tmp_path_factory: pytest.TempPathFactory,
    content: tuple[bytes, bytes],
    encoding: str,
    part: int,
    block: int,
    events: int,
) -> None:
    above, body = content
    path = put(tmp_path_factory.getbasetemp() / "pickup.csv", above + HEADER + body)
    with cut(part, block, events):
        planned = plan(path, encoding)
        try:
            pieces = pieces_of(planned)
        except SourceError as error:  # another header in its midst
            with pytest.raises(SourceError, match=f"^{error}$"):
                whole(planned)
            return
    expected = whole(planned)
    assert gathered(pieces) == expected
    assert sum(piece.size for piece in pieces) == path.stat().st_size
    assert pieces[-1].rest == ()
    uppermost = [piece.tally.first_rejected for piece in pieces if piece.tally.first_rejected]
    assert uppermost[:1] == [p for p in expected[1] if p.severity == "rejected"][:1]


MESSY = (
    b"\xef\xbb\xbfsep=,\r\n\r\n" + HEADER + ROW + b"\n"
    b'2,CRD2,585550102,13-11-2023 14:00,"nobody at home,\n'
    b"\r\n"
    b'gate closed ""\xd9\x84\xd8\xa7"", called\r'
    b'twice"\r\n'
    b'3,CRD3,585550103,13-11-2023 14:00,"open\n'
    b"4,CRD4,585550104,11/13/2023 14:00,\n"
    b"5,CRD5,12,13-11-2023 14:00,caf\xe9\r"
    b"6,CRD6,12,13-11-2023 14:00,last"
)


@pytest.mark.parametrize("part", range(1, len(MESSY), 9))
def test_a_messy_file_reads_the_same_wherever_it_is_cut(tmp_path: Path, part: int) -> None:
    with cut(part):
        planned = plan(put(tmp_path / "pickup.csv", MESSY))
        events, problems = gathered(pieces_of(planned))
    assert cards(events) == [(4, "CRD1"), (6, "CRD2"), (13, "CRD6")]
    assert events[1].comment == 'nobody at home,\n\ngate closed "لا", called\ntwice'
    assert faults(problems) == [
        (10, "bad_quoting"),
        (11, "month_first"),
        (12, "undecodable"),
        (13, "bad_mobile"),
    ]
    assert problems[0].raw == '3,CRD3,585550103,13-11-2023 14:00,"open'


OTHER = b"Phone,ID,Card ID,Timestamp,Comment\n"
"""A header in another order, and one in a comment, which is none."""
TWO_HEADERS = (
    HEADER + ROW + b'2,CRD2,585550102,13-11-2023 14:00,"said:\n' + OTHER + b'so"\n' + ROW
    + OTHER + b"585550103,3,CRD3,13-11-2023 14:00,\n" + HEADER + ROW + OTHER
)  # fmt: skip


@pytest.mark.parametrize("part", range(1, len(TWO_HEADERS), 7))
@pytest.mark.parametrize("block", [1, 60, lines.BLOCK])
def test_a_second_header_is_told_with_its_line_wherever_the_file_is_cut(
    tmp_path: Path, part: int, block: int
) -> None:
    with cut(part, block):
        planned = plan(put(tmp_path / "pickup.csv", TWO_HEADERS))
        with pytest.raises(SourceError, match=r"^line 7 is a second header"):
            pieces_of(planned)


def test_each_row_of_a_batch_is_an_event_or_a_problem_and_a_blank_line_neither(
    tmp_path: Path,
) -> None:
    rows = [
        ROW,
        b"2,CRD2\n",
        b"\n",
        b"4,,585550104,13-11-2023 14:00,note\n",
        b"5,CRD5,12,13-11-2023 14:00,note\n",
        b",,,,\n",
        b"7,Card ID ,585550107,13-11-2023 14:00,note\n",
        b"8,C8,585550108,13-11-2023 14:00,note\n",
    ]
    planned = plan(put(tmp_path / "pickup.csv", HEADER + b"".join(rows)))
    events, problems = gathered(pieces_of(planned))
    assert cards(events) == [(2, "CRD1"), (6, "CRD5"), (9, "C8")]
    assert faults(problems) == [
        (3, "too_few_cells"),
        (5, "missing_card_id"),
        (6, "bad_mobile"),
        (7, "empty_row"),
        (8, "repeated_header"),
    ]


def test_a_row_across_a_cut_is_read_with_the_part_below(tmp_path: Path) -> None:
    long = b'2,CRD2,585550102,13-11-2023 14:00,"' + b"and so on\n" * 20 + b'"\n'
    with cut(60):
        planned = plan(put(tmp_path / "pickup.csv", HEADER + ROW + long + ROW))
        pieces = pieces_of(planned)
    assert [cards(gathered([piece])[0]) for piece in pieces if piece.tally.events] == [
        [(2, "CRD1")],
        [(3, "CRD2"), (24, "CRD1")],
    ]
    waiting = [piece.rest for piece in pieces if piece.rest]
    assert len(waiting) > 2, "the row stands across several cuts"
    assert all(rest[0].startswith("2,CRD2") for rest in waiting)
    assert all(
        not piece.tally.events for piece in pieces if piece.rest and piece.rest != waiting[0]
    )


def test_a_part_alone_leaves_what_it_cannot_complete(tmp_path: Path) -> None:
    body = b'1,CRD1,,13-11-2023 14:00,"a\n' + b'b"\n' * 40
    path = put(tmp_path / "pickup.csv", HEADER + body)
    with cut(65):
        planned = plan(path)
        first, second, *_ = planned.parts
    assert path.read_bytes()[: first.end].endswith(b'"a\n')
    (piece,) = read_alone(planned, first)
    assert (piece.tally.events, piece.tally.rejected) == (0, 0)
    assert piece.rest == ('1,CRD1,,13-11-2023 14:00,"a\n',)
    (with_rest,) = read_alone(planned, second, piece.rest)
    assert cards(unpacked(with_rest)[0]) == [(2, "CRD1")]
    (without,) = read_alone(planned, second)
    assert without.tally.events == 0
    assert without.tally.first_rejected is not None
    assert without.tally.first_rejected.line == 3


def test_an_unclosed_quote_costs_its_line_however_many_parts_it_would_swallow(
    tmp_path: Path,
) -> None:
    rows = [b"%d,CRD%d,585550101,13-11-2023 14:00,note\n" % (n, n) for n in range(6_000)]
    rows[1_000] = b'1000,CRD1000,585550101,13-11-2023 14:00,"note\n'
    with cut(20_000):
        planned = plan(put(tmp_path / "pickup.csv", HEADER + b"".join(rows)))
        events, problems = gathered(pieces_of(planned))
    assert len(planned.parts) > 10
    assert faults(problems) == [(1_002, "bad_quoting")]
    assert cards(events) == [(n + 2, f"CRD{n}") for n in range(6_000) if n != 1_000]


def test_a_line_longer_than_a_part_is_one_line(tmp_path: Path) -> None:
    long = b"2,CRD2,585550101,13-11-2023 14:00," + b"x" * 1_000 + b"\n"
    with cut(50):
        planned = plan(put(tmp_path / "pickup.csv", HEADER + ROW * 5 + long + ROW * 5))
        events, problems = gathered(pieces_of(planned))
        small = [part.may_be_given for part in pending(planned)]
    assert (len(events), problems) == (11, [])
    # The file is not cut from there on, and the rest is read block by block by this process.
    assert small == [True] * (len(small) - 1) + [False]


ABOVE_THE_ROWS = {
    "nothing": (b"", 2),
    "byte-order mark": (b"\xef\xbb\xbf", 2),
    "Excel's directive": (b"sep=,\r\n", 3),
    "byte-order mark and directive": (b'\xef\xbb\xbf"sep=,"\n', 3),
    "blank lines": (b"\n\r\n\r \n", 6),
    "all of them": (b"\xef\xbb\xbfsep=,\r\n\r\n\n", 5),
}


@pytest.mark.parametrize("part", [1, 3, 10, 40, 1_000])
@pytest.mark.parametrize(
    ("above", "line"), ABOVE_THE_ROWS.values(), ids=[*map(str, ABOVE_THE_ROWS)]
)
def test_what_stands_above_the_rows_is_none(
    tmp_path: Path, above: bytes, line: int, part: int
) -> None:
    with cut(part):
        planned = plan(put(tmp_path / "pickup.csv", above + HEADER + ROW * 3))
        events, problems = gathered(pieces_of(planned))
    assert cards(events) == [(line + n, "CRD1") for n in range(3)]
    assert problems == []


def test_a_header_further_down_is_a_bad_row_in_whatever_part(tmp_path: Path) -> None:
    with cut(50):
        planned = plan(put(tmp_path / "pickup.csv", HEADER + ROW * 5 + HEADER + ROW))
        events, problems = gathered(pieces_of(planned))
    assert faults(problems) == [(7, "repeated_header")]
    assert len(events) == 6


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ((HEADER + ROW * 50).decode().encode("utf-16"), "utf-8"),
        ((HEADER + ROW * 50).decode().encode("utf-16-le"), "utf-16-le"),
        ((HEADER + ROW * 50).replace(b"\n", b"\r"), "utf-8"),
    ],
    ids=["UTF-16 by its mark", "UTF-16 by the option", "line ends that are CR"],
)
def test_a_file_that_cannot_be_cut_is_one_part(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    with cut(100):
        planned = plan(put(tmp_path / "pickup.csv", content), encoding)
        (piece,) = pieces_of(planned)
        (part,) = pending(planned)
        assert not part.may_be_given
    assert piece.tally.events == 50
    assert piece.size == part.size == len(content)


# Pieces


def test_a_long_file_without_parts_is_read_in_several_pieces(tmp_path: Path) -> None:
    rows = [row(f"CRD{n:03}", time="?" if n % 10 == 3 else "13-11-2023 14:00") for n in range(500)]
    packed = gzip.compress(csv_text(rows).encode())
    with cut(100, block=300, events=60):
        planned = plan(put(tmp_path / "pickup.csv.gz", packed))
        (part,) = pending(planned)
        assert not part.may_be_given
        pieces = pieces_of(planned)
    # A block of 300 characters holds some eight rows.
    assert all(60 <= piece.tally.events + piece.tally.rejected < 70 for piece in pieces[:-1])
    assert len(pieces) == 500 // 70 + 1
    assert sum(piece.size for piece in pieces) == len(packed)
    events, problems = gathered(pieces)
    assert cards(events) == [(n + 2, f"CRD{n:03}") for n in range(500) if n % 10 != 3]
    assert [p.line for p in problems] == [n + 2 for n in range(500) if n % 10 == 3]


@pytest.mark.parametrize("name", ["pickup.csv", "pickup.csv.gz"])
def test_a_file_without_rows_is_one_empty_piece(tmp_path: Path, name: str) -> None:
    content = HEADER if name == "pickup.csv" else gzip.compress(HEADER)
    (piece,) = pieces_of(plan(put(tmp_path / name, content)))
    assert unpacked(piece) == ([], [])
    assert (piece.size, piece.rest) == (len(content), ())


@pytest.mark.parametrize("kind", EventType, ids=lambda kind: kind.word)
def test_events_are_of_the_type_of_their_file(tmp_path: Path, kind: EventType) -> None:
    planned = plan(put(tmp_path / "any.csv", HEADER + ROW), kind=kind)
    ((event,), _) = gathered(pieces_of(planned))
    assert event.type == int(kind)


SMALL = {
    "no more than four parts": ("a.csv", 400, 100, True),
    "more": ("a.csv", 401, 100, False),
    "compressed": ("a.csv.gz", 60, 100, False),
    "compressed, capitals": ("a.CSV.GZ", 60, 100, False),
}


@pytest.mark.parametrize(("name", "size", "cut_at", "small"), SMALL.values(), ids=SMALL.keys())
def test_a_part_may_be_given_away_if_all_of_it_fits_in_memory(
    tmp_path: Path, name: str, size: int, cut_at: int, small: bool
) -> None:
    file = plan(put(tmp_path / "pickup.csv", HEADER)).file
    assert file
    file = replace(file, path=tmp_path / name, stamp=file.stamp._replace(size=size))
    whole = PendingPart(file, WHOLE)
    with cut(cut_at):
        assert (whole.size, whole.may_be_given) == (size, small)


def test_the_sizes_of_the_parts_are_that_of_the_file(tmp_path: Path) -> None:
    with cut(50):
        planned = plan(put(tmp_path / "pickup.csv", HEADER + ROW * 9))
    assert len(planned.parts) > 5
    assert sum(part.size for part in pending(planned)) == len(HEADER + ROW * 9)


# The file that is read is the one that was planned


def grows(path: Path) -> None:
    with path.open("ab") as file:
        file.write(ROW)


def is_replaced(path: Path) -> None:
    stamp = path.stat()
    other = put(path.with_name("other"), path.read_bytes())
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(path)


def is_touched(path: Path) -> None:
    stamp = path.stat()
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))


def is_cut(path: Path) -> None:
    put(path, path.read_bytes()[:-1])


CHANGED = "changed while it was being read; ingest it again once it is whole"
CHANGES = {
    "grows": (grows, CHANGED),
    "is replaced by its copy": (is_replaced, CHANGED),
    "is touched": (is_touched, CHANGED),
    "is cut": (is_cut, CHANGED),
    "vanishes": (Path.unlink, "cannot be read: no such file or folder"),
}


@pytest.mark.parametrize("part", [50, 10_000], ids=["in parts", "whole"])
@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES.keys())
def test_a_file_that_changes_after_the_plan_is_not_read(
    tmp_path: Path, change: Callable[[Path], None], said: str, part: int
) -> None:
    with cut(part):
        path = put(tmp_path / "pickup.csv", HEADER + ROW * 9)
        planned = plan(path)
    change(path)
    for each in planned.parts:
        with pytest.raises(SourceError) as caught:
            list(read_alone(planned, each))
        assert str(caught.value) == said


def test_a_file_that_changes_between_its_parts_is_not_read_on(tmp_path: Path) -> None:
    with cut(50):
        path = put(tmp_path / "pickup.csv", HEADER + ROW * 9)
        planned = plan(path)
        with Workers(1) as workers:
            _, pieces = next(workers.read([planned]))
            assert next(pieces).tally.rejected == 0
            grows(path)
            with pytest.raises(SourceError, match=r"^changed while"):
                next(pieces)


def test_a_gzip_that_ends_too_soon_fails_after_the_pieces_before(tmp_path: Path) -> None:
    packed = gzip.compress(csv_text([row(f"CRD{n}") for n in range(500)]).encode())
    with cut(100, block=300, events=60):
        planned = plan(put(tmp_path / "pickup.csv.gz", packed[:-9]))
        pieces = read_alone(planned)
        assert next(pieces).tally.events >= 60
        with pytest.raises(SourceError, match=r"^cannot be read: "):
            list(pieces)


def test_all_reasons_of_bad_rows_come_with_their_evidence(tmp_path: Path) -> None:
    body = b"".join(
        b",".join(cells) + b"\n"
        for cells in product([b"1"], [b"", b"CRD1"], [b"", b"12"], [b"?", b"13-11-2023 14:00"])
    )
    planned = plan(put(tmp_path / "pickup.csv", b"ID,Card ID,Phone,Timestamp\n" + body))
    _, problems = gathered(pieces_of(planned))
    assert [(p.line, p.reason, p.raw) for p in problems] == [
        (2, Reason.MISSING_CARD_ID, "1,,,?"),
        (3, Reason.MISSING_CARD_ID, "1,,,13-11-2023 14:00"),
        (4, Reason.MISSING_CARD_ID, "1,,12,?"),
        (5, Reason.MISSING_CARD_ID, "1,,12,13-11-2023 14:00"),
        (6, Reason.BAD_TIME, "1,CRD1,,?"),
        (8, Reason.BAD_TIME, "1,CRD1,12,?"),
        (9, Reason.BAD_MOBILE, "1,CRD1,12,13-11-2023 14:00"),
    ]


ODD_ROWS = [
    "1,CRD1,585550101,13-13-2024 09:30,note",
    "1,CRD1,585550101,31-02-2024 10:00,note",
    "1,CRD1,585550101,tomorrow,note",
    "1,CRD1,585550101,########,note",
    "1,CRD1,585550101,,note",
    "1,CRD1,585550101,13-11-2023 9.30 am,note",
    "1,CRD1,585550101,13 Smarch 2023 14:00,note",
    "1,CRD1,585550101,13 Nov 2023 14:00,note",
    "1,CRD1,9.7155E+11,13-11-2023 14:00,note",
    "1,CRD1,+44 07911 123456,13-11-2023 14:00,note",
    "1,CRD1,nobody,13-11-2023 14:00,note",
    "1,,585550101,13-11-2023 14:00,note",
    "1,Total,585550101,13-11-2023 14:00,note",
    "1,CRD1,585550101",
    "1,CRD1,585550101,13-11-2023 14:00,4111 1111 1111 1111",
    '1,CRD1,585550101,13-11-2023 14:00,"no end',
]


def test_what_is_read_of_a_part_is_let_go_at_once(tmp_path: Path) -> None:
    """An error that holds its own frames would keep its block of rows until the collector comes."""
    text = "".join(f"{odd}\n" for odd in ODD_ROWS for _ in range(3))
    planned = plan(put(tmp_path / "pickup.csv", HEADER + text.encode()))
    list(read_alone(planned))  # what is imported on the way makes rings too
    gc.collect()
    gc.disable()
    try:
        assert len(list(read_alone(planned))) == 1
        assert gc.collect() == 0
    finally:
        gc.enable()
