"""Courier files opened, cut into parts, read as blocks."""

import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.files import reader
from cardstatus.courier.files.reader import WHOLE, OpenFile, Part, open_file
from cardstatus.courier.files.search import check_unchanged
from cardstatus.courier.rows.lines import Block
from cardstatus.errors import SourceError


def put(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def blocks_of(path: Path, encoding: str = "utf-8") -> list[Block]:
    with open_file(path) as file:
        return list(file.blocks(encoding))


def lines_of(path: Path, encoding: str = "utf-8") -> list[str]:
    return [line for block in blocks_of(path, encoding) for line in block.lines]


def failure(path: Path, read: Callable[[OpenFile], object]) -> str:
    with pytest.raises(SourceError) as caught, open_file(path) as file:
        read(file)
    return str(caught.value)


# Opening


def test_size_and_hash_are_of_the_bytes_on_disk(tmp_path: Path) -> None:
    content = gzip.compress(b"ID,Card ID\n")
    with open_file(put(tmp_path / "a.csv.gz", content)) as file:
        assert file.stamp.size == len(content)
        assert file.sha256() == hashlib.sha256(content).hexdigest()


def test_hash_of_a_known_text(tmp_path: Path) -> None:
    with open_file(put(tmp_path / "a.csv", b"abc")) as file:
        assert file.sha256() == ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_hash_and_rows_can_be_taken_in_any_order(tmp_path: Path) -> None:
    with open_file(put(tmp_path / "a.csv", b"a\nb\n")) as file:
        before = file.sha256()
        assert [block.lines for block in file.blocks("utf-8")] == [["a\n", "b\n"]]
        assert file.sha256() == before


def test_missing_file_cannot_be_read(tmp_path: Path) -> None:
    assert failure(tmp_path / "a.csv", OpenFile.sha256) == "cannot be read: no such file or folder"


def test_folder_cannot_be_read(tmp_path: Path) -> None:
    assert failure(tmp_path, OpenFile.sha256) == "cannot be read: is a directory"


def test_error_without_words_is_named_by_its_type(tmp_path: Path) -> None:
    def fail(_: OpenFile) -> None:
        raise EOFError

    assert failure(put(tmp_path / "a.csv"), fail) == "cannot be read: EOFError"


def test_error_that_is_no_files_fault_passes(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_file(put(tmp_path / "a.csv")):
        raise ZeroDivisionError


def test_file_is_closed_afterwards(tmp_path: Path) -> None:
    with open_file(put(tmp_path / "a.csv")) as file:
        pass
    with pytest.raises(ValueError, match="closed"):
        file.sha256()


def test_unchanged_file_passes_the_check(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"a\n")
    with open_file(path) as file:
        check_unchanged(path, file.stamp)


@contextmanager
def opened(path: Path) -> Iterator[None]:
    with open_file(path) as file:
        stamp = file.stamp
    yield
    with pytest.raises(SourceError, match=r"^changed while it was being read; .* whole$"):
        check_unchanged(path, stamp)


def test_file_that_grew_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"a\n")
    stamp = path.stat()
    with opened(path):
        put(path, b"a\nb\n")
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def test_file_that_was_written_over_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"a\n")
    stamp = path.stat()
    with opened(path):
        put(path, b"b\n")
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))


def test_file_that_was_replaced_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"a\n")
    stamp = path.stat()
    with opened(path):
        other = put(tmp_path / "b.csv", b"b\n")
        os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        other.replace(path)


def test_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"a\n")
    with open_file(path) as file:
        stamp = file.stamp
    path.unlink()
    with pytest.raises(SourceError, match="no such file"):
        check_unchanged(path, stamp)


@pytest.mark.parametrize(
    ("put_instead", "message"),
    [(Path.mkdir, "^cannot be read: is a directory$"), (os.mkfifo, "^not a regular file$")],
    ids=["folder", "FIFO"],
)
def test_file_in_whose_place_is_none_is_refused(
    tmp_path: Path, put_instead: Callable[[Path], None], message: str
) -> None:
    path = put(tmp_path / "a.csv", b"a\n")
    with open_file(path) as file:
        stamp = file.stamp
    path.unlink()
    put_instead(path)
    with pytest.raises(SourceError, match=message):
        check_unchanged(path, stamp)


# Parts

LETTERS = st.text(alphabet='ab,é"\r\n', max_size=60)


@given(LETTERS, st.integers(1, 12), st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]))
def test_parts_together_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int, encoding: str
) -> None:
    path = put(tmp_path_factory.getbasetemp() / "parts.csv", text.encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PART", size)
        with open_file(path) as file:
            parts = file.parts(encoding)
            found = [
                [*chain.from_iterable(b.lines for b in file.blocks(encoding, part))]
                for part in parts
            ]
    assert list(chain.from_iterable(found)) == io.StringIO(text, newline="").readlines()
    assert [part.line for part in parts] == [
        1 + sum(map(len, found[:at])) for at in range(len(parts))
    ]
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert (parts[0].start, parts[-1].end) == (0, None)
    assert all(found[1:])


def test_a_file_is_cut_where_lines_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PART", 10)
    with open_file(put(tmp_path / "a.csv", b"12345\n" * 5)) as file:
        assert file.parts("utf-8") == (Part(0, 6, 1), Part(6, 18, 2), Part(18, None, 4))


def test_a_byte_order_mark_is_one_at_the_top_of_the_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PART", 8)
    with open_file(put(tmp_path / "a.csv", "a\nbbbbbb\n\ufeffc\nd\n".encode("utf-8-sig"))) as file:
        parts = file.parts("utf-8")
        found = [[*chain.from_iterable(b.lines for b in file.blocks("utf-8", p))] for p in parts]
    assert found == [["a\n"], ["bbbbbb\n"], ["\ufeffc\n", "d\n"]]


def test_of_a_file_without_lines_a_few_parts_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PART", 10)
    with open_file(put(tmp_path / "a.csv", b"x" * 1_000)) as file:
        assert file.parts("utf-8") == (WHOLE,)
        assert file.position == 40


def test_a_line_longer_than_a_part_ends_no_cutting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PART", 10)
    with open_file(put(tmp_path / "a.csv", b"1234567890123456\n" + b"12345\n" * 3)) as file:
        assert file.parts("utf-8") == (Part(0, 17, 1), Part(17, 29, 2), Part(29, None, 4))


NOT_CUT = {
    "compressed": ("a.csv.gz", gzip.compress(b"a\n" * 1_000), "utf-8"),
    "UTF-16 by its mark": ("a.csv", ("a\n" * 1_000).encode("utf-16"), "utf-8"),
    "UTF-16 by the option": ("a.csv", ("a\n" * 1_000).encode("utf-16-le"), "utf-16-le"),
    "line ends that are CR": ("a.csv", b"a\r" * 1_000, "utf-8"),
    "another alphabet": ("a.csv", ("a\n" * 1_000).encode("cp037"), "cp037"),
}


@pytest.mark.parametrize(("name", "content", "encoding"), NOT_CUT.values(), ids=NOT_CUT.keys())
def test_a_file_that_shows_no_lines_is_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, encoding: str
) -> None:
    monkeypatch.setattr(reader, "PART", 10)
    with open_file(put(tmp_path / name, content)) as file:
        assert file.parts(encoding) == (WHOLE,)


# Reading

TEXT = "ID,Cömment\r\n1,لا أحد\n"
ENCODED = {
    "UTF-8": ("utf-8", "utf-8"),
    "UTF-8 with byte-order mark": ("utf-8-sig", "utf-8"),
    "byte-order mark against the option": ("utf-8-sig", "cp1252"),
    "UTF-16 with byte-order mark": ("utf-16", "utf-8"),
    "UTF-16 without, by the option": ("utf-16-le", "utf-16-le"),
    "UTF-16 the other way round, by the option": ("utf-16-be", "utf-16-be"),
    "Windows' Arabic, by the option": ("iso8859-6", "iso8859-6"),
}


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "CSV.GZ"])
@pytest.mark.parametrize(("written", "read"), ENCODED.values(), ids=ENCODED.keys())
def test_text_of_an_encoding(tmp_path: Path, written: str, read: str, suffix: str) -> None:
    text = TEXT.replace("ö", "o") if written == "iso8859-6" else TEXT
    content = text.encode(written)
    if suffix != "csv":
        content = gzip.compress(content)
    assert "".join(lines_of(put(tmp_path / f"a.{suffix}", content), read)) == text


def test_utf16_of_the_other_byte_order_with_its_mark(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert "".join(lines_of(path)) == TEXT


UNDECODABLE = {
    "Latin-1 in UTF-8": (b"caf\xe9\nx\n", "utf-8", ["caf\udce9\n", "x\n"]),
    "cut character at the end": (b"a\xc3", "utf-8", ["a\udcc3"]),
    "half a surrogate pair in UTF-16": (b"a\0\0\xd8b\0", "utf-16-le", ["a\udc00\udcd8b"]),
    "odd byte at the end of UTF-16": (b"a\0b", "utf-16-le", ["a\udc62"]),
    "hole in cp1252": (b"a\x81\n", "cp1252", ["a\udc81\n"]),
}


@pytest.mark.parametrize(
    ("content", "encoding", "expected"), UNDECODABLE.values(), ids=UNDECODABLE.keys()
)
def test_bytes_of_no_character_are_kept(
    tmp_path: Path, content: bytes, encoding: str, expected: list[str]
) -> None:
    assert lines_of(put(tmp_path / "a.csv", content), encoding) == expected


def test_empty_file_has_no_blocks(tmp_path: Path) -> None:
    assert blocks_of(put(tmp_path / "a.csv")) == []
    assert blocks_of(put(tmp_path / "a.csv.gz", gzip.compress(b""))) == []


INTACT = gzip.compress(bytes(range(256)) * 16 + b"\n")
DAMAGED = {
    "no gzip": (b"ID,Card ID\n", "not a gzipped file"),
    "cut": (INTACT[:-9], "ended before"),
    "end cut": (INTACT[:-4], "ended before"),
    "wrong checksum": (INTACT[:-8] + bytes(8), "CRC check failed"),
    "false data": (INTACT[:10] + b"\xff" * 20, "invalid"),
    "rubbish behind": (INTACT + b"rubbish", "not a gzipped file"),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_gzip_fails_the_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = put(tmp_path / "a.csv.gz", content)
    error = failure(path, lambda file: list(file.blocks("latin-1")))
    assert error.startswith("cannot be read: ")
    assert message.lower() in error.lower()


def test_encoding_that_cannot_go_on_fails_the_file(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"\xff\xff")
    assert "cannot be read" in failure(path, lambda file: list(file.blocks("idna")))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_position_goes_from_the_start_to_the_size(tmp_path: Path, packed: bool) -> None:
    content = Random(0).randbytes(50_000).hex().encode() + b"\n" + b"row\n" * 20_000
    content = gzip.compress(content) if packed else content
    path = put(tmp_path / ("a.csv.gz" if packed else "a.csv"), content)
    with open_file(path) as file:
        positions = [file.position for _ in file.blocks("utf-8")]
        positions.append(file.position)
    assert positions == sorted(positions)
    assert positions[-1] == len(content)
    assert packed or positions[0] < len(content)


NO_TEXT = {
    "workbook": (b"PK\x03\x04\x14\0", "a workbook or a zip file"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1", "a workbook"),
    "PDF": (b"%PDF-1.7", "a PDF"),
    "gzip": (b"\x1f\x8b\x08\0", "compressed with gzip; let its name end in .csv.gz"),
    "UTF-32": ("ID,Card ID".encode("utf-32"), "UTF-32"),
}


@pytest.mark.parametrize(("content", "what"), NO_TEXT.values(), ids=NO_TEXT.keys())
def test_what_is_no_text_is_told_by_its_first_bytes(
    tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "pickup.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=f"^this is {what}"), open_file(path) as file:
        file.check_is_text("utf-8")


@pytest.mark.parametrize("content", [b"", b"ID", "ID".encode("utf-16"), b"\xef\xbb\xbfID"])
def test_text_is_told_from_what_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pickup.csv"
    path.write_bytes(content)
    with open_file(path) as file:
        file.check_is_text("utf-8")
