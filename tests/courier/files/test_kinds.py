"""What is named as a courier's file and is no text of rows."""

import bz2
import codecs
import gzip
import lzma
import sqlite3
import zipfile
from pathlib import Path

import pytest
from support.builders import take

from cardstatus.courier.files.kinds import FIRST_BYTES, what_it_is
from cardstatus.ingestion.options import Options

TEXT = "ID,Card ID,Phone,Timestamp,Comment\nA1,CRD1,585550101,13-11-2023 14:00,\u0644\n"
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


def told(content: bytes, encoding: str = "utf-8", *, is_packed: bool = False) -> str | None:
    return what_it_is(content[:FIRST_BYTES], encoding, is_packed=is_packed)


def database() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t(c)")
        return connection.serialize()


NO_TEXT = {
    "bzip2": (bz2.compress(TEXT.encode()), "compressed with bzip2"),
    "xz": (lzma.compress(TEXT.encode()), "compressed with xz"),
    "gzip": (gzip.compress(TEXT.encode()), "compressed with gzip; let its name end in .csv.gz"),
    "a database": (database(), "a database of SQLite"),
    "a web page": (b"\n <!DOCTYPE html><title>Log in", "a web page"),
    "a table for a spreadsheet": (b"<table><tr><td>ID", "a web page"),
    "a web page with a mark": (b"\xef\xbb\xbf<html>", "a web page"),
    "XML": (b'<?xml version="1.0"?><Workbook>', "XML"),
    "JSON": (b'[{"card_id": "CRD1"}]', "JSON"),
    "JSON lines": (b'{"card_id": "CRD1"}\n', "JSON"),
    "a document": (b"{\\rtf1", "a text document"),
}


@pytest.mark.parametrize(("content", "what"), NO_TEXT.values(), ids=NO_TEXT.keys())
def test_what_is_no_text_is_told(content: bytes, what: str) -> None:
    assert (told(content) or "").startswith(what)


def test_a_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pickup.csv"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("pickup.csv", TEXT)
    assert (told(path.read_bytes()) or "").startswith("a workbook or a zip file")


def test_only_within_gzip_there_is_no_gzip() -> None:
    assert told(gzip.compress(b""), is_packed=True) is None
    assert (told(b"PK\x03\x04", is_packed=True) or "").startswith("a workbook or a zip")


@pytest.mark.parametrize(
    "header", ["ID", "ID,Card ID,Phone", "\nID,Card", "\u0631\u0642\u0645,ID,Card ID"]
)
@pytest.mark.parametrize("encoding", WIDE)
def test_wide_text_without_a_mark_is_told(header: str, encoding: str) -> None:
    what = told(header.encode(encoding)) or ""
    if encoding.startswith("utf-16"):
        assert what.endswith(f"without a byte-order mark; ingest it with --encoding {encoding}")
    else:
        assert what.startswith("UTF-32") and what.endswith("save it as CSV UTF-8")
    assert told(header.encode(encoding), encoding) is None


PLAIN = ["", "I", "ID", TEXT, "<x>,ID", "{ID},Card", "[1],2", "BZ,Card", "\u0631\u0642\u0645"]


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_text(text: str, encoding: str) -> None:
    assert told(text.encode(encoding)) is None


@pytest.mark.parametrize("content", [b"a\0b\0\0", b"\0" * 9, b"\0\0", b"ab\0\0c"])
def test_zeros_on_both_sides_are_no_text_in_utf16(content: bytes) -> None:
    assert "UTF-16" not in (told(content) or "")


@pytest.mark.parametrize("bad", ["\0\n", "A,CRD\x002,585550101,13-11-2023 10:00\n", "\0x\0\n"])
def test_zeros_in_a_row_are_a_fault_of_the_row(tmp_path: Path, database: Path, bad: str) -> None:
    path = tmp_path / "pickup.csv"
    path.write_text(TEXT + bad, encoding="utf-8", newline="")
    (report,) = take(database, path).files
    assert (report.counts.new, report.counts.rejected) == (1, 1)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_the_step_that_is_told_helps(tmp_path: Path, database: Path, encoding: str) -> None:
    path = tmp_path / "pickup.csv"
    path.write_bytes(TEXT.encode(encoding))
    (refused,) = take(database, path).files
    assert (refused.error or "").endswith(f"--encoding {encoding}")
    (taken,) = take(database, path, options=Options(encoding=encoding)).files
    assert (taken.error, taken.counts.new) == (None, 1)
    other = WIDE[1 - WIDE.index(encoding)]
    (again,) = take(tmp_path / "other.db", path, options=Options(encoding=other)).files
    assert (again.error or "").endswith(f"--encoding {encoding}")


@pytest.mark.parametrize("encoding", WIDE[:2])
def test_with_its_mark_it_needs_no_step(tmp_path: Path, database: Path, encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    path = tmp_path / "pickup.csv"
    path.write_bytes(mark + TEXT.encode(encoding))
    assert take(database, path).totals.new == 1
