"""The README is true: its console blocks run, and its tables name what the program knows."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import COMMANDS
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.cli.exits import Exit
from cardstatus.model.problems import Reason
from cardstatus.model.records import CardStatus, EventType
from cardstatus.rules.findings import FindingReason

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of the console blocks with the output that stands below it."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield from re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def run(command: str, folder: Path) -> str:
    """Run a command line as a reader would, and return all it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=folder, text=True, check=False, env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="a block shows the sqlite3 program")
def test_the_console_blocks_print_what_they_show(tmp_path: Path) -> None:
    for name in ("sample_data", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    shown = list(blocks(README))
    assert len(shown) >= 6
    for command, output in shown:
        printed = run(command, tmp_path)
        assert printed.strip("\n") == output.strip("\n"), command


def test_every_reason_type_field_and_exit_code_is_explained() -> None:
    words = set(re.findall(r"`([\w]+)`", README))
    assert {reason.value for reason in (*Reason, *FindingReason)} <= words
    assert {kind.word for kind in EventType} <= words
    assert {kind.status.value for kind in EventType} <= words
    assert set(CardStatus._fields) <= words
    for code in (0, *Exit):
        assert f"\n| {int(code)} | " in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_the_help_is_in_the_readme(command: str) -> None:
    text = CliRunner().invoke(app, [command, "--help"]).stdout
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)) - {"--help"}
    assert options
    assert {option for option in options if option not in README} <= {"--raw", "--output"}
