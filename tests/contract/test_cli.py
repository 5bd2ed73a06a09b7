"""The command contract, through the program as a user runs it."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, write
from support.commands import COMMANDS, options_of
from support.terminals import on_a_terminal
from typer.testing import CliRunner, Result

from cardstatus import __version__
from cardstatus.cli.app import app
from cardstatus.model.records import CardStatus

RECORD = ["card_id", "status", "occurred_at", "mobile", "comment", "reference", "source", "line"]
COUNTS = ["rows", "new", "duplicates", "rejected", "warnings"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program, in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: CliRunner().invoke(
        app, list(map(str, arguments)), **options
    )


@pytest.fixture
def stocked(run: Run, tmp_path: Path) -> Path:
    """Two cards of one mobile, one of another, in ./cardstatus.db."""
    write(tmp_path, "in/pickup.csv", row("CRD1"), row("CRD2"), row("CRD3", mobile="585550103"))
    write(tmp_path, "in/returned.csv", row("CRD2", "14-11-2023 10:00", comment="[red]x[/bold]"))
    assert run("ingest", "in").exit_code == 0
    return tmp_path


def records(result: Result) -> Any:
    return json.loads(result.stdout)


def program(*arguments: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cardstatus", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# The program


def test_version(run: Run) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"cardstatus {__version__}\n")


def test_help_names_every_command(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in result.stdout
        assert "--db PATH" in run(command, "--help").stdout
        assert re.search(f"Examples:\n +cardstatus {command}\\b", run(command, "--help").stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_fits_a_terminal_and_says_what_each_option_does(
    command: str,
) -> None:
    code, shown = on_a_terminal(command, "--help", columns=80)
    assert code == 0
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert [option.name for option in options_of(command) if not option.help] == []
    assert "int range" not in shown


def test_python_dash_m_runs_it() -> None:
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"cardstatus {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest"],
        ["ingest", "in", "--type", "parcel"],
        ["ingest", "in", "--only", "parcel"],
        ["ingest", "in", "--format", "csv"],
        ["ingest", "in", "--timezone", "Mars"],
        ["stats", "--top", "9223372036854775808"],
        ["ingest", "in", "--country-code", "x"],
        ["ingest", "in", "--encoding", "utf-9"],
        ["get"],
        ["get", "--card-id", " "],
        ["get", "--mobile", "12"],
        ["get", "--input", "empty.txt"],
        ["get", "--card-id", "CRD1", "--format", "xml"],
        ["export", "a.csv", "-o", "b.csv"],
        ["export", "--status", "burnt"],
        ["problems", "--severity", "fatal"],
        ["fly"],
        ["--fly"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2_with_one_message(
    run: Run, stocked: Path, arguments: list[str]
) -> None:
    (stocked / "empty.txt").write_text("\n")
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "rror" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["get", "--card-id", "X"], ["export"], ["problems"]])
def test_no_database_is_exit_code_1_and_none_is_made(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    result = run(*command)
    assert result.exit_code == 1
    assert "error: there is no database at cardstatus.db; make one with" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_database_is_the_options_else_the_environments_else_the_folders(
    run: Run, tmp_path: Path
) -> None:
    file = write(tmp_path, "pickup.csv", row())
    env = {"CARDSTATUS_DB": "env.db"}
    run("ingest", file, "--db", "option.db", env=env)
    run("ingest", file, env=env)
    run("ingest", file)
    assert {path.name for path in tmp_path.glob("*.db")} == {"option.db", "env.db", "cardstatus.db"}


# ingest


def test_ingest_json_is_as_documented(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "in/1 pickup.csv", row(), row(""))
    write(tmp_path, "in/2 exceptions.csv", row(), header=("a", "b", "c", "d", "e"))
    result = run("ingest", "in", "--format", "json")
    report = records(result)
    assert list(report) == ["database", "timezone", "files", "totals"]
    assert (report["database"], report["timezone"]) == ("cardstatus.db", "UTC")
    first, second = report["files"]
    assert list(first) == ["source", "type", "outcome", *COUNTS, "error", "erased"]
    assert list(first.values()) == [
        "in/1 pickup.csv", "pickup", "ingested", 2, 1, 0, 1, 0, None, 0,
    ]  # fmt: skip
    assert (second["type"], second["outcome"]) == ("delivery_exceptions", "failed")
    assert "no column for card id" in second["error"]
    assert report["totals"] == dict(zip([*COUNTS, "erased"], [2, 1, 0, 1, 0, 0], strict=True))


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row()], 0),
        ([row(mobile="1")], 0),
        ([row(), row("")], 3),
        ([row("")], 1),
        ([], 0),
    ],
    ids=["clean", "warning", "some rejected", "all rejected", "header only"],
)
def test_exit_codes_of_ingest(
    run: Run, tmp_path: Path, rows: list[tuple[str, ...]], code: int
) -> None:
    write(tmp_path, "pickup.csv", *rows)
    assert run("ingest", ".").exit_code == code
    assert run("ingest", ".").exit_code == code, "the same again"


def test_a_failed_file_outweighs_rejected_rows(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row(), row(""))
    write(tmp_path, "nothing.csv", row())
    assert run("ingest", ".").exit_code == 1


def test_ingest_prints_a_line_a_file_and_the_totals(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row(), row(""))
    result = run("ingest", ".")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["pickup.csv", "pickup", "ingested", "2", "1", "0", "1", "0"] in lines
    assert ["Total", "2", "1", "0", "1", "0"] in lines
    assert "rows rejected: 1, warnings: 0; see them with: cardstatus problems\n" in result.stderr
    assert "times that carry no zone, read as UTC: 1;" in result.stderr


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("empty", "failed: empty: no *.csv or *.csv.gz file in this folder or below it"),
        ("none", "failed: none: no such file or folder"),
        ("pickup.csv", "failed: pickup.csv/: no *.csv or *.csv.gz file in this folder or below it"),
    ],
)
def test_nothing_to_take_in_is_said(run: Run, tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "pickup.csv").mkdir()
    result = run("ingest", path)
    assert result.exit_code == 1
    assert said.replace("/:", ":") in result.stderr
    assert not list(tmp_path.glob("*.db"))


def test_a_refused_zone_is_one_line(run: Run, stocked: Path) -> None:
    result = run("ingest", "in", "--timezone", "Asia/Dubai")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: this database was begun with --timezone UTC")
    assert result.stderr.count("\n") == 1


# get


def test_get_json_is_as_documented(run: Run, stocked: Path) -> None:
    result = run("get", "--card-id", "CRD2", "--format", "json")
    assert result.exit_code == 0
    (card,) = records(result)
    assert list(card) == RECORD == list(CardStatus._fields)
    assert list(card.values()) == [
        "CRD2", "returned", "2023-11-14T10:00:00Z", "+971585550101", "[red]x[/bold]", "A1",
        "in/returned.csv", 2,
    ]  # fmt: skip


def test_missing_is_null_in_json_and_empty_in_csv(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row(mobile="", comment="", reference=""))
    run("ingest", ".")
    (card,) = records(run("get", "--card-id", "CRD1", "--format", "json"))
    assert (card["mobile"], card["comment"], card["reference"]) == (None, None, None)
    result = run("get", "--card-id", "CRD1", "--format", "csv")
    assert result.stdout.splitlines()[1] == "CRD1,picked_up,2023-11-13T14:00:00Z,,,,pickup.csv,2"


@pytest.mark.parametrize(
    ("arguments", "cards"),
    [
        (["--card-id", "CRD1"], ["CRD1"]),
        (["--card-id", " CRD1 "], ["CRD1"]),
        (["--card-id", "CRD3", "--card-id", "CRD1"], ["CRD1", "CRD3"]),
        (["--card-id", "CRD3", "--card-id", "none"], ["CRD3"]),
        (["--mobile", "585550101"], ["CRD1", "CRD2"]),
        (["--mobile", "0585550101"], ["CRD1", "CRD2"]),
        (["--mobile", '"0585550101"'], ["CRD1", "CRD2"]),
        (["--mobile", "971585550101"], ["CRD1", "CRD2"]),
        (["--mobile", "+971 58 555 0101"], ["CRD1", "CRD2"]),
        (["--mobile", "00971585550101"], ["CRD1", "CRD2"]),
        (["--mobile", "585550103", "--mobile", "585550101"], ["CRD1", "CRD2", "CRD3"]),
        (["--mobile", "585550101", "--card-id", "CRD2", "--card-id", "CRD3"], ["CRD2"]),
    ],
    ids=" ".join,
)
def test_get_finds(run: Run, stocked: Path, arguments: list[str], cards: list[str]) -> None:
    result = run("get", *arguments, "--format", "json")
    assert result.exit_code == 0
    assert [card["card_id"] for card in records(result)] == cards


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--card-id", "crd9"], "no card matches 'crd9'"),
        (["--card-id", "CRD9"], "no card matches 'CRD9'"),
        (["--mobile", "0585550199"], "no card has the mobile …0199"),
        (["--mobile", "585550103", "--card-id", "CRD1"], "no card matches both"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_get_of_an_unknown_card_is_exit_code_4_and_one_line(
    run: Run, stocked: Path, arguments: list[str], said: str
) -> None:
    result = run("get", *arguments)
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1
    assert run("get", *arguments, "--format", "json").stdout == "[]\n"


@pytest.mark.parametrize("asked", ["crd1", "CRD 1", "CRD-001", "\u0421RD1"])
def test_get_of_another_spelling_answers_with_a_note(run: Run, stocked: Path, asked: str) -> None:
    note = f"no card matches {asked!r}; taken as 'CRD1', which differs in spelling only\n"
    for command in ("get", "history"):
        result = run(command, "--card-id", asked)
        assert (result.exit_code, result.stderr) == (0, note)
        assert result.stdout == run(command, "--card-id", "CRD1").stdout
    result = run("get", "--card-id", asked, "--format", "json")
    (plain,) = records(run("get", "--card-id", "CRD1", "--format", "json"))
    assert records(result) == [plain | {"asked": asked}]
    listed = run("get", "--input", "-", "--format", "ndjson", input=f"CRD9\n{asked}\n")
    assert [json.loads(line)["card_id"] for line in listed.stdout.splitlines()] == ["CRD9", "CRD1"]
    assert (listed.exit_code, listed.stderr) == (4, f"{note}no card matches 'CRD9'\n")


def test_several_that_a_spelling_could_mean_are_named(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "in/pickup.csv", row("CRD1"), row("crd1"), row("CRD01"))
    run("ingest", "in")
    result = run("get", "--card-id", "CRD-1")
    said = "no card matches 'CRD-1'; did you mean 'CRD01' or 'CRD1' or 'crd1'?\n"
    assert (result.exit_code, result.stdout, result.stderr) == (4, "", said)


def test_near_ids_are_named_with_their_status(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "in/pickup.csv", row("CRD1"), row("CRD2"))
    write(tmp_path, "in/delivered.csv", row("crd1", "14-11-2023 10:00"))
    result = run("ingest", "in")
    assert "pairs of card ids that differ in spelling only: 1, such as 'CRD1' and 'crd1'" in (
        result.stderr
    )
    near = {"card_id": "crd1", "status": "delivered", "occurred_at": "2023-11-14T10:00:00Z"}
    line = "'crd1' differs from 'CRD1' in spelling only, and is another card: Delivered, 2023-11-14"
    for command in ("get", "history"):
        asked = (command, "--card-id", "CRD1")
        assert line in run(*asked).stdout
        (record,) = records(run(*asked, "--format", "json"))
        assert record["near_ids"] == [near]
        assert "near_ids" not in records(run(command, "--card-id", "CRD2", "--format", "json"))[0]
        looking_back = run(*asked, "--as-of", "2023-11-13", "--format", "json")
        assert "near_ids" not in records(looking_back)[0]
    assert line in run("get", "--card-id", "CRD1", "--format", "csv").stderr
    explained = run("get", "--card-id", "CRD1", "--explain").stdout
    assert "Near ids     crd1: Delivered, 2023-11-14 10:00:00" in explained
    (record,) = records(run("get", "--card-id", "CRD1", "--explain", "--format", "json"))
    assert record["near_ids"] == [near]
    assert "near_ids" not in json.loads(run("ingest", "in", "--format", "json").stdout)
    checked = run("check", "--reason", "near_ids", "--format", "ndjson")
    assert checked.exit_code == 3
    assert [(f["card_id"], f["detail"]) for f in map(json.loads, checked.stdout.splitlines())] == [
        ("CRD1", "cards whose ids differ in spelling only: crd1 (delivered)"),
        ("crd1", "cards whose ids differ in spelling only: CRD1 (picked_up)"),
    ]


def test_a_mobile_of_an_earlier_event_is_told_with_that_event(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "in/pickup.csv", row("CRD1", mobile="585550101"), row("CRD2", mobile=""))
    failed = [row("CRD1", f"1{day}-11-2023 16:00", mobile=f"58555010{day}") for day in (4, 5)]
    write(tmp_path, "in/exceptions.csv", *failed)
    write(
        tmp_path,
        "in/delivered.csv",
        *(row(f"CRD{n}", "16-11-2023 10:00", mobile="") for n in (1, 2)),
    )
    run("ingest", "in")
    told = (
        "the mobile of CRD1 is that of an earlier event: Delivery exception, 2023-11-15 16:00:00, "
        "in/exceptions.csv:3"
    )
    result = run("get", "--card-id", "CRD1", "--card-id", "CRD2")
    assert "+971585550105" in result.stdout
    assert result.stdout.count("the mobile of") == 1
    assert told in result.stdout
    one, two = records(run("get", "--card-id", "CRD1", "--card-id", "CRD2", "--format", "json"))
    assert (one["mobile"], two["mobile"], "mobile_from" in two) == ("+971585550105", None, False)
    assert one["mobile_from"] == {
        "status": "delivery_exception", "occurred_at": "2023-11-15T16:00:00Z",
        "source": "in/exceptions.csv", "line": 3,
    }  # fmt: skip
    csv = run("get", "--card-id", "CRD1", "--format", "csv")
    assert "+971585550105" in csv.stdout
    assert csv.stderr == told + "\n"
    explained = run("get", "--card-id", "CRD1", "--explain").stdout
    assert "+971585550105, of an earlier event: Delivery exception, 2023-11-15" in explained
    # At that time, another one was the newest.
    (then,) = records(run("get", "--card-id", "CRD1", "--as-of", "2023-11-14", "--format", "json"))
    assert (then["mobile"], "mobile_from" in then) == ("+971585550104", False)
    # The export has what the deciding event says, which its line is the evidence of.
    assert records(run("export", "--format", "json"))[0]["mobile"] is None


def test_an_unknown_one_among_known_ones_is_named(run: Run, stocked: Path) -> None:
    result = run("get", "--card-id", "CRD1", "--card-id", "CRD9", "--mobile", "585550199")
    assert result.exit_code == 4
    result = run("get", "--card-id", "CRD1", "--card-id", "CRD9")
    assert (result.exit_code, result.stderr) == (0, "no card matches 'CRD9'\n")


@pytest.mark.parametrize("source", ["ids.txt", "-"])
def test_get_of_many_answers_each_in_the_order_asked(run: Run, stocked: Path, source: str) -> None:
    text = "\ufeffCRD3\n\nCRD9\r\n CRD1 \n"
    (stocked / "ids.txt").write_text(text, encoding="utf-8")
    result = run("get", "--input", source, "--format", "json", input=text.removeprefix("\ufeff"))
    assert result.exit_code == 4
    answers = [(card["card_id"], card["status"]) for card in records(result)]
    assert answers == [("CRD3", "picked_up"), ("CRD9", None), ("CRD1", "picked_up")]
    assert "no card matches 'CRD9'" in result.stderr


@pytest.mark.parametrize("source", ["ids.txt", "-"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_list_may_be_utf16_as_windows_writes_it(
    run: Run, stocked: Path, source: str, encoding: str
) -> None:
    content = "CRD3\r\nCRD1\r\n".encode(encoding)
    (stocked / "ids.txt").write_bytes(content)
    result = run("get", "--input", source, "--format", "json", input=content)
    assert result.exit_code == 0
    assert [card["card_id"] for card in records(result)] == ["CRD3", "CRD1"]


def test_an_input_file_that_cannot_be_read_is_exit_code_1(run: Run, stocked: Path) -> None:
    result = run("get", "--input", "none.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error: --input: none.txt cannot be read: no such file" in result.stderr


def test_the_table_shows_words_local_time_and_evidence(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "exceptions.csv", row(comment="[red]x[/bold] \x1b[31m \u202eabc"))
    run("ingest", ".", "--timezone", "Asia/Dubai")
    table = run("get", "--card-id", "CRD1").stdout
    assert "Time (Asia/Dubai)" in table
    for text in (
        "CRD1", "Delivery exception", "2023-11-13 14:00:00", "+971585550101", "A1",
        r"[red]x[/bold] \x1b[31m \u202eabc", "exceptions.csv:2",
    ):  # fmt: skip
        assert text in table
    assert "\x1b" not in table


# export


def test_export_is_csv_sorted_by_card(run: Run, stocked: Path) -> None:
    rows = list(csv.reader(io.StringIO(run("export").stdout)))
    assert rows[0] == RECORD
    assert [(cells[0], cells[1]) for cells in rows[1:]] == [
        ("CRD1", "picked_up"),
        ("CRD2", "returned"),
        ("CRD3", "picked_up"),
    ]


def test_export_of_events_and_of_some_statuses(run: Run, stocked: Path) -> None:
    events = records(run("export", "--events", "--format", "json"))
    assert [event["card_id"] for event in events] == ["CRD1", "CRD2", "CRD2", "CRD3"]
    assert list(events[0]) == RECORD
    returned = run("export", "--status", "returned", "--format", "ndjson").stdout
    assert json.loads(returned)["card_id"] == "CRD2"


@pytest.mark.parametrize(
    "arguments", [["out.csv"], ["-o", "out.csv"], ["out.csv", "-o", "out.csv"]]
)
def test_export_to_a_file_is_for_its_owner_only(
    run: Run, stocked: Path, arguments: list[str]
) -> None:
    out = stocked / "out.csv"
    out.write_text("old")
    result = run("export", *arguments)
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_text(encoding="utf-8") == run("export").stdout
    assert stat.filemode(out.stat().st_mode) == "-rw-------"
    assert {path.name for path in stocked.iterdir()} == {"in", "out.csv", "cardstatus.db"}


def test_a_table_in_a_file_has_no_colour_and_is_not_cut(run: Run, stocked: Path) -> None:
    run("export", "out.txt", "--format", "table")
    assert "in/returned.csv:2" in (stocked / "out.txt").read_text(encoding="utf-8")


def test_export_to_where_it_cannot_be_written_says_so(run: Run, stocked: Path) -> None:
    result = run("export", "no/such/folder.csv")
    assert result.exit_code == 1
    assert "error: no/such/folder.csv cannot be written: no such file" in result.stderr


def test_export_guards_against_formulas_but_not_raw(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row(comment="=1+1", reference="-7"), row("+C1"), row("@d1"))
    run("ingest", ".")
    guarded = list(csv.DictReader(io.StringIO(run("export").stdout)))
    assert [card["card_id"] for card in guarded] == ["'+C1", "'@d1", "CRD1"]
    assert (guarded[2]["comment"], guarded[2]["reference"]) == ("'=1+1", "'-7")
    assert guarded[2]["mobile"] == "+971585550101"
    exact = list(csv.DictReader(io.StringIO(run("export", "--raw").stdout)))
    assert (exact[2]["comment"], exact[2]["reference"]) == ("=1+1", "-7")


# problems


def test_problems_json_is_as_documented(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row(), row(mobile="1"), row("", comment="[x]"))
    run("ingest", ".")
    warning, rejected = records(run("problems", "--format", "json"))
    assert list(warning) == [
        "severity", "source", "line", "field", "reason", "detail", "raw", "ingested_at", "state",
    ]  # fmt: skip
    assert (warning["severity"], warning["field"], warning["line"]) == ("warning", "mobile", 3)
    assert rejected["reason"] == "missing_card_id"
    assert rejected["raw"] == "A1,,585550101,13-11-2023 14:00,[x]"
    table = run("problems").stdout
    assert "pickup.csv:4" in table
    assert rejected["raw"] in table


def test_no_problems_is_said(run: Run, stocked: Path) -> None:
    result = run("problems")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no problems\n")
    assert run("problems", "--format", "json").stdout == "[]\n"


# What is missing, and how to get it


def test_what_a_message_advises_to_install_can_be_installed() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sources = [path.read_text(encoding="utf-8") for path in (root / "src").rglob("*.py")]
    advised = {what for source in sources for what in re.findall(r"pip install ([^\s\"]+)", source)}
    # From the clone: no index has the program.
    extras = {f"'.[{extra}]'": extra for extra in ("watch", "web", "excel", "parquet")}
    assert advised == {".", *extras}
    assert set(extras.values()) <= set(project["optional-dependencies"])


# Pipes and terminals


def test_nothing_is_cut_or_wrapped_in_a_pipe(run: Run, tmp_path: Path) -> None:
    long = "word " * 200 + "end"
    write(tmp_path, "pickup.csv", row("C" * 89 + "1", comment=long))
    run("ingest", ".")
    for form in ("table", "csv", "json", "ndjson"):
        done = program("get", "--card-id", "C" * 89 + "1", "--format", form, cwd=tmp_path,
                       env={**os.environ, "COLUMNS": "40"})  # fmt: skip
        (line,) = [line for line in done.stdout.splitlines() if "C" * 89 in line]
        assert long in line


def test_a_reader_that_leaves_early_is_no_error(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", *[row(f"CRD{number}") for number in range(9_000)])
    run("ingest", ".")
    command = f"{sys.executable} -m cardstatus export | head -n 2"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


def test_on_a_terminal_tables_fit_and_data_is_harmless(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row(comment="\x1b]0;owned\x07" + "word " * 30))
    _, shown = on_a_terminal("ingest", ".", columns=60)
    assert "\x1b[" in shown, "colours"
    _, shown = on_a_terminal("get", "--card-id", "CRD1", columns=60, NO_COLOR="1")
    assert max(map(len, shown.splitlines())) <= 60
    assert "\x1b" not in shown
    for form in ("csv", "json", "ndjson"):
        _, shown = on_a_terminal("get", "--card-id", "CRD1", "--format", form, columns=60)
        assert "owned" in shown
        assert "\x1b" not in shown
        assert "\x07" not in shown


def test_on_a_narrow_terminal_a_card_is_a_block_of_lines(run: Run, stocked: Path) -> None:
    _, shown = on_a_terminal("get", "--card-id", "CRD1", columns=60, NO_COLOR="1")
    lines = [line.split(maxsplit=1) for line in shown.splitlines()]
    assert ["Mobile", "+971585550101"] in lines
    assert ["Status", "Picked up"] in lines


def test_export_does_not_replace_the_database(run: Run, stocked: Path) -> None:
    Path("link.db").symlink_to("cardstatus.db")
    os.link("cardstatus.db", "hard.db")
    before = Path("cardstatus.db").read_bytes()
    names = ("cardstatus.db", "cardstatus.db-wal", "in/../cardstatus.db", "link.db", "hard.db")
    for name, database in product(names, ("cardstatus.db", "link.db")):
        result = run("export", name, "--db", database)
        assert result.exit_code == 2
        assert "is the database itself" in result.stderr
    assert Path("cardstatus.db").read_bytes() == before
    assert run("export").exit_code == 0


def test_ingest_lists_what_is_news(run: Run, stocked: Path) -> None:
    assert "2 files" in run("ingest", "in").stdout
    assert "pickup.csv" not in run("ingest", "in").stdout
    assert "in/pickup.csv" in run("ingest", "in", "--verbose").stdout
    write(stocked, "in/delivered.csv", row("CRD1", "14-11-2023 10:00"))
    write(stocked, "in/of no type.csv")
    result = run("ingest", "in")
    assert re.findall(r"\S+delivered.csv|\d files", result.stdout) == [
        "in/delivered.csv",
        "2 files",
    ]
    report = records(run("ingest", "in", "--format", "json"))
    outcomes = [file["outcome"] for file in report["files"]]
    assert outcomes == ["unchanged", "failed", "unchanged", "unchanged"]


def test_a_quiet_ingest_says_only_what_failed(run: Run, stocked: Path) -> None:
    write(stocked, "in/delivered.csv", row("CRD1", "14-11-2023 10:00"), row("CRD2", "?"))
    quiet = run("ingest", "in", "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (3, "", "")
    write(stocked, "in/of no type.csv")
    quiet = run("ingest", "in", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (1, "")
    assert re.fullmatch(r"failed: in/of no type\.csv: .*\n", quiet.stderr)
    assert records(run("ingest", "in", "--quiet", "--format", "json"))["totals"]["rows"] == 6


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_fails_as_it_is_watched_is_said_on_stderr_unless_that_is_stdout(
    stocked: Path, form: str
) -> None:
    write(stocked, "drops/of no type.csv")
    arguments = ["watch", "drops", "--once", "--settle", "0", "--log-format", form]
    apart = program(*arguments, cwd=stocked)
    assert apart.stderr.startswith("failed: drops/of no type.csv: the name tells no type")
    assert apart.stdout.count("of no type.csv") == apart.stderr.count("of no type.csv") == 1
    together = subprocess.run(
        [sys.executable, "-m", "cardstatus", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=stocked,
    )  # fmt: skip
    assert together.stdout.count("of no type.csv") == 1
    assert len(together.stdout.splitlines()) == 1


def test_a_database_path_means_a_file_whatever_it_looks_like(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row())
    for name in (":memory:", "a?b#c%20d.db", "file:x.db", os.fsdecode(b"\xff.db")):
        assert run("ingest", "pickup.csv", "--db", name).exit_code == 0
        assert run("ingest", "pickup.csv", "--db", name).exit_code == 0
        assert run("get", "--card-id", "CRD1", "--db", name).exit_code == 0


def test_a_card_id_that_is_no_text_is_wrong_usage(run: Run, stocked: Path) -> None:
    result = run("get", "--card-id", os.fsdecode(b"\xff"))
    assert result.exit_code == 2
    assert "is not text in UTF-8" in result.stderr


def test_a_mobile_given_as_card_id_is_not_repeated_in_full(run: Run, stocked: Path) -> None:
    result = run("get", "--card-id", "0585550101")
    assert result.stderr == "no card matches '…0101'; a number is looked up with --mobile\n"


def test_of_many_cards_each_that_lacks_the_mobile_is_named(run: Run, stocked: Path) -> None:
    (stocked / "ids.txt").write_text("CRD1\nCRD3\n")
    result = run("get", "--input", "ids.txt", "--mobile", "585550103", "--format", "csv")
    assert result.exit_code == 4
    assert [line[:15] for line in result.stdout.splitlines()[1:]] == [
        "CRD1,,,,,,,",
        "CRD3,picked_up,2"[:15],
    ]
    assert result.stderr == "no card matches both 'CRD1' and the mobile\n"


# Partners


@pytest.mark.parametrize("way", ["beside the database", "option", "environment"])
def test_partners_are_read_from_where_they_are_declared(run: Run, tmp_path: Path, way: str) -> None:
    write(tmp_path, "in/acme/pickup.csv", row("CRD1"))
    path = tmp_path / ("db/partners.toml" if way == "beside the database" else "p.toml")
    path.parent.mkdir(exist_ok=True)
    path.write_text('[acme]\nfiles = ["acme/**"]\ntimezone = "Asia/Dubai"\n', encoding="utf-8")
    (tmp_path / "db").mkdir(exist_ok=True)
    options = ["--partners", "p.toml"] if way == "option" else []
    env = {"CARDSTATUS_PARTNERS": "p.toml"} if way == "environment" else {}
    result = run("ingest", "in", "--db", "db/cards.db", *options, env=env)
    assert "of partner acme; times that carry no zone are read in Asia/Dubai" in result.stderr
    assert (
        records(run("get", "CRD1", "--db", "db/cards.db", "--format", "json"))[0]["occurred_at"]
        == "2023-11-13T10:00:00Z"
    )


def test_declaration_that_means_nothing_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "in/pickup.csv", row("CRD1"))
    (tmp_path / "partners.toml").write_text("[acme]\nfile = []\n", encoding="utf-8")
    result = run("ingest", "in")
    assert (result.exit_code, result.stderr) == (
        2, "error: partners.toml, line 2: there is no key 'file'; did you mean 'files'?\n"
    )  # fmt: skip
    assert not (tmp_path / "cardstatus.db").exists()
    assert run("ingest", "in", "--partners", "nowhere.toml").exit_code == 2
