"""The types of the answers, for their description: made of the records themselves."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from cardstatus.database.reading.overview import StoredFile, TypeActivity
from cardstatus.model.problems import Severity, StoredProblem
from cardstatus.model.records import CardStatus, EventType, Status
from cardstatus.questions.check import CardFinding
from cardstatus.questions.find import Match
from cardstatus.questions.history import HistoryEvent
from cardstatus.questions.stats import Stats
from cardstatus.web.parameters import REASONS

_CLOSED: Final = ConfigDict(extra="forbid")
_COUNT: Final = {"type": "integer", "minimum": 0}


def _text(*choices: str) -> Any:
    return Annotated[str, WithJsonSchema({"type": "string", "enum": list(choices)})]


def _counts(*names: str) -> Any:
    schema = {
        "type": "object",
        "propertyNames": {"enum": list(names)},
        "additionalProperties": _COUNT,
    }
    return Annotated[dict[str, int], WithJsonSchema(schema)]


_INSTANT: Final = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2024-03-12T09:40:21Z"]}),
]
_LINE: Final = Annotated[
    int,
    Field(ge=1, description="The line of that file on which the row starts; the header is line 1."),
]

# What the types of the records do not say, by the names of fields, which mean the same in all.
_FIELDS: Final[dict[str, Any]] = {
    "status": _text(*Status),
    "type": _text(*(kind.word for kind in EventType)),
    "severity": _text(*Severity),
    "outcome": _text("ingested", "failed"),
    "by": _text("day", "week", "month"),
    "line": _LINE,
    **dict.fromkeys(
        (
            "occurred_at",
            "ingested_at",
            "last_ingested_at",
            "newest_event",
            "now",
            "since",
            "until",
            "same_as",
        ),
        _INSTANT,
    ),
    "source": Annotated[str, Field(description="The file that it rests on.")],
    "mobile": Annotated[str, Field(description="E.164.")],
    "field": Annotated[str, Field(description="`null`: the row as a whole.")],
    "raw": Annotated[str, Field(description="The row as it stands in the file.")],
    "path": Annotated[str, Field(description="Absolute, on the machine that read it.")],
}


@cache
def model_of(record: type, always: frozenset[str] = frozenset()) -> type[BaseModel]:
    """Return the model of a record, a named tuple: its fields, in its order, and no others.

    ``always``: fields that are never ``null`` in answers, whatever the record may hold.
    """
    fields = {
        name: (_field(name, hint, always), ...) for name, hint in get_type_hints(record).items()
    }
    model: type[BaseModel] = create_model(record.__name__, __config__=_CLOSED, **fields)
    return model


def _field(name: str, hint: Any, always: frozenset[str]) -> Any:
    known = _FIELDS.get(name)
    if known is None:
        return _model_in(hint)
    may_be_null = type(None) in get_args(hint) and name not in always
    return known | None if may_be_null else known


def _model_in(hint: Any) -> Any:
    """Return a type with the records in it as models."""
    if get_origin(hint) in (Sequence, list):
        return list[_model_in(get_args(hint)[0])]  # type: ignore[misc]
    return model_of(hint) if hasattr(hint, "_fields") else hint


_NEAR_ID: Final[Any] = create_model(
    "NearId",
    __config__=_CLOSED,
    card_id=(str, ...),
    status=(_FIELDS["status"], ...),
    occurred_at=(_INSTANT, ...),
)
_NEAR_IDS: Final = (
    list[_NEAR_ID],
    Field(
        default_factory=list,
        description="Other cards, whose ids differ in spelling only; left out if there are none.",
    ),
)
# An answer about a card that is known has its status, instant and source.
CARD: Final[type[BaseModel]] = create_model(
    "CardStatus",
    __base__=model_of(CardStatus, frozenset({"status", "occurred_at", "source", "line"})),
    asked=(
        str,
        Field(default="", description="The id asked for, if another was taken; else left out."),
    ),
    mobile_from=(
        create_model(
            "MobileFrom",
            __config__=_CLOSED,
            status=(_FIELDS["status"], ...),
            occurred_at=(_INSTANT, ...),
            source=(_FIELDS["source"], ...),
            line=(_LINE, ...),
        ),
        Field(
            default_factory=dict,
            description="The earlier event that gives the mobile; left out if it is the deciding.",
        ),
    ),
    near_ids=_NEAR_IDS,
)
HISTORY_EVENT: Final[type[BaseModel]] = create_model(
    "HistoryEvent", __base__=model_of(HistoryEvent), near_ids=_NEAR_IDS
)
_MATCH: Final[Any] = create_model(
    "Match",
    __config__=_CLOSED,
    **dict.fromkeys(get_type_hints(Match), (str, ...)),
)
FOUND_CARD: Final[type[BaseModel]] = create_model(
    "FoundCard",
    __base__=model_of(CardStatus, frozenset({"status", "occurred_at", "source", "line"})),
    matched=(list[_MATCH], Field(description="A match for each word, in their order.")),
)
PROBLEM: Final = model_of(StoredProblem)
STATS: Final = model_of(Stats)
STATUS_COUNTS: Final = create_model(
    "StatusCounts",
    __config__=_CLOSED,
    **{status.value: (Annotated[int, Field(ge=0)], ...) for status in Status},
)
FILES: Final = create_model(
    "Files",
    __config__=_CLOSED,
    files=(list[model_of(StoredFile)], ...),  # type: ignore[misc]
    types=(list[model_of(TypeActivity)], ...),  # type: ignore[misc]
)
CHECK: Final = create_model(
    "Check",
    __config__=_CLOSED,
    findings=(
        Annotated[
            list[model_of(CardFinding)],  # type: ignore[misc]
            Field(description="By card id, `limit` of them at most."),
        ],
        ...,
    ),
    now=(_INSTANT, ...),
    cards=(Annotated[int, Field(ge=0)], ...),
    need_attention=(Annotated[int, Field(ge=0, description="Cards with a finding.")], ...),
    counts=(
        Annotated[
            _counts(*REASONS, "zone_decides"),
            Field(description="Findings by reason, those beyond `limit` included."),
        ],
        ...,
    ),
)
HEALTH: Final = create_model("Health", __config__=_CLOSED, status=(_text("ok"), ...))
ERROR: Final = create_model(
    "Error",
    __config__=_CLOSED,
    error=(Annotated[str, Field(description="What is wrong, in a sentence.")], ...),
)
