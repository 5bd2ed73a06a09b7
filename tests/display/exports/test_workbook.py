"""Workbooks, and CSV that Excel opens rightly."""

import csv
import io
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.answers import NASTY, card
from support.builders import row, write
from typer.testing import CliRunner, Result

from cardstatus.cli.app import app
from cardstatus.display.exports import workbook
from cardstatus.display.exports.workbook import for_excel, write_workbook
from cardstatus.errors import CardStatusError

pytest.importorskip("xlsxwriter", reason="the extra `excel` is not installed")

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = ["=1+1", "+1", "-1", "@A1", '=HYPERLINK("http://x")', "http://example.org", "\t=1"]


class Sheet:
    """What a workbook says, read without the library that wrote it."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as book:
            self.root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))

    @property
    def rows(self) -> list[list[str]]:
        """The cells of each row, as they are stored."""
        return [
            ["".join(cell.itertext()) for cell in found.iter(f"{MAIN}c")]
            for found in self.root.iter(f"{MAIN}row")
        ]

    def kinds(self, at: int) -> list[str]:
        found = list(self.root.iter(f"{MAIN}row"))[at]
        return [cell.get("t", "n") for cell in found.iter(f"{MAIN}c")]


def written(path: Path, *cards: Any, timezone: str = "UTC") -> Sheet:
    write_workbook(path / "cards.xlsx", cards, timezone)
    return Sheet(path / "cards.xlsx")


def test_a_workbook_has_every_record_below_a_header_that_stays(tmp_path: Path) -> None:
    sheet = written(tmp_path, card(), card("007", mobile=None, comment=None), timezone="Asia/Dubai")
    header, first, second = sheet.rows
    assert header[:3] == ["card_id", "status", "occurred_at (Asia/Dubai)"]
    # 2023-11-13 13:34:56 in Dubai, in days as Excel counts them.
    assert first == [
        "CRD1001", "delivered", "45243.56592592593", "+971585550123", "left at the door", "A982",
        "drop/Delivered.csv", "7",
    ]  # fmt: skip
    assert second[0] == "007"
    assert sheet.kinds(2) == ["inlineStr", "inlineStr", "n", "inlineStr", "inlineStr", "n"]
    (pane,) = sheet.root.iter(f"{MAIN}pane")
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
    (filters,) = sheet.root.iter(f"{MAIN}autoFilter")
    assert filters.get("ref") == "A1:H3"


@pytest.mark.parametrize("text", [*FORMULAS, NASTY, "x" * 32_767])
def test_every_text_stays_text(tmp_path: Path, text: str) -> None:
    sheet = written(tmp_path, card(comment=text))
    assert sheet.kinds(1)[4] == "inlineStr"
    assert not list(sheet.root.iter(f"{MAIN}f"))
    assert not list(sheet.root.iter(f"{MAIN}hyperlink"))
    if text.isprintable():
        assert sheet.rows[1][4] == text


def test_a_text_that_no_cell_holds_is_cut_where_it_shows(tmp_path: Path) -> None:
    assert written(tmp_path, card(comment="x" * 32_768)).rows[1][4] == "x" * 32_766 + "…"


@pytest.mark.parametrize("time", ["2023-11-13T09:34:56.5Z", "1899-12-31T00:00:00Z"])
def test_a_time_that_excel_would_change_stays_text(tmp_path: Path, time: str) -> None:
    sheet = written(tmp_path, card(occurred_at=time))
    assert sheet.rows[1][2] == time.replace("T", " ").removesuffix("Z")
    assert sheet.kinds(1)[2] == "inlineStr"


def test_more_than_a_sheet_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_ROWS", 2)
    assert len(written(tmp_path, card(), card()).rows) == 3
    with pytest.raises(CardStatusError, match="a sheet holds 2 rows, and there are more"):
        written(tmp_path, card(), card(), card())


def test_csv_for_excel_has_a_mark_and_local_times() -> None:
    text = "".join(for_excel([card(comment="=1"), card(occurred_at=None)], "Asia/Dubai"))
    assert text.startswith("\ufeffcard_id,status,occurred_at (Asia/Dubai),")
    rows = list(csv.reader(io.StringIO(text)))
    assert [found[2] for found in rows[1:]] == ["2023-11-13 13:34:56", ""]
    assert rows[1][4] == "'=1"


# By the command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "in/pickup.csv", row("007", comment="a\tb"), row("CRD2"))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)

    assert invoke("ingest", "in", "--timezone", "Asia/Dubai").exit_code == 0
    return invoke


def test_the_ending_says_what_is_written(run: Callable[..., Result], tmp_path: Path) -> None:
    for name in ("a.xlsx", "A.XLSX", "a.tsv", "a.csv", "a", "a.json"):
        assert run("export", name).exit_code == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert Sheet(tmp_path / "a.xlsx").rows == Sheet(tmp_path / "A.XLSX").rows
    with (tmp_path / "a.tsv").open(newline="") as file:
        tabs = list(csv.reader(file, delimiter="\t"))
    assert tabs == list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert tabs[1][4] == "a\tb"
    assert (tmp_path / "a").read_text() == (tmp_path / "a.csv").read_text()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_events_go_into_a_workbook_too(run: Callable[..., Result], tmp_path: Path) -> None:
    run("export", "a.xlsx", "--events", "--status", "picked_up")
    assert len(Sheet(tmp_path / "a.xlsx").rows) == 3


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a.txt", "a.csv.gz", "a.db", "b.2024"])
def test_an_ending_that_cannot_be_written_is_refused(
    run: Callable[..., Result], tmp_path: Path, name: str
) -> None:
    result = run("export", name)
    assert (result.exit_code, (tmp_path / name).exists()) == (2, False)
    assert f"error: {name}: nothing is known of files that end in {Path(name).suffix};" in (
        result.stderr
    )
    assert run("export", name, "--format", "csv").exit_code == 0


def test_csv_for_excel_goes_to_a_file_and_to_stdout(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    text = run("export", "--excel").stdout
    assert text.startswith("\ufeffcard_id,status,occurred_at (Asia/Dubai),")
    run("export", "--excel", "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == text
    run("export", "--excel", "a.tsv")
    assert (tmp_path / "a.tsv").read_text(encoding="utf-8").startswith("\ufeffcard_id\tstatus")
    for arguments in (["--format", "json"], ["a.json"], ["a.xlsx"], ["--format", "table"]):
        refused = run("export", "--excel", *arguments)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "--excel is for CSV" in refused.stderr


def test_without_the_library_it_is_said_how_to_get_it(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    result = run("export", "a.xlsx")
    assert (result.exit_code, (tmp_path / "a.xlsx").exists()) == (1, False)
    assert "pip install '.[excel]'" in result.stderr


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_is_told_in_a_sentence(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "full.xlsx").symlink_to("/dev/full")
    command = [sys.executable, "-m", "cardstatus", "export", "full.xlsx"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    # What a device is called says nothing of what it takes.
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: full.xlsx cannot be written: no space left on device;")
