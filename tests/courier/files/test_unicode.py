"""UTF-8 is UTF-8, whatever encoding is declared."""

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import status_of, take

from cardstatus.courier.files import unicode
from cardstatus.courier.files.reader import open_file
from cardstatus.courier.files.unicode import told_encoding
from cardstatus.database.reading.store import Store
from cardstatus.errors import SourceError
from cardstatus.ingestion.options import Options

HEADER = "ID,Card ID,Phone,Timestamp,Comment\n"
ARABIC = "\u0627\u0644\u0639\u0645\u064a\u0644"
"""The customer."""


def row(number: int, comment: str) -> str:
    return f"A{number},CRD{number},58555010{number},13-11-2023 14:00,{comment}\n"


def encoding_of(path: Path, content: bytes, declared: str) -> str:
    path.write_bytes(content)
    with open_file(path) as file:
        return file.encoding(declared)


TOLD = {
    "UTF-8": (HEADER + row(1, ARABIC), "utf-8", "cp1252", "utf-8"),
    "UTF-8 with a mark": (HEADER + row(1, "x"), "utf-8-sig", "cp1252", "utf-8"),
    "ASCII": (HEADER + row(1, "x"), "ascii", "cp1256", "utf-8"),
    "ASCII said to be wide": (HEADER + row(1, "x"), "ascii", "utf-16-le", "utf-8"),
    "nothing": ("", "ascii", "cp1252", "utf-8"),
    "declared, and so it is": (HEADER + row(1, ARABIC), "cp1256", "cp1256", "cp1256"),
    "declared by another name": (HEADER + row(1, "caf\u00e9"), "latin-1", "latin1", "iso8859-1"),
    "UTF-16 with a mark": (HEADER + row(1, ARABIC), "utf-16", "cp1252", "utf-16"),
    "UTF-16 without": (HEADER + row(1, ARABIC), "utf-16-le", "utf-16-le", "utf-16-le"),
    "ASCII that means something else": (HEADER + row(1, ARABIC), "utf-7", "utf-7", "utf-7"),
    "nothing declared": (HEADER + row(1, "caf\u00e9"), "cp1252", "utf-8", "utf-8"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(("text", "written", "declared", "read"), TOLD.values(), ids=TOLD.keys())
def test_the_encoding_of_a_file(
    tmp_path: Path, text: str, written: str, declared: str, read: str, packed: bool
) -> None:
    content = text.encode(written)
    path = tmp_path / ("pickup.csv.gz" if packed else "pickup.csv")
    assert encoding_of(path, gzip.compress(content) if packed else content, declared) == read


TEXTS = st.text(alphabet="a\n\r\u00e9\u0644\u20ac\U0001f600", max_size=40)


@given(TEXTS, st.integers(1, 9), st.integers(0, 3))
def test_utf8_is_told_however_it_is_read_or_cut(text: str, longest: int, cut: int) -> None:
    content = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unicode, "_LONGEST", longest)
        if cut and not text.endswith("\n"):
            content = content[:-cut]
            try:
                content.decode()
            except UnicodeDecodeError as error:
                if b"\n" in content[error.start :]:
                    return
        assert told_encoding(BytesIO(content), "cp1252") == "utf-8"


@pytest.mark.parametrize("other", ["cp1256", "cp1252"])
def test_a_file_of_both_is_refused(tmp_path: Path, other: str) -> None:
    content = (HEADER + row(1, "x") + row(2, ARABIC)).encode()
    content += row(3, "\u00e9").encode(other) + row(4, ARABIC).encode()
    with pytest.raises(SourceError) as caught:
        encoding_of(tmp_path / "pickup.csv", content, other)
    assert str(caught.value) == (
        f"line 3 is UTF-8 and line 4 is not: --encoding {other} would read the former wrong; have "
        "all of the file saved as UTF-8"
    )


def test_a_line_in_a_hundred_may_be_utf8_by_chance(tmp_path: Path) -> None:
    by_chance = row(1, "\u00c3\u00a9").encode("cp1252")
    rows = row(2, "caf\u00e9").encode("cp1252")
    path = tmp_path / "pickup.csv"
    assert encoding_of(path, HEADER.encode() + by_chance + rows * 100, "cp1252") == "cp1252"
    with pytest.raises(SourceError, match=r"^line 2 is UTF-8 and"):
        encoding_of(path, HEADER.encode() + by_chance + rows * 99, "cp1252")


def test_a_folder_of_both_is_read_right(tmp_path: Path, database: Path) -> None:
    (tmp_path / "1 pickup.csv").write_text(HEADER + row(1, ARABIC), encoding="utf-8")
    (tmp_path / "2 pickup.csv").write_text(HEADER + row(2, ARABIC), encoding="cp1256")
    report = take(database, tmp_path, options=Options(encoding="cp1256"))
    assert (report.totals.new, report.totals.rejected) == (2, 0)
    with Store.open(database) as store:
        assert {card.comment for card in store.statuses()} == {ARABIC}
    assert status_of(database, "CRD1") == "picked_up"
