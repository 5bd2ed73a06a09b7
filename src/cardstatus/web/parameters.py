"""The parameters of requests as types: what may be asked, and the sentences where it is not."""

import re
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator

from cardstatus.errors import UsageError
from cardstatus.model.problems import Reason, Severity
from cardstatus.model.records import Status
from cardstatus.privacy import redact
from cardstatus.questions.stats import Period
from cardstatus.rules.findings import MAX_ATTEMPTS, STALE_DAYS, FindingReason

LISTED: Final = 1_000
"""Records that a list has, unless asked for more or fewer."""
MOST_LISTED: Final = 10_000
MOST: Final = 1_000_000_000
"""The greatest number that a parameter may be."""
ON_A_PAGE: Final = 100
"""Rows of a page for people."""
_MOST_PARAMETERS: Final = 1_000
LONGEST_QUERY: Final = 99
"""Characters: with each written as two, a pattern that the database still takes."""

REASONS: Final = tuple(r.value for r in FindingReason if r is not FindingReason.ZONE_DECIDES)
"""The reasons that ``check`` looks for; the one left out needs a zone to compare with."""


class Parameters(BaseModel):
    """The parameters of a request, each with its name, type and limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name]
        if field.annotation is int:
            return _number(value, field.metadata)
        if field.annotation is bool:
            _known(str(value).lower(), ("true", "false"))
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, Enum):
                choices = REASONS if kind is FindingReason else [each.value for each in kind]
                for text in value if isinstance(value, list | tuple) else [value]:
                    _known(text, choices)
        return value


class NoParameters(Parameters):
    """No parameters."""


# Each may be repeated, and a form for one is simpler to fill in.
_ONE_OR_MORE: Final = WithJsonSchema({"type": "string", "minLength": 1})


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class CardParameters(Parameters):
    """The cards that are meant."""

    card_id: Annotated[
        tuple[str, ...],
        _ONE_OR_MORE,
        Field(description="The card.", json_schema_extra=_without_default),
    ] = ()
    user_mobile: Annotated[
        tuple[str, ...],
        _ONE_OR_MORE,
        Field(
            description="A number that the card was ever given for, in any form: `0585550139`, "
            "`+971 58 555 0139`, `00971585550139`.",
            json_schema_extra=_without_default,
        ),
    ] = ()


_Limit = Annotated[int, Field(ge=1, le=MOST_LISTED, description="How many to list.")]
_Offset = Annotated[int, Field(ge=0, le=MOST, description="How many to skip.")]
_Text = Annotated[str | None, WithJsonSchema({"type": "string"})]


class ProblemsParameters(Parameters):
    """A part of the list of problems."""

    severity: Annotated[
        Severity | None,
        Field(description="Only rejected rows, warnings, or files that failed."),
        WithJsonSchema({"type": "string", "enum": list(Severity)}),
    ] = None
    reason: Annotated[
        Reason | None,
        Field(description="Only this reason."),
        WithJsonSchema({"type": "string", "enum": list(Reason)}),
    ] = None
    file: Annotated[_Text, Field(description="Only of this file: its name, or its path.")] = None
    since: Annotated[_Text, Field(description="Only of files read from then on.")] = None
    open: Annotated[
        bool, Field(description="Whether to leave out what is mended or forgotten.")
    ] = False
    limit: _Limit = LISTED
    offset: _Offset = 0


class FilesParameters(Parameters):
    """A part of the list of files."""

    limit: _Limit = LISTED
    offset: _Offset = 0


class CheckParameters(Parameters):
    """What is looked for in all cards."""

    reason: Annotated[
        tuple[FindingReason, ...],
        Field(description="Only these; any, if none is given."),
        WithJsonSchema({"type": "array", "items": {"type": "string", "enum": list(REASONS)}}),
    ] = ()
    max_attempts: Annotated[
        int, Field(ge=0, le=MOST, description="Failed attempts that are in order.")
    ] = MAX_ATTEMPTS
    stale_days: Annotated[
        int, Field(ge=0, le=MOST, description="Days an open card may go without news.")
    ] = STALE_DAYS
    now: Annotated[
        _Text, Field(description="Judge as at this time (`2024-03-13`, `2024-03-13T14:00Z`).")
    ] = None
    limit: Annotated[
        int,
        Field(ge=0, le=MOST_LISTED, description="How many findings to list; all are counted."),
    ] = LISTED


class StatsParameters(Parameters):
    """What is counted."""

    by: Annotated[Period, Field(description="Count deliveries by this.")] = Period.DAY
    since: Annotated[_Text, Field(description="Only events from then on.")] = None
    until: Annotated[_Text, Field(description="Only events up to then.")] = None
    top: Annotated[
        int, Field(ge=1, le=MOST_LISTED, description="How many reasons of failures to list.")
    ] = 10


_Query = Annotated[
    str,
    Field(
        max_length=LONGEST_QUERY,
        description="Part of a card id, the end of a mobile, a reference, or a word of a comment; "
        "several words narrow.",
    ),
]


class FindParameters(Parameters):
    """What is known of a card."""

    q: Annotated[_Query, Field(min_length=1)]
    limit: Annotated[
        int, Field(ge=1, le=MOST_LISTED, description="How many to list, the most likely first.")
    ] = 20
    comments: Annotated[
        bool, Field(description="Whether to look into comments for what is found elsewhere, too.")
    ] = False


class SearchPageParameters(Parameters):
    """The text of the one box."""

    q: _Query = ""


class CardsPageParameters(Parameters):
    """A page of the list of cards."""

    status: Status | None = None
    after: str = ""
    """The last card of the page before."""


class PageParameters(Parameters):
    """A page of a list."""

    offset: _Offset = 0


class AttentionPageParameters(PageParameters):
    """A page of the findings of ``check``."""

    reason: FindingReason | None = None
    now: str | None = None


class ProblemsPageParameters(PageParameters):
    """A page of the list of problems."""

    severity: Severity | None = None
    file: str | None = None


async def well_formed(request: Request) -> None:
    """Raise :class:`UsageError` for a query string that would be answered as another.

    A mistyped parameter, or the second value of one, would else be left out in silence. Does not
    wait: what is not ``async`` would go through a thread, for 0.5 ms.
    """
    kind = parameters_of(request.scope["endpoint"])
    read_query(request.url.query, kind.model_fields, repeated(kind))


@cache
def parameters_of(endpoint: Callable[..., Any]) -> type[Parameters]:
    """Return the type of the parameters of an endpoint."""
    kind: type[Parameters] = get_type_hints(endpoint)["parameters"]
    return kind


def repeated(kind: type[Parameters]) -> set[str]:
    """Return the names of the parameters that may be given more than once."""
    return {
        name for name, field in kind.model_fields.items() if get_origin(field.annotation) is tuple
    }


def read_query(
    query: str, allowed: Collection[str], several: Collection[str]
) -> Mapping[str, list[str]]:
    """Return the values of each parameter in a query string. Raises :class:`UsageError`.

    ``several``: those that may be given more than once.
    """
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise UsageError("the parameters are not text in UTF-8") from None
    except ValueError:
        raise UsageError(f"there are over {_MOST_PARAMETERS:,} parameters") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in allowed:
            raise UsageError(
                f"there is no parameter {redact(name)!r} here; there is {', '.join(allowed)}"
            )
        if name in found and name not in several:
            raise UsageError(f"{name}: give it once")
        found.setdefault(name, []).append(value)
    return found


def in_a_sentence(errors: Collection[Mapping[str, Any]]) -> str:
    """Return what is wrong with the first parameter that could not be read."""
    for error in errors:
        reason = error.get("ctx", {}).get("error", error["msg"])
        return f"{error['loc'][-1]}: {reason}"
    return "the parameters cannot be read"


def _number(value: Any, limits: Collection[Any]) -> int:
    least = next(limit.ge for limit in limits if hasattr(limit, "ge"))
    most = next(limit.le for limit in limits if hasattr(limit, "le"))
    number = int(value) if re.fullmatch(r"\d{1,10}", str(value), re.ASCII) else -1
    if not least <= number <= most:
        raise ValueError(f"give a number from {least:,} to {most:,}")
    return number


def _known(text: str | None, choices: Collection[str]) -> None:
    if text is not None and text not in choices:
        raise ValueError(f"{redact(text)!r} is none of {', '.join(choices)}")
