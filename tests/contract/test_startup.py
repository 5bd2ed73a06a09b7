"""What a look-up loads, beyond what any program of Typer's does: most of its time is that."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.builders import row, take, write

OWN = {
    "__main__", "cli", "cli.app", "cli.commands", "cli.commands.asking",
    "cli.commands.asking.get", "cli.exits", "cli.options",
    "database", "database.connection", "database.files", "database.reading",
    "database.reading.store", "database.schema", "database.schema.version", "database.schema.views",
    "database.sqlite_errors", "display", "display.serialise", "display.streams", "errors", "model",
    "model.records", "questions", "questions.beside", "questions.inputs", "questions.lookup",
    "rules", "rules.ordering",
}  # fmt: skip
HELLO = """
import typer

def main(name: str) -> None:
    typer.echo(name)

typer.run(main)
"""
PROGRAM = "from cardstatus.__main__ import main; main()"
TELL = "finally:\n    sys.stderr.write(' '.join(sys.modules))"


def loaded(code: str, *arguments: str | Path) -> set[str]:
    """Return the names of all modules that a program has loaded when it ends."""
    program = f"import sys\ntry:\n    exec({code!r}, {{'__name__': 'program'}})\n{TELL}"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "CRD1" in done.stdout
    return set(done.stderr.split())


def beyond_hello(*arguments: str | Path) -> tuple[set[str], set[str]]:
    """Return what the program loads beyond a hello-world: its own modules, and packages."""
    names = loaded(PROGRAM, *arguments) - loaded(HELLO, "CRD1")
    own = {name.removeprefix("cardstatus.") for name in names if name.startswith("cardstatus.")}
    return own, {name.split(".")[0].strip("_") for name in names} - {"cardstatus"}


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    take(database, write(tmp_path, "pickup.csv", row("CRD1"), row("EN-2", comment="schön")))
    return database


def test_a_look_up_loads_what_it_needs(stocked: Path) -> None:
    question = ("get", "--db", stocked, "--format", "json")
    own, packages = beyond_hello(*question, "--card-id", "CRD1")
    assert own == OWN
    assert packages <= {"gc", "json", "sqlite3"}
    assert beyond_hello(*question, "--card-id", "EN-2", "--card-id", "CRD1")[0] == OWN
    own, _ = beyond_hello(*question, "--mobile", "+971 58 555 0101")
    assert own == OWN | {"courier", "courier.cells", "courier.cells.mobiles"}
    assert beyond_hello(*question, "CRD1")[0] == OWN | {"questions.words"}


def test_near_ids_load_what_finds_them(stocked: Path, tmp_path: Path) -> None:
    take(stocked, write(tmp_path, "delivered.csv", row("crd1")))
    own, packages = beyond_hello("get", "--db", stocked, "--format", "json", "--card-id", "CRD1")
    assert own == OWN | {"database.reading.near", "rules.spelling"}
    assert packages <= {"gc", "json", "sqlite3"}


def test_only_a_table_loads_rich(stocked: Path) -> None:
    own, packages = beyond_hello("get", "--card-id", "CRD1", "--db", stocked)
    assert own == OWN | {
        "display.journey", "display.tables", "display.wording", "instants", "model.events"
    }  # fmt: skip
    assert "rich" in packages
    assert packages.isdisjoint({"csv", "dateutil", "json", "sqlite_utils", "tempfile", "zoneinfo"})


def test_a_history_loads_nothing_that_reads_files(stocked: Path) -> None:
    question = ("--db", stocked, "--format", "json", "--card-id", "CRD1")
    own, packages = beyond_hello("history", *question)
    assert own == OWN - {"cli.commands.asking.get"} | {
        "cli.commands.asking.history", "instants", "model.events", "questions.evidence",
        "questions.history",
        "rules.attempts", "rules.findings", "rules.other_zone",
    }  # fmt: skip
    own, _ = beyond_hello("get", "--explain", *question)
    assert own == OWN | {
        "instants", "model.events", "questions.evidence", "questions.history", "rules.attempts",
        "rules.findings", "rules.other_zone",
        # The row that decides is read again from its file.
        "courier", "courier.faults", "courier.files", "courier.files.kinds", "courier.files.names",
        "courier.files.others", "courier.files.reader", "courier.header", "courier.header.formats",
        "courier.words",
        "courier.files.search", "courier.files.unicode", "courier.rows", "courier.rows.lines",
        "model.problems", "privacy",
    }  # fmt: skip
    assert packages.isdisjoint({"csv", "dateutil", "rich", "sqlite_utils", "zoneinfo"})


def test_a_day_s_file_loads_nothing_that_makes_a_database(stocked: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "CRD1/delivered.csv", row("CRD1"))
    _, packages = beyond_hello("ingest", file, "--db", stocked, "--format", "json")
    assert packages.isdisjoint({"dateutil", "multiprocessing", "rich", "sqlite_utils"})


def test_help_names_what_an_unknown_command_may_have_meant() -> None:
    command = [sys.executable, "-m", "cardstatus", "exprot"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Did you mean 'export'?" in done.stderr
