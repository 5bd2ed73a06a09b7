"""docs/json.md names the fields that the commands print, in their order."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, write
from typer.testing import CliRunner

from cardstatus.cli.app import app

PAGE = (Path(__file__).parents[2] / "docs/json.md").read_text(encoding="utf-8")
GET = ["card_id", "status", "occurred_at", "mobile", "comment", "reference", "source", "line"]


def section(name: str) -> dict[str, str]:
    """Return the fields that a section of the page has in its table, and what it says of each."""
    text = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert text is not None, name
    fields = {}
    for names, meaning in re.findall(r"^\| (`.*?`) \| (.*) \|$", text[1], re.MULTILINE):
        fields.update(dict.fromkeys(re.findall(r"`(\w+)`", names), meaning))
    return fields


def named(meaning: str) -> list[str]:
    """Return the fields that a description names, in their order."""
    return [word for word in re.findall(r"`([a-z_0-9]+)`", meaning) if word not in VALUES]


# What descriptions say of values.
VALUES = {
    "null", "ingested", "failed", "unchanged", "undone", "csv", "ndjson", "check", "pickup",
    "delivery_exceptions", "delivered", "returned", "picked_up",
}  # fmt: skip


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What a command prints as JSON, of a database that has something of everything."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--format", "json"])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return json.loads(result.stdout)

    write(tmp_path, "in/pickup.csv", row("CRD1"), row("CRD1", "tomorrow"))
    write(tmp_path, "in/exceptions.csv", row("CRD1", "13-11-2023 16:00"))
    write(tmp_path, "in/delivered.csv", row("CRD1", "2023-11-13T15:00:00Z"))
    write(tmp_path, "in/returned.csv", row("CRD1", "2023-11-13T15:00:00Z", comment="back"))
    write(tmp_path, "more/delivered.csv", row("CRD1", "2023-11-14T15:00:00Z"))
    run("ingest", "in")
    return run


@pytest.mark.parametrize("command", [("get", "--card-id", "CRD1"), ("export",)])
def test_records(printed: Callable[..., Any], command: tuple[str, ...]) -> None:
    assert list(printed(*command)[0]) == list(section("`get`, `export`")) == GET


def test_explain(printed: Callable[..., Any]) -> None:
    (record,) = printed("get", "--card-id", "CRD1", "--explain")
    fields = section("`get --explain`")
    assert list(record) == [*GET, *fields]
    beats = list(record["beats"][0])
    assert beats == ["by", *GET[1:], "type", "ingested_at", "also_said_by"]
    assert set(beats) <= set(named(fields["beats"]))
    assert list(record["assumed"]) == ["timezone", "zoneless_events", "country_code"]
    assert set(record["assumed"]) <= set(named(fields["assumed"]))
    assert list(record["contradictions"][0]) == named(fields["contradictions"])
    assert list(record["other_answer"]) == ["status", "from_offset", "to_offset"]
    assert set(record["other_answer"]) <= set(named(fields["other_answer"]))


def test_find(printed: Callable[..., Any]) -> None:
    (record,) = printed("find", "crd1", "0101")
    fields = section("`find`")
    assert list(record) == [*GET, *fields]
    assert [list(match) for match in record["matched"]] == [["text", "field", "value"]] * 2
    assert set(record["matched"][0]) <= set(named(fields["matched"]))


def test_history(printed: Callable[..., Any]) -> None:
    records = printed("history", "--card-id", "CRD1")
    assert list(records[0]) == [*GET, *section("`history`")]
    assert [record["decides"] for record in records] == [False, False, False, True]


@pytest.mark.parametrize("command", ["check", "stats", "files"])
def test_reports(printed: Callable[..., Any], command: str) -> None:
    printed("ingest", "more")
    late = ("--expect", "pickup=1m", "--now", "2099-01-01") if command == "check" else ()
    report = printed(command, *late)
    fields = section(f"`{command}`")
    assert list(report) == list(fields)
    for name, value in report.items():
        if isinstance(value, list):
            assert list(value[0]) == [f for f in named(fields[name]) if f in value[0]], name
            assert set(value[0]) <= set(named(fields[name])), name
    if command == "stats":
        assert list(report["seconds_to_delivery"]) == named(fields["seconds_to_delivery"])


def test_problems(printed: Callable[..., Any]) -> None:
    (problem,) = printed("problems")
    text = PAGE.partition("## `problems`")[2].partition("##")[0]
    assert list(problem) == [word for word in re.findall(r"`(\w+)`", text) if word in problem]


def test_backup(printed: Callable[..., Any]) -> None:
    made = printed("backup", "monday.db")
    assert list(made) == list(section("`backup`"))
    assert (made["database"], made["backup"]) == ("cardstatus.db", "monday.db")
    assert (made["files"], made["events"], made["problems"]) == (4, 4, 1)


def test_rebuild(printed: Callable[..., Any]) -> None:
    made = printed("rebuild", "new.db", "--timezone", "Asia/Dubai")
    assert list(made) == list(section("`rebuild`"))
    assert (made["made"], made["timezone"], len(made["missing"])) == ("new.db", "Asia/Dubai", 0)
    assert [list(change) for change in made["changes"]] == [["card_id", "from", "to"]]
    assert made["files"]["ingested"] == 4


def test_undo(printed: Callable[..., Any]) -> None:
    fields = section("`undo`")
    would, did = printed("undo", "2", "-n"), printed("undo", "2", "--yes")
    assert would == did
    assert list(did) == list(fields)
    assert list(did["files"][0]) == named(fields["files"])
    assert did["changes"] == [{"card_id": "CRD1", "from": "delivery_exception", "to": "returned"}]
    assert list(did["changes"][0]) == named(fields["changes"])


def test_ingest(printed: Callable[..., Any]) -> None:
    fields = section("`ingest`")
    report = printed("ingest", "more", "--dry-run")
    assert list(report) == list(fields)
    assert list(report["files"][0]) == named(fields["files"])
    assert list(report["totals"]) == named(fields["totals"])
    assert list(report["changes"][0]) == [w for w in named(fields["changes"]) if w != "null"]
    assert list(printed("ingest", "more")) == list(fields)[:-1]


def test_erase(printed: Callable[..., Any]) -> None:
    assert list(printed("erase", "--card-id", "CRD1", "--dry-run")) == list(section("`erase`"))
