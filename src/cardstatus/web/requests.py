"""Requests and responses: from a request to the database's answer, and from that to bytes."""

from collections.abc import Hashable, Mapping
from typing import Final, TypeVar

from fastapi import Request, Response

from cardstatus.errors import CardStatusError

from .api.answers import Answer, http_status
from .connections import Talk
from .queries import BusyError, Lane, Queries, Question, TooLongError

_JSON: Final = "application/json; charset=utf-8"
_AGAIN: Final = "5"
"""Seconds after which a database that could not be read may be read again."""

Given = TypeVar("Given")


async def ask(
    request: Request, question: Question[Given], lane: Lane, key: Hashable = None
) -> Given:
    """Return the answer to a question of a request, unless its client goes away meanwhile.

    Raises the errors of :meth:`Queries.ask`.
    """
    queries: Queries = request.app.state.queries
    return await queries.ask(question, lane, _gone(request), key)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def respond(request: Request, answer: Answer, headers: Mapping[str, str] = {}) -> Response:
    """Return an answer in JSON, with a link to the next part of a list."""
    link = {"Link": f'<{request.url.path}?{answer.more}>; rel="next"'} if answer.more else {}
    return Response(answer.body, answer.status, {**headers, **link}, _JSON)


def refused(talk: Talk, error: CardStatusError) -> tuple[int, str, dict[str, str]]:
    """Return the status of an error, a sentence for the client, and headers.

    An error that only the one who runs the server can mend is told on stderr.
    """
    status = http_status(error)
    if isinstance(error, BusyError):
        return status, str(error), {"Retry-After": str(error.again)}
    if status < 500 or isinstance(error, TooLongError):
        return status, str(error), {}
    talk.say(f"error: {error}")  # names the database's path, so not for the client
    sentence = "the database cannot be read now; whoever started the server sees why"
    return status, sentence, {"Retry-After": _AGAIN}
