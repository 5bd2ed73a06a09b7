"""Completion in the shell: what the program answers to bash and zsh, and what these make of it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from support import reference
from support.commands import COMMANDS, options_of
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.rules.findings import FindingReason

TYPES, STATUSES = list(reference.TYPES), list(reference.WORDS)
FORMATS = ["table", "json", "ndjson", "csv"]

RECENT = ["today", "yesterday", "30m", "2h", "7d"]

FREE = {
    "--archive", "--card-id", "--card-id-pattern", "--country-code", "--db",
    "--base-url", "--encoding", "--file", "--forget", "--from", "--host",
    "--input", "--limit", "--max-attempts", "--mobile", "--output", "--partners", "--port",
    "--settle", "--stale-days", "--token-file", "--top", "--workers",
}  # fmt: skip
"""The options whose values nobody can list; files are completed by the shell itself."""

# What is typed up to the tab key, and what it may become.
LINES = [
    ("cardstatus ", COMMANDS),
    ("cardstatus ex", ["export"]),
    ("cardstatus fin", ["find"]),
    ("cardstatus --v", ["--version"]),
    ("cardstatus fly ", COMMANDS),
    ("cardstatus ingest --t", ["--type", "--timezone"]),
    ("cardstatus stats --un", ["--until"]),
    ("cardstatus serve --tok", ["--token-file"]),
    ("cardstatus ingest --type ", TYPES),
    ("cardstatus ingest drops --type del", ["delivery_exceptions", "delivered"]),
    ("cardstatus watch drops --type p", ["pickup"]),
    ("cardstatus ingest --only pickup --only r", ["returned"]),
    ("cardstatus ingest --timezone Asia/Du", ["Asia/Dubai", "Asia/Dushanbe"]),
    ("cardstatus watch --timezone UT", ["UTC"]),
    ("cardstatus check --also-zone America/New", ["America/New_York"]),
    ("cardstatus get --card-id CRD1 --format ", FORMATS),
    ("cardstatus get --format nd", ["ndjson"]),
    ("cardstatus ingest --format ", ["table", "json"]),
    ("cardstatus ingest --dates ", ["day-first", "month-first", "year-first"]),
    ("cardstatus watch drops --dates m", ["month-first"]),
    ("cardstatus watch --log-format ", ["text", "json"]),
    ("cardstatus export --status ", STATUSES),
    ("cardstatus export --status returned --status pi", ["picked_up"]),
    ("cardstatus check --reason ", [reason.value for reason in FindingReason]),
    ("cardstatus stats --by ", ["day", "week", "month"]),
    ("cardstatus problems --severity w", ["warning"]),
    ("cardstatus get --as-of ", RECENT),
    ("cardstatus export --known-at y", ["yesterday"]),
    ("cardstatus check --now 7", ["7d"]),
    ("cardstatus stats --since t", ["today"]),
    ("cardstatus stats --until ", RECENT),
    ("cardstatus get --card-id ", []),
    ("cardstatus ingest drops/", []),
]

Complete = Callable[[str], list[str]]


def answer(shell: str, **environment: str) -> str:
    """Return what the program prints when a shell asks it."""
    asked = {"_CARDSTATUS_COMPLETE": f"complete_{shell}", **environment}
    result = CliRunner().invoke(app, [], env=asked, prog_name="cardstatus")
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def bash(line: str) -> list[str]:
    words = line.split(" ")
    printed = answer("bash", COMP_WORDS="\n".join(words), COMP_CWORD=str(len(words) - 1))
    return printed.split()


def zsh(line: str) -> list[str]:
    printed = answer("zsh", _TYPER_COMPLETE_ARGS=line)
    if printed == "_files\n":
        return []
    choices = re.fullmatch(r"_arguments '\*: :\(\((.*)\)\)'\n", printed, re.DOTALL)
    assert choices is not None
    return re.findall(r'^"([^"]+)"', choices[1], re.MULTILINE)


@pytest.mark.parametrize("complete", [bash, zsh])
@pytest.mark.parametrize(("line", "values"), LINES)
def test_what_is_completed(complete: Complete, line: str, values: list[str]) -> None:
    assert complete(line) == values


@pytest.mark.parametrize("complete", [bash, zsh])
def test_every_zone_can_be_completed(complete: Complete) -> None:
    assert complete("cardstatus ingest --timezone ") == sorted(available_timezones())


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_is_completed_unless_its_values_are_free(command: str) -> None:
    names = [option.opts[0] for option in options_of(command) if not option.is_flag]
    without = {name for name in names if not bash(f"cardstatus {command} {name} ")}
    assert without == FREE.intersection(names)


# The shells themselves


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program as it is installed, first in the path."""
    program = tmp_path / "bin/cardstatus"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nfrom cardstatus.__main__ import main\nmain()\n", encoding="utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return program


def run(shell: str, script: str) -> list[str]:
    command = [shell, *{"bash": ("--norc",), "zsh": ("-f",)}[shell], "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


IN_BASH = """
source <(_CARDSTATUS_COMPLETE=source_bash cardstatus)
complete -p cardstatus
COMP_WORDS=({line}) COMP_CWORD={last}
_cardstatus_completion cardstatus
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# Outside of an editor of lines zsh has no _arguments: this one prints what it is given.
IN_ZSH = """
compdef() {{ print -r -- "$@" }}
_arguments() {{ print -r -- "$@" }}
source <(_CARDSTATUS_COMPLETE=source_zsh cardstatus)
words=({line}) CURRENT={last}+1
_cardstatus_completion
"""


@pytest.mark.usefixtures("program")
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes() -> None:
    line = "cardstatus ingest drops --type del"
    registered, *values = run("bash", IN_BASH.format(line=line, last=4))
    assert registered == "complete -o default -F _cardstatus_completion cardstatus"
    assert values == ["delivery_exceptions", "delivered"]


@pytest.mark.usefixtures("program")
@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_completes() -> None:
    line = "cardstatus ingest drops --type del"
    registered, *values = run("zsh", IN_ZSH.format(line=line, last=4))
    assert registered == "_cardstatus_completion cardstatus"
    assert values == ['*: :(("delivery_exceptions" "delivered"))']
