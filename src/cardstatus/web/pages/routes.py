"""The pages: what each is called, takes and shows. A further one is a function and a template.

What stands in a page is found and drawn in the thread of its question.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cardstatus.database.reading.overview import Overview
from cardstatus.display.serialise import printable
from cardstatus.privacy import is_card_number
from cardstatus.web.parameters import (
    AttentionPageParameters,
    CardParameters,
    CardsPageParameters,
    NoParameters,
    PageParameters,
    Parameters,
    ProblemsPageParameters,
    SearchPageParameters,
    well_formed,
)
from cardstatus.web.queries import LOOK_UPS, PASSES, SEARCHES, Lane
from cardstatus.web.requests import ask

from . import searching, views
from .views import Contents

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"

_TITLES: Final = {
    400: "This cannot be read",
    404: "Nothing found",
    503: "Not now",
}
"""Headings for people."""

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
    asked = {"q": in_the_box(request)}
    where = {"root": root, "base": root + request.app.state.base, "page": name}
    template = _environment().get_template(f"{name}.html")
    return str(template.render(asked | where | dict(contents)))


def sentence(
    request: Request, status: int, text: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page with a sentence that says what is wrong.

    The box keeps what was asked for.
    """
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    contents = {"title": title, "sentence": _for_people(text)}
    return HTMLResponse(draw(request, "sentence", contents), status, dict(headers or {}))


def in_the_box(request: Request) -> str:
    """Return the text for the box of a page: what was asked for, if it was one thing.

    Never the number of a payment card, which may stand in no page.
    """
    given = [
        t for n, t in request.query_params.multi_items() if n in ("q", "card_id", "user_mobile")
    ]
    text = given[0] if len(given) == 1 else ""
    return "" if "\ufffd" in text or is_card_number(text) else text


def _for_people(text: str) -> str:
    """Return a sentence without the name of a parameter in front, which people have not typed."""
    for name in ("find: ", "card_id: ", "user_mobile: ", "q: "):
        text = text.removeprefix(name)
    return text[:1].upper() + text[1:]


async def _page(
    request: Request,
    name: str,
    view: Callable[[_Given, Overview], Contents],
    parameters: _Given,
    lane: Lane = PASSES,
) -> Response:
    """Return a page that shows what a view makes of the database."""

    def question(overview: Overview) -> str:
        return draw(request, name, view(parameters, overview))

    key = (name, parameters.model_dump_json()) if lane is PASSES else None
    return HTMLResponse(await ask(request, question, lane, key))


@router.get("/")
async def home(request: Request, parameters: Annotated[SearchPageParameters, Query()]) -> Response:
    """Show the box to ask from, and below it the answer."""
    if not parameters.q.strip():
        return HTMLResponse(draw(request, "home"))
    # A whole id or mobile is answered at once; for all else texts are searched.
    shown = await ask(request, partial(_known, request, parameters), LOOK_UPS)
    if shown is None:
        shown = await ask(request, partial(_anywhere, request, parameters), SEARCHES)
    status, page = shown
    return HTMLResponse(page, status)


def _known(
    request: Request, parameters: SearchPageParameters, overview: Overview
) -> tuple[int, str] | None:
    contents = searching.known(parameters, overview)
    return (200, draw(request, "answer", contents)) if contents else None


def _anywhere(
    request: Request, parameters: SearchPageParameters, overview: Overview
) -> tuple[int, str]:
    contents = searching.anywhere(parameters, overview)
    if "cards" in contents:
        return 200, draw(request, "answer", contents)
    return 200 if contents["rows"] else 404, draw(request, "found", contents)


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
