"""Wrong usage of every kind, of every command: what the program says of it, and where."""

import re
from pathlib import Path

import pytest
from support import reference
from support.commands import COMMANDS, options_of
from support.processes import program
from support.reference import WORDS
from support.terminals import on_a_terminal
from typer.testing import CliRunner

from cardstatus.cli.app import app

STATUSES = ", ".join(map(repr, WORDS))
TYPES = ", ".join(reference.TYPES)
FORMATS = "'table', 'json', 'ndjson', 'csv'"

# What is typed, and the last line of what is said of it.
COMPLAINTS = [
    # Of the program
    (["--"], "Error: Missing command."),
    ([""], "Error: No such command ''."),
    (["fly"], "Error: No such command 'fly'."),
    (["exprot"], "Error: No such command 'exprot'. Did you mean 'export'?"),
    (["--fly"], "Error: No such option: --fly"),
    (["--verison"], "Error: No such option: --verison (Possible options: --version)"),
    (["--version=1"], "Error: Option '--version' does not take a value."),
    (["--db", "x.db", "files"], "Error: No such option: --db"),
    # Nothing behind a command
    (["ingest"], "Error: Missing argument 'PATH...'."),
    (["watch"], "Error: Missing argument 'DIR...'."),
    (["backup"], "Error: Missing argument 'FILE'."),
    (["ingest", "in", "-v", "-q"],
     "error: --verbose and --quiet cannot be had together; give one"),
    (["files", "--limit", "0"],
     "Error: Invalid value for '--limit': 0 is not in the range x>=1."),
    (["get"], "error: say which card: --card-id ID, --mobile NUMBER or --input FILE"),
    (["history"], "error: say which card: --card-id ID or --mobile NUMBER"),
    # A value that is none of the choices
    (["ingest", "in", "--type", "parcel"],
     f"Error: Invalid value for '--type': 'parcel' is none of {TYPES}"),
    (["ingest", "in", "--only", "parcel"],
     f"Error: Invalid value for '--only': 'parcel' is none of {TYPES}"),
    (["ingest", "in", "--format", "csv"],
     "Error: Invalid value for '--format': 'csv' is not one of 'table', 'json'."),
    (["watch", "in", "--log-format", "xml"],
     "Error: Invalid value for '--log-format': 'xml' is not one of 'text', 'json'."),
    (["get", "--format", "xml"],
     f"Error: Invalid value for '--format': 'xml' is not one of {FORMATS}."),
    (["export", "--status", "burnt"],
     f"Error: Invalid value for '--status': 'burnt' is not one of {STATUSES}."),
    (["stats", "--by", "year"],
     "Error: Invalid value for '--by': 'year' is not one of 'day', 'week', 'month'."),
    (["problems", "--severity", "fatal"],
     "Error: Invalid value for '--severity': 'fatal' is not one of 'rejected', 'warning', "
     "'failed'."),
    # A number that is none, or out of bounds
    (["serve", "--port", "99999"],
     "Error: Invalid value for '--port': 99999 is not in the range 0<=x<=65535."),
    (["ingest", "in", "--workers", "0"],
     "Error: Invalid value for '--workers': 0 is not in the range 1<=x<=64."),
    (["check", "--stale-days", "a week"],
     "Error: Invalid value for '--stale-days': 'a week' is not a valid whole number."),
    (["watch", "in", "--settle", "-1"],
     "Error: Invalid value for '--settle': -1.0 is not in the range x>=0."),
    # Options wrongly put together, as the command itself finds them
    (["get", "--card-id", "CRD1", "--now", "2024-03-12"],
     "error: --now is for --explain; to look back, use --as-of or --known-at"),
    (["history", "CRD1"],
     "error: say what 'CRD1' is: put --card-id or --mobile in front of it"),
    (
        ["ingest", "in", "--timezone", "Mars"],
        "error: --timezone: there is no zone 'Mars'; give an IANA name such as Asia/Dubai",
    ),
    (
        ["watch", ".", "--archive", "."],
        "error: --archive: the folder to watch is in it; give another one",
    ),
    # What a terminal would obey, line ends among it, is written out
    (["fly\n\x1b[31m"], r"Error: No such command 'fly\n\x1b[31m'."),
    (["--fly\n\x1b[31m"], r"Error: No such option: --fly\x0a\x1b[31m"),
    (["--\u202efly"], r"Error: No such option: --\u202efly"),
    (["files", "a\nb\x1b[2J"], r"Error: Got unexpected extra argument(s) (a\x0ab\x1b[2J)"),
    (["stats", "--top", "\n\x1b[31m"],
     r"Error: Invalid value for '--top': '\n\x1b[31m' is not a valid whole number."),
    (["ingest", "in", "--type", "a\n\u202e"],
     rf"Error: Invalid value for '--type': 'a\n\u202e' is none of {TYPES}"),
    (["history", "\n\x1b[31m"],
     r"error: say what '\n\x1b[31m' is: put --card-id or --mobile in front of it"),
    # A mobile in the wrong place is cut
    (["0585 550 123"], "Error: No such command '…0123'."),
    (["--0585550123"], "Error: No such option: --…0123"),
    (["get", "--format", "0585550123"],
     f"Error: Invalid value for '--format': '…0123' is not one of {FORMATS}."),
    (["ingest", "in", "--only", "0585550123"],
     f"Error: Invalid value for '--only': '…0123' is none of {TYPES}"),
    (["serve", "--port", "0585550123"],
     "Error: Invalid value for '--port': …0123 is not in the range 0<=x<=65535."),
    (["check", "--max-attempts", "+971 58 555 0123"],
     "Error: Invalid value for '--max-attempts': '…0123' is not a valid whole number."),
]  # fmt: skip


def named(value: object) -> str | None:
    return " ".join(map(repr, value)) if isinstance(value, list) else ""


@pytest.mark.parametrize(("arguments", "complaint"), COMPLAINTS, ids=named)
def test_in_a_pipe_a_complaint_goes_to_stderr_and_nothing_to_stdout(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    out = tmp_path / "out"
    out.touch()
    code, said = program(*arguments, stdout=str(out))
    assert (code, out.read_text()) == (2, "")
    *before, last, end = said.split("\n")
    assert (last, end) == (complaint, "")
    assert_is_usage(before)


@pytest.mark.parametrize("columns", [60, 200])
@pytest.mark.parametrize(("arguments", "complaint"), COMPLAINTS, ids=named)
def test_on_a_terminal_a_complaint_is_one_line_below_the_usage(
    arguments: list[str], complaint: str, columns: int
) -> None:
    code, shown = on_a_terminal(*arguments, columns=columns)
    assert code == 2
    *before, last, end = shown.split("\n")
    assert (last, end) == (complaint, "")
    assert_is_usage(before)
    assert all(len(line) <= columns for line in before)


def assert_is_usage(lines: list[str]) -> None:
    """Assert that nothing, or how to use the command, stands above a complaint."""
    if lines:
        *usage, hint, blank = lines
        assert usage[0].startswith("Usage: ")
        assert all(line.startswith("       ") for line in usage[1:])
        assert re.fullmatch("Try '.+ -h' for help.", hint)
        assert blank == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_says_that_it_lacks_its_value(command: str) -> None:
    for option in options_of(command):
        if option.is_flag:
            argument, complaint = f"{option.opts[0]}=1", "does not take a value."
        else:
            argument, complaint = option.opts[0], "requires an argument."
        result = CliRunner().invoke(app, [command, argument])
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"Error: Option '{option.opts[0]}' {complaint}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_an_option_that_it_has_not(command: str) -> None:
    code, shown = on_a_terminal(command, "--zzz", columns=60)
    assert code == 2
    assert shown.endswith(
        f"Try 'cardstatus {command} -h' for help.\n\nError: No such option: --zzz\n"
    )


@pytest.mark.parametrize("columns", [60, 200])
def test_without_a_command_the_help_is_shown_as_it_is_asked_for(columns: int) -> None:
    asked = on_a_terminal("--help", columns=columns)
    shown = on_a_terminal(columns=columns)
    assert (asked.code, shown.code) == (0, 2)
    assert shown.text == asked.text
    assert "\nBegin with:\n  cardstatus ingest FOLDER\n" in shown.text.replace("\n  ", "\n")
    assert max(map(len, shown.text.splitlines())) <= columns


def test_without_a_command_a_script_has_the_help_in_stderr_and_exit_code_2() -> None:
    bare, asked = CliRunner().invoke(app, []), CliRunner().invoke(app, ["--help"])
    assert (bare.exit_code, bare.stdout, bare.stderr) == (2, "", asked.stdout)
