"""The command ``erase`` as a user runs it: counts, the question, exit codes, and no full mobile."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, write
from typer.testing import CliRunner, Result

from cardstatus.cli.app import app
from cardstatus.database.writing.erasing import Eraser, Targets

Run = Callable[..., Result]
MOBILE = "0585550101"
TWO_CARDS = "2 cards, 3 events, 0 repeated rows, 1 problem's text, 2 files touched"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "in/pickup.csv", row("CRD1"), row("CRD2"), row("CRD3", mobile="585550103"))
    delivered = row("CRD1", "2023-11-14T09:00:00Z", mobile="")
    write(tmp_path, "in/delivered.csv", delivered, row("CRD1", "tomorrow"))

    def invoke(*arguments: str, **options: Any) -> Result:
        result = CliRunner().invoke(app, list(arguments), **options)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    assert invoke("ingest", "in").exit_code == 3
    return invoke


def test_it_counts_and_erases(run: Run) -> None:
    dry = run("erase", "--mobile", MOBILE, "-n")
    assert (dry.exit_code, dry.stdout) == (0, f"would erase: {TWO_CARDS}\n")
    done = run("erase", "--mobile", MOBILE, "--yes", "--format", "json")
    assert json.loads(done.stdout) == {
        "database": "cardstatus.db", "cards": 2, "events": 3, "sightings": 0, "problems": 1,
        "files": 2, "dry_run": False,
    }  # fmt: skip
    assert [one["card_id"] for one in json.loads(run("export", "--format", "json").stdout)] == [
        "CRD3"
    ]
    again = run("ingest", "in", "--format", "json")
    totals = json.loads(again.stdout)["totals"]
    assert (totals["rows"], totals["erased"], totals["rejected"]) == (5, 3, 1)
    assert " Erased" in run("files").stdout


def test_without_a_terminal_it_wants_yes(run: Run) -> None:
    result = run("erase", "--card-id", "CRD1")
    assert result.exit_code == 2
    assert "give --yes" in result.stderr
    assert run("get", "CRD1").exit_code == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_on_a_terminal_it_asks(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    asked = []

    def confirmed(question: str, *, yes: bool) -> bool:
        asked.append((question, yes))
        return answer == "y\n"

    monkeypatch.setattr("cardstatus.cli.commands.keeping.erase.confirmed", confirmed)
    assert run("erase", "--mobile", MOBILE).exit_code == code
    assert asked == [(f"Erase for good: {TWO_CARDS} (CRD1, CRD2)?", False)]
    assert run("get", "CRD1").exit_code == (4 if code == 0 else 0)


def test_of_nobody_there_is_nothing(run: Run) -> None:
    result = run("erase", "--mobile", "0585550199", "--card-id", "CRD9", "--yes")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr == ("there is nothing of 'CRD9'\nthere is nothing of the mobile …0199\n")


def test_what_could_not_be_overwritten_is_by_the_same_command(run: Run, tmp_path: Path) -> None:
    with Eraser.open(tmp_path / "cardstatus.db") as eraser:
        eraser.erase(Targets(["CRD1"], []))
    result = run("erase", "--card-id", "CRD1", "--yes")
    assert result.exit_code == 4
    assert "what was erased before is overwritten now" in result.stderr
    with closing(sqlite3.connect(tmp_path / "cardstatus.db")) as connection:
        kinds = connection.execute("SELECT DISTINCT kind FROM erased ORDER BY 1").fetchall()
    assert kinds == [("card",), ("salt",)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say whom: --card-id ID or --mobile NUMBER"),
        (("CRD1",), "say what 'CRD1' is"),
        (("--card-id", "4111111111111111"), "a payment card number"),
        (("--mobile", "12"), "is not a number that can be read for sure"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run("erase", *arguments, "--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
