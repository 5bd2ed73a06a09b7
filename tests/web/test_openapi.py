"""The description of the JSON is true: its fields are those of the records, in their order."""

from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from cardstatus.cli.commands.asking.check import check
from cardstatus.errors import UsageError
from cardstatus.model.problems import StoredProblem
from cardstatus.model.records import CardStatus
from cardstatus.questions.check import CardFinding
from cardstatus.rules.findings import CheckTerms
from cardstatus.web.endpoints import ENDPOINTS
from cardstatus.web.openapi import description

DESCRIBED = description("/cards")
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
    assert list(DESCRIBED["paths"]) == [f"/cards/{name}.json" for name in ENDPOINTS]
    for path, methods in DESCRIBED["paths"].items():
        assert list(methods) == ["get"]
        assert path == f"/cards/{methods['get']['operationId']}.json"


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DESCRIBED))
    assert found
    for reference in found:
        place: Any = DESCRIBED
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize(
    ("name", "record"),
    [("CardStatus", CardStatus), ("Problem", StoredProblem), ("Finding", CardFinding)],
)
def test_fields_are_those_of_the_records(name: str, record: Any) -> None:
    schema = SCHEMAS[name]
    assert list(schema["properties"]) == schema["required"] == list(record._fields)
    # An answer about a card that is known has its status, instant and source.
    always = {"status", "occurred_at", "source", "line"} if record is CardStatus else set()
    for field, hint in get_type_hints(record).items():
        may_be_null = type(None) in get_args(hint) and field not in always
        assert ("null" in schema["properties"][field]["type"]) is may_be_null, field


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_parameters_are_those_that_are_read(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ENDPOINTS[name](tmp_path, "nothing=1")
    read = str(caught.value).partition("there is ")[2].partition("; there is ")[2]
    parameters = DESCRIBED["paths"][f"/cards/{name}.json"]["get"].get("parameters", ())
    assert ", ".join(parameter["name"] for parameter in parameters) == read


@pytest.mark.parametrize("name", ["max_attempts", "stale_days"])
def test_the_limits_of_check_are_those_of_the_command(name: str) -> None:
    parameters = DESCRIBED["paths"]["/cards/check.json"]["get"]["parameters"]
    (described,) = (p["schema"]["default"] for p in parameters if p["name"] == name)
    assert described == signature(check).parameters[name].default
    assert described == CheckTerms(0)._asdict()[name]
