"""The README and the pages it leads to are true: console blocks and crontabs run, tables name what
the program knows, the picture of the terminal shows what it prints.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
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
README = ROOT / "README.md"
USER_PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
WITH_CONSOLE = [page for page in USER_PAGES if "\n```console\n" in page.read_text("utf-8")]
WITH_CRONTAB = [page for page in USER_PAGES if "\n```crontab\n" in page.read_text("utf-8")]


def page(name: str) -> str:
    """Return the text of a page of docs."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands below a heading of the second order."""
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found is not None, heading
    return found[1]


def first_cells(text: str) -> list[str]:
    """Return what stands as code in the first cells of tables."""
    return [
        word
        for cell in re.findall(r"^\| (`.*?) \| ", text, re.MULTILINE)
        for word in re.findall(r"`([^`]+)`", cell)
    ]


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


def names(pages: Iterable[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


# Console blocks, crontabs, the picture


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="a block shows the sqlite3 program")
@pytest.mark.parametrize("page", WITH_CONSOLE, ids=names(WITH_CONSOLE))
def test_the_console_blocks_print_what_they_show(page: Path, tmp_path: Path) -> None:
    for name in ("sample_data", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    if page != README:  # whose first block makes the database that the others ask
        run("cardstatus ingest sample_data", tmp_path)
    shown = list(blocks(page.read_text(encoding="utf-8")))
    assert len(shown) >= (6 if page == README else 1)
    for command, output in shown:
        printed = run(command, tmp_path)
        assert printed.strip("\n") == output.strip("\n"), command


def test_the_pages_show_what_they_are_about() -> None:
    assert {"README.md", "docs/answers.md", "docs/database.md", "docs/problems.md"} <= set(
        names(WITH_CONSOLE)
    )
    assert names(WITH_CRONTAB) == ["README.md", "docs/watch.md"]


@pytest.mark.skipif(shutil.which("flock") is None, reason="one of them uses flock")
@pytest.mark.parametrize("page", WITH_CRONTAB, ids=names(WITH_CRONTAB))
def test_the_crontab_prints_only_if_something_needs_a_person(page: Path, tmp_path: Path) -> None:
    pytest.importorskip("watchfiles", reason="the extra `watch` is not installed")
    (line,) = re.findall(r"^```crontab\nMAILTO=.*\n(.*)\n```$", page.read_text("utf-8"), re.M)
    *when, command = line.split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*/]+", field) for field in when)
    assert "%" not in command  # cron's sign for a line end
    command = command.replace("/opt/cardstatus/bin", str(Path(sys.executable).parent))
    command = command.replace("/srv/courier", str(tmp_path))
    drops = tmp_path / "drops"

    shutil.copytree(ROOT / "sample_data", drops)
    assert run(command, tmp_path) == ""
    shutil.copy(ROOT / "docs/examples/messy/Returned.csv", drops)  # only warnings
    assert run(command, tmp_path) == ""
    shutil.copy(ROOT / "docs/examples/messy/Pickup.csv", drops)  # with rejected rows
    assert re.fullmatch(r"cardstatus: exit code 3, see the end of (.*)\n", run(command, tmp_path))
    shutil.copy(ROOT / "docs/examples/messy/pickup_samples.csv", drops)
    failed = "" if "2>&1" in command else r"failed: .*/pickup_samples\.csv: the header .*\n"
    told = re.fullmatch(
        rf"{failed}cardstatus: exit code 1, see the end of (.*)\n", run(command, tmp_path)
    )
    assert told
    assert re.search(r"failed.*pickup_samples\.csv: the header", Path(told[1]).read_text("utf-8"))


def test_the_picture_of_the_terminal_shows_what_is_printed(tmp_path: Path) -> None:
    drawn = tmp_path / "terminal.svg"
    script = ROOT / "docs" / "images" / "terminal.py"
    subprocess.run([sys.executable, script, drawn], check=True)

    def text(picture: Path) -> str:
        pieces = re.findall(r"<text[^>]*>([^<]*)</text>", picture.read_text(encoding="utf-8"))
        return "".join(html.unescape(" ".join(pieces)).split())

    assert "get--card-idCRD1043--explain" in text(drawn)
    assert text(drawn) == text(script.with_suffix(".svg")), "run: make pictures"


# Tables


def test_every_reason_of_a_problem_is_explained() -> None:
    told = first_cells(section(page("problems"), "Reasons"))
    assert sorted(told) == sorted(reason.value for reason in Reason)


def test_every_reason_of_a_finding_is_explained() -> None:
    told = first_cells(section(page("answers"), "Cards that need a person"))
    assert sorted(told) == sorted(reason.value for reason in FindingReason)


def test_every_type_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| `(\w+)` \|$", page("files"), re.MULTILINE)
    assert rows == [(kind.word, kind.status.value) for kind in EventType]


def test_every_field_of_an_answer_is_explained() -> None:
    (row,) = re.findall(r"^\| `card_status` \|(.*)", page("database"), re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == list(CardStatus._fields)


def test_every_exit_code_is_explained() -> None:
    told = re.findall(r"^\| (\d+) \| ", section(page("commands"), "Exit codes"), re.MULTILINE)
    assert sorted(map(int, told)) == sorted({0, *map(int, Exit)})


COMMON = "What all commands share"


def options_of(command: str) -> set[str]:
    """Return the options that a command's help lists."""
    text = CliRunner().invoke(app, [command, "--help"]).stdout
    return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)) - {"--help"}


def options_named(text: str) -> set[str]:
    return set(re.findall(r"`(--[\w-]+)", text))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_of_the_help_are_those_of_the_page(command: str) -> None:
    options = options_of(command)
    assert options
    named = options_named(section(page("commands"), command))
    assert named <= options
    assert options - named <= {"--db", "--format"}


def test_what_commands_share_is_what_they_have() -> None:
    shared = section(page("commands"), COMMON)
    assert {"--db", "--format"} <= set(re.findall(r"^\| `(--[\w-]+)", shared, re.MULTILINE))
    assert all("--db" in options_of(command) for command in COMMANDS)
    without = {command for command in COMMANDS if "--format" not in options_of(command)}
    assert without == {"watch", "serve"}
    rows = re.findall(r"^\| `(--[\w-]+) TIME` \| (.*?) \| ", shared, re.MULTILINE)
    assert [option for option, _ in rows] == ["--as-of", "--known-at", "--now"]
    for option, having in rows:
        told = re.findall(r"`(\w+)", having)
        assert set(told) == {command for command in COMMANDS if option in options_of(command)}


def test_every_command_has_a_section_in_the_order_of_the_help() -> None:
    sections = re.findall(r"^## (.*)$", page("commands"), re.MULTILINE)
    assert sections == [COMMON, *COMMANDS, "Exit codes"]


def test_every_option_of_ingest_that_watch_has_is_its_own() -> None:
    shared = options_of("ingest") & options_of("watch")
    assert shared - {"--db"} <= options_named(section(page("commands"), "watch"))


def test_the_fields_of_watch_are_those_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles", reason="the extra `watch` is not installed")
    drops = str(ROOT / "sample_data")
    result = CliRunner().invoke(
        app, ["watch", drops, "--once", "--log-format", "json", "--db", str(tmp_path / "cards.db")]
    )
    lines = list(map(json.loads, result.stdout.splitlines()))
    assert len(lines) == 9
    told = first_cells(section(page("json"), "`watch`"))
    assert all(list(line) == told for line in lines)


# The whole


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    missing = [
        name
        for name in names(USER_PAGES[1:])
        if f"({name})" not in text and f"({name}#" not in text
    ]
    # Whoever builds and releases is led there by CONTRIBUTING.
    assert set(missing) <= {"docs/releasing.md"}


@pytest.mark.parametrize("page", USER_PAGES, ids=names(USER_PAGES))
def test_nobody_is_sent_to_an_index_for_it(page: Path) -> None:
    # None has it. Somebody else's project of that name may be there one day.
    assert not re.search(r"install ['\"]?cardstatus", page.read_text(encoding="utf-8"))
