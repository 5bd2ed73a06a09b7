"""The description of the JSON is true: its fields are those of the records, in their order."""

import json
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from support.asking import ENDPOINTS, question

from cardstatus.cli.commands.asking.check import check
from cardstatus.database.reading.overview import StoredFile, TypeActivity
from cardstatus.database.reading.served import ServedDatabase
from cardstatus.errors import UsageError
from cardstatus.model.problems import StoredProblem
from cardstatus.model.records import CardStatus
from cardstatus.questions.check import CardFinding
from cardstatus.questions.history import HistoryEvent
from cardstatus.questions.stats import Stats
from cardstatus.rules.findings import CheckTerms
from cardstatus.web.application import application_over, described
from cardstatus.web.connections import Talk

pytestmark = pytest.mark.web


def description(*, with_token: bool = False) -> Any:
    """Return the description of the endpoints over a database ``cards.db``."""
    return described(
        application_over(ServedDatabase(Path("cards.db")), Talk(), with_token=with_token)
    )


DESCRIBED = description()
SCHEMAS = DESCRIBED["components"]["schemas"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_endpoint_is_described() -> None:
    paths = {f"/cards/{name}.json": name for name in ENDPOINTS} | {"/healthz": "healthz"}
    assert list(DESCRIBED["paths"]) == list(paths)
    for path, methods in DESCRIBED["paths"].items():
        assert list(methods) == ["get"]
        assert methods["get"]["operationId"] == paths[path]
        assert methods["get"]["summary"]
        assert {"200", "400", "401", "503"} <= set(methods["get"]["responses"]) <= {
            "200", "400", "401", "404", "503",
        }  # fmt: skip


def test_a_padlock_is_shown_only_where_a_token_is_in_use() -> None:
    assert "security" not in json.dumps(DESCRIBED)
    described = description(with_token=True)
    assert described["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer"}
    }
    for methods in described["paths"].values():
        assert methods["get"]["security"] == [{"token": []}]


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DESCRIBED))
    assert found
    for reference in found:
        place: Any = DESCRIBED
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("CardStatus", CardStatus),
        ("HistoryEvent", HistoryEvent),
        ("StoredProblem", StoredProblem),
        ("CardFinding", CardFinding),
        ("StoredFile", StoredFile),
        ("TypeActivity", TypeActivity),
        ("Stats", Stats),
    ],
)
def test_fields_are_those_of_the_records(name: str, record: Any) -> None:
    schema = SCHEMAS[name]
    further = {"CardStatus": ["asked", "mobile_from", "near_ids"], "HistoryEvent": ["near_ids"]}
    assert schema["required"] == list(record._fields)
    assert list(schema["properties"]) == [*schema["required"], *further.get(name, ())]
    # An answer about a card that is known has its status, instant and source.
    always = {"status", "occurred_at", "source", "line"} if record is CardStatus else set()
    for field, hint in get_type_hints(record).items():
        may_be_null = type(None) in get_args(hint) and field not in always
        assert ('"null"' in json.dumps(schema["properties"][field])) is may_be_null, field
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_parameters_are_those_that_are_read(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        question(name, "nothing=1")
    read = str(caught.value).partition("there is ")[2].partition("; there is ")[2]
    parameters = DESCRIBED["paths"][f"/cards/{name}.json"]["get"].get("parameters", ())
    assert ", ".join(parameter["name"] for parameter in parameters) == read


@pytest.mark.parametrize("name", ["max_attempts", "stale_days"])
def test_the_limits_of_check_are_those_of_the_command(name: str) -> None:
    parameters = DESCRIBED["paths"]["/cards/check.json"]["get"]["parameters"]
    (described,) = (p["schema"]["default"] for p in parameters if p["name"] == name)
    assert described == signature(check).parameters[name].default
    assert described == CheckTerms(0)._asdict()[name]
