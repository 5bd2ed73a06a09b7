"""The table of types is the one place: all answers know a type of one row more; so do the docs."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.style import Style
from support import reference
from support.builders import row, take, write
from support.older import STATUSES, make_first_database, write_first_files
from support.serving import serving
from typer.testing import CliRunner

import cardstatus
from cardstatus.cli.app import app
from cardstatus.display.tables import STATUS_STYLE
from cardstatus.model.records import Colour, EventType, Status
from cardstatus.rules import ordering

ROOT = Path(__file__).parents[2]
SOURCE = Path(cardstatus.__file__).parent
TYPES = [kind.word for kind in EventType]
WORDS = [kind.status.value for kind in EventType]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


# One row more


@dataclass(frozen=True)
class Further:
    """A type between two others."""

    after: str
    """The member that its row stands behind."""
    ends: bool

    @property
    def rank(self) -> int:
        """Return one that lies in the gap."""
        return EventType[self.after] + 1


BEFORE_DELIVERY = Further("DELIVERY_EXCEPTIONS", ends=True)
NO_END = Further("DELIVERY_EXCEPTIONS", ends=False)
BEHIND_DELIVERY = Further("DELIVERED", ends=True)


class Program:
    """A copy of the program with one more row in its table of types, and a database it asks."""

    def __init__(self, folder: Path, further: Further) -> None:
        self.further = further
        self.packages = folder / "packages"
        self.database = folder / "cards.db"
        self._folder = folder
        shutil.copytree(SOURCE, self.packages / "cardstatus")
        records = self.packages / "cardstatus" / "model" / "records.py"
        values = f'{further.rank}, "adrift", "blue", r"adrift", ends={further.ends}'
        text = records.read_text("utf-8")
        members = re.findall(r"^    ([A-Z_]+) = _kind\(", text, re.MULTILINE)
        behind = members[members.index(further.after) + 1]
        place = text.index(f"    {behind} = _kind(")
        records.write_text(
            text[:place] + f"    ADRIFT = _kind({values})\n" + text[place:], encoding="utf-8"
        )

    def run(self, *arguments: str) -> str:
        """Run a command and return what it prints; it must be done, to be looked at or not."""
        done = subprocess.run(
            [sys.executable, "-m", "cardstatus", *arguments, "--db", str(self.database)],
            cwd=self._folder, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(self.packages), "COLUMNS": "200"},
        )  # fmt: skip
        assert done.returncode in (0, 3), done.stderr
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        """Run a command and return its JSON."""
        return json.loads(self.run(*arguments, "--format", "json"))


def by_first_version(folder: Path) -> None:
    make_first_database(folder / "cards.db")


def by_this_version(folder: Path) -> None:
    take(folder / "cards.db", folder / "drops")


def prepare(folder: Path, make: Callable[[Path], None], further: Further) -> Program:
    """Return a program that knows one more type, and has taken in files of it into a database that
    was made by one that did not.
    """
    write_first_files(folder / "drops")
    make(folder)
    program = Program(folder, further)
    rows = [
        row("CRD2", "2023-11-15T08:00:00Z", reference="E2"),
        # At the instant at which it was delivered.
        row("CRD3", "2023-11-14T10:00:00Z", reference="E3"),
        # When it had been returned.
        row("crd 4", "2023-11-16T08:00:00Z", reference="E4"),
        # Not heard of before.
        row("CRD9", "2023-11-15T08:00:00Z", reference="E9"),
    ]
    write(folder, "more/Adrift cards.csv", *rows)
    report = program.ask("ingest", "more")
    assert report["files"][0]["type"] == "adrift"
    assert report["totals"]["new"] == 4
    return program


@pytest.fixture(
    scope="module",
    params=[
        (by_first_version, BEFORE_DELIVERY),
        (by_this_version, NO_END),
        (by_this_version, BEHIND_DELIVERY),
    ],
    ids=["an end before a delivery", "no end before a delivery", "an end behind a delivery"],
)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Such a program, for tests that only ask."""
    return prepare(tmp_path_factory.mktemp("further"), *request.param)


def types_of(program: Program) -> list[str]:
    """Return the types that it should know, in the order of the life cycle."""
    at = TYPES.index(program.further.after.lower()) + 1
    return [*TYPES[:at], "adrift", *TYPES[at:]]


def statuses_of(program: Program) -> dict[str, str]:
    """Return the status that each card should have."""
    beaten = program.further.rank < EventType.DELIVERED
    adrift = dict.fromkeys(("CRD2", "CRD9", "crd 4"), "adrift")
    return {**STATUSES, **adrift, "CRD3": "delivered" if beaten else "adrift"}


def test_cards_have_the_status_of_a_further_type(program: Program) -> None:
    known = statuses_of(program)
    for card_id, status in known.items():
        (card,) = program.ask("get", "--card-id", card_id)
        assert (card["card_id"], card["status"]) == (card_id, status)
    assert " CRD9     Adrift  2023-11-15 08:00:00 " in program.run("get", "--card-id", "CRD9")
    assert {card["card_id"]: card["status"] for card in program.ask("export")} == known
    adrift = program.ask("export", "--status", "adrift")
    assert [card["card_id"] for card in adrift] == [
        card_id for card_id, status in sorted(known.items()) if status == "adrift"
    ]


def test_a_further_type_has_its_place_in_the_rule(program: Program) -> None:
    instant = ("delivery_exceptions", "delivered", "adrift")
    at_the_same_instant = [kind for kind in types_of(program) if kind in instant]
    told = program.ask("history", "--card-id", "CRD3")
    assert [event["type"] for event in told] == ["pickup", *at_the_same_instant]
    (explained,) = program.ask("get", "--card-id", "CRD3", "--explain")
    assert explained["type"] == at_the_same_instant[-1]
    assert explained["beats"][0]["by"] == "type"


def test_what_a_further_type_means_is_checked(program: Program) -> None:
    found = program.ask("check", "--now", "2023-12-24")["findings"]
    reasons = {(finding["card_id"], finding["reason"]) for finding in found}
    assert {("CRD9", "no_pickup"), ("CRD3", "same_instant"), ("crd 4", "after_the_end")} <= reasons
    assert (("CRD2", "stale") in reasons) is not program.further.ends
    open_types = {kind.word for kind in EventType if not kind.ends}
    open_types |= set() if program.further.ends else {"adrift"}
    ends = " or ".join(word for word in types_of(program) if word not in open_types)
    details = {f["card_id"]: f["detail"] for f in found if f["reason"] == "after_the_end"}
    assert details["crd 4"] == f"events after it was {ends} that are no new pickup: 1"


def test_a_further_type_is_counted(program: Program) -> None:
    assert [kind["type"] for kind in program.ask("files")["types"]] == types_of(program)
    cards = program.ask("stats")["cards"]
    words = dict(zip(TYPES, WORDS, strict=True))
    assert list(cards) == [words.get(kind, kind) for kind in types_of(program)]
    known = list(statuses_of(program).values())
    assert cards == {status: known.count(status) for status in cards}
    assert f" --type <{'|'.join(types_of(program))}>" in program.run("ingest", "--help")


def test_files_of_a_further_type_are_taken_in(tmp_path: Path) -> None:
    program = prepare(tmp_path, by_first_version, BEHIND_DELIVERY)
    write(tmp_path, "again/other name.csv", row("CRD1", "2023-11-15T08:00:00Z"))
    told = program.ask("ingest", "again", "--type", "adrift", "--only", "adrift")
    assert told["totals"]["new"] == 1
    for folder, known in (("more", 4), ("drops", 8)):
        totals = program.ask("ingest", folder)["totals"]
        assert (totals["new"], totals["duplicates"]) == (0, known)


@pytest.mark.web
def test_the_web_knows_a_further_type(program: Program) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    with serving(program.database, path=program.packages) as server:
        (card,) = server.ask("/cards/get_card_status.json?card_id=CRD9").data
        page = server.ask("/cards/get_card_status?card_id=CRD9").body
        counts = server.ask("/cards/status_counts.json").data
        schemas = server.ask("/openapi.json").data["components"]["schemas"]
    assert card["status"] == "adrift"
    assert '<strong class="status blue">Adrift</strong>' in page
    assert counts["adrift"] == list(statuses_of(program).values()).count("adrift")
    assert "adrift" in json.dumps(schemas["CardStatus"]["properties"]["status"])


def test_a_program_without_the_type_says_so(program: Program) -> None:
    for command in (
        ["get", "--card-id", "CRD1"],
        ["export"],
        ["check"],
        ["ingest", str(program.database.parent / "drops")],
    ):
        result = CliRunner().invoke(app, [*command, "--db", str(program.database)])
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert result.stderr.count("\n") == 1
        assert "types of files that this cardstatus does not know: adrift (rank " in result.stderr


# What is said of types elsewhere


def test_every_status_has_a_colour_that_the_terminal_knows() -> None:
    assert set(STATUS_STYLE) == set(Status)
    assert all(Style.parse(colour).color for colour in get_args(Colour))
    assert {kind.colour for kind in EventType} <= set(get_args(Colour))


def test_every_colour_is_a_class_of_the_style_sheet() -> None:
    sheet = (SOURCE / "web" / "static" / "style.css").read_text("utf-8")
    classes = re.findall(r"^\.status\.(\w+) \{ color: var\((--\w+)\); \}$", sheet, re.MULTILINE)
    assert sorted(name for name, _ in classes) == sorted(get_args(Colour))
    for _, variable in classes:
        assert len(re.findall(rf"^ +{variable}: #", sheet, re.MULTILINE)) == 2  # light and dark


def test_the_plain_reference_knows_the_same_types() -> None:
    assert list(zip(reference.RANKS, reference.TYPES, reference.WORDS, strict=True)) == [
        (int(kind), kind.word, kind.status.value) for kind in EventType
    ]


def test_the_rule_names_the_types_in_their_order() -> None:
    assert " < ".join(TYPES) in " ".join(str(ordering.__doc__).split())


def test_the_docs_tables_of_types_are_the_table() -> None:
    tables = [
        re.findall(r"^\| `(\w+)` \|.*\| `(\w+)` \|$", table, re.MULTILINE)
        for page in PAGES
        for table in re.findall(r"^\| type \|.*\| status \|\n((?:\|.*\n)+)", page.read_text(), re.M)
    ]
    assert tables
    assert all(table == list(zip(TYPES, WORDS, strict=True)) for table in tables)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_where_docs_list_types_or_statuses_they_list_all(page: Path) -> None:
    text = " ".join(page.read_text("utf-8").split())
    for listed in re.findall(r"`\w+`(?:(?:,? or|,? and|,| <) `\w+`){2,}", text):
        words = re.findall(r"`(\w+)`", listed)
        for known in (TYPES, WORDS):
            if len(set(words) & set(known)) > 2:
                assert words == known, listed
