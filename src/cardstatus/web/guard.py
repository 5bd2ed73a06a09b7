"""The guard in front of the web server: names of hosts, the token, headers of every answer.

It wraps any ASGI application, whatever that answers.
"""

import base64
import binascii
import codecs
import re
import stat
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from cardstatus.errors import CardStatusError, UsageError, in_words
from cardstatus.privacy import redact

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_METHODS: Final = frozenset({"GET", "HEAD"})
"""The methods that read, since nothing can be written here."""

_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_NO_STORE: Final = (b"cache-control", b"no-store")
_FILES: Final = (b"text/css", b"text/javascript", b"application/javascript", b"image/")
"""The content types of files that come from packages and never hold data."""
_CHALLENGE: Final = b'Basic realm="cardstatus: any user name, the token as password"'


class BaseUrl(NamedTuple):
    """The address by which a proxy in front is called."""

    host: str = ""
    """Its name, empty if it passes requests on under our own."""
    path: str = ""
    """The beginning of all paths, such as ``/desk``."""


class Guard(NamedTuple):
    """The conditions that every request must meet."""

    token: bytes | None = None
    """None where only this machine may ask."""
    loopback: bool = True
    """Whether the server listens on this machine's own address."""
    base_url: BaseUrl = BaseUrl()


def read_base_url(text: str) -> BaseUrl:
    """Return the parts of ``--base-url``: a path, or a whole URL. Raises :class:`UsageError`."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        port, url = None, urlsplit("")
    whole = url.scheme in ("http", "https") and url.hostname
    path = url.path.rstrip("/")
    if not (whole or (text.startswith("/") and not url.netloc)) or not _PATH.fullmatch(path):
        raise UsageError(
            f"--base-url: {redact(text)!r} is neither a path such as /desk/ nor a URL such as "
            "https://cards.example.com/desk/"
        )
    if url.query or url.fragment or url.username:
        raise UsageError("--base-url: it ends with its path; leave out what is behind it")
    name = f"{url.hostname}:{port}" if port else url.hostname or ""
    return BaseUrl(name, path)


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address means this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


SHORTEST_TOKEN: Final = 16
"""Characters: a random token so long cannot be guessed by asking."""


def read_token(path: Path) -> bytes:
    """Return the token in a file. Raises :class:`CardStatusError`."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UsageError(f"--token-file: {path} is not a file")
        if mode & 0o077:
            raise UsageError(
                f"--token-file: others may read or write {path}; make it yours alone with: "
                f"chmod 600 {path}"
            )
        token = path.read_bytes().removeprefix(codecs.BOM_UTF8).strip()
    except OSError as error:
        raise CardStatusError(f"--token-file: {path} cannot be read: {in_words(error)}") from error
    if not token:
        raise UsageError(f"--token-file: {path} is empty; write a long random word into it")
    if len(token) < SHORTEST_TOKEN:
        raise UsageError(
            f"--token-file: the token in {path} has {len(token)} characters and could be guessed; "
            f"write {SHORTEST_TOKEN} or more, such as: openssl rand -hex 32"
        )
    if len(token.split()) > 1:
        raise UsageError(f"--token-file: {path} holds more than one word; the token is one")
    return token


def guarded(application: Application, guard: Guard) -> Application:
    """Return the application with the guard in front of all its paths."""
    always = (
        (b"content-security-policy", _POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*_unstored(message.get("headers", ())), *always]
            await send(message)

        if scope["type"] == "lifespan":
            await application(scope, receive, send)
        elif scope["type"] == "http":
            if refused := _refusal(scope, guard):
                await _refuse(send_with_headers, *refused)
            else:
                at_base = _rooted(scope, guard.base_url.path)
                await application(at_base, receive, send_with_headers)

    return wrapped


def _refusal(scope: Scope, guard: Guard) -> tuple[int, str, list[tuple[bytes, bytes]]] | None:
    """Return status, sentence and headers for a request that is refused, None for others."""
    headers = [(name.lower(), value) for name, value in scope["headers"]]
    # A page from elsewhere may let its own name resolve to this machine, and then read answers to a
    # browser here. It cannot choose the name of the host that the browser sends.
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    if guard.loopback and not (len(hosts) == 1 and _is_ours(hosts[0], guard.base_url)):
        return 403, "this server answers to localhost and 127.0.0.1 only", []
    if guard.token is not None:
        given = [value for name, value in headers if name == b"authorization"]
        if not (len(given) == 1 and _is_token(given[0], guard.token)):
            sentence = "give the token: Authorization: Bearer TOKEN, or as the password"
            return 401, sentence, [(b"www-authenticate", _CHALLENGE)]
    if scope["method"] not in _METHODS:
        return 405, "there is nothing to write here; only GET", [(b"allow", b"GET, HEAD")]
    return None


def _unstored(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with "no-store" added, since it holds phone numbers."""
    kept = [(name.lower(), value) for name, value in headers]
    if any(name == b"content-type" and value.startswith(_FILES) for name, value in kept):
        return kept
    return [(n, value) for n, value in kept if n != b"cache-control"] + [_NO_STORE]


def _rooted(scope: Scope, base: str) -> Scope:
    """Return the scope with all paths below the base, whether or not a proxy has taken it off.

    The others see no method but GET: uvicorn sends no body in answer to HEAD.
    """
    path = str(scope["path"])
    if path != base and not path.startswith(base + "/"):
        path = base + path
    return {**scope, "method": "GET", "root_path": base, "path": path}


def _is_ours(host: str, base_url: BaseUrl) -> bool:
    named = bool(base_url.host) and host.lower() == base_url.host.lower()
    return named or is_loopback(_without_port(host))


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _is_token(authorization: bytes, token: bytes) -> bool:
    scheme, _, credentials = authorization.partition(b" ")
    given = credentials.strip()
    if scheme.lower() == b"basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif scheme.lower() != b"bearer":
        return False
    return compare_digest(given, token)


async def _refuse(
    send: Send, status: int, sentence: str, headers: list[tuple[bytes, bytes]]
) -> None:
    body = f'{{"error": "{sentence}"}}\n'.encode()
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
