"""The Datasette plugin of ``serve``: pages and JSON in front of Datasette's own pages.

It also says which of those stay. Only documented hooks of Datasette are used. ``server`` alone
registers the plugin: another Datasette over the same file does not load it.
"""

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from datasette import Forbidden, NotFound, Response, hookimpl

from cardstatus.display import streams
from cardstatus.display.serialise import printable
from cardstatus.errors import CardStatusError
from cardstatus.privacy import redact

from . import endpoints
from .endpoints import Answer, NoCardError, Parameters
from .openapi import description
from .pages import answer_page

STATIC: Final = "-/cardstatus"
"""The path of the files in ``static/``."""
RENDERER: Final = "-/swagger-ui"
"""The path of the files of the API page's renderer."""
BROWSED: Final = frozenset({"card_status", "card_event", "problem"})
"""The tables that Datasette shows: the records of commands. The others are laid out for speed."""

# A look-up takes a millisecond, a pass over all cards seconds. Passes wait for each other, so that
# no look-up waits for one.
_LOOK_UPS: Final = ThreadPoolExecutor(4, thread_name_prefix="look-up")
_PASSES: Final = ThreadPoolExecutor(1, thread_name_prefix="pass")
_POOL_OF: Final = {"status_counts": _PASSES, "problems": _PASSES, "check": _PASSES}

View = Callable[..., Awaitable[Any]]


@hookimpl
def register_routes(datasette: Any) -> list[tuple[str, View]]:
    """Put the pages of cardstatus in front of Datasette's."""
    database = re.escape(_base(datasette))
    return [
        ("^/$", _home),
        (r"^/openapi\.json$", _openapi),
        ("^/-/api$", _api),
        *((rf"^{database}/{name}\.json$", partial(_json, name)) for name in endpoints.ENDPOINTS),
        (rf"^{database}/get_card_status$", _answer),
        # Datasette's pages about itself (paths, versions, threads), and for debugging.
        (rf"^/-/(?!static/|{STATIC[2:]}/|{RENDERER[2:]}/)", _absent),
        (r"^/\.json", _absent),
        # Datasette's CSV does not guard formulas that partners wrote; "export" does.
        (r"^/.*\.csv$", _absent),
    ]


@hookimpl(trylast=True)  # of all answers that are given, Datasette takes the last
def permission_allowed(action: str, resource: Any) -> bool:
    """Allow three tables of Datasette's own pages, and neither SQL nor download."""
    if action == "view-table":
        return resource[0] != "_internal" and resource[1] in BROWSED
    if action == "view-database":
        return bool(resource != "_internal")
    return action == "view-instance"


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give templates a filter that writes out unsafe characters."""
    env.filters["printable"] = lambda text: "" if text is None else printable(str(text))


@hookimpl
def extra_css_urls() -> list[str]:
    """Give Datasette's pages a style that hides links which lead nowhere here."""
    return [f"/{STATIC}/datasette.css"]


@hookimpl(hookwrapper=True)
def handle_exception(
    datasette: Any, request: Any, exception: Exception
) -> Generator[None, Any, None]:
    """Answer errors with a sentence, in place of Datasette.

    Datasette's own answer prints every error with the values of all variables, which hold personal
    data.
    """
    outcome = yield
    outcome.force_result([partial(_failure, datasette, request, exception)])


@hookimpl(tryfirst=True)
def forbidden(datasette: Any, request: Any) -> Callable[[], Awaitable[Any]]:
    """Answer with a sentence where something may not be seen."""
    return partial(_failure, datasette, request, Forbidden("this is not shown here"))


def _base(datasette: Any) -> str:
    """Return the beginning of the paths of the database's pages."""
    return str(datasette.urls.database(datasette.get_database().name))


def _path(datasette: Any) -> Path:
    return Path(datasette.get_database().path)


async def _in_thread(pool: ThreadPoolExecutor, function: Callable[..., Any], *values: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(pool, function, *values)


async def _json(name: str, datasette: Any, request: Any) -> Any:
    pool = _POOL_OF.get(name, _LOOK_UPS)
    function = endpoints.ENDPOINTS[name]
    try:
        answer: Answer = await _in_thread(pool, function, _path(datasette), request.query_string)
    except CardStatusError as error:
        answer = endpoints.refusal(*_refused(error))
    link = {"Link": f'<{request.path}?{answer.more}>; rel="next"'} if answer.more else {}
    return _as_json(answer, link)


def _as_json(answer: Answer, headers: Mapping[str, str] | None = None) -> Any:
    body = answer.body.encode()
    return Response(
        body,
        status=answer.status,
        headers={"Content-Length": str(len(body)), **(headers or {})},
        content_type="application/json; charset=utf-8",
    )


def _refused(error: CardStatusError) -> tuple[int, str]:
    """Return the status of an error, and a sentence for the user.

    An error that only the one who runs the server can mend is told on stderr.
    """
    status = endpoints.http_status(error)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return status, str(error)
    streams.message(f"error: {error}")  # names the database's path, so not for the user
    return status, "the database cannot be read now; whoever started the server sees why"


async def _openapi(datasette: Any) -> Any:
    return Response.json(description(_base(datasette)))


async def _absent() -> Any:
    raise NotFound("there is nothing here")


async def _home(datasette: Any, request: Any) -> Any:
    return await _page(datasette, request, "home", {})


async def _api(datasette: Any, request: Any) -> Any:
    return await _page(datasette, request, "api", {"renderer": RENDERER})


async def _answer(datasette: Any, request: Any) -> Any:
    try:
        parameters = endpoints.read_query(request.query_string, ("card_id", "user_mobile"))
        shown = await _in_thread(_LOOK_UPS, answer_page, _path(datasette), parameters)
    except NoCardError as error:
        return await _sentence(datasette, request, *_refused(error), _asked(parameters))
    except CardStatusError as error:
        # The boxes stay empty: a payment card number may have been given.
        return await _sentence(datasette, request, *_refused(error))
    return await _page(datasette, request, "answer", shown | _asked(parameters))


def _asked(parameters: Parameters) -> dict[str, str]:
    """Return the texts for the boxes of the page."""
    return {name: values[0] for name, values in parameters.items() if len(values) == 1}


async def _sentence(
    datasette: Any, request: Any, status: int, sentence: str, asked: Mapping[str, str] = {}
) -> Any:
    shown = {"title": HTTPStatus(status).phrase, "sentence": sentence, **asked}
    return await _page(datasette, request, "sentence", shown, status)


async def _page(
    datasette: Any, request: Any, name: str, shown: Mapping[str, Any], status: int = 200
) -> Any:
    context = {"base": _base(datasette), "static": STATIC, **shown}
    text = await datasette.render_template(f"cardstatus/{name}.html", context, request=request)
    return Response.html(text, status=status)


async def _failure(datasette: Any, request: Any, exception: Exception) -> Any:
    status = getattr(exception, "status", 500)
    if isinstance(exception, Forbidden | NotFound):
        sentence = "there is nothing here" if status == HTTPStatus.NOT_FOUND else str(exception)
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        sentence = "Datasette cannot make sense of this request, or it would take too long"
    else:
        # A bug: told without values of variables, and with the text of rows and requests masked.
        for line in redact("".join(traceback.format_exception(exception))).splitlines():
            streams.message(line)
        sentence = "this failed; whoever started the server sees why"
    if request.path.endswith(".json"):
        return _as_json(endpoints.refusal(status, sentence))
    return await _sentence(datasette, request, status, sentence)


def shut_down() -> None:
    """Give up the requests that still wait."""
    for pool in (_LOOK_UPS, _PASSES):
        pool.shutdown(wait=False, cancel_futures=True)
