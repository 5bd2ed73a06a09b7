"""The OpenAPI description of the JSON endpoints. The fields are those of docs/json.md."""

from typing import Any, Final

from cardstatus import __version__
from cardstatus.model.problems import Severity
from cardstatus.model.records import Status
from cardstatus.rules.findings import MAX_ATTEMPTS, STALE_DAYS

from .endpoints import LISTED, MOST, MOST_LISTED, REASONS

_STATUSES: Final = [status.value for status in Status]
_SEVERITIES: Final = [severity.value for severity in Severity]


def description(base: str) -> dict[str, Any]:
    """Return the description. ``base``: the path of the database, such as ``/cardstatus``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cardstatus",
            "version": __version__,
            "summary": "Where is this card now, and why do we say so?",
            "description": (
                "What the commands `get`, `stats`, `problems` and `check` answer, as JSON. "
                "Instants are ISO 8601 in UTC; what is not known is `null`. An answer that is "
                "no 200 has a sentence in `error`."
            ),
        },
        "tags": [{"name": "One card"}, {"name": "All cards"}],
        "paths": {
            f"{base}/get_card_status.json": {"get": _GET_CARD_STATUS},
            f"{base}/status_counts.json": {"get": _STATUS_COUNTS},
            f"{base}/problems.json": {"get": _PROBLEMS},
            f"{base}/check.json": {"get": _CHECK},
        },
        "components": {
            "schemas": _SCHEMAS,
            "responses": _RESPONSES,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        # A server without a token file asks for no token.
        "security": [{}, {"token": []}],
    }


def _schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _record(**fields: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has all of these fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _schema(name)}


def _responses(schema: dict[str, Any], *codes: str, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    refused = {code: {"$ref": f"#/components/responses/{code}"} for code in (*codes, "401", "503")}
    return {"200": {"description": "The answer", "content": content, **more}, **refused}


def _number(name: str, text: str, default: int, least: int, most: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return {"name": name, "in": "query", "description": text, "schema": schema}


_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_INSTANT: Final = {"type": "string", "format": "date-time", "examples": ["2024-03-12T09:40:21Z"]}
_STATUS: Final = {"type": "string", "enum": _STATUSES}
_LINE: Final = {
    "type": "integer",
    "minimum": 1,
    "description": "The line of that file on which the row starts; the header is line 1.",
}
_SOURCE: Final = {"type": "string", "description": "The file that the answer rests on."}

_SCHEMAS: Final = {
    "CardStatus": _record(
        card_id=_TEXT,
        status=_STATUS,
        occurred_at=_INSTANT,
        mobile={"type": ["string", "null"], "description": "E.164."},
        comment=_TEXT_OR_NULL,
        reference=_TEXT_OR_NULL,
        source=_SOURCE,
        line=_LINE,
    ),
    "StatusCounts": _record(**dict.fromkeys(_STATUSES, _COUNT)),
    "Problem": _record(
        severity={"type": "string", "enum": _SEVERITIES},
        source=_TEXT,
        line=_LINE,
        field={"type": ["string", "null"], "description": "`null`: the row as a whole."},
        reason={"type": "string", "description": "A fixed code."},
        detail={"type": "string", "description": "A sentence."},
        raw={"type": "string", "description": "The row as it stands in the file."},
    ),
    "Finding": _record(
        card_id=_TEXT,
        reason={"type": "string", "enum": list(REASONS)},
        detail=_TEXT,
        status=_STATUS,
        occurred_at=_INSTANT,
        source=_SOURCE,
        line=_LINE,
    ),
    "Check": _record(
        findings={**_list_of("Finding"), "description": "By card id, `limit` of them at most."},
        now=_INSTANT,
        cards=_COUNT,
        need_attention={**_COUNT, "description": "Cards with a finding."},
        counts={
            "type": "object",
            "description": "Findings by reason, those beyond `limit` included.",
            "propertyNames": {"enum": [*REASONS, "zone_decides"]},
            "additionalProperties": _COUNT,
        },
    ),
    "Error": _record(error={"type": "string", "description": "What is wrong, in a sentence."}),
}

_REFUSALS: Final = {
    "400": "A parameter is missing, or cannot be read.",
    "401": "The server was started with a token, and the request does not give it.",
    "404": "A card id was given, and no card matches.",
    "503": "The database cannot be read now.",
}
_RESPONSES: Final = {
    code: {
        "description": text,
        "content": {"application/json": {"schema": _schema("Error")}},
    }
    for code, text in _REFUSALS.items()
}

_GET_CARD_STATUS: Final = {
    "operationId": "get_card_status",
    "tags": ["One card"],
    "summary": "Where cards are now",
    "description": (
        "Ask by `card_id` or by `user_mobile`; one of them must be given. Each may be repeated, "
        "which means any of them; given both, a card must match both. A mobile alone that no card "
        "has gives an empty list."
    ),
    "parameters": [
        {
            "name": "card_id",
            "in": "query",
            "description": "The card.",
            "schema": {"type": "string", "minLength": 1},
        },
        {
            "name": "user_mobile",
            "in": "query",
            "description": (
                "A number that the card was ever given for, in any form: `0585550139`, "
                "`+971 58 555 0139`, `00971585550139`."
            ),
            "schema": {"type": "string", "minLength": 1},
        },
    ],
    "responses": _responses(_list_of("CardStatus"), "400", "404"),
}

_STATUS_COUNTS: Final = {
    "operationId": "status_counts",
    "tags": ["All cards"],
    "summary": "How many cards have each status",
    "responses": _responses(_schema("StatusCounts"), "400"),
}

_PROBLEMS: Final = {
    "operationId": "problems",
    "tags": ["All cards"],
    "summary": "Rows that were rejected and cells that could not be read",
    "description": "By file, in the order of ingest, and line.",
    "parameters": [
        {
            "name": "severity",
            "in": "query",
            "description": "Only rejected rows, or only warnings.",
            "schema": {"type": "string", "enum": _SEVERITIES},
        },
        _number("limit", "How many to list.", LISTED, 1, MOST_LISTED),
        _number("offset", "How many to skip.", 0, 0, MOST),
    ],
    "responses": _responses(
        _list_of("Problem"),
        "400",
        headers={
            "Link": {
                "description": 'The next of them: `<URL>; rel="next"`; absent at the end.',
                "schema": _TEXT,
            }
        },
    ),
}

_CHECK: Final = {
    "operationId": "check",
    "tags": ["All cards"],
    "summary": "Which cards need a person, and why",
    "description": "Goes through all cards: seconds, where there are millions of events.",
    "parameters": [
        {
            "name": "reason",
            "in": "query",
            "description": "Only these; any, if none is given.",
            "schema": {"type": "array", "items": {"type": "string", "enum": list(REASONS)}},
        },
        _number("max_attempts", "Failed attempts that are in order.", MAX_ATTEMPTS, 0, MOST),
        _number("stale_days", "Days an open card may go without news.", STALE_DAYS, 0, MOST),
        {
            "name": "now",
            "in": "query",
            "description": "Judge as at this time (`2024-03-13`, `2024-03-13T14:00Z`).",
            "schema": {"type": "string"},
        },
        _number("limit", "How many findings to list; all are counted.", LISTED, 0, MOST_LISTED),
    ],
    "responses": _responses(_schema("Check"), "400"),
}
