"""Answers of the JSON endpoints, asked without a server."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from support.builders import row, take, write
from support.reference import WORDS
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.database.reading.served import ServedDatabase
from cardstatus.errors import CardStatusError, DatabaseError, UsageError

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from support.asking import ENDPOINTS, question

from cardstatus.web.api import answers
from cardstatus.web.api.answers import Answer, NoCardError

pytestmark = pytest.mark.web
NOW = "2023-11-20"


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    pickups = [
        row("CRD1"),
        row("CRD2", mobile="585550102"),
        row("CRD3", mobile="585550102"),
        row("CRD4", mobile="5855501"),
        row("CRD5", "tomorrow"),
    ]
    delivered = [row("CRD2", "2023-11-14T09:00:00Z", mobile="585550102")]
    take(database, write(tmp_path, "pickup.csv", *pickups))
    take(database, write(tmp_path, "delivered.csv", *delivered))
    return database


def answer(database: Path, name: str, query: str) -> Answer:
    """Return the answer of an endpoint to a query string."""
    return ServedDatabase(database).ask(question(name, query))


def ask(database: Path, name: str, *parameters: tuple[str, object]) -> Any:
    """Return the answer of an endpoint."""
    found = answer(database, name, urlencode(parameters))
    assert found.status == 200
    return json.loads(found.body)


def printed(database: Path, *arguments: str) -> Any:
    """Return the JSON that a command prints."""
    command = [*arguments, "--db", str(database), "--format", "json"]
    return json.loads(CliRunner().invoke(app, command).stdout)


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ([("card_id", "CRD1")], ["--card-id", "CRD1"]),
        ([("card_id", ' "CRD1" ')], ["--card-id", "CRD1"]),
        ([("user_mobile", "058 555 0102")], ["--mobile", "+971585550102"]),
        ([("user_mobile", "00971585550102")], ["--mobile", "+971585550102"]),
        (
            [("card_id", "CRD1"), ("card_id", "CRD3"), ("card_id", "CRD9")],
            ["--card-id", "CRD1", "--card-id", "CRD3"],
        ),
        (
            [("card_id", "CRD2"), ("card_id", "CRD1"), ("user_mobile", "585550102")],
            ["--card-id", "CRD2"],
        ),
    ],
    ids=["card", "untidy", "mobile", "mobile with 00", "several", "both"],
)
def test_get_card_status_answers_as_get_does(
    stocked: Path, parameters: list[tuple[str, str]], arguments: list[str]
) -> None:
    answer = ask(stocked, "get_card_status", *parameters)
    assert answer == printed(stocked, "get", *arguments)
    assert answer


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "say which card"),
        ("card_id=", "card_id: the card id is empty"),
        ("card_id=%20", "card_id: the card id is empty"),
        ("user_mobile=", "user_mobile: '' is not a number"),
        ("user_mobile=12", "user_mobile: '12' is not a number"),
        ("user_mobile=9.71586E%2B11", "user_mobile: "),
        ("card_id=CRD1&user_mobile=12", "user_mobile: "),
        ("card_id=CRD1&mobile=585550101", "no parameter 'mobile'"),
        ("Card_ID=CRD1", "no parameter 'Card_ID'"),
        ("card_id=%FF", "not text in UTF-8"),
        ("card_id=4111111111111111", "card_id: a payment card number"),
        ("card_id=x&" * 1001, "over 1,000 parameters"),
    ],
)
def test_what_cannot_be_read_is_said(stocked: Path, query: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        answer(stocked, "get_card_status", query)
    assert says in str(caught.value)
    assert "--" not in str(caught.value)
    assert answers.http_status(caught.value) == 400


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("card_id=CRD9", "no card matches 'CRD9'"),
        ("card_id=0585550102", "no card matches '…0102'; a number is looked up with user_mobile"),
        ("card_id=CRD1&user_mobile=585550102", "both the card id and the mobile"),
        ("card_id=CRD1%00", "no card matches"),
        ("card_id=%27%20OR%201=1", "no card matches"),
    ],
)
def test_no_card(stocked: Path, query: str, says: str) -> None:
    with pytest.raises(NoCardError) as caught:
        answer(stocked, "get_card_status", query)
    assert says in str(caught.value)
    assert answers.http_status(caught.value) == 404


def test_another_spelling_is_answered(stocked: Path) -> None:
    (plain,) = json.loads(answer(stocked, "get_card_status", "card_id=CRD1").body)
    (near,) = json.loads(answer(stocked, "get_card_status", "card_id=crd1").body)
    assert near == plain | {"asked": "crd1"}


def test_many_unknown_cards_are_not_all_named(stocked: Path) -> None:
    with pytest.raises(NoCardError) as caught:
        answer(stocked, "get_card_status", "&".join(f"card_id=X{n}" for n in range(500)))
    assert str(caught.value).count("no card matches") == 10


@pytest.mark.parametrize("query", ["card_id=CRD1", "user_mobile=585550102", "card_id=CRD2"])
def test_history_answers_as_the_command_does(stocked: Path, query: str) -> None:
    name, _, value = query.partition("=")
    option = {"card_id": "--card-id", "user_mobile": "--mobile"}[name]
    answer = ask(stocked, "history", (name, value))
    assert answer == printed(stocked, "history", option, value)
    assert answer


def test_history_of_no_card(stocked: Path) -> None:
    with pytest.raises(NoCardError, match="no card matches 'CRD9'"):
        answer(stocked, "history", "card_id=CRD9")
    assert ask(stocked, "history", ("user_mobile", "585550199")) == []


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({}, []),
        ({"by": "month", "top": 1}, ["--by", "month", "--top", "1"]),
        ({"since": "2023-11-14"}, ["--since", "2023-11-14"]),
        ({"until": "2023-11-13"}, ["--until", "2023-11-13"]),
    ],
    ids=["all", "by month", "since", "until"],
)
def test_stats_answers_as_the_command_does(
    stocked: Path, parameters: Mapping[str, object], arguments: list[str]
) -> None:
    assert ask(stocked, "stats", *parameters.items()) == printed(stocked, "stats", *arguments)


def test_files_answers_as_the_command_does(stocked: Path) -> None:
    whole = ask(stocked, "files")
    assert whole == printed(stocked, "files")
    assert len(whole["files"]) == 2
    first = answer(stocked, "files", "limit=1")
    assert json.loads(first.body) == {**whole, "files": whole["files"][:1]}
    second = answer(stocked, "files", first.more)
    assert json.loads(second.body) == {**whole, "files": whole["files"][1:]}
    assert second.more == ""


@pytest.mark.parametrize(
    ("parameters", "arguments", "found"),
    [
        ({"reason": "bad_mobile"}, ["--reason", "bad_mobile"], 1),
        ({"file": "pickup.csv"}, ["--file", "pickup.csv"], 2),
        ({"file": "delivered.csv"}, ["--file", "delivered.csv"], 0),
        ({"since": "2030-01-01"}, ["--since", "2030-01-01"], 0),
        ({"open": "true"}, ["--open"], 2),
        ({"open": "false"}, [], 2),
    ],
    ids=str,
)
def test_problems_are_chosen_as_by_the_command(
    stocked: Path, parameters: Mapping[str, object], arguments: list[str], found: int
) -> None:
    answer = ask(stocked, "problems", *parameters.items())
    assert answer == printed(stocked, "problems", *arguments)
    assert len(answer) == found


def test_the_next_part_is_of_the_same_list(stocked: Path) -> None:
    more = answer(stocked, "problems", "file=pickup.csv&limit=1&open=true").more
    assert more == "file=pickup.csv&open=true&limit=1&offset=1"


def test_status_counts_are_those_of_stats(stocked: Path) -> None:
    counts = ask(stocked, "status_counts")
    assert counts == printed(stocked, "stats")["cards"]
    assert counts == dict.fromkeys(WORDS, 0) | {"picked_up": 3, "delivered": 1}


@pytest.mark.parametrize("severity", ["rejected", "warning", None])
def test_problems_are_those_of_the_command(stocked: Path, severity: str | None) -> None:
    chosen = [("severity", severity)] if severity else []
    arguments = ["--severity", severity] if severity else []
    found = ask(stocked, "problems", *chosen)
    assert found == printed(stocked, "problems", *arguments)
    assert len(found) == (1 if severity else 2)


def test_problems_come_in_pages(stocked: Path) -> None:
    whole = ask(stocked, "problems")
    query, pages = "limit=1", []
    while query:
        part = answer(stocked, "problems", query)
        pages += json.loads(part.body)
        query = part.more
    assert pages == whole
    assert ask(stocked, "problems", ("offset", 2)) == []
    more = answer(stocked, "problems", "severity=warning&limit=1").more
    assert more == ""


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({"now": NOW}, ["--now", NOW]),
        ({"now": NOW, "stale_days": 5}, ["--now", NOW, "--stale-days", "5"]),
        ({"now": NOW, "stale_days": 5, "reason": "stale"},
         ["--now", NOW, "--stale-days", "5", "--reason", "stale"]),
        ({"now": "2023-11-13T00:00Z"}, ["--now", "2023-11-13T00:00Z"]),
    ],
    ids=["now", "stale", "reason", "before"],
)  # fmt: skip
def test_check_answers_as_the_command_does(
    stocked: Path, parameters: Mapping[str, object], arguments: list[str]
) -> None:
    answer = ask(stocked, "check", *parameters.items())
    assert answer == printed(stocked, "check", *arguments)


def test_check_counts_what_it_does_not_list(stocked: Path) -> None:
    whole = ask(stocked, "check", ("now", "2023-12-24"))
    part = ask(stocked, "check", ("now", "2023-12-24"), ("limit", 1))
    assert len(whole["findings"]) == 3
    assert part == {**whole, "findings": whole["findings"][:1]}


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        ("problems", "limit=0", "limit: give a number from 1 to 10,000"),
        ("problems", "limit=10001", "limit: "),
        ("problems", "limit=ten", "limit: "),
        ("problems", "limit=%D9%A3", "limit: "),
        ("problems", "limit=", "limit: "),
        ("problems", "offset=-1", "offset: "),
        ("problems", "limit=1&limit=2", "limit: give it once"),
        ("problems", "severity=bad", "severity: 'bad' is none of rejected, warning"),
        ("problems", "reason=bad", "reason: 'bad' is none of"),
        ("problems", "open=yes", "open: 'yes' is none of true, false"),
        ("problems", "since=soon", "since: "),
        ("files", "limit=0", "limit: give a number from 1 to 10,000"),
        ("stats", "by=hour", "by: 'hour' is none of day, week, month"),
        ("stats", "since=2024-02-01&until=2024-01-01", "since is after until"),
        ("history", "", "say which card"),
        ("check", "reason=zone_decides", "reason: 'zone_decides' is none of"),
        ("check", "now=soon", "now: "),
        ("check", "stale_days=1.5", "stale_days: "),
        ("status_counts", "by=day", "no parameter 'by'"),
    ],
)
def test_parameters_that_mean_nothing(stocked: Path, name: str, query: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        answer(stocked, name, query)
    assert says in str(caught.value)
    assert "--" not in str(caught.value)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_database_that_is_gone(database: Path, name: str) -> None:
    with pytest.raises(CardStatusError) as caught:
        answer(database, name, {"get_card_status": "card_id=CRD1", "find": "q=CRD1"}.get(name, ""))
    assert isinstance(caught.value, DatabaseError)
    assert answers.http_status(caught.value) == 503
