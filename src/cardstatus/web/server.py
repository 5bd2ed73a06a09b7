"""The start and the end of the web server, on one address."""

import asyncio
import logging
import os
import socket
import threading
from types import FrameType
from typing import Any, Final, NamedTuple

import uvicorn

from cardstatus.database.reading.served import ServedDatabase
from cardstatus.display import streams
from cardstatus.errors import CardStatusError, in_words

from .application import application_over, queries_of, told
from .connections import Talk, limited, most_connections
from .guard import BaseUrl, Guard, guarded, is_loopback
from .queries import Queries

_FAREWELL_SECONDS: Final = 5
"""For answers that are on their way when the server is told to end."""
_LAST_QUESTIONS: Final = 3
"""Seconds of those for finding answers; what is left is for sending them."""


_WAITING: Final = 128
"""Connections that wait to be accepted."""


class Address(NamedTuple):
    """The address on which the server listens, and the one by which it is called."""

    host: str
    port: int
    """0 for any free port."""
    base_url: BaseUrl = BaseUrl()


class _Server(uvicorn.Server):
    """uvicorn's server, which ends for certain."""

    def __init__(self, config: uvicorn.Config, queries: Queries, talk: Talk) -> None:
        super().__init__(config)
        self._queries = queries
        self._talk = talk

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._say)
        await super().startup(sockets)
        for listening in sockets or ():
            # asyncio accepts as many at once as it lets wait. Those beyond would wait for seconds.
            listening.listen(_WAITING)

    def _say(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._talk.say(f"error: {context['message']}" + (f": {error}" if error else ""))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            # Whatever a thread may be at, and the interpreter would wait for.
            last = threading.Timer(_FAREWELL_SECONDS + 2, os._exit, [128 + sig])
            last.daemon = True
            last.start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(_LAST_QUESTIONS, self._queries.end)
        await super().shutdown(sockets)


def serve(served: ServedDatabase, address: Address, token: bytes | None = None) -> None:
    """Answer requests until a signal ends it. Raises :class:`CardStatusError`."""
    talk = Talk()
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [talk], False
    application = application_over(served, talk, with_token=token is not None)
    queries = queries_of(application)
    guard = Guard(token, is_loopback(address.host), address.base_url)
    most = most_connections()
    listening = _listen(address)
    server = _Server(
        uvicorn.Config(
            guarded(told(application), guard),
            http=limited(most),
            loop="asyncio",
            log_config=None,
            log_level="error",
            access_log=False,  # requests name mobiles
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            backlog=max(1, most // 4),
            timeout_graceful_shutdown=_FAREWELL_SECONDS,
        ),
        queries,
        talk,
    )
    # The socket listens, so a program that reads this line can connect at once.
    streams.write_safe([f"{_url(listening, address)}\n"])
    try:
        server.run(sockets=[listening])
    finally:
        queries.end()


def _url(listening: socket.socket, address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{listening.getsockname()[1]}/"


def _listen(address: Address) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.create_server(where[:2], family=family, backlog=_WAITING)
    except OSError as error:
        at = f"{address.host}:{address.port}"
        raise CardStatusError(
            f"nothing can be served on {at}: {in_words(error)}; choose with --port (0 for any "
            "that is free)"
        ) from error
    # Connections inherit it. Without it the second half of an answer waits 40 ms for the client's
    # system to acknowledge the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
