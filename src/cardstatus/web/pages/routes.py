"""The pages: what each is called, takes and shows. A further one is a function and a template.

What stands in a page is found and drawn in the thread of its question.
"""

from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cardstatus.database.reading.overview import Overview
from cardstatus.display.serialise import printable
from cardstatus.web.parameters import (
    AttentionPageParameters,
    CardParameters,
    CardsPageParameters,
    NoParameters,
    PageParameters,
    Parameters,
    ProblemsPageParameters,
    well_formed,
)
from cardstatus.web.queries import LOOK_UPS, PASSES, Lane
from cardstatus.web.requests import ask

from . import views
from .views import Contents

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"

_Given = TypeVar("_Given", bound=Parameters)

router = APIRouter(dependencies=[Depends(well_formed)], include_in_schema=False)
"""The pages of the menu."""
cards_router = APIRouter(dependencies=[Depends(well_formed)], include_in_schema=False)
"""The page below the path of the database."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = lambda text: "" if text is None else printable(str(text))
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.globals["colours"] = views.COLOURS
    return environment


def draw(request: Request, name: str, contents: Mapping[str, Any] = {}) -> str:
    """Return a page: a template filled in."""
    root = request.scope.get("root_path", "")
    asked = {"card_id": "", "user_mobile": ""}
    where = {"root": root, "base": root + request.app.state.base, "page": name}
    template = _environment().get_template(f"{name}.html")
    return str(template.render(asked | where | dict(contents)))


def sentence(
    request: Request, status: int, text: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page with a sentence that says what is wrong.

    The boxes have what was asked for, unless it cannot be read: it may be anything, such as the
    number of a payment card.
    """
    asked = _asked(request) if status == HTTPStatus.NOT_FOUND else {}
    contents = {"title": HTTPStatus(status).phrase, "sentence": text, **asked}
    return HTMLResponse(draw(request, "sentence", contents), status, dict(headers or {}))


def _asked(request: Request) -> dict[str, str]:
    """Return the texts for the boxes of the page."""
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    return {n: text for n, text in given if n in ("card_id", "user_mobile") and names.count(n) == 1}


async def _page(
    request: Request,
    name: str,
    view: Callable[[_Given, Overview], Contents],
    parameters: _Given,
    lane: Lane = PASSES,
) -> Response:
    """Return a page that shows what a view makes of the database."""

    def question(overview: Overview) -> str:
        return draw(request, name, view(parameters, overview) | _asked(request))

    key = (name, parameters.model_dump_json()) if lane is PASSES else None
    return HTMLResponse(await ask(request, question, lane, key))


@router.get("/")
async def home(request: Request, parameters: Annotated[NoParameters, Query()]) -> Response:
    """Show the boxes to ask from."""
    return HTMLResponse(draw(request, "home"))


@cards_router.get("/get_card_status")
async def answer(request: Request, parameters: Annotated[CardParameters, Query()]) -> Response:
    """Show where cards are now, and why."""
    return await _page(request, "answer", views.answer, parameters, LOOK_UPS)


@router.get("/-/cards")
async def cards(request: Request, parameters: Annotated[CardsPageParameters, Query()]) -> Response:
    """Show all cards, or those of a status."""
    # To find the next hundred of a rare status takes a pass.
    lane = PASSES if parameters.status else LOOK_UPS
    return await _page(request, "cards", views.cards, parameters, lane)


@router.get("/-/attention")
async def attention(
    request: Request, parameters: Annotated[AttentionPageParameters, Query()]
) -> Response:
    """Show the cards that need a person."""
    return await _page(request, "attention", views.attention, parameters)


@router.get("/-/problems")
async def problems(
    request: Request, parameters: Annotated[ProblemsPageParameters, Query()]
) -> Response:
    """Show the rows and cells that could not be read."""
    return await _page(request, "problems", views.problems, parameters)


@router.get("/-/files")
async def files(request: Request, parameters: Annotated[PageParameters, Query()]) -> Response:
    """Show the files that were taken in."""
    return await _page(request, "files", views.files, parameters)


@router.get("/-/api")
async def api(request: Request, parameters: Annotated[NoParameters, Query()]) -> Response:
    """Show the JSON endpoints, and let them be tried."""
    return HTMLResponse(draw(request, "api"))
