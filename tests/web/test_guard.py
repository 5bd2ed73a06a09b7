"""The guard in front of the web server: hosts, tokens, headers."""

import asyncio
import base64
import codecs
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from cardstatus.errors import CardStatusError, UsageError
from cardstatus.web.guard import (
    BaseUrl,
    Guard,
    guarded,
    is_loopback,
    read_base_url,
    read_token,
)

HERE = (b"host", b"localhost:8001")
TOKEN = b"correct-horse-battery"


def ask(
    guard: Guard,
    headers: Iterable[tuple[bytes, bytes]] = (HERE,),
    method: str = "GET",
    answered: Iterable[tuple[bytes, bytes]] = (),
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Return status, headers and body of the answer through the guard."""
    sent: list[MutableMapping[str, Any]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(answered)})
        await send({"type": "http.response.body", "body": b"answered"})

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nobody reads what is sent here")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/", "headers": list(headers)}
    asyncio.run(guarded(application, guard)(scope, receive, send))
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.7", False),
        ("localhost.example.com", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_what_this_machine_alone_is(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


@pytest.mark.parametrize(
    "host",
    [b"localhost", b"localhost:8001", b"127.0.0.1:8001", b"[::1]:8001", b"[::1]"],
    ids=bytes.decode,
)
def test_names_of_this_machine_are_answered(host: bytes) -> None:
    assert ask(Guard(), [(b"Host", host)])[::2] == (200, b"answered")


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"rebound.example.com:8001")],
        [(b"host", b"localhost.example.com")],
        [(b"host", b"localhost:8001@example.com")],
        [(b"host", b"")],
        [],
        [HERE, (b"host", b"example.com")],
    ],
    ids=["another name", "longer", "with a user", "empty", "none", "two"],
)
def test_other_names_are_not(headers: list[tuple[bytes, bytes]]) -> None:
    status, _, body = ask(Guard(), headers)
    assert status == 403
    assert b"answered" not in body


def test_a_server_for_others_goes_by_any_name() -> None:
    guard = Guard(TOKEN, loopback=False)
    named = [(b"host", b"cards.example.com"), (b"authorization", b"Bearer " + TOKEN)]
    assert ask(guard, named)[0] == 200
    assert ask(guard, named[:1])[0] == 401


def basic(text: bytes) -> bytes:
    return b"Basic " + base64.b64encode(text)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (b"Bearer correct-horse-battery", 200),
        (b"bearer  correct-horse-battery", 200),
        (basic(b"anybody:correct-horse-battery"), 200),
        (basic(b":correct-horse-battery"), 200),
        (b"Bearer correct-hors", 401),
        (b"Bearer correct-horse-battery!", 401),
        (b"Bearer", 401),
        (b"Bearer ", 401),
        (b"correct-horse-battery", 401),
        (b"Token correct-horse-battery", 401),
        (basic(b"correct-horse-battery"), 401),
        (basic(b"correct-horse-battery:"), 401),
        (b"Basic correct-horse-battery", 401),
        (b"Basic \xff\xfe", 401),
        (b"Bearer \xff\xfe", 401),
        (b"", 401),
    ],
)
def test_the_token(given: bytes, status: int) -> None:
    found, headers, body = ask(Guard(TOKEN), [HERE, (b"Authorization", given)])
    assert found == status
    assert (body == b"answered") is (status == 200)
    assert (b"www-authenticate" in headers) is (status == 401)


def test_no_token_and_two_are_refused() -> None:
    right = (b"authorization", b"Bearer " + TOKEN)
    assert ask(Guard(TOKEN))[0] == 401
    assert ask(Guard(TOKEN), [HERE, right, right])[0] == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_written(method: str) -> None:
    status, headers, _ = ask(Guard(), method=method)
    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((b"content-type", b"application/json"), b"no-store"),
        ((b"Content-Type", b"text/html; charset=utf-8"), b"no-store"),
        ((b"x", b"y"), b"no-store"),
        ((b"content-type", b"text/css"), b"max-age=5"),
    ],
    ids=["json", "html", "unknown", "a file of a package"],
)
def test_answers_are_not_kept(given: tuple[bytes, bytes], kept: bytes) -> None:
    _, headers, _ = ask(Guard(), answered=[given, (b"Cache-Control", b"max-age=5")])
    assert headers[b"cache-control"] == kept


@pytest.mark.parametrize("guard", [Guard(), Guard(TOKEN)], ids=["answered", "refused"])
def test_every_answer_says_what_a_page_may_do(guard: Guard) -> None:
    _, headers, _ = ask(guard)
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"no-referrer"


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("/", "", ""),
        ("/desk", "", "/desk"),
        ("/desk/", "", "/desk"),
        ("/a/b.c-d_e~f/", "", "/a/b.c-d_e~f"),
        ("https://cards.example.com", "cards.example.com", ""),
        ("https://cards.example.com/desk/", "cards.example.com", "/desk"),
        ("http://Cards.Example.com:8080/desk", "cards.example.com:8080", "/desk"),
    ],
)
def test_the_address_of_a_proxy(text: str, host: str, path: str) -> None:
    assert read_base_url(text) == BaseUrl(host, path)


@pytest.mark.parametrize(
    "text",
    [
        "", "desk", "desk/", "//cards.example.com/", "ftp://cards.example.com/", "https:///desk",
        "/a b", "/a//b", "/a?b", "/a#b", "/<script>", '/"', "https://me:word@cards.example.com/",
        "https://cards.example.com:http/", "https://cards.example.com/?a", "/ä",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_proxy(text: str) -> None:
    with pytest.raises(UsageError, match="--base-url: "):
        read_base_url(text)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"cards.example.com", 200),
        (b"CARDS.example.com", 200),
        (b"localhost:8001", 200),
        (b"cards.example.com.evil.example", 403),
        (b"cards.example.com:8080", 403),
        (b"example.com", 403),
        (b"", 403),
    ],
)
def test_a_proxy_may_call_by_its_own_name(host: bytes, status: int) -> None:
    guard = Guard(base_url=BaseUrl("cards.example.com", "/desk"))
    assert ask(guard, [(b"host", host)])[0] == status


def token_file(folder: Path, text: bytes, mode: int = 0o600) -> Path:
    path = folder / "token.txt"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def test_a_token_is_read_without_its_line_end(tmp_path: Path) -> None:
    assert read_token(token_file(tmp_path, b"correct-horse-battery\r\n")) == TOKEN


def test_a_mark_at_the_start_is_no_part_of_the_token(tmp_path: Path) -> None:
    assert read_token(token_file(tmp_path, codecs.BOM_UTF8 + TOKEN + b"\n")) == TOKEN


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (b"", 0o600, "is empty"),
        (b" \n", 0o600, "is empty"),
        (b"two words", 0o600, "has 9 characters and could be guessed"),
        (b"x", 0o600, "has 1 characters"),
        (b"fifteen letters".replace(b" ", b"-"), 0o600, "has 15 characters"),
        (b"two words, and more of them", 0o600, "more than one word"),
        (b"correct-horse-battery", 0o640, "chmod 600"),
        (b"correct-horse-battery", 0o604, "chmod 600"),
        (b"correct-horse-battery", 0o622, "chmod 600"),
    ],
)
def test_token_files_that_will_not_do(tmp_path: Path, text: bytes, mode: int, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        read_token(token_file(tmp_path, text, mode))
    assert "correct-horse-battery" not in str(caught.value)


def test_no_token_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        read_token(tmp_path)
    with pytest.raises(CardStatusError, match="no such file"):
        read_token(tmp_path / "none.txt")
