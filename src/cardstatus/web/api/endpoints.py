"""The JSON endpoints: what each is called, takes and answers. A further one is a further function.

Their description for programs and people, ``/openapi.json``, is made of these functions and their
types.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from cardstatus.database.reading.overview import Overview
from cardstatus.web.metrics import figures, in_prometheus_format
from cardstatus.web.parameters import (
    CardParameters,
    CheckParameters,
    FilesParameters,
    FindParameters,
    NoParameters,
    Parameters,
    ProblemsParameters,
    StatsParameters,
    well_formed,
)
from cardstatus.web.queries import LOOK_UPS, PASSES, SEARCHES, Lane
from cardstatus.web.requests import ask, respond

from . import answers, schemas
from .answers import Answer

_REFUSALS: Final = {
    400: "A parameter is missing, or cannot be read.",
    401: "The server was started with a token, and the request does not give it.",
    404: "A card id was given, and no card matches.",
    503: "The database cannot be read now, or too many others ask; the header `Retry-After` says "
    "when to try again.",
}
_LINK: Final = {
    200: {
        "headers": {
            "Link": {
                "description": 'The next of them: `<URL>; rel="next"`; absent at the end.',
                "schema": {"type": "string"},
            }
        }
    }
}

_Given = TypeVar("_Given", bound=Parameters)

router = APIRouter(dependencies=[Depends(well_formed)])
"""The endpoints below the path of the database."""
watched = APIRouter(dependencies=[Depends(well_formed)])
"""Those for whoever watches over the server."""


def _responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {
        code: {"description": _REFUSALS[code], "model": schemas.ERROR}
        for code in sorted({400, 401, 503, *codes})
    }


async def _answer(
    request: Request,
    answer: Callable[[_Given, Overview], Answer],
    parameters: _Given,
    lane: Lane = PASSES,
) -> Response:
    """Return the answer to a request; equal passes are one."""
    key = (answer.__name__, parameters.model_dump_json()) if lane is PASSES else None
    return respond(request, await ask(request, partial(answer, parameters), lane, key))


@router.get(
    "/get_card_status.json",
    tags=["One card"],
    summary="Where cards are now",
    response_model=list[schemas.CARD],  # type: ignore[valid-type]
    responses=_responses(404),
)
async def get_card_status(
    request: Request, parameters: Annotated[CardParameters, Query()]
) -> Response:
    """Ask by `card_id` or by `user_mobile`; one of them must be given. Each may be repeated,
    which means any of them; given both, a card must match both. A mobile alone that no card has
    gives an empty list.
    """
    return await _answer(request, answers.get_card_status, parameters, LOOK_UPS)


@router.get(
    "/history.json",
    tags=["One card"],
    summary="All events of cards, in the order that decides",
    response_model=list[schemas.HISTORY_EVENT],  # type: ignore[valid-type]
    responses=_responses(404),
)
async def history(request: Request, parameters: Annotated[CardParameters, Query()]) -> Response:
    """Asked for as in `get_card_status`. The last event of a card decides its status."""
    return await _answer(request, answers.history, parameters, LOOK_UPS)


@router.get(
    "/find.json",
    tags=["One card"],
    summary="Cards by a part of what is known of them",
    response_model=list[schemas.FOUND_CARD],  # type: ignore[valid-type]
    responses=_responses(),
)
async def find(request: Request, parameters: Annotated[FindParameters, Query()]) -> Response:
    """The most likely first, each with the reason why it matched. An empty list: no card does."""
    return await _answer(request, answers.find, parameters, SEARCHES)


@router.get(
    "/status_counts.json",
    tags=["All cards"],
    summary="How many cards have each status",
    response_model=schemas.STATUS_COUNTS,
    responses=_responses(),
)
async def status_counts(request: Request, parameters: Annotated[NoParameters, Query()]) -> Response:
    """Quicker than `stats`, which has the same counts."""
    return await _answer(request, answers.status_counts, parameters)


@router.get(
    "/problems.json",
    tags=["Files"],
    summary="Rows that were rejected and cells that could not be read",
    response_model=list[schemas.PROBLEM],  # type: ignore[valid-type]
    responses=_responses() | _LINK,
)
async def problems(
    request: Request, parameters: Annotated[ProblemsParameters, Query()]
) -> Response:
    """By file, in the order of ingest, and line; then the files that failed as a whole."""
    return await _answer(request, answers.problems, parameters)


@router.get(
    "/check.json",
    tags=["All cards"],
    summary="Which cards need a person, and why",
    response_model=schemas.CHECK,
    responses=_responses(),
)
async def check(request: Request, parameters: Annotated[CheckParameters, Query()]) -> Response:
    """Goes through all cards: seconds, where there are millions of events."""
    return await _answer(request, answers.check, parameters)


@router.get(
    "/stats.json",
    tags=["All cards"],
    summary="Cards by status, deliveries, attempts, failures",
    response_model=schemas.STATS,
    responses=_responses(),
)
async def stats(request: Request, parameters: Annotated[StatsParameters, Query()]) -> Response:
    """Goes through all cards. With `since` or `until`, cards whose deciding event lies outside are
    not counted.
    """
    return await _answer(request, answers.stats, parameters)


@router.get(
    "/files.json",
    tags=["Files"],
    summary="The files that were taken in, and what came of each type",
    response_model=schemas.FILES,
    responses=_responses() | _LINK,
)
async def files(request: Request, parameters: Annotated[FilesParameters, Query()]) -> Response:
    """The newest first."""
    return await _answer(request, answers.files, parameters)


@watched.get(
    "/healthz",
    tags=["The server"],
    summary="Whether the database can be read",
    response_model=schemas.HEALTH,
    responses=_responses(),
)
async def healthz(request: Request, parameters: Annotated[NoParameters, Query()]) -> Response:
    """For programs that watch over the server: 200 or 503."""
    return await _answer(request, answers.healthz, parameters, LOOK_UPS)


@watched.get("/metrics", include_in_schema=False)
async def metrics(request: Request, parameters: Annotated[NoParameters, Query()]) -> Response:
    """Answer with figures for Prometheus."""
    found = await ask(request, figures, PASSES, "metrics")
    text = in_prometheus_format(found, request.app.state.asked)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
