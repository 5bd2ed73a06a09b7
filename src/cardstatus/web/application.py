"""The application: pages, endpoints, files and errors put together, on FastAPI.

Knows neither sockets nor signals (see ``server``), nor who may ask (see ``guard``).
"""

import os
import traceback
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from cardstatus import __version__
from cardstatus.database.reading.served import ServedDatabase
from cardstatus.display import streams
from cardstatus.errors import CardStatusError
from cardstatus.privacy import redact

from .api import answers, endpoints
from .connections import Talk
from .guard import Application, Receive, Scope, Send
from .metrics import Asked
from .pages import routes as pages
from .parameters import in_a_sentence
from .queries import GoneError, Queries
from .requests import refused, respond

STATIC: Final = "/-/cardstatus"
"""The path of the files in ``static/``."""
RENDERER: Final = "/-/swagger-ui"
"""The path of the files of the API page's renderer."""
_OWN_FILES: Final = Path(__file__).parent / "static"
_RENDERER_FILES: Final = {"swagger_bundle.js": "text/javascript", "swagger_style.css": "text/css"}
_SAFE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_DESCRIPTION: Final = (
    "What the commands `get`, `history`, `stats`, `problems`, `check` and `files` answer, as JSON. "
    "Instants are ISO 8601 in UTC; what is not known is `null`. An answer that is no 200 has a "
    "sentence in `error`."
)


def _folder_of(package: str) -> Path:
    """Return the folder of a package, without loading it. Raises :class:`ModuleNotFoundError`."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(spec.origin).parent


_SWAGGER_UI: Final = _folder_of("offapi")
"""The files of Swagger UI. The package is not loaded, since it would read 9 MB of renderers."""


def path_of(database: Path) -> str:
    """Return the beginning of the paths of a database, such as ``/cardstatus``.

    Bytes that may not stand in a path are written as ``~F6``, and a blank as ``+``.

    >>> path_of(Path("/srv/my cards.v2.db"))
    '/my+cards~2Ev2'
    """
    name = os.fsencode(database.stem)
    return "/" + "".join(
        chr(byte) if byte in _SAFE else "+" if byte == ord(" ") else f"~{byte:02X}" for byte in name
    )


def application_over(database: ServedDatabase, talk: Talk, *, with_token: bool = False) -> FastAPI:
    """Return the application over a database.

    ``with_token``: say in the description that a token is asked for.
    """
    app = FastAPI(
        title="cardstatus",
        version=__version__,
        summary="Where is this card now, and why do we say so?",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        dependencies=_padlock() if with_token else [],
    )
    app.state.base = path_of(database.path)
    app.state.queries = Queries(database)
    app.state.asked = Asked()
    for router in (endpoints.router, pages.cards_router):
        app.include_router(router, prefix=app.state.base)
    for router in (endpoints.watched, pages.router):
        app.include_router(router)
    _add_files(app)
    _answer_errors(app, talk)
    app.openapi = lambda: described(app)
    return app


def queries_of(app: FastAPI) -> Queries:
    """Return the questions that are on their way."""
    queries: Queries = app.state.queries
    return queries


def _padlock() -> list[Any]:
    """Return what puts the token into the description. The guard is who asks for it."""
    return [Depends(HTTPBearer(scheme_name="token", auto_error=False))]


def described(app: FastAPI) -> dict[str, Any]:
    """Return the description of the endpoints, without what FastAPI would answer by itself."""
    description: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description,
        routes=app.routes,
    )  # fmt: skip
    for methods in description["paths"].values():
        methods["get"]["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        description["components"]["schemas"].pop(name, None)
    return description


def _add_files(app: FastAPI) -> None:
    app.mount(STATIC, StaticFiles(directory=_OWN_FILES))

    @app.get(RENDERER + "/{name}", include_in_schema=False)
    async def renderer(name: str) -> Response:
        if name not in _RENDERER_FILES:
            raise HTTPException(404)
        return FileResponse(_SWAGGER_UI / name, media_type=_RENDERER_FILES[name])

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        return FileResponse(_OWN_FILES / "icon.svg", media_type="image/svg+xml")


def _answer_errors(app: FastAPI, talk: Talk) -> None:
    """Have each error answered with a sentence, in JSON where JSON was asked for."""

    def say(
        request: Request, status: int, sentence: str, headers: Mapping[str, str] = {}
    ) -> Response:
        if request.url.path.endswith((".json", "/healthz")):
            return respond(request, answers.refusal(status, sentence), headers)
        return pages.sentence(request, status, sentence, headers)

    @app.exception_handler(CardStatusError)
    async def expected(request: Request, error: CardStatusError) -> Response:
        return say(request, *refused(talk, error))

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, error: RequestValidationError) -> Response:
        return say(request, 400, in_a_sentence(error.errors()))

    @app.exception_handler(HTTPException)
    async def absent(request: Request, error: HTTPException) -> Response:
        return say(request, error.status_code, "there is nothing here")

    @app.exception_handler(GoneError)
    async def gone(request: Request, error: GoneError) -> Response:
        return Response()  # which nobody gets

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        # Without values of variables, and with the text of rows and requests masked.
        for line in redact("".join(traceback.format_exception(error))).splitlines():
            streams.message(line)
        return say(request, 500, "this failed; whoever started the server sees why")


def told(app: FastAPI) -> Application:
    """Return the application with its requests counted, and without the errors that it raises
    again after answering them.
    """
    counted = app.state.asked.counted(app)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await counted(scope, receive, send)
        except Exception:
            if scope["type"] != "http":
                raise

    return wrapped
