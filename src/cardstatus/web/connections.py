"""Limits of connections: how many there are, and how long each may keep the server waiting.

uvicorn has limits of requests. A connection without one would stay for ever, and each takes one
of the files that a process may have open.
"""

import asyncio
import logging
import resource
import time
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from cardstatus.display import streams
from cardstatus.privacy import redact

_MOST: Final = 256
"""Connections at a time, where files enough may be open."""
_QUIET_SECONDS: Final = 10.0
"""For a request to arrive whole, from the connection or the last answer on; and for a client to
read the next bit of an answer."""
_LEAST_READ: Final = 65_536
"""Bytes: that bit."""
_SILENCE_SECONDS: Final = 60.0
_LINES: Final = 100
"""Lines that are remembered, and said in such a time at most."""


def most_connections() -> int:
    """Return how many connections may be open at a time.

    They take a quarter of the files that the process may have open: answers need some, too.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else max(4, min(_MOST, files // 4))


def limited(most: int) -> type[H11Protocol]:
    """Return uvicorn's protocol, with at most so many connections at a time."""

    class Limited(_Bounded):
        quiet: dict[_Bounded, None] = {}  # noqa: RUF012 - shared by the connections of a server
        limit = most

    return Limited


class _Bounded(H11Protocol):
    """A connection that is closed where it keeps the server waiting."""

    quiet: dict["_Bounded", None]
    """The connections without a request, the one that has been so for longest first."""
    limit: int
    _timer: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait_for_request()
        if len(self.connections) > self.limit:
            # Whoever holds connections without asking keeps nobody else out.
            oldest = next(iter(self.quiet))
            oldest._stop_waiting()
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.cycle or self.cycle.response_complete:
            self._wait_for_request()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self not in self.quiet:
            self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # in the midst of an answer
            self.transport.abort()

    def _wait_for_request(self) -> None:
        self.quiet[self] = None
        self._look_again()

    def _look_again(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._unread = self.transport.get_write_buffer_size()
        self._timer = self.loop.call_later(_QUIET_SECONDS, self._look)

    def _look(self) -> None:
        """Close the connection if nobody asks, and none reads what was answered."""
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self.transport.close()
        elif unread > self._unread - min(self._unread, _LEAST_READ):
            self.transport.abort()  # closing would wait for the client to read the rest
        else:
            self._look_again()

    def _stop_waiting(self) -> None:
        self.quiet.pop(self, None)
        if self._timer:
            self._timer.cancel()
            self._timer = None


class Talk(logging.Handler):
    """The lines of uvicorn and asyncio for whoever started the server, each once a minute."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a record says, without the values of variables."""
        error = record.exc_info[1] if record.exc_info else None
        # At the end, answers that clients do not fetch are given up.
        if not isinstance(error, asyncio.CancelledError) and "Cancel " not in record.msg:
            self.say(f"{record.getMessage().strip()}: {error}" if error else record.getMessage())

    def say(self, line: str) -> None:
        """Say a line, unless it was said a moment ago."""
        line, now = redact(line), time.monotonic()
        if len(self._said) >= _LINES:
            recent = self._said.items()
            self._said = {line: at for line, at in recent if now - at < _SILENCE_SECONDS}
        silent_since = self._said.get(line, now - _SILENCE_SECONDS)
        if now - silent_since >= _SILENCE_SECONDS and len(self._said) < _LINES:
            self._said[line] = now
            streams.message(line)
